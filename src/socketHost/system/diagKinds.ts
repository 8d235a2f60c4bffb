import type { Named } from '../../common/socket.js';
import type { SystemSocket, SystemSocketKind } from '../../common/system/systemSocket.js';
import type { DiagQuestion, InterfaceName } from './diagParts.js';
import { inetProtocols, inetRequest, inetTypes, readInetMessage } from './inetDiag.js';
import {
  netlinkRequest,
  packetRequest,
  readNetlinkMessage,
  readPacketMessage,
  readVsockMessage,
  vsockRequest,
} from './otherDiag.js';
import { readProcNet } from './procNet.js';
import { readUnixMessage, unixRequest } from './unixDiag.js';

/** One list of sockets that the kernel gives, and how to ask for it. */
export interface DiagList {
  kind: SystemSocketKind;
  domain: Named;
  /** Whether it can be asked about one socket. */
  canAskOne: boolean;
  /** The body of a request. */
  request(question: DiagQuestion): Uint8Array;
  /** What the kernel says without sock_diag(7); undefined when it says nothing. */
  readFile?(): SystemSocket[] | undefined;
  /** Undefined where the message is too short to be one. */
  read(body: DataView, interfaceName: InterfaceName): SystemSocket | undefined;
}

const protocols = { tcp: 6, mptcp: 262, sctp: 132, udp: 17, udplite: 136, raw: 255 } as const;
const families = { AF_INET: 2, AF_INET6: 10 } as const;

function inetLists(kind: keyof typeof protocols): DiagList[] {
  return (['AF_INET', 'AF_INET6'] as const).map((domain) => ({
    kind,
    domain,
    canAskOne: kind === 'tcp',
    request: (question) => inetRequest(families[domain], protocols[kind], question),
    read: (body, interfaceName) => readInetMessage(kind, body, interfaceName),
    readFile: () =>
      readProcNet(`${kind}${domain === 'AF_INET6' ? '6' : ''}`, {
        kind,
        domain,
        type: inetTypes[kind],
        protocol: inetProtocols[kind],
      }),
  }));
}

/** Every list that sock_diag(7) may give, in the order in which they are shown. */
export const diagLists: readonly DiagList[] = [
  ...inetLists('tcp'),
  ...inetLists('mptcp'),
  ...inetLists('sctp'),
  ...inetLists('udp'),
  ...inetLists('udplite'),
  ...inetLists('raw'),
  {
    kind: 'unix',
    domain: 'AF_UNIX',
    canAskOne: true,
    request: unixRequest,
    read: readUnixMessage,
  },
  {
    kind: 'netlink',
    domain: 'AF_NETLINK',
    canAskOne: false,
    request: netlinkRequest,
    read: readNetlinkMessage,
  },
  {
    kind: 'packet',
    domain: 'AF_PACKET',
    canAskOne: false,
    request: packetRequest,
    read: readPacketMessage,
  },
  { kind: 'vsock', domain: 'AF_VSOCK', canAskOne: false, request: vsockRequest, read: readVsockMessage },
];

/** A socket of a list; undefined where the message, or an attribute of it, is too short to be one. */
export function readMessage(
  list: DiagList,
  body: DataView,
  interfaceName: InterfaceName,
): SystemSocket | undefined {
  try {
    return list.read(body, interfaceName);
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}
