import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CallRecord } from '../../../src/common/call.js';
import { printRecord } from '../../../src/common/notation/printer.js';
import type { SocketId, SocketInfo } from '../../../src/common/socket.js';
import type { ObservedSocket } from '../../../src/common/strace/observedSocket.js';
import { StraceLog } from '../../../src/common/strace/straceLog.js';

/** What a log says. */
export interface Observed {
  log: StraceLog;
  records: CallRecord[];
  data: Map<number, Uint8Array>;
  socket: (id: SocketId) => SocketInfo;
  /** The records in short, in the order of their beginnings. */
  texts: string[];
}

/** Reads the lines of a log. */
export function observe(lines: readonly string[]): Observed {
  const records: CallRecord[] = [];
  const data = new Map<number, Uint8Array>();
  const sockets = new Map<SocketId, ObservedSocket>();
  const log = new StraceLog({
    didBegin: () => {},
    didEnd: (record, bytes) => {
      records.push(record);
      if (bytes) {
        data.set(record.seq, bytes);
      }
    },
    didChange: (socket) => sockets.set(socket.id, socket),
  });
  lines.forEach((line) => log.push(line));
  log.end();
  records.sort((a, b) => a.seq - b.seq);
  return {
    log,
    records,
    data,
    socket: (id) => sockets.get(id)!.info,
    texts: records.map((record) => printRecord(record, { style: 'short', platform: 'linux' })),
  };
}

/** A log that strace has written of `echo.c`. */
export function fixture(name: string): string[] {
  const file = fileURLToPath(new URL(`${name}.log`, import.meta.url));
  return readFileSync(file, 'latin1').split('\n');
}
