import { type Framing, messageFlag } from '../../common/framing/framing.js';
import { hasFlag, type RecordFrames } from '../../common/framing/recordFrames.js';
import { t } from '../../common/l10n.js';

/** What stands in a record's row: `4`, `4–6`, `…` where a message began before or goes on behind, and what is wrong. */
export function framesBadge(frames: RecordFrames): string {
  const [first, last] = [frames.messages[0], frames.messages.at(-1)];
  if (!first || !last) {
    return t('no message');
  }
  const numbers =
    first === last ? t('message {0}', first.number) : t('messages {0}–{1}', first.number, last.number);
  const badge = `${frames.continues ? '…' : ''}${numbers}${frames.goesOn ? '…' : ''}`;
  if (hasFlag(frames, 'isImpossible')) {
    return t('{0}, impossible length', badge);
  }
  return frames.isIncomplete && !frames.goesOn ? t('{0}, incomplete', badge) : badge;
}

/** The same as sentences: what is split, coalesced, incomplete or impossible. */
export function framesSentences(frames: RecordFrames): string[] {
  const { messages, continues, goesOn, isIncomplete, lostAt } = frames;
  const [first, last] = [messages[0], messages.at(-1)];
  const said: (string | false)[] = [
    messages.length > 1 && t('Coalesced: bytes of {0} messages in one call.', messages.length),
    continues && first !== undefined && t('Split: message {0} began in an earlier call.', first.number),
    goesOn && last !== undefined && t('Split: message {0} goes on in a later call.', last.number),
    isIncomplete && last !== undefined && t('Incomplete: message {0} has not ended so far.', last.number),
    hasFlag(frames, 'isImpossible') && t('Impossible length: what follows cannot be told apart.'),
    hasFlag(frames, 'hasGap') && t('Bytes of the stream before or in these messages were not kept.'),
    lostAt !== null && !hasFlag(frames, 'isImpossible') && t('Messages can no longer be told apart here.'),
  ];
  return said.filter((text) => text !== false);
}

/** Nothing is wrong with the messages, so nothing has to be pointed out. */
export function areSound(frames: RecordFrames): boolean {
  return (
    frames.lostAt === null && !frames.messages.some(({ flags }) => (flags & messageFlag.isImpossible) !== 0)
  );
}

export function framingText(framing: Framing | null): string {
  if (framing === null) {
    return t('No framing');
  }
  switch (framing.kind) {
    case 'line':
      return framing.ending === 'LF' ? t('Lines (LF)') : t('Lines (CRLF)');
    case 'fixed':
      return t('{0} bytes each', framing.length);
    case 'length':
      return lengthText(framing.width, framing.isLittleEndian);
  }
}

/** `u32 length, big-endian`. */
export function lengthText(width: 1 | 2 | 4, isLittleEndian: boolean): string {
  const name = `u${8 * width}`;
  if (width === 1) {
    return t('{0} length', name);
  }
  return isLittleEndian ? t('{0} length, little-endian', name) : t('{0} length, big-endian', name);
}
