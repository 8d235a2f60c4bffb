import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { clientPreset } from '../../common/presets.js';
import type { PanelRequest } from '../../common/protocol/panel.js';
import type { ViewMode } from '../connection.js';
import type { PanelModel } from '../state/panelModel.js';
import { tapSentence } from '../state/tap.js';
import { Banners } from './banners.js';
import { Icon } from './basics.js';
import { Composer } from './composer.js';
import { PanelProvider, usePanel } from './context.js';
import { EmptyState } from './emptyState.js';
import {
  focusForm,
  focusInto,
  focusLesson,
  focusMatrix,
  focusRegion,
  focusWithPage,
  followPointer,
} from '../focus.js';
import { LanesView } from '../lanes/lanesView.js';
import { Inspector } from './inspector.js';
import { RecordDetail } from './recordDetail.js';
import { RecordTable } from './recordTable.js';
import { LessonView } from './lessonView.js';
import { Recovery } from './recovery.js';
import { StreamView } from './streamView.js';
import { SupportMatrix } from './supportMatrix.js';
import { Toolbar } from './toolbar.js';

export function App({ panel }: { panel: PanelModel }) {
  // At once, not after the first paint: a request may follow the page's first answer closely.
  useLayoutEffect(() => {
    const subscription = panel.onDidRequest((request) => handleRequest(panel, request));
    const endFollowing = followPointer();
    window.addEventListener('focus', focusWithPage);
    return () => {
      endFollowing();
      subscription.dispose();
      window.removeEventListener('focus', focusWithPage);
    };
  }, [panel]);
  const { view, matrix } = panel;
  const isLearning = panel.lesson.state.value !== null;
  const wasLearning = useRef(isLearning);
  useLayoutEffect(() => {
    // What was pressed to open it has gone, and with it the focus: the key of the call is about the lesson now.
    if (isLearning && !wasLearning.current && document.hasFocus()) {
      requestAnimationFrame(focusWithPage);
    }
    wasLearning.current = isLearning;
  }, [isLearning]);
  const isEmpty = panel.isEmpty.value;
  const newSocket = () => {
    panel.presetRun.stop();
    panel.composer.choose('socket');
    view.isComposerCollapsed.value = false;
    focusForm();
  };
  const hasInspector = view.isInspectorVisible.value && (!isEmpty || view.systemSocket.value !== null);
  return (
    <PanelProvider value={panel}>
      <div class={`app${isLearning ? ' learning' : ''}${hasInspector ? ' inspected' : ''}`}>
        <Toolbar onNewSocket={newSocket} />
        <Banners />
        <LessonView />
        {isEmpty && !isLearning && !matrix.isOpen.value && !panel.recording ? (
          <EmptyState />
        ) : (
          <main class="main">
            <h1 class="sr">{t('Socket Playground')}</h1>
            {matrix.isOpen.value ? (
              <SupportMatrix />
            ) : (
              <>
                <Recovery>{view.mode.value === 'lanes' ? <LanesView /> : <RecordTable />}</Recovery>
                <Recovery>{view.streamId.value === null ? <RecordDetail /> : <StreamView />}</Recovery>
              </>
            )}
            {panel.recording ? <ReadOnlyNote /> : <Composer />}
          </main>
        )}
        {hasInspector && (
          <Recovery>
            <Inspector />
          </Recovery>
        )}
        <div class="sr" role="status" aria-live="polite">
          {view.announcement.value}
        </div>
      </div>
    </PanelProvider>
  );
}

/** What a recording has no place for. */
const makesCalls: ReadonlySet<PanelRequest['kind']> = new Set([
  'newSocket',
  'focusComposer',
  'recall',
  'prepare',
  'call',
  'clear',
]);

/** In the place of the composer. */
function ReadOnlyNote() {
  const { recording } = usePanel();
  return (
    <p class="readonly">
      <Icon name="lock" />
      {recording?.observed
        ? t('Observed by strace, read only: these are calls of another program.')
        : t('A recording is read only: no call can be made in it.')}
    </p>
  );
}

