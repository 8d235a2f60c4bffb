import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { ColumnsModel, TimeMode } from '../state/columns.js';
import { isLongWait } from '../lanes/blocks.js';
import { formatDuration, formatTime, formatTook } from './format.js';

/** How times are shown. One object as long as nothing of it changes. */
export interface Times {
  mode: TimeMode;
  /** The third column shows how long the call took. */
  isTook: boolean;
  /** What times are counted from, in the mode `reference`. */
  referenceNs: number;
  /** The clock's time at record time 0, in ms since 1970. */
  originTime: number;
}

/** The time of a record. `previousNs` is that of the row above, null where there is none. */
export function timeText(startNs: number, previousNs: number | null, times: Times): string {
  switch (times.mode) {
    case 'start':
      return formatTime(startNs);
    case 'reference':
      return formatTime(startNs - times.referenceNs);
    case 'delta':
      return deltaText(startNs, previousNs);
    case 'clock':
      return clockText(startNs, times.originTime);
  }
}

/** The time since the row above; none on the first row, and none before its record is read. */
export function deltaText(startNs: number, previousNs: number | null): string {
  return previousNs === null ? '' : formatTime(startNs - previousNs);
}

/** How many seconds the call took, as far as that was measured; empty while it waits. */
export function tookText({ startNs, endNs }: CallRecord): string {
  const isCounted = endNs !== null && endNs - startNs >= 1000;
  return isCounted ? ((endNs - startNs) / 1e9).toFixed(6) : endNs === null ? '' : formatTook(startNs, endNs);
}

/** `+1.51 s`: how long after its time a call that waited has returned. */
export function laterText(record: CallRecord): string {
  return isLongWait(record) ? `+${formatDuration(record.endNs! - record.startNs)}` : '';
}

/** `14:03:22.1234`, in this machine's time zone. */
function clockText(startNs: number, originTime: number): string {
  const fine = Math.round(originTime * 10 + startNs / 1e5);
  const date = new Date(Math.floor(fine / 10));
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}${((fine % 10) + 10) % 10}`;
}

/** The head of the column. */
export function timeHead({ timeMode, reference }: ColumnsModel): string {
  switch (timeMode.value) {
    case 'start':
      return t('time (s)');
    case 'clock':
      return t('clock');
    case 'delta':
      return t('delta (s)');
    case 'reference':
      return t('since {0}', `#${reference.value?.seq ?? 1}`);
  }
}
