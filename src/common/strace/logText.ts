import { t } from '../l10n.js';
import type { TraceState } from '../protocol/trace.js';
import { sizeText } from '../socketText.js';

/** The first line that was not understood, and how many there are; empty where there is none. */
export function problemSentence(
  { problemCount, problems: [first] }: Pick<TraceState, 'problemCount' | 'problems'>,
  countText: (count: number) => string,
): string {
  if (!first) {
    return '';
  }
  const [count, line] = [countText(problemCount), countText(first.line)];
  return first.file === undefined
    ? t('Lines that were not understood: {0}. The first is line {1}: {2}', count, line, first.text)
    : t(
        'Lines that were not understood: {0}. The first is line {1} of {2}: {3}',
        count,
        line,
        first.file,
        first.text,
      );
}

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
