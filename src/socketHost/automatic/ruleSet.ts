import { randomFillSync } from 'node:crypto';
import { t } from '../../common/l10n.js';
import { templateValues } from '../../common/payloadTemplate.js';
import {
  compileRule,
  type CompiledRule,
  type Replies,
  type RepliesInfo,
  type RuleCount,
} from '../../common/replyRules.js';
import { refusal } from '../refusal.js';
import { blockSize } from './journal.js';

/** The rules of one automatic mode, with their counters: one set for a listener and all that it accepts. */
export class RuleSet {
  private readonly compiled: readonly CompiledRule[];
  private readonly counts: RuleCount[];
  /** As it is told: its counters go on in place. */
  readonly info: RepliesInfo & { unmatched: number };

  /**
   * @param onDidCount Something was counted.
   * @throws A refusal where a rule is none.
   */
  constructor(
    replies: Replies,
    private readonly onDidCount: () => void,
  ) {
    this.compiled = replies.rules.map((rule, index) => {
      const compiled = compileRule(rule);
      if ('message' in compiled) {
        throw refusal(null, t('Rule {0}, column {1}: {2}', index + 1, compiled.offset + 1, compiled.message));
      }
      return compiled;
    });
    this.counts = replies.rules.map(() => ({ replies: 0, failures: 0, problem: null }));
    this.info = { ...replies, counts: this.counts, unmatched: 0 };
  }

  /** What is sent back for a message; null for nothing. */
  replyTo(message: Uint8Array): Uint8Array | null {
    this.onDidCount();
    for (const [index, rule] of this.compiled.entries()) {
      const count = this.counts[index]!;
      const groups = rule.match(message);
      if (groups === undefined) {
        fail(count, t('This pattern took too long for {0} bytes.', message.length));
      } else if (groups) {
        return this.reply(rule, count, groups);
      }
    }
    this.info.unmatched++;
    return null;
  }

  private reply(rule: CompiledRule, count: RuleCount, groups: readonly Uint8Array[]): Uint8Array | null {
    const values = templateValues(count.replies + 1, Date.now(), (room) => randomFillSync(room), groups);
    const bytes = rule.reply(values);
    if ('message' in bytes) {
      fail(count, bytes.message);
      return null;
    }
    if (bytes.length > blockSize) {
      fail(count, t('A reply has at most {0} bytes, not {1}.', blockSize, bytes.length));
      return null;
    }
    count.replies++;
    return bytes;
  }
}

function fail(count: RuleCount, problem: string): void {
  count.failures++;
  count.problem = problem;
}
