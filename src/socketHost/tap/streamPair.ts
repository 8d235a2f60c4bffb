import type { SocketAddress } from '../../common/socket.js';
import type { TapDirection } from '../../common/tap/faults.js';
import type { Socket } from '../socket.js';
import type { RelayContext } from './streamRelay.js';
import { StreamRelay } from './streamRelay.js';
import type { TapCalls } from './tapCalls.js';

/** A client of a tap and the connection that was made for it to the server. */
export class StreamPair {
  private relays: StreamRelay[] = [];
  private server: Socket | null = null;

  constructor(
    private readonly client: Socket,
    private readonly target: SocketAddress,
    private readonly calls: TapCalls,
    private readonly contextOf: (direction: TapDirection) => RelayContext,
    /** Makes the socket towards the server; null where the kernel refuses. */
    private readonly openServer: () => Promise<Socket | null>,
  ) {}

  /** Runs until both directions are over and both sockets closed. */
  async run(): Promise<void> {
    const { calls, client } = this;
    const server = await this.openServer();
    this.server = server;
    const connected = server && !server.isClosed && (await calls.make('connect', [server.fd, this.target]));
    if (!server || !connected || connected.result !== 0) {
      // There is no server: the client is told in the way that is nearest to it.
      await calls.reset(client);
      await (server && calls.close(server));
      return;
    }
    this.relays = [
      new StreamRelay(client, server, this.contextOf('toServer')),
      new StreamRelay(server, client, this.contextOf('toClient')),
    ];
    const ends = this.relays.map((relay) => relay.run());
    const broken = ends.map(async (end) => ((await end) === 'finished' ? both(ends) : end));
    const end = await Promise.race(broken);
    this.relays.forEach((relay) => relay.stop());
    if (end === 'finished') {
      await calls.close(client);
      await calls.close(server);
    } else {
      const injected = end === 'reset' ? ['reset'] : [];
      await calls.reset(client, injected);
      await calls.reset(server, injected);
    }
  }

  /** Closes both sockets; what is still on its way is lost. */
  async stop(): Promise<void> {
    this.relays.forEach((relay) => relay.stop());
    await this.calls.close(this.client);
    await (this.server && this.calls.close(this.server));
  }
}

/** How a connection has ended of which one direction was finished. */
async function both(ends: readonly Promise<'finished' | 'broken' | 'reset'>[]) {
  const all = await Promise.all(ends);
  return all.find((end) => end !== 'finished') ?? 'finished';
}
