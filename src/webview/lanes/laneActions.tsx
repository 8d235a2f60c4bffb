import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketId } from '../../common/socket.js';
import { IconButton } from '../components/basics.js';
import { usePanel } from '../components/context.js';
import { focusInstead } from '../focus.js';
import { findFailure } from './findFailure.js';

/** In the corner above the numbers: what changes which lanes and records are in view. */
export function LaneActions({
  idle,
  canBeBrief,
  onSelect,
}: {
  idle: readonly SocketId[];
  /** Whether there are more lanes than have room for whole calls. */
  canBeBrief: boolean;
  onSelect: (seq: number) => void;
}) {
  const panel = usePanel();
  const { lanes, overview, view } = panel;
  useEffect(() => overview.show(), [overview]);
  const hasFailures = overview.version.value >= 0 && overview.hasFailures;
  const isBusy = useSignal(false);
  const isCollapsed = lanes.collapsed.value.size > 0;
  const isWhole = view.areCallsWhole.value;
  const jump = async () => {
    isBusy.value = true;
    try {
      const seq = await findFailure(panel);
      if (seq === undefined) {
        view.announcement.value = t('No call has failed.');
      } else {
        onSelect(seq);
      }
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <div class="laneactions">
      <IconButton
        icon={isCollapsed ? 'expand-all' : 'collapse-all'}
        label={isCollapsed ? t('Unfold all lanes') : t('Fold the lanes that have no record in view')}
        isSmall
        onClick={() => {
          lanes.collapsed.value = new Set(isCollapsed ? [] : idle);
        }}
      />
      {canBeBrief && (
        <IconButton
          icon="arrow-both"
          label={t('Wide lanes: write calls in full')}
          isPressed={isWhole}
          isSmall
          onClick={() => {
            view.areCallsWhole.value = !isWhole;
          }}
        />
      )}
      {hasFailures && (
        <IconButton
          icon={isBusy.value ? 'loading' : 'warning'}
          label={t('Go to the next failed call')}
          isSmall
          onClick={() => {
            if (!isBusy.value) {
              panel.forget(jump());
            }
          }}
        />
      )}
      {view.isLegendHidden.value && (
        <IconButton
          icon="info"
          label={t('Show the legend')}
          isSmall
          class="showlegend"
          onClick={() => {
            view.isLegendHidden.value = false;
            focusInstead('.lanelegend > .ibtn');
          }}
        />
      )}
    </div>
  );
}
