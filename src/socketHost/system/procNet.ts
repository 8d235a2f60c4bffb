import { readFileSync } from 'node:fs';
import { formatIPv4, formatIPv6 } from '../../common/ipAddress.js';
import type { Named, SocketAddress } from '../../common/socket.js';
import type { SystemSocket, SystemSocketKind } from '../../common/system/systemSocket.js';
import { inodeOf, named, socketStates, systemSocket } from './diagParts.js';

/**
 * The sockets of a file such as `/proc/net/raw`: less than sock_diag(7) tells, for a kernel that does not have
 * the module of that family. Undefined when there is no such file.
 */
export function readProcNet(
  file: string,
  known: { kind: SystemSocketKind; domain: Named; type: string; protocol: string | null },
): SystemSocket[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/net/${file}`, 'utf8');
  } catch {
    return undefined;
  }
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => readLine(line, known) ?? []);
}

function readLine(
  line: string,
  { kind, ...known }: Parameters<typeof readProcNet>[1],
): SystemSocket | undefined {
  const [, local, remote, state, queues, , , uid, , inode] = line.trim().split(/\s+/);
  if (!local || !remote || !state || !queues || inode === undefined) {
    return undefined;
  }
  const [sendQueue, receiveQueue] = queues.split(':').map((digits) => Number.parseInt(digits, 16));
  const own = addressOf(local);
  return {
    ...systemSocket(kind, null, {
      ...known,
      protocol:
        known.protocol ??
        named('protocol', own.family === 'AF_INET' || own.family === 'AF_INET6' ? own.port : 0),
      state: socketStates[Number.parseInt(state, 16)] ?? 'CLOSE',
      local: own,
      remote: addressOf(remote),
      sendQueue: sendQueue ?? null,
      receiveQueue: receiveQueue ?? null,
      uid: Number(uid),
      inode: inodeOf(Number(inode)),
    }),
    key: `${kind}/${inode}/${local}/${remote}`,
  };
}

/** `0100007F:0050`: each word of the address in the machine's order. */
function addressOf(text: string): SocketAddress {
  const [digits = '', port = '0'] = text.split(':');
  const words = digits.match(/.{8}/g) ?? [];
  const bytes = Uint8Array.from(
    words.flatMap((word) => (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse()),
  );
  return bytes.length === 16
    ? { family: 'AF_INET6', address: formatIPv6(bytes), port: Number.parseInt(port, 16) }
    : { family: 'AF_INET', address: formatIPv4(bytes), port: Number.parseInt(port, 16) };
}
