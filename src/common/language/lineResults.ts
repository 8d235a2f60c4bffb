import type { CallRecord } from '../call.js';
import { t } from '../l10n.js';
import type { CallStatement } from '../notation/ast.js';
import { expectations, type Mismatch } from '../notation/match.js';
import { printRecord, printResult } from '../notation/printer.js';
import type { Platform } from '../tables/constants.js';

/** What a line's call has come to, as it is shown behind the line. */
export interface LineResult {
  kind: 'passed' | 'failed' | 'plain';
  text: string;
  /** The record as a transcript has it; undefined where no call was made. */
  record?: string;
}

/** More is cut: it stands in the panel. */
const longestText = 160;

/** The result of a line: what was expected and came, what came instead, or what came where nothing was expected. */
export function resultOf(
  statement: CallStatement,
  record: CallRecord,
  mismatch: Mismatch | null,
  platform: Platform,
): LineResult {
  const full = printRecord(record, { platform, maxData: 256 });
  if (mismatch) {
    const text = t('✗ expected {0}, got {1}', mismatch.expected, mismatch.got);
    return { kind: 'failed', text: shorten(text), record: full };
  }
  const answer = printResult(record, { platform });
  const text =
    record.hasWaited && record.endNs !== null ? afterWait(answer, record.endNs - record.startNs) : answer;
  const isExpected = expectations(statement, platform).length > 0;
  return {
    kind: isExpected ? 'passed' : 'plain',
    text: shorten(isExpected ? `✓ ${text}` : text),
    record: full,
  };
}

/** An answer with the time that the call has waited for it: short ones in milliseconds, so that none is told as 0. */
function afterWait(answer: string, ns: number): string {
  return ns < 1e7
    ? t('{0} after {1} ms', answer, (ns / 1e6).toFixed(3))
    : t('{0} after {1} s', answer, (ns / 1e9).toFixed(3));
}

/** A line at which the run has ended before its end, or that could not be made. */
export function problemResult(message: string): LineResult {
  return { kind: 'failed', text: shorten(`✗ ${message}`) };
}

function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** One edit, its lines counted from 0. */
export interface LineEdit {
  /** The lines that it begins and ends in. */
  first: number;
  last: number;
  /** Lines that are there afterwards in their place, less one. */
  added: number;
  /** Whether the first line keeps what it had: only lines behind it were put in. */
  keepsFirst: boolean;
  /** Whether the last line keeps what it had: only lines before it were put in. */
  keepsLast: boolean;
}

/** The results of a run by line, which move with their lines while the text is edited, and end with them. */
export class LineResults {
  /** By the line in the text that runs, counted from 1. */
  private readonly entries = new Map<number, { at: number; result: LineResult | undefined }>();

  /** @param lines The lines that have a call, counted from 1. */
  constructor(lines: Iterable<number>) {
    for (const line of lines) {
      this.entries.set(line, { at: line - 1, result: undefined });
    }
  }

  /** Takes over what the call of a line has come to; nothing where the line was edited meanwhile. */
  set(line: number, result: LineResult): void {
    const entry = this.entries.get(line);
    if (entry) {
      entry.result = result;
    }
  }

  edit({ first, last, added, keepsFirst, keepsLast }: LineEdit): void {
    for (const [line, entry] of this.entries) {
      const isKept = (keepsFirst && entry.at === first) || (keepsLast && entry.at === last);
      if (entry.at >= first && entry.at <= last && !isKept) {
        this.entries.delete(line);
      } else if (entry.at > last || (keepsLast && entry.at === last && !keepsFirst)) {
        entry.at += added - (last - first);
      }
    }
  }

  /** What is to be shown, by the line where it stands now, counted from 0. */
  *[Symbol.iterator](): IterableIterator<[number, LineResult]> {
    for (const { at, result } of this.entries.values()) {
      if (result) {
        yield [at, result];
      }
    }
  }
}
