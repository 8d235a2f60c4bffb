import { t } from '../../common/l10n.js';
import type { SocketInfo, TcpState } from '../../common/socket.js';
import type { SocketTone } from '../../common/socketText.js';
import type { StateChange } from '../lanes/stateChanges.js';
import {
  Box,
  type DiagramEdge,
  type DiagramLabel,
  type DiagramState,
  downTo,
  type Layout,
  leftTo,
  type Mark,
  rightTo,
  type StateDiagram,
  type Step,
} from './stateDiagram.js';

/** A state by the kernel's name; the diagram knows one SYN_RECV only. */
type State = Exclude<TcpState, 'NEW_SYN_RECV'>;

const [columns, rows] = [
  [0, 117, 234],
  [0, 38, 76, 120, 158],
];

function stateAt(id: State, tone: SocketTone, column: number, row: number): DiagramState {
  const label = id === 'CLOSE' ? 'CLOSED' : id;
  return { id, label, tone, box: new Box(columns[column]!, rows[row]!, 82) };
}

/** Simultaneous open and FIN_WAIT1 → TIME_WAIT are left out: they would cross the others. */
const layout: Layout = (() => {
  const closed = stateAt('CLOSE', 'none', 1, 0);
  const listen = stateAt('LISTEN', 'listen', 0, 1);
  const sent = stateAt('SYN_SENT', 'handshake', 2, 1);
  const received = stateAt('SYN_RECV', 'handshake', 0, 2);
  const established = stateAt('ESTABLISHED', 'open', 1, 2);
  const wait1 = stateAt('FIN_WAIT1', 'closing', 0, 3);
  const closing = stateAt('CLOSING', 'closing', 1, 3);
  const closeWait = stateAt('CLOSE_WAIT', 'closing', 2, 3);
  const wait2 = stateAt('FIN_WAIT2', 'closing', 0, 4);
  const timeWait = stateAt('TIME_WAIT', 'closing', 1, 4);
  const lastAck = stateAt('LAST_ACK', 'closing', 2, 4);

  const edge = (from: DiagramState, to: DiagramState, path: string, label?: DiagramLabel): DiagramEdge => ({
    from: from.id,
    to: to.id,
    path,
    ...(label && { label }),
  });
  const down = ({ box }: DiagramState) => `M${box.x} ${box.bottom}`;
  const right = ({ box }: DiagramState) => `M${box.right} ${box.y}`;
  /** A label left of the end of a line that comes from above. */
  const above = (text: string, { box }: DiagramState): DiagramLabel => ({
    text,
    x: box.x - 6,
    y: box.top - 7,
    anchor: 'end',
  });
  /** A label over a line between the first two columns. */
  const over = (text: string, { box }: DiagramState): DiagramLabel => ({ text, x: 99, y: box.y - 4 });
  const bend = established.box.bottom + 13;
  return {
    states: [
      closed,
      listen,
      sent,
      received,
      established,
      wait1,
      closing,
      closeWait,
      wait2,
      timeWait,
      lastAck,
    ],
    edges: [
      edge(closed, listen, downTo(`M${closed.box.left} ${closed.box.y} H${listen.box.x}`, listen.box), {
        text: 'listen()',
        x: 79,
        y: 12.5,
      }),
      edge(closed, sent, downTo(`${right(closed)} H${sent.box.x}`, sent.box), {
        text: 'connect()',
        x: 238,
        y: 12.5,
      }),
      edge(listen, received, downTo(down(listen), received.box), above('SYN', received)),
      edge(received, established, rightTo(right(received), established.box), over('ACK', received)),
      edge(sent, established, leftTo(`${down(sent)} V${established.box.y}`, established.box), {
        text: 'SYN+ACK',
        x: sent.box.x - 6,
        y: established.box.y - 5,
        anchor: 'end',
      }),
      edge(
        established,
        wait1,
        downTo(`M${established.box.left + 24} ${established.box.bottom} V${bend} H${wait1.box.x}`, wait1.box),
        { text: 'close()', x: 88, y: bend + 3.5 },
      ),
      edge(
        established,
        closeWait,
        downTo(
          `M${established.box.right - 24} ${established.box.bottom} V${bend} H${closeWait.box.x}`,
          closeWait.box,
        ),
        { text: 'FIN', x: 232, y: bend + 3.5 },
      ),
      edge(wait1, closing, rightTo(right(wait1), closing.box), over('FIN', wait1)),
      edge(wait1, wait2, downTo(down(wait1), wait2.box), above('ACK', wait2)),
      edge(closing, timeWait, downTo(down(closing), timeWait.box), above('ACK', timeWait)),
      edge(wait2, timeWait, rightTo(right(wait2), timeWait.box), over('FIN', wait2)),
      edge(closeWait, lastAck, downTo(down(closeWait), lastAck.box), above('close()', lastAck)),
    ],
    labels: [
      { text: '2 MSL → CLOSED', x: timeWait.box.x, y: timeWait.box.bottom + 13 },
      { text: 'ACK → CLOSED', x: lastAck.box.x, y: lastAck.box.bottom + 13 },
    ],
    height: lastAck.box.bottom + 18,
  };
})();

