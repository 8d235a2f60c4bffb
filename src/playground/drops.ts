import type { PanelChange } from '../common/protocol/panel.js';
import type { HostChange } from '../common/protocol/socketHost.js';
import type { SocketId, SocketInfo } from '../common/socket.js';

/** What was dropped of the recording: of all hosts together, and of each socket. */
export class Drops {
  /** What the hosts that have ended had dropped, or had not written. */
  private readonly lost = { records: 0, bytes: 0 };
  /** Of the sockets that are known. */
  private readonly byId = new Map<SocketId, { records: number; bytes: number }>();
  private current: Pick<PanelChange, 'droppedBytes' | 'droppedRecords' | 'recordingFault'> = {
    droppedBytes: 0,
    droppedRecords: 0,
    recordingFault: null,
  };

  get state(): Readonly<typeof this.current> {
    return this.current;
  }

  apply({ droppedBytes, droppedRecords, recordingFault }: HostChange): void {
    this.current = {
      droppedBytes: this.lost.bytes + droppedBytes,
      droppedRecords: this.lost.records + droppedRecords,
      recordingFault,
    };
  }

  /** The host has ended: the next one counts from nothing. */
  keep(): void {
    this.lost.records = this.current.droppedRecords;
    this.lost.bytes = this.current.droppedBytes;
  }

  /** Records that a host had told of when it ended, and that nobody has. */
  addLost(records: number): void {
    this.lost.records += records;
    this.current = { ...this.current, droppedRecords: this.current.droppedRecords + records };
  }

  /** The sockets that have changed, those too of which only the counters have, or of which something was dropped. */
  changedSockets(
    { sockets, traffic = [], drops }: HostChange,
    all: ReadonlyMap<SocketId, SocketInfo>,
  ): SocketInfo[] {
    if (traffic.length === 0 && drops.length === 0 && !sockets.some(({ id }) => this.byId.has(id))) {
      return sockets;
    }
    const changed = new Map(sockets.map((socket) => [socket.id, socket]));
    for (const { id, ...counters } of traffic) {
      const known = changed.has(id) ? undefined : all.get(id);
      if (known) {
        changed.set(id, { ...known, ...counters });
      }
    }
    for (const { socketId, records, bytes } of drops) {
      const known = changed.get(socketId) ?? all.get(socketId);
      if (known) {
        const before = this.byId.get(socketId) ?? { records: 0, bytes: 0 };
        this.byId.set(socketId, { records: before.records + records, bytes: before.bytes + bytes });
        changed.set(socketId, known);
      }
    }
    return [...changed.values()].map((socket) => {
      const dropped = this.byId.get(socket.id);
      return dropped ? { ...socket, dropped } : socket;
    });
  }

  forget(id: SocketId): void {
    this.byId.delete(id);
  }
}
