import { memo } from '../memo.js';
import { t } from '../../common/l10n.js';
import type { Observation } from '../../common/protocol/trace.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { endpointText, protocolName, socketIcon, socketTitle, socketTone } from '../../common/socketText.js';
import { Icon, IconButton, socketContext, StatePill } from '../components/basics.js';
import { usePanel } from '../components/context.js';
import { useIsInTimeWait } from '../components/timeWait.js';
import { timeWaitText } from '../text/socket.js';
import type { StateChange } from './stateChanges.js';
import { observedByText } from '../text/observation.js';
import {
  acceptQueueText,
  headText,
  ownPortText,
  portsText,
  receivedText,
  sentText,
  shortSize,
  tightSize,
  waitingText,
} from '../text/socket.js';
import { type Column, isTight, noSocketLane } from './columns.js';

/** A head that is not wider has no room for all: not for the role, which its icon tells too; in px. */
const widestShort = 240;
/** One that is not wider has room for the name, the ports and the state only, below each other. */
const widestBrief = 200;
/** One that is not wider has no room for more than the digits of the ports of both ends and an arrow. */
const widestBare = 120;

/** What a lane is: the socket's name and state, its addresses, and what it has moved. */
export const LaneHeader = memo(function LaneHeader(props: {
  column: Column;
  index: number;
  socket: SocketInfo | undefined;
  /** When its connection came into TIME_WAIT. */
  timeWait: StateChange | undefined;
  isSelected: boolean;
  /** It is the other end of the one left of it. */
  isJoined: boolean;
  /** It may be cut at the left: what it says begins where the rest of it does. */
  isAtEdge: boolean;
}) {
  const { column, index, socket, isSelected } = props;
  const { id, x, width } = column;
  const look = lookOf(column);
  return (
    <div
      class={[
        `lh s-${socket ? socketTone(socket) : 'none'}`,
        look,
        props.isJoined ? 'joined' : '',
        props.isAtEdge ? 'edge' : '',
      ].join(' ')}
      title={socket && width <= widestShort ? headText(socket) : undefined}
      role="columnheader"
      aria-colindex={index + 2}
      aria-selected={isSelected}
      style={{ left: `${x}px`, width: `${width}px` }}
      tabIndex={-1}
      data-lane={id}
      data-vscode-context={socket && socketContext(socket)}
    >
      {/* Chromium now and then leaves the style of what is in an element as it was when the element gets another class. */}
      <Said key={look} column={column} socket={socket} timeWait={props.timeWait} />
    </div>
  );
});

interface SaidProps {
  column: Column;
  socket: SocketInfo | undefined;
  timeWait: StateChange | undefined;
}

/** What a head says. It stays as it is while the head only gets another place among the others. */
const Said = memo(function Said({ column, socket, timeWait }: SaidProps) {
  const { lanes, recording } = usePanel();
  const { id, width, isCollapsed } = column;
  const isBrief = isBriefHead(column);
  const isInTimeWait = useIsInTimeWait(socket, timeWait);
  const pill = socket && (isInTimeWait ? <TimeWaitPill /> : <StatePill socket={socket} />);
  const toggle = () => {
    const collapsed = new Set(lanes.collapsed.peek());
    if (!collapsed.delete(id)) {
      collapsed.add(id);
    }
    lanes.collapsed.value = collapsed;
  };
  const role = socket
    ? width <= widestShort && !isBrief
      ? socket.name
      : socketTitle(socket)
    : id === noSocketLane
      ? t('no socket')
      : t('forgotten socket');
  return (
    <div class="said">
      <div class="r1">
        <Icon name={socket ? socketIcon(socket) : 'circle-slash'} />
        <b>{socket ? (isCollapsed ? socket.fd : `fd ${socket.fd}`) : ''}</b>
        {!isCollapsed && (
          <>
            {!isBrief && <span class="role">{named(role ?? '')}</span>}
            <span class="grow" />
            {!isBrief && <Waits socket={socket} />}
            {recording?.observed && <Observed observation={recording.observed} />}
            {!isBrief && pill}
          </>
        )}
        <IconButton
          icon={isCollapsed ? 'chevron-right' : 'chevron-left'}
          label={isCollapsed ? t('Widen this lane') : t('Narrow this lane')}
          isSmall
          class="collapse"
          onClick={toggle}
        />
      </div>
      {isBrief && (
        <>
          <div class="role">
            {named(role ?? '')}
            <span class="grow" />
            {socket?.receiveQueue ? <span class="waits">+{tightSize(socket.receiveQueue)}</span> : null}
            <Waits socket={socket} />
          </div>
          {socket && <div class="ports">{end(portsText(socket, width <= widestBare))}</div>}
          {pill}
        </>
      )}
      {socket && isCollapsed && <div class="ports">{end(ownPortText(socket))}</div>}
      {socket && !isCollapsed && !isBrief && <Addresses socket={socket} />}
    </div>
  );
});

