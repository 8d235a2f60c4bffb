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
  | { type: 'event'; name: string; value: unknown };

/**
 * Requests, answers and events over one transport, in both directions. When the transport closes, every
 * open request rejects with {@link ConnectionClosedError}; a late answer is ignored.
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
        this.emitters.get(message.name)?.fire(message.value);
        return;
      default:
        this.onFault(new Error('A message of an unknown form was ignored.'));
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
