import type { SocketAddress, SocketInspection } from '../../common/socket.js';
import type { SystemSocket, SystemSocketKind } from '../../common/system/systemSocket.js';
import { systemSocket } from './diagParts.js';

const kinds: Readonly<Record<string, SystemSocketKind>> = { IPPROTO_TCP: 'tcp', IPPROTO_MPTCP: 'mptcp' };

/** How the lists of all sockets name one of ours that others can connect to; undefined of other kinds. */
export function inSystem(
  { kernelDomain, kernelType, kernelProtocol, cookie, inode }: SocketInspection,
  local: SocketAddress | null,
): SystemSocket | undefined {
  const kind = kernelDomain === 'AF_UNIX' ? 'unix' : kinds[String(kernelProtocol)];
  return kind && cookie !== null
    ? systemSocket(kind, cookie, {
        domain: kernelDomain ?? 0,
        type: kernelType ?? 0,
        protocol: kernelProtocol,
        state: 'LISTEN',
        inode,
        local,
      })
    : undefined;
}
