import { t } from '../common/l10n.js';
import { clientPreset } from '../common/presets.js';
import type { PanelRequest, ViewMode } from '../common/protocol/panel.js';
import {
  chooseFocusedCall,
  focusForm,
  focusInto,
  focusLesson,
  focusMatrix,
  focusRegion,
  focusWithPage,
} from './focus.js';
import type { PanelModel } from './state/panelModel.js';
import { tapSentence } from './state/tap.js';

/** What a recording has no place for. */
const makesCalls: ReadonlySet<PanelRequest['kind']> = new Set([
  'newSocket',
  'focusComposer',
  'recall',
  'prepare',
  'call',
  'clear',
]);

/** What a command of VS Code asks the page to do. */
export function handleRequest(panel: PanelModel, request: PanelRequest): void {
  const { view, composer } = panel;
  if (panel.recording && makesCalls.has(request.kind)) {
    return;
  }
  switch (request.kind) {
    case 'newSocket':
      fillNewSocket(panel);
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
      panel.forget(setTimeReference(panel, request.seq));
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
      panel.form.editTapFaults(request.socketId);
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
      if (chooseFocusedCall()) {
        view.announcement.value = t('{0} is shown now: press once more to call it.', composer.name.value);
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
    case 'focusPage':
      requestAnimationFrame(focusWithPage);
      return;
    case 'focusLesson':
      focusLesson();
      return;
    case 'filter':
      panel.filterKeys.answer();
  }
}

/** Shows the form of `socket(2)`. */
export function fillNewSocket({ presetRun, composer, view }: PanelModel): void {
  presetRun.stop();
  composer.choose('socket');
  view.isComposerCollapsed.value = false;
  focusForm();
}

/** Counts times from a record, or from the beginning again. */
async function setTimeReference({ records, view }: PanelModel, seq: number): Promise<void> {
  const record = await records.load(seq);
  if (record) {
    const { columns } = view;
    columns.setReference(record);
    view.announcement.value =
      columns.timeMode.value === 'reference'
        ? t('Times are counted from record {0}.', seq)
        : t('Times are counted from the beginning of the recording.');
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
