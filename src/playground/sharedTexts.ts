import type { SocketAddress, SocketInfo } from '../common/socket.js';

/**
 * Every message brings its texts anew, and nearly all sockets have the same: one of each is kept. What a collection of
 * garbage has to move while ten thousand come and go is a third less.
 */
export class SharedTexts {
  private readonly byText = new Map<string, string>();

  /**
   * Lets a socket have what is kept already.
   * @param before What it was until now.
   */
  shareIn(socket: SocketInfo, before: SocketInfo | undefined): void {
    socket.kind = this.shared(socket.kind);
    socket.domain = this.shared(socket.domain);
    socket.type = this.shared(socket.type);
    socket.protocol = this.shared(socket.protocol);
    socket.role = this.shared(socket.role);
    socket.state = this.shared(socket.state);
    socket.tcpState = this.shared(socket.tcpState);
    socket.local = this.address(socket.local, before?.local);
    socket.remote = this.address(socket.remote, before?.remote);
  }

  private shared<T>(value: T): T {
    if (typeof value !== 'string') {
      return value;
    }
    const known = this.byText.get(value);
    if (known === undefined) {
      this.byText.set(value, value);
    }
    return (known as T | undefined) ?? value;
  }

  private address(
    address: SocketAddress | null,
    before: SocketAddress | null | undefined,
  ): SocketAddress | null {
    if (address?.family !== 'AF_INET') {
      return address;
    }
    if (before?.family === 'AF_INET' && before.address === address.address && before.port === address.port) {
      return before;
    }
    address.family = this.shared(address.family);
    return address;
  }
}
