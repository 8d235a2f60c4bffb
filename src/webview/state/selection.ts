import { batch, effect, type ReadonlySignal, untracked } from '@preact/signals';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import type { ComposerModel } from './composer.js';
import type { PresetRun } from './presetRun.js';
import type { RecordModel } from './records.js';
import type { ViewModel } from './view.js';

/** What selecting needs of the page around it. */
export interface SelectionSurroundings {
  sockets: ReadonlySignal<ReadonlyMap<SocketId, SocketInfo>>;
  view: ViewModel;
  records: RecordModel;
  composer: ComposerModel;
  presetRun: PresetRun;
  /** Tells the extension what is selected. */
  tell(selected: { socketId: SocketId | null; seq: number | null }): void;
}

/** Selects records and sockets; a form in which nothing was typed moves with them, and they with what is chosen in it. */
export class Selection {
  /** Counts what was selected, so that what is read late does not take its place. */
  private choices = 0;

  constructor(private readonly page: SelectionSurroundings) {
    effect(() => {
      if (page.composer.choices.value > 0) {
        untracked(() => this.showForm());
      }
    });
  }

  /** Selects a record, and the socket it was made on or that it made; the form moves there. */
  async selectRecord(seq: number | null): Promise<void> {
    const { records } = this.page;
    if (seq !== null && !records.get(seq)) {
      this.markRecord(seq);
      const { choices } = this;
      // Which socket it is about is known when it has been read.
      if (!(await records.load(seq)) || choices !== this.choices) {
        return;
      }
    }
    const socket = this.markRecord(seq);
    if (socket) {
      this.moveForm(socket.id);
    }
  }

  /** Selects a record and its socket, and leaves the form where it is. */
  markRecord(seq: number | null): SocketInfo | undefined {
    const { view, records, sockets } = this.page;
    this.choices++;
    const record = seq === null ? undefined : records.get(seq);
    const socketId = record?.socketId ?? record?.createdIds[0] ?? null;
    const socket = socketId === null ? undefined : sockets.value.get(socketId);
    batch(() => {
      view.systemSocket.value = null;
      view.selectedSeq.value = seq;
      if (socket) {
        view.selectedSocketId.value = socket.id;
      }
    });
    this.tell();
    return socket;
  }

  selectSocket(socketId: SocketId | null): void {
    const { view, sockets } = this.page;
    this.choices++;
    view.systemSocket.value = null;
    view.selectedSocketId.value = socketId;
    if (socketId !== null && sockets.value.has(socketId)) {
      this.moveForm(socketId);
    }
    this.tell();
  }

  /**
   * The form has moved on by itself: where the socket that it showed before is selected, the one that it shows now is in
   * its place, beside the same record.
   */
  followForm(before: SocketId | null): void {
    if (before !== null && this.page.view.selectedSocketId.peek() === before) {
      this.showForm();
    }
  }

  /** Selects the socket that the form's call is made on, beside the same record. */
  showForm(): void {
    const { composer, view } = this.page;
    const { targetId } = composer;
    if (targetId !== null && targetId !== view.selectedSocketId.peek()) {
      view.selectedSocketId.value = targetId;
      this.tell();
    }
  }

  /** The socket that is selected, where the form's call is made on another one: nobody shall take the one for the other. */
  beside(): SocketInfo | undefined {
    const { composer, view, sockets } = this.page;
    const { targetId } = composer;
    const selectedId = view.selectedSocketId.value;
    return selectedId === null || targetId === null || targetId === selectedId
      ? undefined
      : sockets.value.get(selectedId);
  }

  /** What is not there any more is not selected. */
  follow(firstSeq: number): void {
    const { selectedSocketId, selectedSeq } = this.page.view;
    const [socketId, seq] = [selectedSocketId.value, selectedSeq.value];
    if (socketId !== null && !this.page.sockets.value.has(socketId)) {
      selectedSocketId.value = null;
    }
    if (seq !== null && seq < firstSeq) {
      selectedSeq.value = null;
    }
    if (selectedSocketId.value !== socketId || selectedSeq.value !== seq) {
      this.tell();
    }
  }

  /** Selects nothing. */
  clear(): void {
    const { view } = this.page;
    this.choices++;
    batch(() => {
      view.systemSocket.value = null;
      view.selectedSocketId.value = null;
      view.selectedSeq.value = null;
    });
    this.tell();
  }

  /** There are no records any more. */
  clearRecord(): void {
    this.page.view.selectedSeq.value = null;
    this.tell();
  }

  private moveForm(id: SocketId): void {
    const { composer, presetRun } = this.page;
    const target = composer.target.peek();
    const isThere = target.kind === 'socket' && target.id === id;
    if (!isThere && !composer.isTouched.peek() && presetRun.progress.peek() === null) {
      composer.chooseTarget({ kind: 'socket', id });
    }
  }

  private tell(): void {
    const { selectedSocketId, selectedSeq } = this.page.view;
    this.page.tell({ socketId: selectedSocketId.value, seq: selectedSeq.value });
  }
}
