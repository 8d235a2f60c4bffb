import { epoll, option } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';

/**
 * Whether an error waits for the call that takes it: the connection was reset. Readiness says the same of a message in the error
 * queue (a time stamp of sent bytes), which ends no call that waits. Of TCP the two are told apart: a reset closes the connection,
 * and a message is in the receive buffer.
 */
export function hasWaitingError(handle: number, isTcp: boolean): boolean {
  const events = sys.readiness(handle, 0);
  const isClosed = (events & epoll.HUP) !== 0;
  return (events & epoll.ERR) !== 0 && (isClosed || !isTcp || !isMemoryInUse(handle));
}

/** Whether data, or a message of the error queue, is in the receive buffer. */
function isMemoryInUse(handle: number): boolean {
  const [memory, length] = [new Memory(4), new IntCell()];
  length.value = memory.bytes.length;
  const { SOL_SOCKET, SO_MEMINFO } = option;
  return sys.getsockopt(handle, SOL_SOCKET, SO_MEMINFO, memory, length) === 0 && memory.i32![0]! > 0;
}
