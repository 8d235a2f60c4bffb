import { t } from '../l10n.js';
import type { TraceState } from '../protocol/trace.js';
import { sizeText } from '../socketText.js';

/** What is beside a log, and what is missing from it: a sentence each. */
export function logSentences({
  unkeptBytes,
  joinedFiles,
  otherFiles,
}: Pick<TraceState, 'unkeptBytes' | 'joinedFiles' | 'otherFiles'>): string[] {
  return [
    unkeptBytes === 0
      ? ''
      : t(
          'The log has reached its limit: what followed in it, {0}, was not kept and is not shown.',
          sizeText(unkeptBytes),
        ),
    joinedFiles === 0
      ? ''
      : t(
          'It is joined, in the order of the times, with the logs of other processes that strace -ff has written beside it: {0}.',
          joinedFiles,
        ),
    otherFiles === 0
      ? ''
      : t(
          'Logs of other processes beside it that are not joined with it: {0}. Only times of one kind (-t, -tt or -ttt) give them an order.',
          otherFiles,
        ),
  ].filter(Boolean);
}
