import { signal } from '@preact/signals';
import { TcpHistory } from './tcpHistory.js';
import type { Named, SocketId, SocketInspection } from '../../common/socket.js';

/** What a socket is by SO_DOMAIN, SO_TYPE and SO_PROTOCOL. */
interface KernelKind {
  domain: Named | null;
  type: Named | null;
  protocol: Named | null;
}

/** How the user looks at sockets in the inspector: it stays from socket to socket. */
export class InspectorView {
  /** Sections that the user opened or closed; the others are as they begin. */
  private readonly toggled = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly optionFilter = signal('');
  readonly history = new TcpHistory();
  /** What the kernel said of the sockets that were looked at: it stays, and of a closed one it cannot be asked. */
  readonly kinds = new Map<SocketId, KernelKind>();
  readonly comparedId = signal<SocketId | null>(null);

  note(said: SocketInspection): void {
    this.history.add(said, performance.now());
    const { kernelDomain: domain, kernelType: type, kernelProtocol: protocol } = said;
    this.kinds.set(said.socket.id, { domain, type, protocol });
  }

  isOpen(section: string, atFirst: boolean): boolean {
    return this.toggled.value.get(section) ?? atFirst;
  }

  toggle(section: string, atFirst: boolean): void {
    this.toggled.value = new Map(this.toggled.value).set(section, !this.isOpen(section, atFirst));
  }
}
