import { effect } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { ByteRibbon } from '../../common/ribbon/byteRibbon.js';
import type { SocketId } from '../../common/socket.js';
import { isExplained } from '../text/payloadMarks.js';
import type { FilterModel } from './filter.js';
import { StreamModel, type StreamContext } from './stream.js';
import type { ViewModel } from './view.js';

/** How far away the records of the other end are looked for, how many are read, and the number of that search. */
const otherEndRecords = 20_000;
const otherEndMost = 50;
const otherEndId = 2 ** 33;

/** What streams need of the page around them. */
export interface StreamsContext extends StreamContext {
  view: ViewModel;
  filter: FilterModel;
  ribbon: ByteRibbon;
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
    const { seq, socketId, peerId, payload } = record;
    const otherId = peerId ?? (socketId === null ? null : (this.page.socket(socketId)?.peerId ?? null));
    if (payload === null || otherId === null || isExplained(record, this.page.ribbon)) {
      return;
    }
    const isIn = payload.direction === 'in';
    const { seqs } = await this.page.find({
      id: otherEndId,
      filter: `${streamFilter(otherId)} && direction == ${isIn ? 'out' : 'in'}`,
      from: isIn ? Math.max(1, seq - otherEndRecords) : seq,
      to: isIn ? seq : seq + otherEndRecords,
      count: otherEndRecords,
    });
    const near = isIn ? seqs.slice(-otherEndMost) : seqs.slice(0, otherEndMost);
    await Promise.all(near.map((other) => this.page.load(other)));
  }
}

/** The records of a connection, of both ends. */
function streamFilter(...socketIds: SocketId[]): string {
  return socketIds.map((id) => `stream == ${id}`).join(' || ');
}
