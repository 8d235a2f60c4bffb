import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../../common/ipAddress.js';
import type { SocketAddress } from '../../common/socket.js';
import type {
  SocketTimer,
  SystemSocket,
  SystemSocketDetails,
  SystemSocketState,
} from '../../common/system/systemSocket.js';
import { decodeTcpInfo } from '../../common/tables/tcpInfo.js';
import {
  cookieAt,
  fieldsOf,
  inodeOf,
  memoryOf,
  named,
  noDetails,
  setCookie,
  socketStates,
  type DiagQuestion,
  type InterfaceName,
  systemSocket,
} from './diagParts.js';
import { attributesOf, bytesOf } from '../sys/netlinkMessages.js';

const AF_INET6 = 10;
const IPPROTO_RAW = 255;
/** `struct inet_diag_req_v2` and `struct inet_diag_msg`. */
const requestSize = 56;
const messageSize = 72;
/** Where `struct inet_diag_sockid` stands in them. */
const idAt = { request: 8, message: 4 } as const;

const attribute = {
  MEMINFO: 1,
  INFO: 2,
  VEGASINFO: 3,
  CONG: 4,
  TOS: 5,
  TCLASS: 6,
  SKMEMINFO: 7,
  SHUTDOWN: 8,
  DCTCPINFO: 9,
  PROTOCOL: 10,
  SKV6ONLY: 11,
  MARK: 15,
  BBRINFO: 16,
  CGROUP_ID: 21,
} as const;

const REQ_PROTOCOL = 3;

/** The extensions that a bit of the request asks for. */
const askable = ['INFO', 'VEGASINFO', 'CONG', 'TOS', 'TCLASS', 'SKMEMINFO'] as const;

const timers: Readonly<Record<number, SocketTimer['kind']>> = {
  1: 'retransmit',
  2: 'keepalive',
  3: 'timewait',
  4: 'probe',
};

const vegasFields = ['tcpv_enabled', 'tcpv_rttcnt', 'tcpv_rtt', 'tcpv_minrtt'];
const bbrFields = ['bbr_bw_lo', 'bbr_bw_hi', 'bbr_min_rtt', 'bbr_pacing_gain', 'bbr_cwnd_gain'];

type InetKind = 'tcp' | 'mptcp' | 'sctp' | 'udp' | 'udplite' | 'raw';

export const inetTypes: Readonly<Record<InetKind, string>> = {
  tcp: 'SOCK_STREAM',
  mptcp: 'SOCK_STREAM',
  sctp: 'SOCK_STREAM',
  udp: 'SOCK_DGRAM',
  udplite: 'SOCK_DGRAM',
  raw: 'SOCK_RAW',
};

export const inetProtocols: Readonly<Record<InetKind, string | null>> = {
  tcp: 'IPPROTO_TCP',
  mptcp: 'IPPROTO_MPTCP',
  sctp: 'IPPROTO_SCTP',
  udp: 'IPPROTO_UDP',
  udplite: 'IPPROTO_UDPLITE',
  raw: null,
};