/** What a command of VS Code asks the page to do. */
function handleRequest(panel: PanelModel, request: PanelRequest): void {
  const { view, composer } = panel;
  if (panel.recording && makesCalls.has(request.kind)) {
    return;
  }
  switch (request.kind) {
    case 'newSocket':
      panel.presetRun.stop();
      composer.choose('socket');
      view.isComposerCollapsed.value = false;
      focusForm();
      return;
    case 'focusComposer':
      view.isComposerCollapsed.value = false;
      focusForm();
      return;
    case 'recall':
      view.isComposerCollapsed.value = false;
      panel.history.recall(request.step);
      return;
    case 'focusRegion':
      focusRegion(request.direction, view.region.value);
      return;
    case 'prepare':
      view.isComposerCollapsed.value = false;
      composer.prepare(request.call, null);
      focusForm();
      return;
    case 'inspectSystem':
      view.systemSocket.value = request.socket;
      view.isInspectorVisible.value = true;
      return;
    case 'connectTo':
      view.isComposerCollapsed.value = false;
      panel.forget(panel.presetRun.start(clientPreset(request.address, request.type)));
      focusForm();
      return;
    case 'select':
      if (request.seq !== null) {
        panel.matrix.close();
        panel.selectRecord(request.seq);
      }
      if (request.socketId !== null) {
        panel.selectSocket(request.socketId);
      }
      return;
    case 'followStream':
      panel.matrix.close();
      panel.forget(panel.streams.follow(request.seq));
      return;
    case 'setTimeReference':
      panel.forget(panel.setTimeReference(request.seq));
      return;
    case 'editReplies':
      view.isComposerCollapsed.value = false;
      composer.chooseTarget({ kind: 'socket', id: request.socketId });
      panel.automatic.edit(request.socketId);
      return;
    case 'showTap':
      panel.selectSocket(request.tap.listenerId);
      view.announcement.value = tapSentence(request.tap.listen, request.tap.target);
      return;
    case 'editTapFaults':
      view.isComposerCollapsed.value = false;
      panel.editTapFaults(request.socketId);
      return;
    case 'togglePause':
      view.isPaused.value = !view.isPaused.value;
      view.announcement.value = view.isPaused.value
        ? t('Paused: new records are recorded and not followed.')
        : t('Following the latest record.');
      return;
    case 'showView':
      panel.matrix.close();
      showRecordsAs(panel, request.view);
      return;
    case 'toggleInspector':
      view.isInspectorVisible.value = !view.isInspectorVisible.value;
      return;
    case 'showInspector':
      view.isInspectorVisible.value = true;
      return;
    case 'clear':
      panel.clear();
      return;
    case 'call':
      if (view.region.value === 'lesson') {
        callInLesson(panel);
        return;
      }
      // The key is about what the composer shows.
      panel.forget(
        panel.automatic.edited.value
          ? panel.automatic.apply()
          : panel.tap.edited.value
            ? panel.tap.apply()
            : panel.calls.makeFormCall(),
      );
      return;
    case 'cancel':
      cancelSelected(panel);
      return;
    case 'showMatrix':
      panel.matrix.open();
      focusMatrix();
      return;
    case 'focusLesson':
      focusLesson();
      return;
    case 'filter':
      panel.filterKeys.answer();
  }
}

/** In the field the call that was typed, elsewhere the lesson's own. */
function callInLesson({ lesson, view }: PanelModel): void {
  if (view.isEditing.value) {
    lesson.type();
  } else if (lesson.state.value?.phase === 'ready') {
    lesson.goOn();
  }
}

/** Who reads the records with the keyboard goes on in the other view. */
function showRecordsAs({ view }: PanelModel, mode: ViewMode): void {
  const hasFocus = view.region.value === 'records';
  view.mode.value = mode;
  if (hasFocus) {
    requestAnimationFrame(() => focusInto('records'));
  }
}

/** Ends the selected wait; without one, the detail is closed. */
function cancelSelected(panel: PanelModel): void {
  const seq = panel.view.selectedSeq.value;
  if (seq !== null && panel.records.get(seq)?.status === 'waiting') {
    panel.forget(panel.cancel(seq));
  } else if (panel.view.streamId.value !== null) {
    panel.streams.close();
  } else {
    panel.view.isDetailVisible.value = false;
  }
}
