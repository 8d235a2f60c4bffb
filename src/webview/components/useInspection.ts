import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SocketInfo, SocketInspection } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { usePanel } from './context.js';

/** How often the kernel is asked again while somebody looks. */
const refreshInterval = 1000;

/**
 * What the kernel says of a socket: asked at once, with every change of the socket, and again in between, only while the
 * page is seen. Null until it is known, and of a socket that is gone.
 * @param levels Those whose options are read.
 */
export function useInspection(
  socket: SocketInfo | undefined,
  levels: readonly string[],
): { inspection: SocketInspection | null; askAgain: () => void } {
  const panel = usePanel();
  const inspection = useSignal<SocketInspection | null>(null);
  const revision = useSignal(0);
  const id = socket && isOpenSocket(socket) ? socket.id : null;
  const asked = levels.join();

  useEffect(() => {
    if (id === null) {
      return undefined;
    }
    let isCurrent = true;
    const ask = async () => {
      const request = { socketId: id, levels: asked === '' ? [] : asked.split(',') };
      const answer = document.hidden ? null : await panel.remote.inspect(request).catch(() => null);
      if (isCurrent && answer) {
        inspection.value = answer;
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), refreshInterval);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [id, socket, asked, revision.value]);

  return {
    inspection: id !== null && inspection.value?.socket.id === id ? inspection.value : null,
    askAgain: () => (revision.value += 1),
  };
}