/** The classes of a head by the room that it has. */
function lookOf(column: Column): string {
  const size = column.isCollapsed ? 'narrow' : isBriefHead(column) ? 'brief' : '';
  return isTight(column) ? `${size} tight` : size;
}

function isBriefHead({ isBrief, isCollapsed, width }: Column): boolean {
  return isBrief && !isCollapsed && width <= widestBrief;
}

/** In place of what becomes of the socket: the kernel has taken the connection from it. */
function TimeWaitPill() {
  return (
    <span class="pill hollow s-closing" title={timeWaitText()}>
      TIME_WAIT
    </span>
  );
}

/** A call of it waits: also where its row is out of view. */
function Waits({ socket }: { socket: SocketInfo | undefined }) {
  if (!socket || socket.waiting.length === 0) {
    return null;
  }
  const text = t('{0} waits for an answer', socket.waiting.map(({ name }) => name).join(', '));
  return (
    <span class="waiting" role="img" aria-label={text} title={text}>
      <Icon name="loading" isSpinning />
    </span>
  );
}

/** The mark of a lane that another program's calls make. */
function Observed({ observation }: { observation: Observation }) {
  const text = observedByText(observation);
  return (
    <span class="eye" role="img" aria-label={text} title={text}>
      <Icon name="eye" />
    </span>
  );
}

/** A name: where it is cut the number at its end stays, by which it differs from those like it. */
function named(text: string) {
  const begin = text.replace(/\d{1,4}$/, '');
  return (
    <>
      <span class="begin">{begin}</span>
      {text.slice(begin.length) || null}
    </>
  );
}

/** An address, or what is left of it: where it is cut its end stays, which is the port, or the name of a path. */
function end(text: string) {
  return <bdi dir="ltr">{text}</bdi>;
}

function Addresses({ socket }: { socket: SocketInfo }) {
  const isListener = socket.state === 'listening' || socket.role === 'listener';
  const { acceptedCounts, acceptQueues } = usePanel();
  const waits = acceptQueues.value.get(socket.id);
  const { local, remote, peerId, receiveQueue, backlog, acceptQueue } = socket;
  return (
    <div class="tup">
      <span class="k">{protocolName(socket)}</span>
      {local ? (
        <span class="v end">{end(endpointText(local))}</span>
      ) : (
        <span class="v k">{hasNoAddress(socket) ? t('no address') : t('unknown')}</span>
      )}
      <span class="c" title={isListener ? waits && acceptQueueText(waits) : receivedText(socket)}>
        {isListener ? (
          backlog === null ? (
            ''
          ) : (
            <>
              {t('queue')} <i>{acceptQueue ?? '–'}</i>/{backlog}
            </>
          )
        ) : (
          <>
            rx{' '}
            <b>
              {receiveQueue
                ? waitingText(socket.bytesReceived, receiveQueue)
                : shortSize(socket.bytesReceived)}
            </b>
          </>
        )}
      </span>
      <span class="k">{socket.role === 'accepted' || isListener ? '←' : '→'}</span>
      {remote ? (
        <span class="v end">{end(endpointText(remote))}</span>
      ) : (
        <span class="v k">
          {isListener ? t('any peer') : peerId === null ? t('no peer') : <Fd id={peerId} />}
        </span>
      )}
      <span class="c" title={isListener ? undefined : sentText(socket)}>
        {isListener ? (
          t('{0} accepted', acceptedCounts.value.get(socket.id) ?? 0)
        ) : (
          <>
            tx <b>{shortSize(socket.bytesSent)}</b>
          </>
        )}
      </span>
    </div>
  );
}

/** Whether there is none, where none is known: of what was bound or connected nobody has asked. */
function hasNoAddress({ kind, state }: SocketInfo): boolean {
  return kind !== 'socket' || state === 'open';
}

/** The other end, where only its number is known. */
function Fd({ id }: { id: SocketId }) {
  return <>fd {usePanel().steadySockets.value.get(id)?.fd ?? '?'}</>;
}
