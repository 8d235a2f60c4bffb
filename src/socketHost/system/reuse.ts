import type { ReuseOption } from '../../common/system/systemSocket.js';
import { option, socketType } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';

const EADDRINUSE = -98;
/** Options of the refused socket that decide what its address overlaps. */
const copied = [
  [option.IPPROTO_IPV6, option.IPV6_V6ONLY],
  [option.SOL_SOCKET, option.SO_BINDTOIFINDEX],
] as const;

/**
 * Binds sockets of our own to a stream address that was refused, and closes them at once: nothing else tells what the
 * kernel accepts, for it does not say which options the others have. Nobody can connect to what is only bound.
 * @param refused The descriptor that the address was refused to.
 * @returns Null where the address is free by now, or where it could not be tried.
 */
export function tryReuse(refused: number, domain: number, address: Uint8Array): ReuseOption | 'none' | null {
  if (tryBind(refused, domain, address, null) !== EADDRINUSE) {
    return null;
  }
  for (const name of ['SO_REUSEADDR', 'SO_REUSEPORT'] as const) {
    const result = tryBind(refused, domain, address, name);
    if (result !== EADDRINUSE) {
      return result === 0 ? name : null;
    }
  }
  return 'none';
}

function tryBind(refused: number, domain: number, address: Uint8Array, reuse: ReuseOption | null): number {
  const fd = sys.socket(domain, socketType.SOCK_STREAM | socketType.SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return fd;
  }
  const [value, length] = [new Memory(4), new IntCell()];
  for (const [level, name] of copied) {
    length.value = 4;
    if (sys.getsockopt(refused, level, name, value, length) === 0) {
      sys.setsockopt(fd, level, name, value, 4);
    }
  }
  value.i32![0] = 1;
  const set = reuse === null ? 0 : sys.setsockopt(fd, option.SOL_SOCKET, option[reuse], value, 4);
  const result = set < 0 ? set : sys.bind(fd, new Memory(address), address.length);
  sys.close(fd);
  return result;
}
