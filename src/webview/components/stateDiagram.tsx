import { useEffect } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import { protocolName } from '../../common/socketText.js';
import { defaultCall, isOpenSocket } from '../../common/usualArguments.js';
import { socketDiagram } from '../diagram/socketDiagram.js';
import {
  diagramText,
  diagramWidth,
  edgeMark,
  type StateDiagram as Diagram,
  type DiagramLabel,
  type Mark,
  type Step,
} from '../diagram/stateDiagram.js';
import { tcpDiagram } from '../diagram/tcpDiagram.js';
import { focusForm } from '../focus.js';
import { usePanel } from './context.js';
import { Section } from './section.js';
import { useIsInTimeWait } from './timeWait.js';
import { timeWaitText } from '../text/socket.js';

/** Where the socket is in its life, where it was, and what leads on. A pipe has no such states. */
export function SocketStates({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  const { visited, records } = panel;
  const version = records.version.value;
  useEffect(() => {
    if (panel.recording) {
      panel.forget(visited.look(socket));
    }
  }, [panel, visited, socket, version]);
  const isInTimeWait = useIsInTimeWait(socket, panel.lanes.history.timeWaitOf(socket.id));
  if (socket.kind !== 'socket') {
    return null;
  }
  const isTcp = ['TCP', 'MPTCP'].includes(protocolName(socket));
  const told = visited.shown.value?.id === socket.id ? visited.shown.value : null;
  const diagram = isTcp
    ? tcpDiagram(socket, told?.changes, isInTimeWait)
    : socketDiagram(socket, told?.states);
  return (
    <Section
      id="state"
      title={isTcp ? t('TCP state') : t('State')}
      extra={
        told ? t('from its records') : isTcp && !diagram.isInferred ? t('from the kernel') : t('by our calls')
      }
      extraTitle={
        told || !isTcp || diagram.isInferred
          ? undefined
          : t('The kernel is asked again and again: what lasts for less than 0.1 s may be missed.')
      }
    >
      <div class="in">
        <Picture diagram={diagram} />
        <Key diagram={diagram} />
        {isInTimeWait ? (
          <p class="dim">{timeWaitText()}</p>
        ) : (
          isTcp &&
          socket.state === 'closed' &&
          socket.remote && (
            <p class="dim">
              {t(
                'The descriptor is closed. The kernel may still be ending the connection, and tells nobody.',
              )}
            </p>
          )
        )}
        <Steps socket={socket} diagram={diagram} />
      </div>
    </Section>
  );
}

const arrows = ['plain', 'visited', 'next'] as const;

function Picture({ diagram }: { diagram: Diagram }) {
  const { layout, marks, isInferred } = diagram;
  const { states, edges, labels } = layout;
  const current = states.find(({ id }) => marks.get(id) === 'current');
  return (
    <svg
      class={`fsm s-${current?.tone ?? 'none'}`}
      viewBox={`-1 -1 ${diagramWidth + 2} ${layout.height}`}
      role="img"
      aria-label={diagramText(diagram)}
    >
      <defs>
        {arrows.map((kind) => (
          <marker
            key={kind}
            id={`arrow-${kind}`}
            class={kind}
            viewBox="0 0 6 6"
            refX="5"
            refY="3"
            markerWidth="6"
            markerHeight="6"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0L6 3L0 6Z" />
          </marker>
        ))}
      </defs>
      {edges.map((edge) => {
        const mark = edgeMark(diagram, edge) ?? 'plain';
        return (
          <path
            key={`${edge.from} ${edge.to}`}
            class={`edge ${mark}`}
            d={edge.path}
            marker-end={`url(#arrow-${mark})`}
          />
        );
      })}
      {states.map((state) => {
        const { left, top, width, height, x, y } = state.box;
        const mark = marks.get(state.id);
        return (
          <g
            key={state.id}
            class={`box s-${state.tone} ${mark ?? ''}${mark === 'current' && isInferred ? ' hollow' : ''}`}
          >
            <rect x={left} y={top} width={width} height={height} rx="3" />
            <text x={x} y={y + 3.5}>
              {state.label}
            </text>
          </g>
        );
      })}
      {edges.map((edge) =>
        edge.label ? (
          <Label
            key={`${edge.from} ${edge.to}`}
            label={edge.label}
            isOn={edgeMark(diagram, edge) !== undefined}
          />
        ) : null,
      )}
      {labels.map((label) => (
        <Label key={label.text} label={label} isOn={false} />
      ))}
    </svg>
  );
}

/** What the marks mean, of those that are there. The picture's own label says what has them. */
function Key({ diagram }: { diagram: Diagram }) {
  const meanings: [Mark, string][] = [
    ['current', diagram.isInferred ? t('now, as the calls imply') : t('now')],
    ['visited', t('seen')],
    ['inferred', t('passed unseen')],
    ['next', t('next')],
  ];
  const shown = new Set(diagram.marks.values());
  return (
    <p class="fsmkey" aria-hidden="true">
      {meanings
        .filter(([mark]) => shown.has(mark))
        .map(([mark, meaning]) => (
          <span key={mark}>
            <i class={`${mark}${mark === 'current' && diagram.isInferred ? ' hollow' : ''}`} />
            {meaning}
          </span>
        ))}
    </p>
  );
}

function Label({ label, isOn }: { label: DiagramLabel; isOn: boolean }) {
  return (
    <text class={isOn ? 'el on' : 'el'} x={label.x} y={label.y} text-anchor={label.anchor ?? 'middle'}>
      {label.text}
    </text>
  );
}

/** What leads on, in words: a call goes to the composer, where a press of Call makes it. */
function Steps({ socket, diagram }: { socket: SocketInfo; diagram: Diagram }) {
  const panel = usePanel();
  if (diagram.steps.length === 0) {
    return null;
  }
  const label = (id: string) => diagram.layout.states.find((state) => state.id === id)?.label ?? id;
  const canCall = isOpenSocket(socket) && !panel.recording;
  const prepare = (call: NonNullable<Step['call']>) => {
    panel.view.isComposerCollapsed.value = false;
    panel.composer.prepare(defaultCall(call, socket, panel.context()), socket.id);
    focusForm();
  };
  return (
    <ul class="steps" aria-label={t('Next')}>
      {diagram.steps.map(({ by, to, call }) => (
        <li key={`${by} ${to}`}>
          {call !== null && canCall ? (
            <button
              type="button"
              class="link"
              title={t('Fill in the form for {0}', by)}
              onClick={() => prepare(call)}
            >
              {by}
            </button>
          ) : (
            <span>{by}</span>
          )}{' '}
          → {label(to)}
        </li>
      ))}
    </ul>
  );
}
