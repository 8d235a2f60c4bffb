import { type CallRecord, isAddress, isOfKind, type Value } from '../call.js';
import type { SocketAddress, SocketId } from '../socket.js';
import { type CallName, signatureOf } from '../tables/signatures.js';
import { argumentValue, numberOf } from './arguments.js';
import { observedCalls } from './calls.js';
import { applyEffect } from './effects.js';
import type { LogSink } from './logSink.js';
import { ObservedRecords } from './observedRecords.js';
import type { ObservedSocket } from './observedSocket.js';
import { ObservedSockets } from './observedSockets.js';
import { messageData, plainArguments, type PrintedData, printedData } from './payload.js';
import { type Polling, pollingOf, readinessOf, selectedReadiness, selectionOf } from './polled.js';
import type { Place, Thread } from './processes.js';
import type { Begun, ReturnedCall } from './returned.js';
import { SocketMaker } from './socketMaker.js';
import type { StraceField } from './values.js';

/** The number was none of a socket. */
const noSocketErrors: ReadonlySet<string> = new Set(['EBADF', 'ENOTSOCK', 'EINVAL', 'EFAULT']);

const any: Value = { kind: 'any' };

/** The sockets of a log, and the calls on them as records. */
export class SocketObserver {
  private readonly records: ObservedRecords;
  private readonly sockets: ObservedSockets;
  private readonly maker: SocketMaker;

  constructor(private readonly sink: LogSink) {
    const records = new ObservedRecords(sink);
    this.records = records;
    this.sockets = new ObservedSockets(sink, () => records.nextSeq);
    this.maker = new SocketMaker(records, this.sockets);
  }

  get lastSeq(): number {
    return this.records.nextSeq - 1;
  }

  /** A call begins, which may wait: one on a socket, or that makes one, is shown at once. */
  begin(thread: Thread, name: string, args: readonly StraceField[], startNs: number): Begun | null {
    const call = observedCalls.get(name);
    const fd = args[0]?.value;
    if (name === 'socket' || name === 'socketpair') {
      const record = this.records.begin(name, name, thread, startNs, null);
      this.sink.didBegin(record);
      return { record, socket: null };
    }
    if (!call || call.as === 'poll' || name === 'splice' || fd?.kind !== 'number') {
      return null;
    }
    const socket = this.sockets.find(thread, Number(fd.value), fd.note, !call.isOfFiles);
    if (!socket) {
      return null;
    }
    const record = this.records.begin(call.as, name, thread, startNs, socket);
    record.args = this.records.argumentsOf(call.as, name, args, null);
    if (name === 'sendmsg') {
      this.sockets.pass(thread, args[1]?.value);
    }
    if (signatureOf(call.as).canWait) {
      socket.waiting.push({ seq: record.seq, name: call.as, startNs });
      this.sink.didChange(socket);
    }
    this.sink.didBegin(record);
    return { record, socket };
  }

  /** A call will never return. */
  lose({ record, socket }: Begun): void {
    if (socket) {
      this.records.endWait(socket, record);
    }
    this.sink.didEnd({ ...record, status: 'lost' }, null);
  }

  /** A process has lost a descriptor: by a call, at its end, or when it became another program. */
  didClose(place: Place): void {
    this.sockets.didClose(place);
  }

  /** A call has returned. */
  observe(call: ReturnedCall): void {
    const special = this.special[call.name];
    if (special) {
      special(call);
    } else {
      this.callOnSocket(call);
    }
  }

  /** Calls whose subject is not simply their first argument. */
  private readonly special: Readonly<Record<string, (call: ReturnedCall) => void>> = {
    socket: (call) => this.maker.socket(call),
    socketpair: (call) => this.maker.pair(call),
    close_range: (call) => this.closeRange(call),
    pidfd_getfd: ({ thread, result }) => {
      if (result.value !== null && result.value >= 0 && result.note !== null) {
        this.sockets.find(thread, result.value, result.note, false);
      }
    },
    splice: (call) => this.splice(call),
    sendmmsg: (call) => this.messages(call, 'out'),
    recvmmsg: (call) => this.messages(call, 'in'),
    recvmmsg_time64: (call) => this.messages(call, 'in'),
    ...Object.fromEntries(
      ['poll', 'ppoll', 'ppoll_time64'].map((name) => [
        name,
        (call: ReturnedCall) => this.poll(call, pollingOf(call.args), readinessOf(call.result.aside.value)),
      ]),
    ),
    ...Object.fromEntries(
      ['select', '_newselect', 'pselect6', 'pselect6_time64'].map((name) => [
        name,
        (call: ReturnedCall) => {
          const ready = selectedReadiness(call.result.aside.text);
          this.poll(asPoll(call, ready.size), selectionOf(call.args), ready);
        },
      ]),
    ),
  };

