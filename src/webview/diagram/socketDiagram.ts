import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import type { SocketTone } from '../../common/socketText.js';
import { isConnectionSocket } from '../../common/usualArguments.js';
import {
  Box,
  type DiagramEdge,
  type DiagramState,
  downTo,
  type Layout,
  type Mark,
  rightTo,
  type StateDiagram,
  type Step,
} from './stateDiagram.js';

const [columns, rows] = [
  [0, 122, 244],
  [12, 56],
];

function stateAt(
  id: SocketInfo['state'],
  label: string,
  tone: SocketTone,
  column: number,
  row: number,
): DiagramState {
  return { id, label, tone, box: new Box(columns[column]!, rows[row]!, 72) };
}

/** What our calls make of a socket that TCP knows nothing of. The names are those of the tree and the pills. */
function layoutOf(isConnectionBased: boolean, isConnecting: boolean): Layout {
  const open = stateAt('open', t('open'), 'none', 0, 0);
  const bound = stateAt('bound', t('bound'), isConnectionBased ? 'none' : 'listen', 1, 0);
  const listening = stateAt('listening', t('listening'), 'listen', 2, 0);
  const connected = isConnecting
    ? stateAt('connecting', t('connecting'), 'handshake', 1, 1)
    : stateAt('connected', t('connected'), 'open', 1, 1);
  const closed = stateAt('closed', t('closed'), 'none', 2, 1);
  const across = (from: DiagramState, to: DiagramState, text: string): DiagramEdge => ({
    from: from.id,
    to: to.id,
    path: rightTo(`M${from.box.right} ${from.box.y}`, to.box),
    label: { text, x: (from.box.right + to.box.left) / 2, y: from.box.y - 5 },
  });
  const down = (from: DiagramState, to: DiagramState): DiagramEdge => ({
    from: from.id,
    to: to.id,
    path: downTo(`M${from.box.x} ${from.box.bottom}`, to.box),
  });
  return {
    states: [open, bound, ...(isConnectionBased ? [listening] : []), connected, closed],
    edges: [
      across(open, bound, 'bind()'),
      {
        from: open.id,
        to: connected.id,
        path: rightTo(`M${open.box.x} ${open.box.bottom} V${connected.box.y}`, connected.box),
        label: { text: 'connect()', x: open.box.x + 8, y: connected.box.y - 5, anchor: 'start' },
      },
      down(bound, connected),
      across(connected, closed, 'close()'),
      ...(isConnectionBased ? [across(bound, listening, 'listen()'), down(listening, closed)] : []),
    ],
    labels: [],
    height: closed.box.bottom + 2,
  };
}

/** @param told States that records tell of, where they were not all told as they came. */
export function socketDiagram(socket: SocketInfo, told: readonly SocketInfo['state'][] = []): StateDiagram {
  const { state, isLost } = socket;
  const isConnectionBased = isConnectionSocket(socket);
  const layout = layoutOf(isConnectionBased, state === 'connecting');
  const steps = isLost ? [] : stepsFrom(socket, isConnectionBased);
  const marks = new Map<string, Mark>();
  for (const { to } of steps) {
    marks.set(to, 'next');
  }
  for (const implied of impliedBy(socket)) {
    marks.set(implied, 'inferred');
  }
  for (const seen of [...told, ...(socket.seenStates ?? [])]) {
    marks.set(seen, 'visited');
  }
  if (!isLost) {
    marks.set(state, 'current');
  }
  return { name: t('Socket state diagram'), layout, marks, isInferred: false, steps };
}

/** Where it began; and a Unix socket that listens has been bound before. */
function impliedBy({ role, domain, state, seenStates = [] }: SocketInfo): SocketInfo['state'][] {
  const wasListening = state === 'listening' || seenStates.includes('listening');
  return [
    ...(role === 'accepted' || role === 'received' || role === 'pair' ? [] : (['open'] as const)),
    ...(domain === 'AF_UNIX' && wasListening ? (['bound'] as const) : []),
  ];
}

function stepsFrom({ state }: SocketInfo, isConnectionBased: boolean): Step[] {
  const step = (call: NonNullable<Step['call']>, to: SocketInfo['state']): Step => ({
    to,
    by: `${call}()`,
    call,
  });
  const close = step('close', 'closed');
  switch (state) {
    case 'open':
      return [step('bind', 'bound'), step('connect', 'connected')];
    case 'bound':
      return [
        ...(isConnectionBased ? [step('listen', 'listening')] : []),
        step('connect', 'connected'),
        close,
      ];
    case 'closed':
      return [];
    default:
      return [close];
  }
}
