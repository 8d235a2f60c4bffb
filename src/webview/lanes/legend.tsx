import { useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { t } from '../../common/l10n.js';
import type { SocketTone } from '../../common/socketText.js';
import { IconButton } from '../components/basics.js';
import { usePanel } from '../components/context.js';
import { Injected } from '../components/injected.js';
import { focusInstead } from '../focus.js';
import type { Density } from './columns.js';

/** What each mark of the lanes means: one thing each. */
export function Legend({ density }: { density: Density }) {
  const { view, steadySockets } = usePanel();
  const { isLegendHidden } = view;
  const hasTap = useComputed(() => [...steadySockets.value.values()].some(({ tap }) => tap)).value;
  const blue = useComputed(() => {
    const roles = new Set([...steadySockets.value.values()].map(({ role }) => role));
    return !roles.has('datagram')
      ? t('listening')
      : roles.has('listener')
        ? t('listening or bound')
        : t('bound');
  }).value;
  if (isLegendHidden.value) {
    return null;
  }
  const states: [tone: SocketTone, text: string, title?: string][] = [
    ['listen', blue, t('A datagram socket has this colour once it is bound, another one once it listens.')],
    ['handshake', t('connecting')],
    ['open', t('connected')],
    ['closing', t('closing')],
  ];
  return (
    <div class="lanelegend" role="note" aria-label={t('Legend')}>
      <Entry
        text={t('a call: double-click for details')}
        title={t('Its dot, its arrow and the bar of what it sent can be pressed as well.')}
      >
        <Picture width={9} mark={<circle class="node s-open" cx="4.5" cy="5.5" r="3.5" />} />
        <span class="mark">recv</span>
      </Entry>
      {states.map(([tone, text, title]) => (
        <Entry key={tone} text={text} title={title}>
          <Picture width={6} mark={<path class={`life s-${tone}`} d="M3 0V11" />} />
        </Entry>
      ))}
      <Entry text={t('waits')} title={t('The call waits for an answer.')}>
        <Picture width={6} mark={<path class="held" d="M3 0V11" />} />
      </Entry>
      <Entry text={t('bytes')}>
        <Picture width={18} mark={<path class="wire bytes s-data" d="M0 5.5H18" />} />
      </Entry>
      <Entry
        text={t('waits for recv')}
        title={t('Filled: sent by calls that are recorded. Hollow: the kernel said so when it was asked.')}
      >
        <Picture
          width={15}
          mark={
            <>
              <rect class="qbar" x="1" width="4" height="11" />
              <rect class="qbar sampled" x="8.5" y=".5" width="5" height="10" />
            </>
          }
        />
        <span class="rq">
          <span class="sg">abc</span>
        </span>
      </Entry>
      <Entry
        text={t('by the kernel, inferred')}
        title={t(
          'No call: inferred from the calls of both ends, or told by the kernel when it was asked. Nothing was captured.',
        )}
      >
        <Picture
          width={20}
          mark={
            <>
              <circle class="kernel s-fg" cx="4.5" cy="5.5" r="3" />
              <path class="wire handshake s-fg" d="M9 5.5H20" />
            </>
          }
        />
      </Entry>
      {density === 'brief' && (
        <Entry text={t('by then')} title={t('The kernel was asked later: the state may have come before.')}>
          <span>≤</span>
        </Entry>
      )}
      {hasTap && (
        <Entry text={t('a fault that a tap has made')}>
          <Injected text={t('injected')} />
        </Entry>
      )}
      <IconButton
        icon="close"
        label={t('Hide the legend')}
        isSmall
        onClick={() => {
          isLegendHidden.value = true;
          focusInstead('.showlegend');
        }}
      />
    </div>
  );
}

/** A mark, and what it means. */
function Entry({
  text,
  title,
  children,
}: {
  text: string;
  title?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    <span title={title}>
      {children}
      {text}
    </span>
  );
}

function Picture({ width, mark }: { width: number; mark: ComponentChildren }) {
  return (
    <svg width={width} height="11" aria-hidden="true">
      {mark}
    </svg>
  );
}
