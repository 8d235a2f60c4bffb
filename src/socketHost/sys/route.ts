import { family, socketType } from './linux.js';
import { Memory } from './memory.js';
import { attributesOf, messageFlag, messagesOf, request } from './netlinkMessages.js';
import * as sys from './syscall.js';

const NETLINK_ROUTE = 0;
const SOCK_RAW = 3;
const [RTM_NEWROUTE, RTM_GETROUTE] = [24, 26];
const [RTA_DST, RTA_SRC, RTA_OIF] = [1, 2, 4];
const headerSize = 12;
const answerSize = 8192;

/** Where a packet is to go. */
export interface RouteQuestion {
  domain: number;
  destination: Uint8Array;
  /** The address that it is sent from; null where the route chooses it. */
  source: Uint8Array | null;
  /** The index of the interface that is asked for; 0 for none. */
  index: number;
}

/** The index of the interface by which the kernel would send it now, by rtnetlink(7); undefined where it does not tell. */
export function outgoingInterface({ domain, destination, source, index }: RouteQuestion): number | undefined {
  const fd = sys.socket(
    family.AF_NETLINK,
    SOCK_RAW | socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC,
    NETLINK_ROUTE,
  );
  if (fd < 0) {
    return undefined;
  }
  const bits = 8 * destination.length;
  const body = [
    ...[domain, bits, source ? bits : 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...attribute(RTA_DST, destination),
    ...(source ? attribute(RTA_SRC, source) : []),
    ...(index > 0 ? attribute(RTA_OIF, new Uint8Array(Uint32Array.of(index).buffer)) : []),
  ];
  const asked = new Memory(request(RTM_GETROUTE, messageFlag.REQUEST, 1, Uint8Array.from(body)));
  sys.sendto(fd, asked, 0, asked.length, 0, null, 0);
  // The kernel has answered before the call returns.
  const answer = new Memory(answerSize);
  const length = sys.recvfrom(fd, answer, 0, answerSize, 0, null, null);
  sys.close(fd);
  for (const { type, body: told } of messagesOf(answer.bytes.subarray(0, Math.max(0, length)))) {
    if (type === RTM_NEWROUTE) {
      return attributesOf(told, headerSize).get(RTA_OIF)?.getUint32(0, true);
    }
  }
  return undefined;
}

/** Of 4 or 16 bytes, which need no padding. */
function attribute(type: number, bytes: Uint8Array): number[] {
  return [bytes.length + 4, 0, type, 0, ...bytes];
}
