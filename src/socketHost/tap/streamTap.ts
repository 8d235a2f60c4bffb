import type { Socket } from '../socket.js';
import { StreamPair } from './streamPair.js';
import { Tap } from './tap.js';

/** How long nothing is accepted after a failure that is not of one connection: no descriptor is left, or no memory. */
const retryMs = 250;
/** Of a connection that was given up before it was accepted. */
const connectionErrors: readonly string[] = ['ECONNABORTED', 'EPROTO', 'EPERM'];
const shortages: readonly string[] = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'];

/** Accepts connections and makes one to the server for each. */
export class StreamTap extends Tap {
  private readonly pairs = new Map<StreamPair, Socket[]>();
  private timer: NodeJS.Timeout | undefined;
  private wake: () => void = () => {};

  protected async serve(): Promise<void> {
    while (!this.isEnded && !this.listener.isClosed) {
      const record = await this.calls.make('accept', [this.listener.fd], { socketName: 'tap_client' });
      const client = this.calls.socketMadeBy(record);
      if (client) {
        this.begin(client);
      } else if (shortages.includes(String(record.errno))) {
        await this.pause();
      } else if (!connectionErrors.includes(String(record.errno))) {
        // Cancelled, or the socket does not listen any more.
        return;
      }
    }
  }

  protected async stopConnections(): Promise<void> {
    clearTimeout(this.timer);
    this.wake();
    await Promise.all([...this.pairs.keys()].map((pair) => pair.stop()));
  }

  protected sockets(): Socket[] {
    return [this.listener, ...[...this.pairs.values()].flat()];
  }

  private begin(client: Socket): void {
    const { contextOf } = this.nextConnection();
    const sockets = [client];
    const openServer = async () => {
      const server = await this.socket(this.request.target, 'tap_server');
      if (server) {
        sockets.push(server);
        this.mark(server, 'server', client);
      }
      this.mark(client, 'client', server);
      return server;
    };
    const pair = new StreamPair(client, this.request.target, this.calls, contextOf, openServer);
    this.pairs.set(pair, sockets);
    const work = pair.run().catch(async (error: unknown) => {
      await pair.stop();
      throw error;
    });
    this.goOn(work.finally(() => this.pairs.delete(pair)));
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.timer = setTimeout(resolve, retryMs);
    });
  }
}
