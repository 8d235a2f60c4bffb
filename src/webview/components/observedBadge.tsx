import type { Observation } from '../../common/protocol/trace.js';
import { observedByText } from '../text/observation.js';
import { Icon } from './basics.js';

/** Says that another program has made the calls, and who saw them. */
export function ObservedBadge({ observation }: { observation: Observation }) {
  return (
    <span class="observed" title={observation.of}>
      <Icon name="eye" />
      {observedByText(observation)}
    </span>
  );
}
