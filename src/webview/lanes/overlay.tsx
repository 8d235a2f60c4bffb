import { useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { usePanel } from '../components/context.js';
import { sizeText } from '../../common/socketText.js';
import { ElementKeys } from '../state/elementKeys.js';
import { lineHeight } from './rowHeights.js';
import { chipX, isTight, lifelineX } from './columns.js';
import { type StateChange, stateName } from './stateChanges.js';
import { acceptQueueText, timeWaitText } from '../text/socket.js';
import type { Accepting, Birth, Node, Scene, Wire } from './sceneParts.js';

const tones: Readonly<Record<Wire['kind'], string>> = {
  bytes: 'data',
  birth: 'open',
  handshake: 'handshake',
  fin: 'closing',
  reset: 'err',
};

type Sockets = ReadonlyMap<SocketId, SocketInfo>;

/** What is said where a lane begins; a narrow one says no number. */
export function birthLabel({ column, socketId, from }: Birth, sockets: Sockets) {
  return column.isBrief
    ? { number: '', text: t('opened') }
    : {
        number: `fd ${sockets.get(socketId)?.fd ?? '?'}`,
        text: from === null ? t('opened') : t('opened by fd {0}', sockets.get(from)?.fd ?? '?'),
      };
}

/** Life-lines, wires and marks; the records' own sentences say the same, so a screen reader leaves all of it out. */
export function Overlay(props: { scene: Scene; width: number; height: number }) {
  const panel = usePanel();
  const { scene, width, height } = props;
  const sockets = panel.steadySockets.value;
  const title = (seq: number, more = '') => (
    <title>{`#${seq} ${panel.records.get(seq)?.name ?? ''}${more === '' ? '' : `: ${more}`}`}</title>
  );
  const spanIds = scene.spans.map(({ x, y1 }) => `${x}/${y1}`);
  const spanKeys = useRef(new ElementKeys<string>()).current.assign(spanIds);
  const nodeKeys = useRef(new ElementKeys<string>()).current.assign(scene.nodes.map(({ id }) => id));
  return (
    <div class="overlay" aria-hidden="true">
      <svg class="wires" width={width} height={height}>
        <defs>
          {Object.values(tones).map((tone) => (
            <marker
              key={tone}
              id={`arrow-${tone}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto-start-reverse"
            >
              <path class={`s-${tone}`} d="M0 .5L8 4L0 7.5Z" />
            </marker>
          ))}
        </defs>
        {scene.bars.map(({ column, seq, x, y1, y2, width: barWidth }) => (
          <rect
            key={`${x}/${y1}`}
            class="qbar"
            data-seq={seq ?? undefined}
            data-socket={column.id}
            x={x}
            y={y1}
            width={barWidth}
            height={y2 - y1}
          >
            {seq !== null && title(seq)}
          </rect>
        ))}
        {scene.queues.map(({ column, y1, y2 }) => (
          <rect
            key={column.id}
            class="qbar sampled"
            data-socket={column.id}
            x={column.x + lifelineX - 8}
            y={y1}
            width="5"
            height={Math.max(0, y2 - y1 - 1)}
          />
        ))}
        {scene.spans.map(({ x, y1, y2, tone }, index) => (
          <line key={spanKeys.get(spanIds[index]!)} class={`life s-${tone}`} x1={x} x2={x} y1={y1} y2={y2} />
        ))}
        {scene.doubts.map(({ x, y1, y2, tone }) => (
          <line key={`${x}/${y1}`} class={`life doubt s-${tone}`} x1={x} x2={x} y1={y1} y2={y2} />
        ))}
        {['ground', 'held'].map((look) =>
          scene.waits.map(({ x, y1, y2 }) => (
            // Where two calls wait, the gaps of both are in the same places.
            <line
              key={`${look}/${x}/${y1}`}
              class={look}
              x1={x}
              x2={x}
              y1={y1}
              y2={y2}
              stroke-dashoffset={y1}
            />
          )),
        )}
        {scene.wires.map(({ kind, seq, x1, y1, x2, y2, hover, isBothWays }) => {
          const ends = { x1, y1, x2, y2 };
          const arrow = `url(#arrow-${tones[kind]})`;
          return (
            <g key={`${x1}/${y1}/${kind}`} data-seq={seq}>
              {title(seq, hover)}
              <line class="reach" {...ends} />
              <line
                class={`wire ${kind} s-${tones[kind]}`}
                {...ends}
                marker-start={isBothWays ? arrow : undefined}
                marker-end={arrow}
              />
            </g>
          );
        })}
        {scene.wires.map(
          ({ label, x1, y1, x2, y2 }) =>
            label !== '' && (
              <text key={`${x1}/${y1}`} class="wlabel" x={(x1 + x2) / 2} y={(y1 + y2) / 2 - 3}>
                {label}
              </text>
            ),
        )}
        {scene.nodes.map((node) => (
          <Mark key={nodeKeys.get(node.id)} node={node} />
        ))}
      </svg>
      {scene.births.map((birth) => {
        const { column, y, seq, socketId } = birth;
        const { number, text } = birthLabel(birth, sockets);
        return (
          <span
            key={`${seq}/${socketId}`}
            class="opened s-open"
            data-seq={seq}
            data-socket={socketId}
            style={{ left: `${column.x + chipX}px`, top: `${y + 2}px` }}
          >
            {number !== '' && <b>{number}</b>} {text}
          </span>
        );
      })}
      {scene.boxes.map(({ column, y, seq, segments, text, total, room }) => (
        <span
          key={seq}
          class="rq"
          data-seq={seq}
          data-socket={column.id}
          style={{ left: `${column.x + chipX}px`, top: `${y + 3}px`, maxWidth: `${room}px` }}
          title={`${t('Waiting in the receive queue after record {0}', seq)}\n${text}`}
        >
          {segments.map((segment, index) => (
            <span class="sg" key={index}>
              {segment.text}
            </span>
          ))}
          {total !== null && <span class="tot">{total} B</span>}
        </span>
      ))}
      {scene.queues.map(({ column, y1, bytes }) => (
        <span
          key={`queue ${column.id}`}
          class="kev waits"
          data-socket={column.id}
          style={{ left: `${column.x + chipX}px`, top: `${y1 + 2}px` }}
          title={t('The kernel said so when it was asked last: the other end is not ours.')}
        >
          <span class="pill hollow s-data">{sizeText(bytes)}</span>
          {!column.isBrief && t('waits for recv')}
        </span>
      ))}
      {scene.accepting.map((accepting) => (
        <AcceptMark key={`accept ${accepting.column.id}`} accepting={accepting} />
      ))}
      {scene.accepting.map((accepting) => (
        <SentMark key={`sent ${accepting.column.id}`} accepting={accepting} />
      ))}
      {scene.marks.map(({ column, y, change, after, isBefore }) => (
        <span
          key={`${column.id}/${change.ns}/${change.state}/${change.isEnd}`}
          class={`kev${isTight(column) ? ' tight' : ''}`}
          style={{ left: `${column.x + (after === null ? chipX : after + 4)}px`, top: `${y + 2}px` }}
          title={markText(change)}
        >
          {isBefore ? (column.isBrief ? '≤' : t('by then')) : after !== null && '→'}
          <span class={`pill s-${change.tone}${change.source === 'call' ? '' : ' hollow'}`}>
            {stateName(change)}
          </span>
        </span>
      ))}
    </div>
  );
}

/** A press goes to the listener: its accept is what they wait for. */
function AcceptMark({ accepting: { column, y, queue } }: { accepting: Accepting }) {
  const { listener } = queue;
  const isListener = column.id === listener.id;
  const who = acceptQueueText(queue);
  return (
    <span
      class={`kev waits${isTight(column) ? ' tight' : ''}`}
      data-socket={listener.id}
      style={{
        left: `${column.x + chipX}px`,
        top: `${y + 2}px`,
        maxWidth: `${column.width - chipX - 4}px`,
      }}
      title={[
        t('The kernel has made the connection; accept on fd {0} takes it from the queue.', listener.fd),
        who,
      ].join('\n')}
    >
      <span class="pill hollow s-listen">
        {isListener ? t('{0} queued', queue.count) : t('not accepted')}
      </span>
      {!column.isBrief && (
        <span class="who">{isListener ? who : t('waits in the queue of fd {0}', listener.fd)}</span>
      )}
    </span>
  );
}

/** What a client has sent by then: nobody can have received it. */
function SentMark({ accepting: { column, y, queue, sent } }: { accepting: Accepting }) {
  return sent === 0 ? null : (
    <span
      class={`kev waits${isTight(column) ? ' tight' : ''}`}
      data-socket={queue.listener.id}
      style={{ left: `${column.x + chipX}px`, top: `${y + lineHeight + 2}px` }}
      title={t(
        'Sent on a connection that is not accepted: the kernel keeps it until it is received. Inferred, the kernel was not asked.',
      )}
    >
      <span class="pill hollow s-data">{sizeText(sent)}</span>
      {!column.isBrief && t('wait in the kernel')}
    </span>
  );
}

/** Who says that a socket came into a state. */
function markText({ state, source, seq }: StateChange): string {
  switch (source) {
    case 'call':
      return `${state}: #${seq}`;
    case 'inferred':
      return state === 'TIME_WAIT'
        ? `#${seq} ${timeWaitText()}`
        : t('{0}: follows from record {1} on the other end, the kernel was not asked', state ?? '', seq);
    case 'lost':
      return t('The socket host ended after record {0}, and the kernel closed its sockets', seq);
    case 'sampled':
      return t('{0}: the kernel said so when it was asked, after record {1}', state ?? '', seq);
  }
}

function Mark({ node: { seq, x, y, kind, tone } }: { node: Node }) {
  switch (kind) {
    case 'kernel':
      return <circle class={`kernel s-${tone}`} cx={x} cy={y} r="3" />;
    case 'birth':
      return <circle class={`node s-${tone}`} data-seq={seq} cx={x} cy={y} r="5" />;
    case 'failed':
      return <circle class="node s-err" data-seq={seq} cx={x} cy={y} r="4.5" />;
    case 'waiting':
      return <circle class="node s-wait" data-seq={seq} cx={x} cy={y} r="4.5" />;
    case 'call':
      return <circle class={`node s-${tone}`} data-seq={seq} cx={x} cy={y} r="4.5" />;
  }
}