/** A `struct inet_diag_req_v2`: all sockets of a protocol, or one. */
export function inetRequest(
  family: number,
  protocol: number,
  { withDetails, only }: DiagQuestion,
): Uint8Array {
  // A protocol of more than a byte stands in an attribute.
  const isWide = protocol > 255;
  const bytes = new Uint8Array(requestSize + (isWide ? 8 : 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, family);
  view.setUint8(1, isWide ? IPPROTO_RAW : protocol);
  view.setUint8(2, withDetails ? askable.reduce((bits, name) => bits | (1 << (attribute[name] - 1)), 0) : 0);
  view.setUint32(4, 0xffffffff, true);
  if (only) {
    writeEnd(view, idAt.request, 0, only.local);
    writeEnd(view, idAt.request, 1, only.remote);
    setCookie(view, idAt.request + 40, only.cookie);
  }
  if (isWide) {
    view.setUint16(requestSize, 8, true);
    view.setUint16(requestSize + 2, REQ_PROTOCOL, true);
    view.setUint32(requestSize + 4, protocol, true);
  }
  return bytes;
}

/** A `struct inet_diag_msg` with its attributes. */
export function readInetMessage(
  kind: InetKind,
  body: DataView,
  interfaceName: InterfaceName,
): SystemSocket | undefined {
  if (body.byteLength < messageSize) {
    return undefined;
  }
  const family = body.getUint8(0);
  const state = stateOf(kind, body.getUint8(1));
  const device = body.getUint32(idAt.message + 36, true);
  const attributes = attributesOf(body, messageSize);
  const cgroup = attributes.get(attribute.CGROUP_ID);
  const shutdown = attributes.get(attribute.SHUTDOWN);
  const isV6Only = attributes.get(attribute.SKV6ONLY);
  const protocol =
    inetProtocols[kind] ?? named('protocol', attributes.get(attribute.PROTOCOL)?.getUint8(0) ?? 0);
  return systemSocket(kind, cookieAt(body, idAt.message + 40), {
    domain: family === AF_INET6 ? 'AF_INET6' : 'AF_INET',
    type: inetTypes[kind],
    protocol,
    state,
    local: readEnd(body, family, 0),
    remote: readEnd(body, family, 1),
    device: device === 0 ? null : (interfaceName(device) ?? `#${device}`),
    timer: timerOf(body),
    receiveQueue: body.getUint32(56, true),
    sendQueue: body.getUint32(60, true),
    uid: body.getUint32(64, true),
    inode: inodeOf(body.getUint32(68, true)),
    mark: attributes.get(attribute.MARK)?.getUint32(0, true) ?? null,
    cgroup: cgroup ? cgroup.getBigUint64(0, true) : null,
    isV6Only: isV6Only ? isV6Only.getUint8(0) !== 0 : null,
    shutdown: shutdown ? shutdown.getUint8(0) : null,
    details: detailsOf(attributes),
  });
}

/** Of closed TCP sockets the kernel lists those that hold a port, with the number of closed ones. */
function stateOf(kind: InetKind, number: number): SystemSocketState {
  const state = socketStates[number] ?? 'CLOSE';
  return kind === 'tcp' && state === 'CLOSE' ? 'BOUND_INACTIVE' : state;
}

function timerOf(body: DataView): SocketTimer | null {
  const timer = body.getUint8(2);
  return timer === 0
    ? null
    : {
        kind: timers[timer] ?? 'unknown',
        expiresMs: body.getUint32(52, true),
        retransmits: body.getUint8(3),
      };
}

/** Null when none was asked for: SKMEMINFO comes whenever details do. */
function detailsOf(attributes: Map<number, DataView>): SystemSocketDetails | null {
  const memory = attributes.get(attribute.SKMEMINFO);
  const info = attributes.get(attribute.INFO);
  if (!memory && !info) {
    return null;
  }
  const congestion = attributes.get(attribute.CONG);
  return {
    ...noDetails(),
    memory: memoryOf(memory),
    tcpInfo: info ? decodeTcpInfo(bytesOf(info)).fields : null,
    congestion: congestion ? new TextDecoder().decode(bytesOf(congestion)).replace(/\0.*$/s, '') : null,
    congestionInfo: {
      ...fieldsOf(attributes.get(attribute.VEGASINFO), vegasFields),
      ...fieldsOf(attributes.get(attribute.BBRINFO), bbrFields),
      ...dctcpOf(attributes.get(attribute.DCTCPINFO)),
    },
    tos: attributes.get(attribute.TOS)?.getUint8(0) ?? null,
    trafficClass: attributes.get(attribute.TCLASS)?.getUint8(0) ?? null,
  };
}

function dctcpOf(view: DataView | undefined): Record<string, number> {
  return view && view.byteLength >= 16
    ? {
        dctcp_enabled: view.getUint16(0, true),
        dctcp_ce_state: view.getUint16(2, true),
        dctcp_alpha: view.getUint32(4, true),
        dctcp_ab_ecn: view.getUint32(8, true),
        dctcp_ab_tot: view.getUint32(12, true),
      }
    : {};
}

/** @param which 0 the socket's own end, 1 the other. */
function readEnd(body: DataView, family: number, which: 0 | 1): SocketAddress {
  const port = body.getUint16(idAt.message + 2 * which);
  const at = body.byteOffset + idAt.message + 4 + 16 * which;
  return family === AF_INET6
    ? { family: 'AF_INET6', address: formatIPv6(new Uint8Array(body.buffer, at, 16)), port }
    : { family: 'AF_INET', address: formatIPv4(new Uint8Array(body.buffer, at, 4)), port };
}

function writeEnd(view: DataView, offset: number, which: 0 | 1, address: SocketAddress | null): void {
  if (address?.family !== 'AF_INET' && address?.family !== 'AF_INET6') {
    return;
  }
  view.setUint16(offset + 2 * which, address.port);
  const bytes = address.family === 'AF_INET' ? parseIPv4(address.address) : parseIPv6(address.address);
  bytes?.forEach((byte, index) => view.setUint8(offset + 4 + 16 * which + index, byte));
}
