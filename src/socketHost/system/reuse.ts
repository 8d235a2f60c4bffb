import type { SocketId } from '../../common/socket.js';
import type { ReuseOption, SystemSocket } from '../../common/system/systemSocket.js';
import type { Socket } from '../socket.js';
import { option } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';

/**
 * With which option, set before `bind(2)`, the kernel accepts an address that these sockets hold: both sides need it, and
 * SO_REUSEADDR is no help against one that listens.
 * @returns Null where one of them is not ours: the kernel does not say which options it has.
 */
export function acceptedWith(
  holders: readonly SystemSocket[],
  { socketOfId }: { socketOfId: (id: SocketId) => Socket | undefined },
): ReuseOption | 'none' | null {
  const own = holders.flatMap(({ ownId }) => (ownId === null ? [] : (socketOfId(ownId) ?? [])));
  if (own.length === 0 || own.length < holders.length || own.some(({ isClosed }) => isClosed)) {
    return null;
  }
  const allHave = (name: ReuseOption) => own.every((socket) => isSet(socket, name));
  if (holders.every(({ state }) => state !== 'LISTEN') && allHave('SO_REUSEADDR')) {
    return 'SO_REUSEADDR';
  }
  return allHave('SO_REUSEPORT') ? 'SO_REUSEPORT' : 'none';
}

function isSet({ handle }: Socket, name: ReuseOption): boolean {
  const [value, length] = [new Memory(4), new IntCell()];
  length.value = 4;
  return sys.getsockopt(handle, option.SOL_SOCKET, option[name], value, length) === 0 && value.i32![0] !== 0;
}