/** What a connection has been through that is in this state; the handshake depends on which end it is. */
const before: Partial<Record<State, readonly State[]>> = {
  CLOSE_WAIT: ['ESTABLISHED'],
  LAST_ACK: ['CLOSE_WAIT', 'ESTABLISHED'],
  FIN_WAIT1: ['ESTABLISHED'],
  FIN_WAIT2: ['FIN_WAIT1', 'ESTABLISHED'],
  CLOSING: ['FIN_WAIT1', 'ESTABLISHED'],
  TIME_WAIT: ['FIN_WAIT1', 'ESTABLISHED'],
};

/** Where TCP would be by what our calls have made of the socket; the kernel tells nothing of a closed descriptor. */
const byCalls: Record<SocketInfo['state'], State> = {
  open: 'CLOSE',
  bound: 'CLOSE',
  listening: 'LISTEN',
  connecting: 'SYN_SENT',
  connected: 'ESTABLISHED',
  closed: 'CLOSE',
};

/**
 * @param changes What records tell of its states, where they were not all told as they came.
 * @param isInTimeWait Its connection is, which the kernel keeps apart from it.
 */
export function tcpDiagram(
  socket: SocketInfo,
  changes: readonly StateChange[] = [],
  isInTimeWait = false,
): StateDiagram {
  const isClosed = socket.state === 'closed';
  const sampled =
    socket.tcpState === null || socket.isLost || isClosed || isInTimeWait
      ? undefined
      : plain(socket.tcpState);
  const inferred = isInTimeWait ? 'TIME_WAIT' : socket.isLost ? undefined : byCalls[socket.state];
  const current = sampled ?? inferred;
  const seen = new Set((socket.seenStates ?? []).flatMap((state) => (isTcp(state) ? [plain(state)] : [])));
  const steps = current === undefined || (isClosed && !isInTimeWait) ? [] : stepsFrom[current](socket);
  const marks = new Map<string, Mark>();
  for (const { to } of steps) {
    marks.set(to, 'next');
  }
  const told = changes.flatMap(({ state }) => (state === null ? [] : [plain(state)]));
  const known = [...seen, ...told, ...(current === undefined ? [] : [current])];
  for (const state of [...impliedBy(socket, known), ...told]) {
    marks.set(state, 'inferred');
  }
  for (const state of seen) {
    marks.set(state, 'visited');
  }
  if (current !== undefined) {
    marks.set(current, 'current');
  }
  return {
    name: t('TCP state diagram'),
    layout,
    marks,
    isInferred: current !== undefined && sampled === undefined,
    steps,
  };
}

function isTcp(state: string): state is TcpState {
  return state === state.toUpperCase();
}

function plain(state: TcpState): State {
  return state === 'NEW_SYN_RECV' ? 'SYN_RECV' : state;
}

/** What the socket must have been: where it began, and what lies before the states that it was in. */
function impliedBy({ role, seenStates = [], state }: SocketInfo, known: readonly State[]): Set<State> {
  const implied = new Set<State>(known.flatMap((one) => before[one] ?? []));
  const calls = [...seenStates, state];
  if (calls.includes('listening')) {
    implied.add('LISTEN');
  }
  if (calls.includes('connected')) {
    implied.add('ESTABLISHED');
  }
  const wasConnected = implied.has('ESTABLISHED') || known.includes('ESTABLISHED');
  if (role === 'accepted') {
    implied.add('SYN_RECV');
  } else if (role !== 'received') {
    implied.add('CLOSE');
    if (wasConnected) {
      implied.add('SYN_SENT');
    }
  }
  return implied;
}

/** A call that leads to a state, by its own name where nothing else is said. */
function call(name: NonNullable<Step['call']>, to: State, by = `${name}()`): Step {
  return { to, by, call: name };
}

/** What comes from the peer, or by itself. */
function wire(by: string, to: State): Step {
  return { to, by, call: null };
}

/** With bytes unread the kernel makes a RST of close(2). */
function closing(socket: SocketInfo, to: State): Step[] {
  const isReset = (socket.receiveQueue ?? 0) > 0;
  return [call('shutdown', to, 'shutdown(SHUT_WR)'), call('close', isReset ? 'CLOSE' : to)];
}

const stepsFrom: Readonly<Record<State, (socket: SocketInfo) => Step[]>> = {
  // After a RST the kernel still calls it connected, and it can only be closed.
  CLOSE: ({ state }) =>
    state === 'connected' ? [] : [call('listen', 'LISTEN'), call('connect', 'SYN_SENT')],
  LISTEN: () => [call('close', 'CLOSE')],
  SYN_SENT: () => [wire('SYN+ACK', 'ESTABLISHED'), wire('RST', 'CLOSE')],
  SYN_RECV: () => [wire('ACK', 'ESTABLISHED')],
  ESTABLISHED: (socket) => [...closing(socket, 'FIN_WAIT1'), wire('FIN', 'CLOSE_WAIT')],
  CLOSE_WAIT: (socket) => closing(socket, 'LAST_ACK'),
  FIN_WAIT1: () => [wire('ACK', 'FIN_WAIT2'), wire('FIN', 'CLOSING')],
  FIN_WAIT2: () => [wire('FIN', 'TIME_WAIT')],
  CLOSING: () => [wire('ACK', 'TIME_WAIT')],
  LAST_ACK: () => [wire('ACK', 'CLOSE')],
  TIME_WAIT: () => [wire('2 MSL', 'CLOSE')],
};
