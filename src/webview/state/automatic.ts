import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { AutomateAnswer, PanelAutomation } from '../../common/protocol/panel.js';
import {
  compileRule,
  type Replies,
  replyLimits,
  type ReplyRule,
  type RuleProblem,
} from '../../common/replyRules.js';
import type { AutomaticMode, SocketId, SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';

/** What the automatic modes need of the page around them. */
export interface AutomaticSurroundings {
  socket(id: SocketId): SocketInfo | undefined;
  /** The socket that the composer is about. */
  target(): SocketInfo | undefined;
  automate(request: PanelAutomation): Promise<AutomateAnswer>;
  /** The rules were edited: they are offered again when the editor is opened next. */
  keep(replies: Replies): void;
  say(text: string): void;
}

const firstRule: ReplyRule = { kind: 'contains', pattern: '', reply: '' };

/** The automatic modes as the page switches them, and the rules of a reply while they are edited. */
export class AutomaticModel {
  /** The socket whose rules are edited; null where none are. */
  readonly editing = signal<SocketId | null>(null);
  readonly unit = signal<Replies['unit']>('receive');
  readonly rules = signal<readonly ReplyRule[]>([firstRule]);
  /** Why the host did not take them, or the mode, for people. */
  readonly refusal = signal<string | null>(null);
  /** The socket whose rules the composer shows in the place of a call's form. */
  readonly edited: ReadonlySignal<SocketInfo | undefined>;
  /** What is wrong with each rule. */
  readonly problems: ReadonlySignal<readonly (RuleProblem | undefined)[]>;

  constructor(
    private readonly page: AutomaticSurroundings,
    kept: Replies | null,
  ) {
    if (kept) {
      this.unit.value = kept.unit;
      this.rules.value = kept.rules;
    }
    let isFirst = true;
    effect(() => {
      const replies = { unit: this.unit.value, rules: [...this.rules.value] };
      if (!isFirst) {
        page.keep(replies);
      }
      isFirst = false;
    });
    this.edited = computed(() => {
      const socket = page.target();
      return socket && isOpenSocket(socket) && this.editing.value === socket.id ? socket : undefined;
    });
    this.problems = computed(() =>
      this.rules.value.map((rule) => {
        const compiled = compileRule(rule);
        return 'message' in compiled ? compiled : undefined;
      }),
    );
  }

  get canApply(): boolean {
    return this.rules.value.length > 0 && this.problems.value.every((problem) => !problem);
  }

  /** Shows the rules of a socket; those of before where it has none yet. */
  edit(socketId: SocketId): void {
    const replies = this.page.socket(socketId)?.automatic?.replies;
    if (replies) {
      this.unit.value = replies.unit;
      this.rules.value = replies.rules;
    }
    this.refusal.value = null;
    this.editing.value = socketId;
  }

  close(): void {
    this.editing.value = null;
  }

  add(): void {
    if (this.rules.value.length < replyLimits.rules) {
      this.rules.value = [...this.rules.value, firstRule];
    }
  }

  change(index: number, change: Partial<ReplyRule>): void {
    this.rules.value = this.rules.value.map((rule, at) => (at === index ? { ...rule, ...change } : rule));
  }

  remove(index: number): void {
    this.rules.value = this.rules.value.filter((_, at) => at !== index);
  }

  moveUp(index: number): void {
    const rules = [...this.rules.value];
    const [rule] = rules.splice(index, 1);
    if (rule && index > 0) {
      rules.splice(index - 1, 0, rule);
      this.rules.value = rules;
    }
  }

  /** Lets the host reply by the rules as they stand. */
  async apply(): Promise<void> {
    const socketId = this.editing.value;
    if (socketId !== null && this.canApply) {
      const replies = { unit: this.unit.value, rules: [...this.rules.value] };
      await this.automate({ socketId, mode: 'reply', replies });
    }
  }

  /** Switches a mode on, or with null off. */
  async switch(socketId: SocketId, mode: Exclude<AutomaticMode, 'reply'> | null): Promise<void> {
    await this.automate({ socketId, mode });
  }

  private async automate(request: PanelAutomation): Promise<void> {
    this.refusal.value = null;
    const answer = await this.page.automate(request);
    if (answer.kind === 'refused') {
      this.refusal.value = answer.message;
      this.page.say(answer.message);
    }
  }
}
