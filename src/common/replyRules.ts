import { BytePattern } from './pattern/bytePattern.js';
import { unescape } from './notation/literal.js';
import {
  expandTemplate,
  parseTemplate,
  type PayloadTemplate,
  type TemplateProblem,
  type TemplateValues,
} from './payloadTemplate.js';

/** How a rule compares its pattern with what was received. */
export type RuleKind = 'contains' | 'startsWith' | 'equals' | 'regex';

export const ruleKinds: readonly RuleKind[] = ['contains', 'startsWith', 'equals', 'regex'];

/** What is received and what is sent back then, both as text with escapes. */
export interface ReplyRule {
  kind: RuleKind;
  /** Of `regex`: see `BytePattern`. */
  pattern: string;
  /** A template, with `$0` for what has matched and `$1` to `$9` for the groups of a regex. */
  reply: string;
}

/** What an automatic mode replies by. The first rule that matches replies; what none matches has no reply. */
export interface Replies {
  /**
   * What a rule looks at: all that one receiving call delivered, or, of a stream, each line without its line feed and
   * the carriage return before it. A datagram is always looked at as a whole.
   */
  unit: 'receive' | 'line';
  rules: readonly ReplyRule[];
}

/** What has become of a rule. */
export interface RuleCount {
  replies: number;
  /** Messages that it could not look through, or reply to; and why, of the last one. */
  failures: number;
  problem: string | null;
}

/** The rules of a socket, with what has become of them. */
export interface RepliesInfo extends Replies {
  /** By the index of the rule. */
  counts: readonly RuleCount[];
  /** Messages that no rule matched. */
  unmatched: number;
}

/** A line is taken at `line` bytes at the latest, as if it ended there. */
export const replyLimits = { rules: 50, pattern: 1000, reply: 16_384, line: 65_536 } as const;

/** Steps of a match: what bounds its time, to tens of milliseconds. */
const matchBudget = 2_000_000;

/** What is wrong with a rule, and where. */
export interface RuleProblem extends TemplateProblem {
  field: 'pattern' | 'reply';
}

/** A rule that is ready to be used. */
export interface CompiledRule {
  /** What matched and its groups; null where nothing did, undefined where it took too long. */
  match(bytes: Uint8Array): readonly Uint8Array[] | null | undefined;
  reply(values: TemplateValues): Uint8Array | TemplateProblem;
}

/** Makes a rule ready to be used, or says what is wrong with it. */
export function compileRule({ kind, pattern, reply }: ReplyRule): CompiledRule | RuleProblem {
  const matcher = kind === 'regex' ? BytePattern.parse(pattern) : literalMatcher(kind, pattern);
  if ('message' in matcher) {
    return { field: 'pattern', ...matcher };
  }
  const template = parseTemplate({ mode: 'text', text: reply, ending: 'LF' }, matcher.groupCount);
  return 'message' in template
    ? { field: 'reply', ...template }
    : {
        match: (bytes) => matcher.match(bytes, matchBudget),
        reply: (values) => expandTemplate(template satisfies PayloadTemplate, values),
      };
}

type Matcher = Pick<BytePattern, 'groupCount' | 'match'>;

function literalMatcher(kind: Exclude<RuleKind, 'regex'>, text: string): Matcher | TemplateProblem {
  let problem: TemplateProblem | undefined;
  const wanted = unescape(text, 0, (message, { start }) => {
    problem ??= { message, offset: start };
  });
  if (problem) {
    return problem;
  }
  const find = kind === 'contains' ? new Finder(wanted) : undefined;
  return {
    groupCount: 0,
    match: (bytes) => {
      const at = find ? find.in(bytes) : startsWith(bytes, wanted) ? 0 : -1;
      return at < 0 || (kind === 'equals' && bytes.length !== wanted.length)
        ? null
        : [bytes.subarray(at, at + wanted.length)];
    },
  };
}

function startsWith(bytes: Uint8Array, wanted: Uint8Array): boolean {
  return bytes.length >= wanted.length && wanted.every((byte, index) => bytes[index] === byte);
}

/** Finds bytes in others, in time that grows with both and not with their product (Knuth, Morris, Pratt). */
class Finder {
  /** How much of the beginning is still matched when the byte behind so much of it is another. */
  private readonly fallback: Int32Array;

  constructor(private readonly wanted: Uint8Array) {
    this.fallback = new Int32Array(wanted.length + 1);
    for (let index = 1, length = 0; index < wanted.length; index++) {
      while (length > 0 && wanted[index] !== wanted[length]) {
        length = this.fallback[length]!;
      }
      length += wanted[index] === wanted[length] ? 1 : 0;
      this.fallback[index + 1] = length;
    }
  }

  /** Where it begins; −1 where it is not. */
  in(bytes: Uint8Array): number {
    const { wanted, fallback } = this;
    let length = 0;
    for (let index = 0; index < bytes.length && length < wanted.length; index++) {
      while (length > 0 && bytes[index] !== wanted[length]) {
        length = fallback[length]!;
      }
      length += bytes[index] === wanted[length] ? 1 : 0;
      if (length === wanted.length) {
        return index + 1 - length;
      }
    }
    return wanted.length === 0 ? 0 : -1;
  }
}
