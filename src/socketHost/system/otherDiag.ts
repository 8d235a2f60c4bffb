import type { SystemSocket, SystemSocketDetails } from '../../common/system/systemSocket.js';
import {
  cookieAt,
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
import { attributesOf } from '../sys/netlinkMessages.js';

const family = { AF_NETLINK: 16, AF_PACKET: 17, AF_VSOCK: 40 } as const;

/** `struct netlink_diag_req` and `struct packet_diag_req`, which are alike. */
function request(of: number, protocol: number, show: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, of);
  view.setUint8(1, protocol);
  view.setUint32(8, show, true);
  setCookie(view, 12, null);
  return bytes;
}

function memoryDetails(
  view: DataView | undefined,
  withDetails = view !== undefined,
): SystemSocketDetails | null {
  return withDetails ? { ...noDetails(), memory: memoryOf(view) } : null;
}

const netlinkShow = { MEMINFO: 0x1, GROUPS: 0x2 } as const;
const netlinkAttribute = { MEMINFO: 0, GROUPS: 1 } as const;
const NDIAG_PROTO_ALL = 255;

/** A request for all netlink sockets, see `sock_diag(7)`. */
export function netlinkRequest(_question: DiagQuestion): Uint8Array {
  // The queues are told by the memory alone.
  return request(family.AF_NETLINK, NDIAG_PROTO_ALL, netlinkShow.MEMINFO | netlinkShow.GROUPS);
}

/** A `struct netlink_diag_msg` with its attributes. */
export function readNetlinkMessage(body: DataView): SystemSocket | undefined {
  if (body.byteLength < 28) {
    return undefined;
  }
  const attributes = attributesOf(body, 28);
  const groups = attributes.get(netlinkAttribute.GROUPS);
  const details = memoryDetails(attributes.get(netlinkAttribute.MEMINFO));
  const destination = body.getUint32(8, true);
  const destinationGroup = body.getUint32(12, true);
  const state = socketStates[body.getUint8(3)] ?? 'CLOSE';
  return systemSocket('netlink', cookieAt(body, 20), {
    domain: 'AF_NETLINK',
    type: named('socktype', body.getUint8(1)),
    protocol: named('protocol', body.getUint8(2), family.AF_NETLINK),
    // The kernel counts NETLINK_CONNECTED as 1, and as 0 what is not connected.
    state: state === 'ESTABLISHED' ? 'ESTABLISHED' : 'CLOSE',
    local: {
      family: 'AF_NETLINK',
      pid: body.getUint32(4, true),
      groups: groups && groups.byteLength >= 4 ? groups.getUint32(0, true) : 0,
    },
    remote:
      destination === 0 && destinationGroup === 0
        ? null
        : { family: 'AF_NETLINK', pid: destination, groups: destinationGroup },
    inode: inodeOf(body.getUint32(16, true)),
    receiveQueue: details?.memory['RMEM_ALLOC'] ?? null,
    sendQueue: details?.memory['WMEM_ALLOC'] ?? null,
    details,
  });
}

const packetShow = { INFO: 0x1, MEMINFO: 0x10 } as const;
const packetAttribute = { INFO: 0, UID: 5, MEMINFO: 6 } as const;

/** A request for all packet sockets, see `sock_diag(7)`. */
export function packetRequest(_question: DiagQuestion): Uint8Array {
  return request(family.AF_PACKET, 0, packetShow.INFO | packetShow.MEMINFO);
}

/** A `struct packet_diag_msg` with its attributes. */
export function readPacketMessage(body: DataView, interfaceName: InterfaceName): SystemSocket | undefined {
  if (body.byteLength < 16) {
    return undefined;
  }
  const attributes = attributesOf(body, 16);
  const details = memoryDetails(attributes.get(packetAttribute.MEMINFO));
  const index = attributes.get(packetAttribute.INFO)?.getUint32(0, true) ?? 0;
  const protocol = body.getUint16(2, true);
  return systemSocket('packet', cookieAt(body, 8), {
    domain: 'AF_PACKET',
    type: named('socktype', body.getUint8(1)),
    protocol: named('ethertype', protocol),
    state: 'CLOSE',
    local: {
      family: 'AF_PACKET',
      interface: index === 0 ? 0 : (interfaceName(index) ?? index),
      protocol: named('ethertype', protocol),
    },
    uid: attributes.get(packetAttribute.UID)?.getUint32(0, true) ?? null,
    inode: inodeOf(body.getUint32(4, true)),
    receiveQueue: details?.memory['RMEM_ALLOC'] ?? null,
    sendQueue: details?.memory['WMEM_ALLOC'] ?? null,
    details,
  });
}

/** A `struct vsock_diag_req`. */
export function vsockRequest(_question: DiagQuestion): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, family.AF_VSOCK);
  view.setUint32(4, 0xffffffff, true);
  setCookie(view, 16, null);
  return bytes;
}

/** A `struct vsock_diag_msg`. */
export function readVsockMessage(body: DataView): SystemSocket | undefined {
  if (body.byteLength < 32) {
    return undefined;
  }
  return systemSocket('vsock', cookieAt(body, 24), {
    domain: 'AF_VSOCK',
    type: named('socktype', body.getUint8(1)),
    protocol: null,
    state: socketStates[body.getUint8(2)] ?? 'CLOSE',
    shutdown: body.getUint8(3),
    local: { family: 'AF_VSOCK', cid: body.getUint32(4, true), port: body.getUint32(8, true) },
    remote: { family: 'AF_VSOCK', cid: body.getUint32(12, true), port: body.getUint32(16, true) },
    inode: inodeOf(body.getUint32(20, true)),
  });
}
