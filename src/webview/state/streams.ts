import { effect } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { ByteRibbon } from '../../common/ribbon/byteRibbon.js';
import type { SocketId } from '../../common/socket.js';
import { isExplained } from '../text/payloadMarks.js';
import type { FilterModel } from './filter.js';
import { findRecords } from './stateRecords.js';
import { StreamModel, type StreamContext } from './stream.js';
import type { ViewModel } from './view.js';

/** How far away the records of the other end are looked for, how many are read, and the number of that search. */
const otherEndRecords = 20_000;
const otherEndMost = 200;
const otherEndId = 2 ** 33;
/** Datagrams have no positions: all records since their sockets were made are read, if they are no more. */
const datagramRecords = 1000;

/** What streams need of the page around them. */
export interface StreamsContext extends StreamContext {
  view: ViewModel;
  filter: FilterModel;
  ribbon: ByteRibbon;
  loadEach(seqs: readonly number[]): Promise<void>;
  /** The other descriptors of a socket's file, also those that are closed. */
  copiesOf(id: SocketId): SocketId[];
}

/** The connections whose records are looked at together. */
export class Streams {
  /** Shows the records of the stream that is followed. */
  private shownFilter = '';
  /** The user's own, which comes back with the end of that. */
  private ownFilter = '';

  constructor(private readonly page: StreamsContext) {
    const { view, filter } = page;
    effect(() => {
      // Whoever clears its filter leaves the stream with it, for the records that were shown before.
      if (filter.shown === '' && this.shownFilter !== '' && view.streamId.value !== null) {
        this.leave();
      }
    });
  }

  of(socketId: SocketId): StreamModel {
    return new StreamModel(this.page, socketId, this.page.copiesOf(socketId));
  }

  /** Shows the records of the connection that a record is about. */
  async follow(seq: number): Promise<void> {
    const { view, filter } = this.page;
    const record = await this.page.load(seq);
    const socketId = record?.socketId ?? record?.createdIds[0];
    if (socketId === undefined) {
      view.announcement.value = t('This call was made on no socket.');
      return;
    }
    if (this.shownFilter === '' || filter.shown !== this.shownFilter) {
      this.ownFilter = filter.shown;
    }
    this.shownFilter = streamFilter(socketId, ...this.page.copiesOf(socketId));
    filter.set(this.shownFilter);
    view.streamId.value = socketId;
  }

  /** Shows the records that were shown before, unless another filter was set since. */
  close(): void {
    if (this.shownFilter !== '' && this.page.filter.shown === this.shownFilter) {
      this.leave();
    } else {
      this.page.view.streamId.value = null;
      this.shownFilter = '';
    }
  }

  private leave(): void {
    this.shownFilter = '';
    this.page.view.streamId.value = null;
    this.page.filter.set(this.ownFilter);
  }

  /** Reads records that may have sent what a record received, or received what it sent: only what is here is compared. */
  async readOtherEnd(record: CallRecord): Promise<void> {
    const { socketId, peerId, payload } = record;
    const own = socketId === null ? undefined : this.page.socket(socketId);
    const otherId = peerId ?? own?.peerId ?? null;
    if (payload === null || otherId === null || isExplained(record, this.page.ribbon)) {
      return;
    }
    const { range } = this.page;
    if (payload.offset === null) {
      const other = this.page.socket(otherId);
      const from = Math.max(range.firstSeq, own?.openedSeq ?? 1, other?.openedSeq ?? 1);
      const count = range.lastSeq - from + 1;
      await this.page.loadEach(
        count > datagramRecords ? [] : Array.from({ length: count }, (_, at) => from + at),
      );
      return;
    }
    const ends = [otherId, ...this.page.copiesOf(otherId)].map((id) => `socketid == ${id}`).join(' || ');
    const direction = payload.direction === 'in' ? 'out' : 'in';
    const near = await this.near(
      record.seq,
      `(${ends}) && direction == ${direction} && offset < ${payload.offset + payload.length}`,
    );
    // Those that hold its bytes are the last ones that begin before their end.
    await this.page.loadEach(near.slice(-otherEndMost));
  }

  /** The records that a filter fits, around one: a receive may have waited for what was sent after it. */
  private async near(seq: number, filter: string): Promise<number[]> {
    const ahead = Math.min(seq + otherEndRecords, this.page.range.lastSeq);
    const found: number[] = [];
    for (const [from, to] of [
      [Math.max(1, seq - otherEndRecords), seq],
      [seq + 1, ahead],
    ] as const) {
      const request = { id: otherEndId, filter, from, to, count: otherEndRecords };
      found.push(...(await findRecords((one) => this.page.find(one), request)).seqs);
    }
    return found;
  }
}

/** The records of a connection, of both ends. */
function streamFilter(...socketIds: SocketId[]): string {
  return socketIds.map((id) => `stream == ${id}`).join(' || ');
}
