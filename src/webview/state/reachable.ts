import { effect } from '@preact/signals';
import type { SocketInfo } from '../../common/socket.js';
import { isOpenSocket, reachableAddress } from '../../common/usualArguments.js';

/** How long the kernel's choice of a port may take to be told. */
const addressTimeout = 2000;

/**
 * Whether a socket can be connected to, as soon as that is known.
 * @param socket Reads signals.
 */
export function whenReachable(socket: () => SocketInfo | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    let stop = () => {};
    const end = (isReachable: boolean) => {
      clearTimeout(timer);
      // The effect runs once before it can be stopped.
      queueMicrotask(() => stop());
      resolve(isReachable);
    };
    const timer = setTimeout(() => end(false), addressTimeout);
    stop = effect(() => {
      const now = socket();
      if (!now || !isOpenSocket(now)) {
        end(false);
      } else if (reachableAddress(now)) {
        end(true);
      }
    });
  });
}
