import type { SocketId } from '../../common/socket.js';
import type { CallName } from '../../common/tables/signatures.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { greetingText } from '../../common/usualArguments.js';
import { type Draft, emptyDraft } from '../form/fields.js';
import type { PayloadDraft } from '../form/payload.js';
import { keyOf, type Target } from './target.js';

/** The form at one time. */
export interface ShownForm {
  name: CallName;
  target: Target;
  draft: Draft;
  /** What the user had done to it. */
  actions: number;
}

/** What was typed, by its call and socket: until the call was made; what is sent, and the room to receive, also after it. */
export class KeptDrafts {
  private readonly drafts = new Map<string, Draft>();
  /** Calls that receive, as they were made last. */
  private readonly received = new Map<string, Draft>();
  /** What was sent last, wherever: a better start than a greeting, in the form and with the line ends it was written in. */
  private last: PayloadDraft | null = null;

  /** What was typed there and not sent, or was sent there last. */
  get(name: CallName, target: Target): Draft | undefined {
    return this.drafts.get(keyOf(name, target));
  }

  keep(name: CallName, target: Target, draft: Draft): void {
    this.drafts.set(keyOf(name, target), draft);
  }

  /** The call was made: what was typed is not offered as unsent any more. What was sent can be sent there again. */
  commit({ name, target, draft }: ShownForm): void {
    const sent =
      parameterIndex(name, 'data') >= 0
        ? draft.payload
        : parameterIndex(name, 'msghdr') >= 0
          ? draft.message.parts[0]
          : undefined;
    if (sent) {
      this.last = sent;
      this.keep(name, target, draft);
    } else {
      this.drafts.delete(keyOf(name, target));
    }
    if (receives(name)) {
      this.received.set(keyOf(name, target), draft);
    }
  }

  /** Sockets that nobody can choose any more: what is kept may be megabytes each. */
  forget(ids: readonly SocketId[]): void {
    const gone = new Set(ids.map((id) => ` socket ${id}`));
    for (const drafts of [this.drafts, this.received]) {
      for (const key of drafts.keys()) {
        if (gone.has(key.slice(key.indexOf(' ')))) {
          drafts.delete(key);
        }
      }
    }
  }

  /** What a call is shown over that says nothing of its payload. */
  base(): Draft {
    return this.last ? withPayload(emptyDraft, this.last, [this.last]) : emptyDraft;
  }

  /**
   * With what was sent there by this call before, otherwise with what was sent last in the place of a greeting; and with
   * the room that was given there.
   */
  withKept(name: CallName, target: Target, draft: Draft): Draft {
    const kept = this.get(name, target);
    const sent = kept ? withPayload(draft, kept.payload, kept.message.parts) : this.withLast(draft);
    const received = receives(name) ? (kept ?? this.received.get(keyOf(name, target))) : undefined;
    return received ? withRoom(sent, received, parameterIndex(name, 'size')) : sent;
  }

  /** With what was sent last in the place of a greeting. */
  private withLast(draft: Draft): Draft {
    const { last } = this;
    const instead = (payload: PayloadDraft) => (last && isGreeting(payload) ? last : payload);
    return withPayload(draft, instead(draft.payload), draft.message.parts.map(instead));
  }
}

function withPayload(draft: Draft, payload: PayloadDraft, parts: Draft['message']['parts']): Draft {
  return { ...draft, payload, message: { ...draft.message, parts } };
}

function receives(name: CallName): boolean {
  return parameterIndex(name, 'buffer') >= 0 || parameterIndex(name, 'msghdrOut') >= 0;
}

/** @param length The index of the length of the buffer; negative for a call that is given a message. */
function withRoom(draft: Draft, { texts, room }: Draft, length: number): Draft {
  const text = texts[length];
  return { ...draft, room, texts: text === undefined ? draft.texts : { ...draft.texts, [length]: text } };
}

function isGreeting({ mode, text }: PayloadDraft): boolean {
  return mode === 'text' && text === greetingText;
}
