import { type Framing, mostBefore, mostLength } from '../../common/framing/framing.js';
import { type Replies, replyLimits, type ReplyRule, ruleKinds } from '../../common/replyRules.js';
import type { StoredView } from '../connection.js';

/** Streams whose framing is remembered, the latest ones. */
export const mostFramings = 50;

/** The framings that the page has kept, by what they are of; what is no framing is left out. */
export function storedFramings({ framings }: StoredView): Map<string, Framing> {
  const entries = Array.isArray(framings) ? (framings as unknown[]) : [];
  const sound = entries.filter(
    (entry): entry is [string, Framing] =>
      Array.isArray(entry) && typeof entry[0] === 'string' && isFraming(entry[1]),
  );
  return new Map(sound.slice(-mostFramings));
}

/** The rules that the page has kept, for the editor: nothing replies by them until a person says so. */
export function storedReplies({ replies }: StoredView): Replies | null {
  const { unit, rules } = (typeof replies === 'object' && replies !== null ? replies : {}) as Partial<
    Record<keyof Replies, unknown>
  >;
  if ((unit !== 'receive' && unit !== 'line') || !Array.isArray(rules)) {
    return null;
  }
  const sound = (rules as unknown[]).filter(isRule).slice(0, replyLimits.rules);
  return sound.length > 0 ? { unit, rules: sound } : null;
}

function isRule(value: unknown): value is ReplyRule {
  const { kind, pattern, reply } = (value ?? {}) as Partial<Record<keyof ReplyRule, unknown>>;
  return (
    ruleKinds.some((known) => known === kind) &&
    typeof pattern === 'string' &&
    pattern.length <= replyLimits.pattern &&
    typeof reply === 'string' &&
    reply.length <= replyLimits.reply
  );
}

function isFraming(value: unknown): value is Framing {
  const { kind, ending, length, width, isLittleEndian, before, isWhole } = (value ?? {}) as Record<
    string,
    unknown
  >;
  switch (kind) {
    case 'line':
      return ending === 'LF' || ending === 'CRLF';
    case 'fixed':
      return isBetween(length, 1, mostLength);
    case 'length':
      return (
        (width === 1 || width === 2 || width === 4) &&
        typeof isLittleEndian === 'boolean' &&
        typeof isWhole === 'boolean' &&
        isBetween(before, 0, mostBefore)
      );
    default:
      return false;
  }
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}
