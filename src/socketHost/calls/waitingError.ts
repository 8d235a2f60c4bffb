import { epoll, option } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';

/**
 * Whether an error waits for the call that takes it: the connection was reset. Readiness says the same of a message in the error
 * queue (a time stamp of sent bytes, the end of a MSG_ZEROCOPY), which ends no call that waits. A TCP connection that goes on has
 * an error only where the user asks for those of the network.
 */
export function hasWaitingError(handle: number, isTcp: boolean): boolean {
  const events = sys.readiness(handle, 0);
  if ((events & epoll.ERR) === 0) {
    return false;
  }
  const isClosed = (events & epoll.HUP) !== 0;
  return isClosed || !isTcp || (tellsNetworkErrors(handle) && isNetworkError(handle));
}

/** IP_RECVERR: what ICMP says becomes the error of the next call. */
function tellsNetworkErrors(handle: number): boolean {
  const { IPPROTO_IP, IP_RECVERR, IPPROTO_IPV6, IPV6_RECVERR } = option;
  return isSet(handle, IPPROTO_IP, IP_RECVERR) || isSet(handle, IPPROTO_IPV6, IPV6_RECVERR);
}

/** Where it may be a message too, the error is asked for, which the kernel forgets by that. */
function isNetworkError(handle: number): boolean {
  const { SOL_SOCKET, SO_TIMESTAMPING, SO_MEMINFO, SO_ZEROCOPY, SO_ERROR } = option;
  // A time stamp is counted with what was received, the end of a MSG_ZEROCOPY nowhere.
  const mayBeStamp = isSet(handle, SOL_SOCKET, SO_TIMESTAMPING) && isSet(handle, SOL_SOCKET, SO_MEMINFO);
  const mayBeMessage = mayBeStamp || isSet(handle, SOL_SOCKET, SO_ZEROCOPY);
  return !mayBeMessage || isSet(handle, SOL_SOCKET, SO_ERROR);
}

/** Whether the option, or the first number of it, is not 0. */
function isSet(handle: number, level: number, name: number): boolean {
  const [memory, length] = [new Memory(8), new IntCell()];
  length.value = memory.length;
  return sys.getsockopt(handle, level, name, memory, length) === 0 && memory.i32![0] !== 0;
}
