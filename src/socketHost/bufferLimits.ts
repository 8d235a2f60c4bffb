import { readFileSync } from 'node:fs';

/** The kernel's smallest receive buffer, in its own counting. */
const smallestBuffer = 2304;
const largestInt = 0x7fffffff;

/** The receive buffer that SO_RCVBUF makes of a value: cut to the system's limit unless forced, and doubled. */
export function receiveBufferOf(value: number, isForced: boolean): number {
  const asked = isForced
    ? Math.max(0, value)
    : Math.min(value >>> 0, lastNumber('/proc/sys/net/core/rmem_max'));
  return Math.max(2 * Math.min(asked, largestInt >> 1), smallestBuffer);
}

/**
 * The SO_RCVLOWAT that TCP makes of a value: at most half of the receive buffer, or of the largest one that the
 * system lets grow.
 * @param receiveBuffer The one that the user has set; null when the kernel adjusts it.
 */
export function tcpLowWater(value: number, receiveBuffer: number | null): number {
  return Math.min(value, (receiveBuffer ?? lastNumber('/proc/sys/net/ipv4/tcp_rmem')) >> 1);
}

/** How many connections `listen(2)` makes of a backlog, which it takes as unsigned: no more than the system's limit. */
export function backlogOf(value: number): number {
  return Math.min(value >>> 0, lastNumber('/proc/sys/net/core/somaxconn'));
}

/** What IPV6_V6ONLY is on a new socket. */
export function isV6OnlyAtFirst(): boolean {
  return lastNumber('/proc/sys/net/ipv6/bindv6only') === 1;
}

/** The last number of a file of the kernel's settings; the largest int when it cannot be read. */
function lastNumber(file: string): number {
  try {
    return Number(/(\d+)\s*$/.exec(readFileSync(file, 'utf8'))?.[1] ?? largestInt);
  } catch {
    return largestInt;
  }
}
