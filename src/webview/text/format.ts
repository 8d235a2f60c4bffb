import { t } from '../../common/l10n.js';

/** Seconds since the start of the records, four decimals: `412.0316`. */
export function formatTime(ns: number): string {
  return (ns / 1e9).toFixed(4);
}

/** The same with two decimals, where there is little room: `412.03`. */
export function shortTime(ns: number): string {
  return (ns / 1e9).toFixed(2);
}

/** A duration at a readable precision: `< 1 µs`, `0.018 ms`, `41 ms`, `6.41 s`, `2 min 5 s`. */
export function formatDuration(ns: number): string {
  if (ns > 0 && ns < 1000) {
    return '< 1 µs';
  }
  const ms = ns / 1e6;
  if (ms < 10) {
    return `${ms.toFixed(3)} ms`;
  }
  if (ms < 1000) {
    return `${ms.toFixed(0)} ms`;
  }
  const seconds = ms / 1000;
  if (seconds < 60) {
    return t('{0} s', seconds.toFixed(2));
  }
  return t('{0} min {1} s', Math.floor(seconds / 60), Math.floor(seconds % 60));
}

/** How long a call took. Where it ended when it began only one of the two was told: no call takes no time. */
export function formatTook(startNs: number, endNs: number): string {
  return endNs === startNs ? t('not measured') : formatDuration(endNs - startNs);
}

/** Which bytes of a stream, counted from 0, the last one included. */
export function formatPlace(offset: number, length: number): string {
  return length === 1 ? t('byte {0}', offset) : t('bytes {0} to {1}', offset, offset + length - 1);
}

/** How long a call has been waiting: one decimal, so that it is seen to go on; without where there is little room. */
export function formatAge(ns: number, isBrief = false): string {
  const seconds = Math.max(0, ns) / 1e9;
  if (isBrief) {
    return seconds < 60 ? t('{0} s', Math.floor(seconds)) : t('{0} min', Math.floor(seconds / 60));
  }
  return seconds < 60 ? t('{0} s', seconds.toFixed(1)) : formatDuration(ns);
}

/** Made once a language: that takes long, and there is a count in every row. */
const formats = new Map<string, Intl.NumberFormat>();

/** A count with the separators of the user's language. */
export function formatCount(count: number): string {
  const language = document.documentElement.lang || 'en';
  let format = formats.get(language);
  if (!format) {
    format = new Intl.NumberFormat(language);
    formats.set(language, format);
  }
  return format.format(count);
}

export function formatBytes(count: number): string {
  return count === 1 ? t('1 byte') : t('{0} bytes', formatCount(count));
}