  private callOnSocket(call: ReturnedCall): void {
    const { thread, name, args, result } = call;
    const { as, isOfFiles } = observedCalls.get(name)!;
    const fd = args[0]?.value;
    if (fd?.kind !== 'number') {
      return;
    }
    const number = Number(fd.value);
    const isNone = result.errno !== null && noSocketErrors.has(result.errno);
    const socket =
      call.begun?.socket ??
      this.sockets.find(thread, number, fd.note, !isOfFiles && !(isNone && fd.note === null));
    // Of files only the number of a socket that was closed before is worth a row.
    if (!socket && isOfFiles && !(result.errno === 'EBADF' && thread.table.closed.has(number))) {
      return;
    }
    if (as === 'close') {
      this.close(call, socket, number);
      return;
    }
    const record = call.begun?.record ?? this.records.begin(as, name, thread, call.startNs, socket);
    record.fd = number;
    const data = printedData(name, args);
    record.args = this.records.argumentsOf(as, name, args, result.value, data);
    record.result = result.value;
    if (name === 'sendmsg') {
      this.sent(call);
    }
    if (socket) {
      this.maker.more(call, record, socket);
      const isAnswered = result.value !== null;
      if (isAnswered) {
        applyEffect(as, { socket, args: record.args, result: result.value!, errno: result.errno });
      }
      this.noteAddresses(as, record, socket, result.errno);
      record.peerId = this.peerOf(as, record, socket, thread);
    }
    this.records.finish(record, call, socket, data);
  }

  /** What a message passes was on its way from when the call began: it can arrive before the call returns. */
  private sent({ thread, args, result, begun }: ReturnedCall): void {
    const message = args[1]?.value;
    const isSent = result.value !== null && result.value >= 0;
    if (isSent && !begun) {
      this.sockets.pass(thread, message);
    } else if (!isSent && begun) {
      this.sockets.unpass(thread, message);
    }
  }

  private close(call: ReturnedCall, socket: ObservedSocket | null, fd: number): void {
    const { thread, result } = call;
    const record = call.begun?.record ?? this.records.begin('close', call.name, thread, call.startNs, socket);
    record.fd = fd;
    record.args = [fd];
    record.peerId = socket?.file.peer?.first?.id ?? null;
    this.records.finish(record, call, socket);
    // Linux gives the number free whatever it answers, but for one that is none.
    if (socket && result.errno !== 'EBADF') {
      this.sockets.remove(thread.table, fd);
    }
  }

  private closeRange(call: ReturnedCall): void {
    const { thread, args, result } = call;
    const [first, last] = [numberOf(args[0]?.value), numberOf(args[1]?.value)];
    if (result.value !== 0 || first === undefined || last === undefined) {
      return;
    }
    const CLOSE_RANGE_CLOEXEC = args[2]?.value;
    const onlyMarks =
      CLOSE_RANGE_CLOEXEC?.kind === 'flags' && CLOSE_RANGE_CLOEXEC.parts.includes('CLOSE_RANGE_CLOEXEC');
    for (const [fd, place] of [...thread.table.places]) {
      if (fd >= first && fd <= last) {
        if (onlyMarks) {
          (place.socket ?? place).isCloseOnExec = true;
        } else if (place.socket) {
          this.close({ ...call, begun: null }, place.socket, fd);
        } else {
          this.sockets.remove(thread.table, fd);
        }
      }
    }
  }

  /** Moves bytes between a pipe and a socket that nobody sees: how many is all that is known. */
  private splice(call: ReturnedCall): void {
    const { thread, args, result } = call;
    const ends: readonly (readonly [number, 'in' | 'out', CallName])[] = [
      [0, 'in', 'read'],
      [2, 'out', 'write'],
    ];
    for (const [index, direction, as] of ends) {
      const fd = args[index]?.value;
      const socket =
        fd?.kind === 'number' ? this.sockets.find(thread, Number(fd.value), fd.note, false) : null;
      if (socket) {
        const requested = numberOf(args[4]?.value) ?? 0;
        const data: PrintedData = { direction, bytes: new Uint8Array(), requested, flags: 0 };
        const record = this.records.begin(as, call.name, thread, call.startNs, socket);
        record.args = plainArguments(socket.fd, data, result.value);
        record.peerId = this.peerOf(as, record, socket, thread);
        this.records.finish(record, { ...call, begun: null }, socket, data);
      }
    }
  }

