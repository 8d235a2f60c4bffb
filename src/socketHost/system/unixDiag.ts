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
  systemSocket,
} from './diagParts.js';
import { attributesOf, bytesOf } from '../sys/netlinkMessages.js';

const AF_UNIX = 1;
/** `struct unix_diag_req` and `struct unix_diag_msg`. */
const requestSize = 24;
const messageSize = 16;

const show = { NAME: 0x1, VFS: 0x2, PEER: 0x4, ICONS: 0x8, RQLEN: 0x10, MEMINFO: 0x20, UID: 0x40 } as const;
const attribute = { NAME: 0, VFS: 1, PEER: 2, ICONS: 3, RQLEN: 4, MEMINFO: 5, SHUTDOWN: 6, UID: 7 } as const;

/** A `struct unix_diag_req`: all sockets, or one. */
export function unixRequest({
  withDetails,
  only,
}: Pick<DiagQuestion, 'withDetails'> & {
  only?: { inode: number | null; cookie: bigint | null };
}): Uint8Array {
  const bytes = new Uint8Array(requestSize);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, AF_UNIX);
  view.setUint32(4, 0xffffffff, true);
  view.setUint32(8, only?.inode ?? 0, true);
  const details = withDetails ? show.ICONS | show.MEMINFO : 0;
  view.setUint32(12, show.NAME | show.VFS | show.PEER | show.RQLEN | show.UID | details, true);
  setCookie(view, 16, only?.cookie ?? null);
  return bytes;
}

/** A `struct unix_diag_msg` with its attributes. */
export function readUnixMessage(body: DataView): SystemSocket | undefined {
  if (body.byteLength < messageSize) {
    return undefined;
  }
  const attributes = attributesOf(body, messageSize);
  const queues = attributes.get(attribute.RQLEN);
  const name = attributes.get(attribute.NAME);
  const file = attributes.get(attribute.VFS);
  return systemSocket('unix', cookieAt(body, 8), {
    domain: 'AF_UNIX',
    type: named('socktype', body.getUint8(1)),
    protocol: null,
    state: socketStates[body.getUint8(2)] ?? 'CLOSE',
    inode: inodeOf(body.getUint32(4, true)),
    local: name && name.byteLength > 0 ? addressOf(bytesOf(name)) : null,
    // An end that nobody has accepted yet has no inode.
    peerInode: inodeOf(attributes.get(attribute.PEER)?.getUint32(0, true) ?? 0),
    file: file ? { inode: file.getUint32(0, true), device: file.getUint32(4, true) } : null,
    receiveQueue: queues?.getUint32(0, true) ?? null,
    sendQueue: queues?.getUint32(4, true) ?? null,
    shutdown: attributes.get(attribute.SHUTDOWN)?.getUint8(0) ?? null,
    uid: attributes.get(attribute.UID)?.getUint32(0, true) ?? null,
    details: detailsOf(attributes),
  });
}

function addressOf(bytes: Uint8Array): SystemSocket['local'] {
  const isAbstract = bytes[0] === 0;
  const end = isAbstract ? bytes.length : bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0);
  return { family: 'AF_UNIX', name: bytes.slice(isAbstract ? 1 : 0, end), isAbstract };
}

function detailsOf(attributes: Map<number, DataView>): SystemSocketDetails | null {
  const memory = attributes.get(attribute.MEMINFO);
  const waiting = attributes.get(attribute.ICONS);
  return memory
    ? {
        ...noDetails(),
        memory: memoryOf(memory),
        waitingInodes: Array.from({ length: (waiting?.byteLength ?? 0) >> 2 }, (_, index) =>
          waiting!.getUint32(4 * index, true),
        ),
      }
    : null;
}
