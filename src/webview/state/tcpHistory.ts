import type { SocketId, SocketInspection } from '../../common/socket.js';

/** One look at a connection by `TCP_INFO`. */
export interface TcpSample {
  /** In ms, of the page's clock. */
  time: number;
  /** In µs. */
  roundTripTime: number;
  /** In segments. */
  congestionWindow: number;
}

const mostSamples = 300;
const mostSockets = 16;

/** What the inspector saw of connections while somebody looked, the latest of the sockets and of their samples. */
export class TcpHistory {
  private readonly samples = new Map<SocketId, TcpSample[]>();

  of(id: SocketId): readonly TcpSample[] {
    return this.samples.get(id) ?? [];
  }

  add({ socket, tcpInfo }: SocketInspection, time: number): void {
    const [rtt, cwnd] = [tcpInfo?.['tcpi_rtt'], tcpInfo?.['tcpi_snd_cwnd']];
    if (socket.state !== 'connected' || rtt === undefined || cwnd === undefined) {
      return;
    }
    const known = this.samples.get(socket.id) ?? [];
    known.push({ time, roundTripTime: Number(rtt), congestionWindow: Number(cwnd) });
    if (known.length > mostSamples) {
      known.shift();
    }
    // The last one that was looked at stands last.
    this.samples.delete(socket.id);
    this.samples.set(socket.id, known);
    const [oldest] = this.samples.keys();
    if (this.samples.size > mostSockets && oldest !== undefined) {
      this.samples.delete(oldest);
    }
  }
}
