import * as v from 'valibot';
import type * as vscode from 'vscode';
import type { KeptChoices, KeptFraming, ViewMode } from '../../common/protocol/panel.js';
import type { Replies } from '../../common/replyRules.js';
import { panelSchemas, viewMode } from './messages.js';

const framingsKey = 'framings';
const repliesKey = 'replies';
const modeKey = 'mode';

/** Framings that are remembered, the latest ones. */
export const mostFramings = 50;

/** How people have said that streams are cut into messages, by what rules to reply and how records are shown: kept for the workspace, whatever tabs are closed. */
export class ChoiceStore {
  private readonly framings = new Map<KeptFraming['of'], KeptFraming['framing']>();
  private replies: Replies | null;
  private mode: ViewMode | null;

  constructor(private readonly storage: Pick<vscode.Memento, 'get' | 'update'>) {
    // What is stored may be of another version, or changed by somebody: it is checked like what the page sends.
    const stored = storage.get<unknown>(framingsKey, []);
    for (const one of Array.isArray(stored) ? (stored as unknown[]) : []) {
      const parsed = v.safeParse(panelSchemas.keepFraming, one);
      // The sockets of an earlier window have ended with it.
      if (parsed.success && typeof parsed.output.of === 'string') {
        this.framings.set(parsed.output.of, parsed.output.framing);
      }
    }
    const replies = v.safeParse(panelSchemas.keepReplies, storage.get<unknown>(repliesKey));
    this.replies = replies.success ? replies.output : null;
    const mode = v.safeParse(viewMode, storage.get<unknown>(modeKey));
    this.mode = mode.success ? mode.output : null;
  }

  /** @param hasSockets Whether the page shows the sockets of this window, by whose ids some are kept. */
  kept(hasSockets: boolean): KeptChoices {
    const framings = [...this.framings]
      .map(([of, framing]) => ({ of, framing }))
      .filter(({ of }) => hasSockets || typeof of === 'string');
    return { framings, replies: this.replies, mode: this.mode };
  }

  keepFraming({ of, framing }: KeptFraming): void {
    this.framings.delete(of);
    if (framing) {
      this.framings.set(of, framing);
    }
    for (const oldest of [...this.framings.keys()].slice(0, -mostFramings)) {
      this.framings.delete(oldest);
    }
    void this.storage.update(framingsKey, this.kept(false).framings);
  }

  keepMode(mode: ViewMode): void {
    if (mode !== this.mode) {
      this.mode = mode;
      void this.storage.update(modeKey, mode);
    }
  }

  keepReplies(replies: Replies): void {
    this.replies = replies;
    void this.storage.update(repliesKey, replies);
  }
}
