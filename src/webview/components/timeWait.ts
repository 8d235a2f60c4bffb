import { useEffect, useState } from 'preact/hooks';
import type { SocketInfo } from '../../common/socket.js';
import type { StateChange } from '../lanes/stateChanges.js';
import { usePanel } from './context.js';

/** Linux keeps a connection in TIME_WAIT so long, in ms: TCP_TIMEWAIT_LEN, which nobody can change. */
const lengthMs = 60_000;

/**
 * Whether the connection of a socket is in TIME_WAIT now. The kernel says of the socket that it is closed, and is not asked
 * for the connection.
 * @param change When it came into that; undefined where it did not.
 */
export function useIsInTimeWait(socket: SocketInfo | undefined, change: StateChange | undefined): boolean {
  const panel = usePanel();
  const [, drawAgain] = useState(0);
  const isLive = change !== undefined && !panel.recording && socket?.tcpState !== 'TIME_WAIT';
  const left = isLive ? lengthMs - (panel.now() - change.ns) / 1e6 : 0;
  useEffect(() => {
    if (left <= 0) {
      return undefined;
    }
    const timer = setTimeout(() => drawAgain((times) => times + 1), left);
    return () => clearTimeout(timer);
    // It ends once, however often it is drawn until then.
  }, [change]);
  return left > 0;
}
