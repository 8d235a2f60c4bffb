import { effect, signal } from '@preact/signals';
import type { PanelRegion, PanelView, ViewMode } from '../../common/protocol/panel.js';
import type { SocketId } from '../../common/socket.js';
import type { SystemSocket } from '../../common/system/systemSocket.js';
import { guardTyping } from '../composedKeys.js';
import type { FilterKeys } from '../filterKeys.js';
import { isTextField, regionOf } from '../focus.js';
import { type PayloadForm, type StoredView, storeView } from '../connection.js';
import { ColumnsModel } from './columns.js';
import { InspectorView } from './inspectorView.js';

/** At this width and below the inspector leaves the rest little room, so it is closed until it is asked for. */
const narrowWidth = 900;
const roomyWidth = 1240;
/** A lesson, its records and the diagram that moves with them stand side by side from this width on. */
const lessonWidth = 1000;

const payloadForms: readonly PayloadForm[] = ['hex', 'text', 'json'];

/** What the page shows, beside the records and sockets themselves. */
export class ViewModel {
  /** The user paused following; recording goes on. */
  readonly isPaused = signal(false);
  /** The user has read that something was dropped; the toolbar goes on to say so. */
  readonly isLossDismissed = signal(false);
  /** The end of the records is in view and stays there. */
  readonly isFollowing = signal(true);
  readonly mode = signal<ViewMode>('lanes');
  /** Where the records are scrolled to, in lanes and table alike, and which one is selected out of view; null before there are any. */
  place: { firstSeq: number; unseenSeq: number | null } | null = null;
  /** What was chosen for one record is how the next one's bytes are shown, too, where they can be. */
  readonly payloadForm = signal<PayloadForm>('hex');
  /** Lanes are as wide as their calls, also where not all of them fit into the view. */
  readonly areCallsWhole = signal(false);
  /** What goes on beside the form is one line. */
  readonly areStripsFolded = signal(false);
  readonly isLegendHidden = signal(false);
  readonly isInspectorVisible = signal(false);
  readonly isDetailVisible = signal(false);
  /** The socket whose bytes are shown in order, in the place of the detail. */
  readonly streamId = signal<SocketId | null>(null);
  readonly isComposerCollapsed = signal(false);
  /** Before a lesson was opened. */
  private wasComposerCollapsed = false;
  readonly selectedSeq = signal<number | null>(null);
  /** What the pointer has just selected: it is in view, and must not move away from under the pointer. */
  pointedSeq: number | null = null;
  readonly selectedSocketId = signal<SocketId | null>(null);
  /** The socket of the machine that the inspector shows in place of one of ours. */
  readonly systemSocket = signal<SystemSocket | null>(null);
  readonly inspector = new InspectorView();
  readonly region = signal<PanelRegion | null>(null);
  readonly isEditing = signal(false);
  readonly columns: ColumnsModel;
  /** The last thing that a screen reader says by itself. */
  readonly announcement = signal('');

  constructor(stored: StoredView) {
    this.isInspectorVisible.value =
      stored.isInspectorVisible === undefined
        ? window.innerWidth >= roomyWidth
        : stored.isInspectorVisible && window.innerWidth > narrowWidth;
    this.mode.value = stored.mode === 'table' ? 'table' : 'lanes';
    this.payloadForm.value = payloadForms.find((form) => form === stored.payloadForm) ?? 'hex';
    this.isComposerCollapsed.value = stored.isComposerCollapsed === true;
    this.areCallsWhole.value = stored.areCallsWhole === true;
    this.areStripsFolded.value = stored.areStripsFolded === true;
    this.isLegendHidden.value = stored.isLegendHidden === true;
    this.columns = new ColumnsModel(stored);
    effect(() => {
      if (this.isDetailVisible.value) {
        this.streamId.value = null;
      }
    });
    effect(() => {
      if (this.streamId.value !== null) {
        this.isDetailVisible.value = false;
      }
    });
  }

  /** Whether a record that has been selected is where the pointer is; asked once. */
  takePointed(seq: number | null): boolean {
    const isPointed = seq !== null && this.pointedSeq === seq;
    this.pointedSeq = null;
    return isPointed;
  }

  /** Gives a lesson the room of the form, and shows the diagrams of its sockets; gives it back afterwards. */
  makeRoomForLesson(isOpen: boolean): void {
    if (isOpen) {
      this.wasComposerCollapsed = this.isComposerCollapsed.value;
      this.isComposerCollapsed.value = true;
      const isNarrow = window.innerWidth <= narrowWidth;
      const hasRoom = window.innerWidth >= lessonWidth;
      this.isInspectorVisible.value = !isNarrow && (this.isInspectorVisible.value || hasRoom);
    } else {
      this.isComposerCollapsed.value = this.wasComposerCollapsed;
    }
  }

  /**
   * Keeps the stored state and the extension's context keys up to date.
   * @param shownFilter Reads signals.
   */
  publish(shownFilter: () => string, setView: (view: PanelView) => void): void {
    effect(() =>
      setView({
        isPaused: this.isPaused.value,
        isInspectorVisible: this.isInspectorVisible.value,
        region: this.region.value,
        isEditing: this.isEditing.value,
        filter: shownFilter(),
        mode: this.mode.value,
      }),
    );
    effect(() =>
      storeView({
        mode: this.mode.value,
        payloadForm: this.payloadForm.value,
        isInspectorVisible: this.isInspectorVisible.value,
        isComposerCollapsed: this.isComposerCollapsed.value,
        areCallsWhole: this.areCallsWhole.value,
        areStripsFolded: this.areStripsFolded.value,
        isLegendHidden: this.isLegendHidden.value,
      }),
    );
    effect(() => storeView(this.columns.stored));
  }

  /** Follows where the focus is: for the regions' keys and for keys that belong to a text field. */
  trackFocus(root: Document, filterKeys: FilterKeys): void {
    const update = (target: EventTarget | null) => {
      const element = target instanceof Element ? target : null;
      this.region.value = regionOf(element);
      this.isEditing.value = element !== null && isTextField(element);
    };
    root.addEventListener('focusin', (event) => update(event.target));
    root.addEventListener('focusout', (event) => update(event.relatedTarget));
    guardTyping(root, filterKeys);
  }
}
