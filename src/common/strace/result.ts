import { StraceSyntaxError, type StraceValue, type ValueReader } from './values.js';

/** What stands behind the arguments: `= 3<TCP:[…]> <0.000012>`. */
export interface StraceResult {
  /** Null for `?`: the call has not returned. */
  value: number | null;
  note: string | null;
  errno: string | null;
  /** In parentheses: what is ready, the flags, `Timeout`; as a value where it is a list. */
  aside: { text: string; value: StraceValue | null };
  /** How long the call took, in nanoseconds; null where the log does not say. */
  durationNs: number | null;
}

const number = /\?|-?(?:0x[0-9a-f]+|\d+)/y;
const errnoName = /\s+E[A-Z0-9_]+\b/y;
const duration = /<(\d+)\.(\d+)>\s*$/;

/** Reads the answer of a call. Undefined where there is none. */
export function readResult(reader: ValueReader): StraceResult | undefined {
  if (!reader.take('=')) {
    return undefined;
  }
  reader.match(/\s*/y);
  const digits = reader.match(number);
  if (digits === undefined) {
    return undefined;
  }
  const result: StraceResult = {
    value: digits === '?' ? null : Number(digits),
    note: reader.note(),
    errno: reader.match(errnoName)?.trim() ?? null,
    aside: { text: '', value: null },
    durationNs: null,
  };
  if (reader.take('(')) {
    result.aside = asideOf(reader);
  }
  result.durationNs = durationOf(reader.text.slice(reader.at));
  return result;
}

/** What `-T` prints at the end of a line, in nanoseconds; null where there is nothing. */
export function durationOf(text: string): number | null {
  const took = duration.exec(text);
  return took && Number(took[1]) * 1e9 + Number(took[2]!.slice(0, 9).padEnd(9, '0'));
}

/** What is not a list of what is ready is text. */
function asideOf(reader: ValueReader): StraceResult['aside'] {
  const text = reader.text.slice(reader.at);
  try {
    return { text, value: text.startsWith('[') ? reader.value() : null };
  } catch (error) {
    if (error instanceof StraceSyntaxError) {
      return { text, value: null };
    }
    throw error;
  }
}
