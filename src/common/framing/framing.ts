/** How the bytes of a stream are cut into messages. */
export type Framing =
  /** A message ends with the end of a line. */
  | { kind: 'line'; ending: 'LF' | 'CRLF' }
  /** Every message has so many bytes. */
  | { kind: 'fixed'; length: number }
  /** A message begins with its length. */
  | {
      kind: 'length';
      width: 1 | 2 | 4;
      isLittleEndian: boolean;
      /** Bytes of the message before its length. */
      before: number;
      /** The length counts the whole message, itself included; else what follows it. */
      isWhole: boolean;
    };

/** Longer messages are taken for a sign that the bytes mean something else: `ff ff ff ff` is no length. */
export const mostLength = 64 * 1024 * 1024;

/** Bytes before the length, at most. */
export const mostBefore = 1000;

export const messageFlag = {
  /** Bytes of it were not kept, so that it may be more than one message. */
  hasGap: 1,
  /** Its length cannot be: shorter than its own head, or beyond {@link mostLength}. Nothing behind it is a message. */
  isImpossible: 2,
} as const;

/** A message as the positions of its bytes in the stream. */
export interface Message {
  /** From 1. */
  number: number;
  start: number;
  /** Behind its last byte. */
  end: number;
  /** Of {@link messageFlag}. */
  flags: number;
}

/** Bytes of a message's head and of its end that are not its content. */
export function overhead(framing: Framing): { head: number; tail: number } {
  switch (framing.kind) {
    case 'line':
      return { head: 0, tail: framing.ending.length / 2 };
    case 'fixed':
      return { head: 0, tail: 0 };
    case 'length':
      return { head: framing.before + framing.width, tail: 0 };
  }
}
