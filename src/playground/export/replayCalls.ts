import type { CallRecord, Value } from '../../common/call.js';
import type { Named, SocketAddress, SocketId } from '../../common/socket.js';
import type { CallName } from '../../common/tables/signatures.js';

/** The other end of a connection that nobody traced: a thread here plays what it sent. */
export interface Player {
  thread: string;
  id: SocketId;
  /** A datagram socket's own address. */
  address: SocketAddress | null;
}

/** What a call gives here. */
export interface Given {
  created?: SocketId[];
  result?: number;
  /** The call fails. */
  errno?: Named | null;
}

/** The calls of a replay in their order, as records. */
export class ReplayCalls {
  readonly records: CallRecord[] = [];
  private readonly threads = new Map<string, string>();

  /** A call in the place of one of the program's. */
  add(
    like: Pick<CallRecord, 'fd' | 'thread'>,
    name: CallName,
    args: Value[],
    { id = null, ...given }: Given & { id?: SocketId | null },
  ): void {
    this.push(
      { name, args, fd: like.fd, socketId: id, thread: this.threadOf(like.thread) },
      given,
      given.result,
    );
  }

  /** A call of somebody who was not traced. */
  play(
    { thread, id }: Pick<Player, 'thread' | 'id'>,
    name: CallName,
    args: Value[],
    given: Given = {},
  ): void {
    const [first] = given.created ?? [];
    const on = name === 'socket' ? { fd: null, socketId: null } : { fd: numberOf(id), socketId: id };
    const result = first === undefined ? given.result : numberOf(first);
    this.push({ name, args, ...on, thread }, given, result);
  }

  private push(
    call: Pick<CallRecord, 'name' | 'args' | 'fd' | 'socketId' | 'thread'>,
    { created = [], errno = null }: Given,
    result = 0,
  ): void {
    const seq = this.records.length + 1;
    this.records.push({
      seq,
      status: 'returned',
      errno,
      result: errno === null ? result : -1,
      startNs: 10 * seq,
      endNs: 10 * seq + 5,
      hasWaited: false,
      peerId: null,
      payload: null,
      madeBy: null,
      resolution: null,
      createdIds: created,
      ...call,
    });
  }

  /** `python3[4101]` as a name for a thread here. */
  private threadOf(label: string | null): string {
    if (label === null) {
      return 'main';
    }
    let name = this.threads.get(label);
    if (name === undefined) {
      const stem =
        label
          .replace(/\[\d+\]$/, '')
          .replace(/[^A-Za-z0-9_]/g, '_')
          .replace(/^(?=[^a-z])/i, 'p') || 'p';
      const taken = new Set(this.threads.values());
      name = stem;
      for (let count = 2; taken.has(name); count++) {
        name = `${stem}_${count}`;
      }
      this.threads.set(label, name);
    }
    return name;
  }
}

/** The number of a descriptor that the program did not have: no process has so many. */
export function numberOf(id: SocketId): number {
  return 5000 + id;
}
