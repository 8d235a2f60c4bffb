import type { SocketAddress } from '../../common/socket.js';
import type { Socket } from '../socket.js';
import { DatagramRelay, type Fate } from './datagramRelay.js';
import { Tap } from './tap.js';

/** Clients at a time: the one that was silent for longest goes for the next. */
const mostClients = 256;

/** Receiving fails so often in a row where it is not for what was sent before. */
const mostFailures = 100;

/** An address that the kernel is to choose. */
const unnamed: SocketAddress = { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false };

/** A client, known by the address that its datagrams come from, and the socket that stands for it at the server. */
class Conversation {
  socket: Socket | null = null;
  toServer!: DatagramRelay;
  toClient!: DatagramRelay;
  isEnded = false;

  stop(): void {
    this.isEnded = true;
    this.toServer.stop();
    this.toClient.stop();
  }
}

/** Passes datagrams on: for each client there is a socket of its own, so that answers find their way back. */
export class DatagramTap extends Tap {
  /** The one that was silent for longest comes first. */
  private readonly conversations = new Map<string, Conversation>();

  protected async serve(): Promise<void> {
    let failures = 0;
    while (!this.isEnded && !this.listener.isClosed) {
      const next: { conversation?: Conversation; fate?: Fate } = {};
      const received = await this.calls.receive(this.listener, 'recvfrom', (_bytes, from) => {
        next.conversation = this.conversationWith(from);
        next.fate = next.conversation.toServer.judge();
        return next.fate.isDropped ? ['drop'] : [];
      });
      if (!received || received.record.status !== 'returned') {
        return;
      }
      // What else the kernel may tell is of an earlier answer: its client is gone.
      failures = next.fate ? 0 : failures + 1;
      if (failures > mostFailures) {
        return;
      }
      if (next.conversation && next.fate) {
        await next.conversation.toServer.take(received.bytes, next.fate);
      }
    }
  }

  protected async stopConnections(): Promise<void> {
    await Promise.all([...this.conversations.keys()].map((key) => this.forget(key)));
  }

  protected sockets(): Socket[] {
    const servers = [...this.conversations.values()].map(({ socket }) => socket);
    return [this.listener, ...servers.filter((socket) => socket !== null)];
  }

  private conversationWith(client: SocketAddress | null): Conversation {
    const key = keyOf(client);
    const known = this.conversations.get(key);
    if (known) {
      // It is the last one now.
      this.conversations.delete(key);
      this.conversations.set(key, known);
      return known;
    }
    const [oldest] = this.conversations.keys();
    if (oldest !== undefined && this.conversations.size >= mostClients) {
      this.goOn(this.forget(oldest));
    }
    const made = this.begin(key, client);
    this.conversations.set(key, made);
    return made;
  }

  private begin(key: string, client: SocketAddress | null): Conversation {
    const { contextOf } = this.nextConnection();
    const conversation = new Conversation();
    const opening: { socket?: Promise<Socket | null> } = {};
    conversation.toServer = new DatagramRelay(contextOf('toServer'), async (bytes, injected) => {
      opening.socket ??= this.openServer(key, conversation, client);
      const socket = await opening.socket;
      return socket ? this.calls.send(socket, bytes, injected) : undefined;
    });
    conversation.toClient = new DatagramRelay(contextOf('toClient'), (bytes, injected) =>
      // Who has no address cannot be answered.
      client ? this.calls.sendTo(this.listener, bytes, client, injected) : Promise.resolve(undefined),
    );
    return conversation;
  }

  /** The socket that stands for a client; null where the kernel refuses one. */
  private async openServer(
    key: string,
    conversation: Conversation,
    client: SocketAddress | null,
  ): Promise<Socket | null> {
    const { target } = this.request;
    const socket = await this.socket(target, 'tap_server');
    if (!socket) {
      this.conversations.delete(key);
      return null;
    }
    conversation.socket = socket;
    this.mark(socket, 'server', null);
    if (target.family === 'AF_UNIX' && client && !isUnnamed(client)) {
      // Without an address of its own the server could not answer.
      await this.calls.make('bind', [socket.fd, unnamed]);
    }
    const connected = socket.isClosed ? undefined : await this.calls.make('connect', [socket.fd, target]);
    if (connected?.result !== 0 || conversation.isEnded) {
      await this.forget(key, conversation);
      return null;
    }
    this.goOn(this.answer(key, conversation, socket));
    return socket;
  }

  /** Passes on what the server sends to this client. */
  private async answer(key: string, conversation: Conversation, socket: Socket): Promise<void> {
    const { toClient } = conversation;
    for (let failures = 0; !conversation.isEnded && failures <= mostFailures;) {
      let fate: Fate | undefined;
      const received = await this.calls.receive(socket, 'recv', () => {
        fate = toClient.judge();
        return fate.isDropped ? ['drop'] : [];
      });
      if (!received || received.record.status !== 'returned') {
        break;
      }
      failures = fate ? 0 : failures + 1;
      // An error is the answer to what was sent before, as ECONNREFUSED is: the server may come yet.
      if (fate) {
        await toClient.take(received.bytes, fate);
      }
    }
    await this.forget(key, conversation);
  }

  private async forget(key: string, conversation = this.conversations.get(key)): Promise<void> {
    if (conversation && this.conversations.get(key) === conversation) {
      this.conversations.delete(key);
    }
    conversation?.stop();
    await (conversation?.socket && this.calls.close(conversation.socket));
  }
}

function isUnnamed(address: SocketAddress): boolean {
  return address.family === 'AF_UNIX' && address.name.length === 0 && !address.isAbstract;
}

function keyOf(address: SocketAddress | null): string {
  return JSON.stringify(address, (_key, value: unknown) =>
    value instanceof Uint8Array ? [...value] : value,
  );
}
