import { t } from '../../common/l10n.js';
import { sizeText } from '../../common/socketText.js';
import type { Losses } from '../state/records.js';
import { formatCount } from './format.js';

function recordCount(count: number): string {
  return count === 1 ? t('1 record') : t('{0} records', formatCount(count));
}

/** `12 records, 3.4 MiB of payload`; empty while everything is held. */
export function droppedText({
  droppedRecords,
  droppedBytes,
}: Pick<Losses, 'droppedRecords' | 'droppedBytes'>): string {
  return [
    droppedRecords && recordCount(droppedRecords),
    droppedBytes && t('{0} of payload', sizeText(droppedBytes)),
  ]
    .filter(Boolean)
    .join(', ');
}

/** What the record store had to forget to stay within its limits, and whether the recording's file is written. */
export function lossText(losses: Losses): string | undefined {
  const dropped = droppedText(losses);
  const sentences = [
    dropped === '' ? '' : t('The oldest was dropped, as the records were full: {0}.', dropped),
    losses.recordingFault === null
      ? ''
      : t('The recording is kept in memory only: {0}', losses.recordingFault),
  ];
  return sentences.filter(Boolean).join(' ') || undefined;
}
