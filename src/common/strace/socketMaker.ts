import { type CallRecord, isAddress, type Value } from '../call.js';
import type { SocketId } from '../socket.js';
import { constantValue } from '../tables/constants.js';
import { isDuplicatingCommand } from '../tables/requests.js';
import { numberOf, plainValue } from './arguments.js';
import type { ObservedRecords } from './observedRecords.js';
import { factsOf, ObservedFile, type ObservedSocket } from './observedSocket.js';
import type { Descriptor, ObservedSockets } from './observedSockets.js';
import { isAnyHost } from './peerFinder.js';
import type { ReturnedCall } from './returned.js';

const any: Value = { kind: 'any' };
const F_DUPFD_CLOEXEC = constantValue('F_DUPFD_CLOEXEC', 'linux');
const [SOCK_CLOEXEC, SOCK_NONBLOCK] = [0o2000000, 0o4000];

/** The sockets that calls make. */
export class SocketMaker {
  constructor(
    private readonly records: ObservedRecords,
    private readonly sockets: ObservedSockets,
  ) {}

  /** `socket(2)` has returned. */
  socket(call: ReturnedCall): void {
    const { thread, result } = call;
    const { record, facts } = this.begun(call, 'socket');
    if (result.value !== null && result.value >= 0) {
      const file = new ObservedFile(facts);
      file.isNonBlocking = facts.isNonBlocking;
      const { isCloseOnExec } = facts;
      const made = { thread, fd: result.value, file, isCloseOnExec, openedSeq: record.seq };
      record.createdIds = [this.place(made, result.note).id];
    }
    this.records.finish(record, call, null);
  }

  /** `socketpair(2)` has returned. */
  pair(call: ReturnedCall): void {
    const { thread, args, result } = call;
    const { record, facts } = this.begun(call, 'socketpair');
    const pair = args[3]?.value;
    if (result.value === 0 && pair?.kind === 'list') {
      const files: ObservedFile[] = [];
      record.args.push(plainValue(pair));
      record.createdIds = pair.items.slice(0, 2).flatMap((item) => {
        if (item.kind !== 'number') {
          return [];
        }
        const file = new ObservedFile(facts, 'pair');
        file.state = 'connected';
        file.isNonBlocking = facts.isNonBlocking;
        files.push(file);
        const { isCloseOnExec } = facts;
        const made = { thread, fd: Number(item.value), file, isCloseOnExec, openedSeq: record.seq };
        return [this.place(made, item.note).id];
      });
      const [left, right] = files;
      if (left && right) {
        left.peer = right;
        right.peer = left;
      }
      this.sockets.tell(files);
    }
    this.records.finish(record, call, null);
  }

  /** What accept, dup and a message with descriptors add, once the record of the call has its arguments. */
  more(call: ReturnedCall, record: CallRecord, socket: ObservedSocket): void {
    const { thread, name, args, result } = call;
    if (result.value === null || result.value < 0) {
      return;
    }
    const fd = result.value;
    const copy = (isCloseOnExec: boolean): SocketId =>
      this.sockets.place({ thread, fd, file: socket.file, isCloseOnExec, openedSeq: record.seq }).id;
    switch (record.name) {
      case 'accept':
      case 'accept4':
        record.createdIds = [this.accepted(call, record, socket).id];
        return;
      case 'dup':
        if (fd !== socket.fd || name === 'dup') {
          record.createdIds = [copy(name === 'dup3' && numberOf(args[2]?.value) !== 0)];
        }
        record.args = record.args.slice(0, 1);
        return;
      case 'fcntl': {
        const [, command] = record.args;
        if (isDuplicatingCommand(command, 'linux')) {
          record.createdIds = [copy(command === F_DUPFD_CLOEXEC)];
        }
        return;
      }
      case 'recvmsg':
        record.createdIds = this.sockets.received(
          thread,
          args[1]?.value,
          record,
          numberOf(args[2]?.value) ?? 0,
        );
        return;
      default:
    }
  }

  private accepted(call: ReturnedCall, record: CallRecord, listener: ObservedSocket): ObservedSocket {
    const { thread, args, result, name } = call;
    const { file: from } = listener;
    const file = new ObservedFile(from, 'accepted');
    const flags = name === 'accept4' ? (numberOf(args[3]?.value) ?? 0) : 0;
    file.state = 'connected';
    file.listenerId = listener.id;
    file.isNonBlocking = (flags & SOCK_NONBLOCK) !== 0;
    // What a listener is bound to, a connection has for its own, unless that is every address.
    file.local = from.local && !isAnyHost(from.local) ? from.local : null;
    const [, address] = record.args;
    file.remote = isAddress(address) ? address : null;
    const isCloseOnExec = (flags & SOCK_CLOEXEC) !== 0;
    const made = this.place(
      { thread, fd: result.value!, file, isCloseOnExec, openedSeq: record.seq },
      result.note,
    );
    this.sockets.tell(this.sockets.peers.note(file));
    return made;
  }

  /** The record of a call that makes sockets, and what the first three arguments say of them. */
  private begun(
    call: ReturnedCall,
    as: 'socket' | 'socketpair',
  ): { record: CallRecord; facts: ReturnType<typeof factsOf> } {
    const { thread, name, args, startNs } = call;
    const [domain = null, type = null, protocol = null] = [0, 1, 2].map((index) =>
      numberOf(args[index]?.value),
    );
    const record = call.begun?.record ?? this.records.begin(as, name, thread, startNs, null);
    record.args = [domain, type, protocol].map((value) => value ?? any);
    return { record, facts: factsOf(domain, type, protocol) };
  }

  private place(descriptor: Descriptor, note: string | null): ObservedSocket {
    const made = this.sockets.place(descriptor);
    this.sockets.learn(made, note);
    return made;
  }
}
