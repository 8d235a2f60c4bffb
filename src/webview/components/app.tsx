import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { PanelModel } from '../state/panelModel.js';
import { Banners } from './banners.js';
import { Icon } from './basics.js';
import { Composer } from './composer.js';
import { PanelProvider, usePanel } from './context.js';
import { EmptyState } from './emptyState.js';
import { focusWithPage, followPointer, keepFocus } from '../focus.js';
import { handleRequest } from '../requests.js';
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
    const endKeeping = keepFocus();
    return () => {
      endKeeping();
      endFollowing();
      subscription.dispose();
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
  const hasInspector = view.isInspectorVisible.value && (!isEmpty || view.systemSocket.value !== null);
  return (
    <PanelProvider value={panel}>
      <div class={`app${isLearning ? ' learning' : ''}${hasInspector ? ' inspected' : ''}`}>
        <Toolbar />
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
