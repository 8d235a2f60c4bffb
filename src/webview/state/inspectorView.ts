import { signal } from '@preact/signals';
import { TcpHistory } from './tcpHistory.js';
import type { SocketId } from '../../common/socket.js';

/** How the user looks at sockets in the inspector: it stays from socket to socket. */
export class InspectorView {
  /** Sections that the user opened or closed; the others are as they begin. */
  private readonly toggled = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly optionFilter = signal('');
  readonly history = new TcpHistory();
  readonly comparedId = signal<SocketId | null>(null);

  isOpen(section: string, atFirst: boolean): boolean {
    return this.toggled.value.get(section) ?? atFirst;
  }

  toggle(section: string, atFirst: boolean): void {
    this.toggled.value = new Map(this.toggled.value).set(section, !this.isOpen(section, atFirst));
  }
}
