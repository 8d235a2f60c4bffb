import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { SocketInfo, SocketInspection } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { usePanel } from './context.js';

/** How often the kernel is asked again while somebody looks, and at most, when the socket changes all the time. */
const refreshInterval = 1000;
const shortestInterval = 100;

/**
 * What the kernel says of a socket: asked at once, with every change of the socket, and again in between, only while the
 * page is seen, at most 10 times a second. Null until it is known, and of a socket that is gone.
 * @param levels Those whose options are read.
 */
export function useInspection(
  socket: SocketInfo | undefined,
  levels: readonly string[],
): { inspection: SocketInspection | null; askAgain: () => void } {
  const panel = usePanel();
  const inspection = useSignal<SocketInspection | null>(null);
  const revision = useSignal(0);
  const lastAsked = useRef(-Infinity);
  const id = socket && isOpenSocket(socket) ? socket.id : null;
  const asked = levels.join();

  useEffect(() => {
    lastAsked.current = -Infinity;
  }, [id, asked, revision.value]);

  useEffect(() => {
    if (id === null) {
      return undefined;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      lastAsked.current = performance.now();
      timer = setTimeout(ask, refreshInterval);
      if (!document.hidden) {
        void take();
      }
    };
    // An answer counts although the socket has changed meanwhile: it may do so faster than answers come.
    const take = async () => {
      const request = { socketId: id, levels: asked === '' ? [] : asked.split(',') };
      const answer = await panel.remote.inspect(request).catch(() => null);
      if (answer) {
        inspection.value = answer;
        panel.view.inspector.note(answer);
      }
    };
    const wait = lastAsked.current + shortestInterval - performance.now();
    if (wait <= 0) {
      ask();
    } else {
      timer = setTimeout(ask, wait);
    }
    return () => clearTimeout(timer);
  }, [id, socket, asked, revision.value]);

  return {
    inspection: id !== null && inspection.value?.socket.id === id ? inspection.value : null,
    askAgain: () => (revision.value += 1),
  };
}
