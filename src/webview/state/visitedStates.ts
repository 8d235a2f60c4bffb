import { signal } from '@preact/signals';
import { type CallRecord, endOf } from '../../common/call.js';
import type { SocketLookup } from '../../common/recordText.js';
import { isDissolving } from '../../common/ribbon/links.js';
import type { SocketId, SocketInfo, SocketState } from '../../common/socket.js';
import { StateHistory } from '../lanes/history.js';
import type { StateChange } from '../lanes/stateChanges.js';
import { type Find, findRecords, statesOf } from './stateRecords.js';

/** What the records of a socket tell of the states that it was in. */
export interface Visited {
  id: SocketId;
  /** What our calls made of it. */
  states: readonly SocketState[];
  /** What they mean for TCP: by its own calls, or by those on its other end. */
  changes: readonly StateChange[];
}

export interface VisitedContext {
  range: { readonly lastSeq: number };
  sockets(): SocketLookup;
  find: Find;
  load(seq: number): Promise<CallRecord | undefined>;
}

/** What a look needs to know of a socket. */
type Looked = Pick<SocketInfo, 'id' | 'openedSeq'>;

/** The search is one of its own, apart from that of the display filter. */
const searchId = 2 ** 34;
/** The way of a socket is looked for in so many records from its beginning, and made of so many. */
const farthest = 200_000;
const most = 100;

/** Calls that make sockets which are connected. A descriptor that is copied or received may be of any. */
const connecting: ReadonlySet<string> = new Set(['accept', 'accept4', 'socketpair']);

/** The states of a socket of a recording, of which only the last was told: the others follow from its records. */
export class VisitedStates {
  /** What is to be looked at next. */
  private wanted: Looked | null = null;
  private asked: { id: SocketId; lastSeq: number } | null = null;
  private isLooking = false;
  readonly shown = signal<Visited | null>(null);

  constructor(private readonly context: VisitedContext) {}

  /** Looks at the records of a socket, as far as there are new ones since it did so last; one time after another. */
  async look(socket: Looked): Promise<void> {
    this.wanted = socket;
    if (this.isLooking) {
      return;
    }
    this.isLooking = true;
    try {
      for (let next = this.take(); next; next = this.take()) {
        await this.lookAt(next);
      }
    } finally {
      this.isLooking = false;
    }
  }

  private take(): Looked | null {
    const { wanted } = this;
    this.wanted = null;
    return wanted;
  }

  private async lookAt({ id, openedSeq }: Looked): Promise<void> {
    const { lastSeq } = this.context.range;
    if (this.asked?.id === id && this.asked.lastSeq === lastSeq) {
      return;
    }
    const isLeft = () => this.wanted !== null && this.wanted.id !== id;
    const to = Math.min(lastSeq, openedSeq + farthest);
    const request = { id: searchId, filter: statesOf([id]), from: openedSeq, to, count: most };
    const { seqs } = await findRecords(this.context.find, request, isLeft);
    const records = await Promise.all(seqs.map((seq) => this.context.load(seq)));
    if (!isLeft()) {
      this.asked = { id, lastSeq };
      const found = records.filter((record) => record !== undefined);
      this.shown.value = { id, ...visitedBy(found, id, this.context.sockets()) };
    }
  }
}

/** The states that records tell of, in the order of the records. */
export function visitedBy(
  records: readonly CallRecord[],
  id: SocketId,
  sockets: SocketLookup,
): Omit<Visited, 'id'> {
  const history = new StateHistory(
    () => sockets,
    (one, { ns }) => isResetBy(one, ns, records, sockets),
  );
  const states = new Set<SocketState>();
  for (const record of records) {
    history.add(record);
    const state = stateAfter(record, id);
    if (state) {
      states.add(state);
    }
  }
  const timeWait = history.timeWaitOf(id);
  return { states: [...states], changes: [...history.of(id), ...(timeWait ? [timeWait] : [])] };
}

/** What a call has made of a socket, when it did anything. */
function stateAfter(record: CallRecord, id: SocketId): SocketState | null {
  const { name, socketId, createdIds, status, errno } = record;
  if (name === 'connect' && socketId === id && (status === 'waiting' || errno === 'EINPROGRESS')) {
    return 'connecting';
  }
  if (status !== 'returned' || errno !== null) {
    return null;
  }
  if (createdIds.includes(id)) {
    return name === 'socket' ? 'open' : connecting.has(name) ? 'connected' : null;
  }
  if (socketId !== id) {
    return null;
  }
  switch (name) {
    case 'bind':
      return 'bound';
    case 'listen':
      return 'listening';
    case 'connect':
      return isDissolving(record) ? null : 'connected';
    case 'close':
      return 'closed';
    default:
      return null;
  }
}

/**
 * Whether the end of a socket is a RST: as the next call on its other end was answered, which may have waited for it; where
 * there is none, when more was sent to it than it has received in all.
 */
function isResetBy(id: SocketId, ns: number, records: readonly CallRecord[], sockets: SocketLookup): boolean {
  const socket = sockets.get(id);
  const peer = socket?.peerId == null ? undefined : sockets.get(socket.peerId);
  const closing = records.find((one) => one.name === 'close' && one.socketId === id && endOf(one) === ns);
  // The kernel answers a call that waits before close(2) has returned.
  const since = closing?.startNs ?? ns;
  const answer = records.find(
    (one) =>
      one.socketId === peer?.id &&
      endOf(one) > since &&
      (one.errno === 'ECONNRESET' || (one.payload?.direction === 'in' && one.result === 0)),
  );
  return answer
    ? answer.errno === 'ECONNRESET'
    : socket !== undefined && peer !== undefined && peer.bytesSent > socket.bytesReceived;
}
