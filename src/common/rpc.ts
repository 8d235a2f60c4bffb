import { ConnectionClosedError, RemoteError } from './errors.js';
import { Emitter, type Event } from './event.js';
import type { Disposable } from './lifecycle.js';

/** A pipe for structured messages: a child process's IPC channel, a webview's `postMessage`. */
export interface Transport {
  send(message: unknown): void;
  readonly onDidReceive: Event<unknown>;
  readonly onDidClose: Event<void>;
}

type Methods<M> = { [K in keyof M]: (argument: never) => unknown };

/** The other side's methods as promises. */
export type Remote<M extends Methods<M>> = {
  [K in keyof M]: (...args: Parameters<M[K]>) => Promise<Awaited<ReturnType<M[K]>>>;
};

/** This side's methods: at once or later. */
export type Handlers<M extends Methods<M>> = {
  [K in keyof M]: (...args: Parameters<M[K]>) => ReturnType<M[K]> | Promise<ReturnType<M[K]>>;
};

type Message =
  | { type: 'request'; id: number; method: string; argument: unknown }
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; message: string; data: unknown }
  | { type: 'event'; name: string; value: unknown; isPaced?: true }
  /** A paced event has been dealt with. */
  | { type: 'taken'; name: string };

/** An event that waits until the other side has taken those before it. */
interface Paced {
  /** How many were sent and not taken. */
  untaken: number;
  /** What came meanwhile, put together; undefined for nothing. */
  waiting?: { value: unknown };
}

/**
 * Requests, answers and events over one transport, in both directions, in the order in which they are sent. When the
 * transport closes, every open request rejects with {@link ConnectionClosedError}; a late answer is ignored.
 */
export class RpcConnection<
  RemoteMethods extends Methods<RemoteMethods>,
  RemoteEvents extends object,
  LocalEvents extends object = object,
> implements Disposable {
  private readonly open = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  private readonly emitters = new Map<string, Emitter<unknown>>();
  private readonly paced = new Map<string, Paced>();
  private readonly subscriptions: Disposable[];
  private lastId = 0;
  private isClosed = false;

  /** The methods of the other side. */
  readonly remote: Remote<RemoteMethods>;

  /**
   * @param handlers This side's methods by name; a request for another name is refused.
   * @param onFault Told of messages that are none and of handlers' unexpected errors.
   */
  constructor(
    private readonly transport: Transport,
    private readonly handlers: Readonly<Record<string, (argument: never) => unknown>> = {},
    private readonly onFault: (error: unknown) => void = () => {},
  ) {
    this.subscriptions = [
      transport.onDidReceive((message) => this.receive(message)),
      transport.onDidClose(() => this.close()),
    ];
    this.remote = new Proxy({} as Remote<RemoteMethods>, {
      get: (_target, method) =>
        // A proxy that is awaited or returned from an async function must not look like a promise.
        method === 'then' || typeof method === 'symbol'
          ? undefined
          : (argument?: unknown) => this.request(method, argument),
    });
  }

  /** An event of the other side. */
  on<K extends keyof RemoteEvents & string>(name: K): Event<RemoteEvents[K]> {
    let emitter = this.emitters.get(name);
    if (!emitter) {
      emitter = new Emitter<unknown>();
      this.emitters.set(name, emitter);
    }
    return emitter.event as Event<RemoteEvents[K]>;
  }

  /** Sends an event to the other side; without effect once the transport is closed. */
  fire<K extends keyof LocalEvents & string>(name: K, value: LocalEvents[K]): void {
    this.post({ type: 'event', name, value });
  }

  /**
   * Sends an event no faster than the other side takes it, which otherwise falls behind without end: what comes before it
   * has taken the one before is put together. Nothing that is sent later overtakes it.
   * @param join What tells of both, the earlier one first.
   */
  firePaced<K extends keyof LocalEvents & string>(
    name: K,
    value: LocalEvents[K],
    join: (before: LocalEvents[K], after: LocalEvents[K]) => LocalEvents[K],
  ): void {
    const paced = this.paced.get(name) ?? { untaken: 0 };
    this.paced.set(name, paced);
    const { waiting } = paced;
    paced.waiting = { value: waiting ? join(waiting.value as LocalEvents[K], value) : value };
    if (paced.untaken === 0) {
      this.postWaiting();
    }
  }

  /** The other side has begun anew: what it had not taken, and what waits, is of no use to it. */
  restartPaced(name: keyof LocalEvents & string): void {
    this.paced.delete(name);
  }

  dispose(): void {
    this.close();
  }

  private request(method: string, argument: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        reject(new ConnectionClosedError());
        return;
      }
      const id = ++this.lastId;
      this.open.set(id, { resolve, reject });
      this.post({ type: 'request', id, method, argument });
    });
  }

  private post(message: Message): void {
    this.postWaiting();
    this.send(message);
  }

  private postWaiting(): void {
    for (const [name, paced] of this.paced) {
      const { waiting } = paced;
      if (waiting) {
        delete paced.waiting;
        paced.untaken++;
        this.send({ type: 'event', name, value: waiting.value, isPaced: true });
      }
    }
  }

  private send(message: Message): void {
    if (this.isClosed) {
      return;
    }
    try {
      this.transport.send(message);
    } catch (error) {
      this.onFault(error);
      this.close();
    }
  }

  private receive(raw: unknown): void {
    const message = raw as Message | null;
    switch (message?.type) {
      case 'request':
        void this.answer(message.id, message.method, message.argument);
        return;
      case 'result': {
        const request = this.take(message.id);
        request?.resolve(message.value);
        return;
      }
      case 'error': {
        const request = this.take(message.id);
        request?.reject(new RemoteError(message.message, message.data));
        return;
      }
      case 'event':
        this.takeEvent(message);
        return;
      case 'taken':
        this.noteTaken(message.name);
        return;
      default:
        this.onFault(new Error('A message of an unknown form was ignored.'));
    }
  }

  private takeEvent({ name, value, isPaced }: Extract<Message, { type: 'event' }>): void {
    try {
      this.emitters.get(name)?.fire(value);
    } finally {
      if (isPaced) {
        this.post({ type: 'taken', name });
      }
    }
  }

  private noteTaken(name: string): void {
    const paced = this.paced.get(name);
    if (paced && paced.untaken > 0) {
      paced.untaken--;
      if (paced.untaken === 0) {
        this.postWaiting();
      }
    }
  }

  private take(id: number) {
    const request = this.open.get(id);
    this.open.delete(id);
    return request;
  }

  private async answer(id: number, method: string, argument: unknown): Promise<void> {
    try {
      const handler = Object.hasOwn(this.handlers, method) ? this.handlers[method] : undefined;
      if (!handler) {
        throw new Error(`No method ${JSON.stringify(method)}.`);
      }
      const value = await handler(argument as never);
      this.post({ type: 'result', id, value });
    } catch (error) {
      const data = dataOf(error);
      if (data === undefined) {
        this.onFault(error);
      }
      this.post({ type: 'error', id, message: error instanceof Error ? error.message : String(error), data });
    }
  }

  private close(): void {
    if (this.isClosed) {
      return;
    }
    this.isClosed = true;
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    for (const request of this.open.values()) {
      request.reject(new ConnectionClosedError());
    }
    this.open.clear();
  }
}

/** Structured clone drops the fields of Error subclasses: the plain object inside goes across instead. */
function dataOf(error: unknown): unknown {
  if (error instanceof Error) {
    return 'refusal' in error ? error.refusal : undefined;
  }
  return error;
}
