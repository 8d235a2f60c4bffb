import { dataValue, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { AutomaticHold, AutomaticInfo, Automation } from '../../common/socket.js';
import { replyLimits } from '../../common/replyRules.js';
import type { CallName } from '../../common/tables/signatures.js';
import { ArgumentReader } from '../argumentReader.js';
import type { CallContext } from '../calls/context.js';
import { SendCall } from '../calls/send.js';
import type { HostCall } from '../hostCall.js';
import { refusal } from '../refusal.js';
import type { AutomaticFlow, Socket } from '../socket.js';
import { family, socketType, storageSize } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import type { Poller } from '../sys/poller.js';
import { AcceptFlow } from './acceptFlow.js';
import { BatchFlow } from './batchFlow.js';
import { DatagramFlow } from './datagramFlow.js';
import { Journal } from './journal.js';
import { makerOf } from './maker.js';
import { ReplyFlow } from './replyFlow.js';
import { RuleSet } from './ruleSet.js';
import { StreamFlow } from './streamFlow.js';

/** How often an accept is tried again that failed for want of something that no close of ours gives back. */
const retryMs = 1000;

/** How often it is looked whether there is room for records again. */
const recordsMs = 50;

/** What the engine needs of the host. */
export interface EngineHost extends CallContext {
  /** The number that {@link takeSeq} gives next. */
  readonly nextSeq: number;
  takeSeq(): number;
  /** Makes a call of the user's vocabulary, with a record like any other. Resolves when it has returned. */
  start(call: HostCall, name: CallName, madeBy: string): Promise<unknown>;
  closeFor(socket: Socket, madeBy: string): void;
  /** Bytes were moved: told with the counters. */
  noteMoved(socket: Socket): void;
}

/**
 * The sockets on which the host makes calls by itself, and what they share. It makes the calls that a program
 * with epoll(7) would make, and each is a record. A wait for room to send is a waiting call like the user's.
 */
export class Engine {
  readonly journal: Journal;
  readonly address = new Memory(storageSize);
  private readonly flows = new Map<string, AutomaticFlow>();
  /** Sockets that had more to do than fits in one turn of the loop. */
  private leftovers: Socket[] = [];
  private isScheduled = false;
  /** Listeners that no descriptor was left for. */
  private readonly starved = new Set<Socket>();
  private retry: NodeJS.Timeout | undefined;
  private recordsTimer: NodeJS.Timeout | undefined;
  /** Sockets that hold still because the records' memory is full. */
  private readonly full = new Set<Socket>();
  /** How many sends of a mode's own wait. */
  private readonly sending = new Map<Socket, number>();

  constructor(
    readonly host: EngineHost,
    private readonly poller: Poller,
  ) {
    this.journal = new Journal(host, poller);
  }

  /** Puts a socket into a mode, or with null out of it. */
  automate(socket: Socket, automation: Automation | null): void {
    this.forget(socket);
    if (!automation) {
      this.end(socket);
      return;
    }
    check(socket, automation);
    const { replies, ...plain } = automation;
    const rules = replies ? new RuleSet(replies, () => this.host.touch(socket.file)) : null;
    const info = { ...plain, held: null, ...(rules ? { replies: rules.info } : {}) };
    this.begin(socket, info, this.flowOf(socket, plain, rules));
    this.host.touch(socket.file);
  }

  /** @param info Shared by all sockets that begin in the same way, as is the flow. */
  begin(socket: Socket, info: AutomaticInfo, flow: AutomaticFlow): void {
    socket.automation = info;
    socket.automatic = flow;
    if (!socket.file.watchAgain()) {
      this.later(socket);
    }
  }

  /** The mode is over; the socket stays as it is. */
  end(socket: Socket): void {
    socket.automatic = null;
    socket.automation = null;
    this.host.touch(socket.file);
  }

  /** Goes on with this socket after the loop has done its other work. */
  later(socket: Socket): void {
    this.leftovers.push(socket);
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(() => this.goOn());
    }
  }

  /** A call of the user's has accepted a connection: a mode of the listener is that of all its connections. */
  didAccept(listener: Socket, socket: Socket): void {
    if (listener.automatic instanceof AcceptFlow) {
      listener.automatic.serve(socket);
    }
  }

  /** The socket waits for something: shown, and nothing is done until {@link release}. */
  hold(socket: Socket, held: AutomaticHold): void {
    const { automation } = socket;
    if (automation && automation.held !== held) {
      socket.automation = { ...automation, held };
      this.host.touch(socket.file);
    }
    if (held === 'descriptors') {
      this.starved.add(socket);
    } else if (held === 'records') {
      this.full.add(socket);
      this.watchRecords();
    }
  }

  /** Descriptors have been closed. */
  didFreeDescriptors(): void {
    this.releaseAll(this.starved);
  }

  /** Whether there is room for records again is looked at, not told. */
  private watchRecords(): void {
    this.recordsTimer ??= setTimeout(() => {
      this.recordsTimer = undefined;
      if (this.journal.hasRoom) {
        this.releaseAll(this.full);
      } else if (this.full.size > 0) {
        this.watchRecords();
      }
    }, recordsMs);
  }

  /** A failure that no close of ours ends. */
  retryLater(): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.didFreeDescriptors();
    }, retryMs);
  }

  /**
   * Sends what could not be sent at once: a call that waits, shown as one. The mode goes on when it has returned.
   * @param sent So much of it is sent.
   * @param to The address as its structure's bytes; null on a connection.
   */
  sendLater(socket: Socket, bytes: Uint8Array, sent: number, to: Uint8Array | null): void {
    const { host } = this;
    const { fd, automation } = socket;
    const address: Value[] = to ? [host.codec.decode(to), to.length] : [];
    const name = to ? 'sendto' : 'send';
    const args = [fd, dataValue(bytes.slice()), bytes.length, 0, ...address];
    const call = new SendCall(new ArgumentReader({ name, args }, false), host, name).goOnAfter(sent);
    this.hold(socket, 'send');
    this.sending.set(socket, (this.sending.get(socket) ?? 0) + 1);
    void host.start(call, name, automation ? makerOf(automation) : '').then(() => this.didSend(socket));
  }

  /** The last of several ends the hold. Others than its own the mode does not wait for: nothing tells that they return. */
  private didSend(socket: Socket): void {
    const left = this.sending.get(socket)! - 1;
    if (left > 0) {
      this.sending.set(socket, left);
      return;
    }
    this.sending.delete(socket);
    if (!socket.isClosed) {
      this.release(socket);
    }
  }

  /** The stream has ended, or a call has failed: whoever accepted automatically closes as well. */
  finish(socket: Socket): void {
    const { automation } = socket;
    const { listenerId } = socket.file;
    const listener = listenerId === null ? undefined : this.host.socketOfId(listenerId);
    this.end(socket);
    if (automation && listener?.automation?.accepted) {
      this.host.closeFor(socket, makerOf(automation));
    }
  }

  /** A socket is closed. */
  forget(socket: Socket): void {
    this.starved.delete(socket);
    this.full.delete(socket);
  }

  dispose(): void {
    clearTimeout(this.retry);
    clearTimeout(this.recordsTimer);
  }

  private release(socket: Socket): void {
    const { automation } = socket;
    if (automation?.held) {
      socket.automation = { ...automation, held: null };
      this.host.touch(socket.file);
      this.later(socket);
    }
  }

  private releaseAll(sockets: Set<Socket>): void {
    for (const socket of [...sockets]) {
      sockets.delete(socket);
      this.release(socket);
    }
  }

  private goOn(): void {
    this.isScheduled = false;
    const { leftovers } = this;
    this.leftovers = [];
    this.poller.fetches++;
    for (const socket of leftovers) {
      socket.automatic?.onReady(socket);
    }
  }

  /**
   * What serves sockets like this one in a mode.
   * @param rules Of a reply, or of sockets that are accepted into one.
   */
  flowOf(
    socket: Socket,
    { mode, accepted, isRecorded, isBatched }: Automation,
    rules: RuleSet | null,
  ): AutomaticFlow {
    if (mode === 'reply') {
      return new ReplyFlow(this, rules!, isRecorded);
    }
    if (mode === 'accept' && accepted === 'reply') {
      const info = { mode: accepted, accepted: null, isRecorded, isBatched, held: null };
      return new AcceptFlow(this, info, rules);
    }
    const kind = socket.file.isStream ? 'stream' : 'datagram';
    const key = [kind, mode, accepted, isRecorded, isBatched].join();
    let flow = this.flows.get(key);
    if (!flow) {
      if (mode === 'accept') {
        flow = new AcceptFlow(
          this,
          accepted && { mode: accepted, accepted: null, isRecorded, isBatched, held: null },
          null,
        );
      } else if (socket.file.isStream) {
        flow = new StreamFlow(this, mode, isRecorded);
      } else if (isBatched && !socket.file.isConnectionBased) {
        flow = new BatchFlow(this, mode, isRecorded);
      } else {
        flow = new DatagramFlow(this, mode, isRecorded);
      }
      this.flows.set(key, flow);
    }
    return flow;
  }
}

