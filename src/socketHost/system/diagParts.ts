import { type Named, tcpStates } from '../../common/socket.js';
import type {
  SystemSocket,
  SystemSocketDetails,
  SystemSocketKind,
  SystemSocketState,
} from '../../common/system/systemSocket.js';
import { type ConstantGroup, constantName } from '../../common/tables/constants.js';

/** The name of an interface; null when there is none of that index any more. */
export type InterfaceName = (index: number) => string | null;

export interface DiagQuestion {
  withDetails: boolean;
  /** One socket in place of all: as an earlier answer told of it. */
  only?: Pick<SystemSocket, 'local' | 'remote' | 'inode'> & { cookie: bigint | null };
}

/** The kernel's numbers, from 1 on. */
export const socketStates: readonly (SystemSocketState | null)[] = [null, ...tcpStates, 'BOUND_INACTIVE'];

/** What SK_MEMINFO counts, in its order. */
const memoryFields = [
  'RMEM_ALLOC',
  'RCVBUF',
  'WMEM_ALLOC',
  'SNDBUF',
  'FWD_ALLOC',
  'WMEM_QUEUED',
  'OPTMEM',
  'BACKLOG',
  'DROPS',
] as const;

/** The name of a constant of Linux; the number where it has none. */
export function named(group: ConstantGroup, value: number, context?: number): Named {
  return constantName(group, value, 'linux', context) ?? value;
}

/** A socket of which nothing is known yet but what it is. */
export function systemSocket(
  kind: SystemSocketKind,
  cookie: bigint | null,
  known: Pick<SystemSocket, 'domain' | 'type' | 'protocol' | 'state'> & Partial<SystemSocket>,
): SystemSocket {
  return {
    key: `${kind}/${cookie}`,
    kind,
    local: null,
    remote: null,
    device: null,
    receiveQueue: null,
    sendQueue: null,
    inode: null,
    peerInode: null,
    file: null,
    cookie,
    uid: null,
    mark: null,
    cgroup: null,
    timer: null,
    isV6Only: null,
    shutdown: null,
    details: null,
    holders: [],
    ownId: null,
    ...known,
  };
}

/** The details of a socket of which the kernel told none. */
export function noDetails(): SystemSocketDetails {
  return {
    congestion: null,
    congestionInfo: {},
    tcpInfo: null,
    memory: {},
    tos: null,
    trafficClass: null,
    waitingInodes: [],
  };
}

/** The numbers of `INET_DIAG_SKMEMINFO`, by their names. */
export function memoryOf(view: DataView | undefined): Record<string, number> {
  return fieldsOf(view, memoryFields);
}

/** The 32-bit numbers of a structure by their names, as many as it holds. */
export function fieldsOf(view: DataView | undefined, names: readonly string[]): Record<string, number> {
  const count = view ? view.byteLength >> 2 : 0;
  return Object.fromEntries(names.slice(0, count).map((name, i) => [name, view!.getUint32(4 * i, true)]));
}

/** Two 32-bit halves in the machine's order. */
export function cookieAt(body: DataView, offset: number): bigint {
  return BigInt(body.getUint32(offset, true)) | (BigInt(body.getUint32(offset + 4, true)) << 32n);
}

/** Writes the cookie that a request asks for. */
export function setCookie(view: DataView, offset: number, cookie: bigint | null): void {
  // All ones: any.
  const value = cookie ?? 0xffffffffffffffffn;
  view.setUint32(offset, Number(value & 0xffffffffn), true);
  view.setUint32(offset + 4, Number(value >> 32n), true);
}

/** 0 is none. */
export function inodeOf(number: number): number | null {
  return number === 0 ? null : number;
}
