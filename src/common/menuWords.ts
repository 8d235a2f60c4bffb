import type { SocketInfo } from './socket.js';
import { expectedCalls, specialCalls } from './socketCalls.js';
import { isOpenSocket } from './usualArguments.js';

/** The words that `when` clauses of menus look for: the calls that fit the state and are no specialities. */
export function menuWords(socket: SocketInfo): string {
  if (!isOpenSocket(socket)) {
    return 'ended';
  }
  const special = specialCalls(socket);
  const words = ['socket', ...[...expectedCalls(socket)].filter((name) => !special.has(name))];
  if (socket.domain === 'AF_UNIX' && expectedCalls(socket).has('sendmsg')) {
    words.push('unix');
  }
  if (socket.waiting.length > 0) {
    words.push('waiting');
  }
  if (socket.tap) {
    words.push('tap');
  }
  words.push(...automaticWords(socket));
  return words.join(' ');
}

/** What the menu of the automatic modes looks for. */
function automaticWords({ state, role, automatic }: SocketInfo): string[] {
  const words: string[] = [];
  if (state === 'listening') {
    words.push('listening');
  }
  if (state === 'listening' || state === 'connected' || role === 'datagram') {
    words.push('automatable');
  }
  if (automatic) {
    words.push('automatic');
  }
  return words;
}