/** Families whose sockets an echo makes sense on. */
const echoFamilies: readonly number[] = [family.AF_UNIX, family.AF_INET, family.AF_INET6, family.AF_VSOCK];

function check(socket: Socket, { mode, accepted, replies }: Automation): void {
  const { state, isSocket, isConnectionBased, domain, type } = socket.file;
  if (!isSocket) {
    throw refusal(null, t('{0} is no socket.', nameOf(socket)));
  }
  if ((mode === 'accept') !== (state === 'listening')) {
    throw refusal(
      null,
      mode === 'accept'
        ? t('{0} does not listen: it cannot accept.', nameOf(socket))
        : t('{0} listens: it can only accept.', nameOf(socket)),
    );
  }
  if (isConnectionBased && mode !== 'accept' && state !== 'connected') {
    throw refusal(null, t('{0} is not connected: nothing can come in.', nameOf(socket)));
  }
  const isPlain = isConnectionBased || type === socketType.SOCK_DGRAM;
  const isReply = mode === 'reply' || accepted === 'reply';
  if (isReply && (!replies || replies.rules.length === 0)) {
    throw refusal(null, t('There is no rule to reply by.'));
  }
  if (isReply && replies!.rules.length > replyLimits.rules) {
    throw refusal(null, t('There are at most {0} rules.', replyLimits.rules));
  }
  if (
    (mode === 'echo' || mode === 'reply') &&
    !(isPlain && domain !== null && echoFamilies.includes(domain))
  ) {
    throw refusal(null, t('{0} cannot send back what it receives.', nameOf(socket)));
  }
}

function nameOf({ name, fd }: Socket): string {
  return name ?? `fd ${fd}`;
}
