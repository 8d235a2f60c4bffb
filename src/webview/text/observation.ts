import { t } from '../../common/l10n.js';
import type { Observation, TraceState } from '../../common/protocol/trace.js';
import { logSentences, problemSentence } from '../../common/strace/logText.js';
import { formatCount } from './format.js';

/** Names that are listed. */
const most = 4;

/** Who says so: the calls were made by another program. */
export function observedByText({ by }: Observation): string {
  return t('observed by {0}', by);
}

/** What strace saw, how exact that is, and what of it is no record: a sentence each. */
export function observationSentences({ of }: Observation, trace: TraceState | null): string[] {
  if (!trace) {
    return [t('What strace has seen of {0}. It is read only.', of)];
  }
  const { progress, timing, counted } = trace;
  const others = counted.filter(([name]) => !name.startsWith('io_uring'));
  const hasRing = others.length < counted.length;
  return [
    progress === 'live'
      ? t('What strace sees of {0}. It is read only.', of)
      : t('What strace has seen of {0}. It is read only.', of),
    progress === 'reading' ? t('The log is being read.') : '',
    progress === 'done' ? timingText(timing) : '',
    ...logSentences(trace),
    others.length === 0 ? '' : t('Counted and not drawn: {0}.', countsText(others)),
    hasRing ? t('The program uses io_uring: strace cannot see what is done on sockets through it.') : '',
    problemSentence(trace, formatCount),
  ].filter(Boolean);
}

function timingText({ kind, digits, hasDurations }: TraceState['timing']): string {
  if (kind === 'none') {
    return t('The log has no times: the order is all that is known.');
  }
  if (digits === 0) {
    return t('The times are whole seconds.');
  }
  return hasDurations ? '' : t('The log does not say how long calls took.');
}

function countsText(counted: TraceState['counted']): string {
  const sorted = [...counted].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, most).map(([name, count]) => `${name} ${formatCount(count)}`);
  return sorted.length > most
    ? t('{0} and {1} more', shown.join(', '), formatCount(sorted.length - most))
    : shown.join(', ');
}