  /** Each message of one call is a record; those that were not sent are none. */
  private messages(call: ReturnedCall, direction: 'in' | 'out'): void {
    const { thread, args, result } = call;
    const as = direction === 'in' ? 'recvmsg' : 'sendmsg';
    const fd = args[0]?.value;
    if (fd?.kind !== 'number') {
      return;
    }
    const socket = call.begun?.socket ?? this.sockets.find(thread, Number(fd.value), fd.note, true);
    const list = args[1]?.value;
    const items = list?.kind === 'list' ? list.items : [];
    const flags = numberOf(args[3]?.value) ?? 0;
    const count = result.value !== null && result.value > 0 ? result.value : 1;
    let { begun } = call;
    for (const item of items.slice(0, count)) {
      const fields = item.kind === 'struct' ? item.fields : [];
      const header = fields.find(({ name }) => name === 'msg_hdr')?.value;
      const length = numberOf(fields.find(({ name }) => name === 'msg_len')?.value) ?? 0;
      const record = begun?.record ?? this.records.begin(as, call.name, thread, call.startNs, socket);
      record.fd = Number(fd.value);
      record.args = [
        Number(fd.value),
        header ? argumentValue(header, direction === 'in' ? 'msghdrOut' : 'msghdr') : any,
        flags,
      ];
      const isDone = result.value !== null && result.value >= 0;
      if (socket && isDone && direction === 'in') {
        record.createdIds = this.sockets.received(thread, header, record, flags);
      }
      record.peerId = socket && this.peerOf(as, record, socket, thread);
      if (isDone && direction === 'out') {
        this.sockets.pass(thread, header);
      }
      const own = isDone ? { ...result, value: length } : result;
      this.records.finish(
        record,
        { ...call, begun, result: own },
        socket,
        messageData(direction, header, flags),
      );
      begun = null;
    }
  }

  private poll(
    call: ReturnedCall,
    { entries, isCut, count, timeout }: Polling,
    ready: Map<number, number>,
  ): void {
    const { thread, result } = call;
    const sockets = entries.map(({ fd, note }) => this.sockets.find(thread, fd, note, false));
    if (sockets.every((socket) => socket === null)) {
      return;
    }
    const only = count === 1 ? sockets[0]! : null;
    const record = this.records.begin('poll', call.name, thread, call.startNs, only);
    const isAnswered = (result.value ?? -1) >= 0;
    record.args = [
      isCut
        ? any
        : {
            kind: 'list',
            items: entries.map(({ fd, events }) => ({
              kind: 'struct',
              fields: [
                { name: 'fd', value: fd },
                { name: 'events', value: events },
                ...(isAnswered ? [{ name: 'revents', value: ready.get(fd) ?? 0 }] : []),
              ],
            })),
          },
      count,
      timeout,
    ];
    this.records.finish(record, call, only);
  }

  /** What addresses in a call say of its socket, and which connections are found by that. */
  private noteAddresses(
    as: CallName,
    { args }: CallRecord,
    { file }: ObservedSocket,
    errno: string | null,
  ): void {
    const isNamed = as === 'bind' || as === 'connect' || as.startsWith('get');
    if (errno === null && isNamed && args.some(isAddress)) {
      this.sockets.tell(this.sockets.peers.note(file));
    } else if (as === 'connect' && file.remote) {
      this.sockets.tell(this.sockets.peers.note(file));
    }
  }

  /** The other end of what a record moved. */
  private peerOf(
    as: CallName,
    record: CallRecord,
    { file }: ObservedSocket,
    { table }: Thread,
  ): SocketId | null {
    if (as === 'accept' || as === 'accept4') {
      const made = record.result === null ? undefined : table.places.get(record.result);
      return record.createdIds.length === 0 ? null : (made?.file.peer?.first?.id ?? null);
    }
    const address = addressIn(as, record);
    if (!file.isConnectionBased && address) {
      return this.sockets.peers.at(file, address)?.first?.id ?? null;
    }
    return file.peer?.first?.id ?? null;
  }
}

/** The address that a datagram goes to or comes from. */
function addressIn(as: CallName, { args }: CallRecord): SocketAddress | undefined {
  if (as === 'sendto' || as === 'recvfrom') {
    return args.find(isAddress);
  }
  if (as === 'sendmsg' || as === 'recvmsg') {
    const [, message] = args;
    const fields = isOfKind(message, 'struct') ? message.fields : [];
    const name = fields.find((field) => field.name === 'msg_name')?.value;
    return isAddress(name) ? name : undefined;
  }
  return undefined;
}

/** select(2) counts a descriptor in each of its sets, poll(2) once. */
function asPoll(call: ReturnedCall, ready: number): ReturnedCall {
  return ready === 0 ? call : { ...call, result: { ...call.result, value: ready } };
}
