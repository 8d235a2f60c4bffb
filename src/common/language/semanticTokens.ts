import type { LanguageFile } from './file.js';

/** How many threads have a colour of their own; further ones begin again. */
export const threadColors = 6;

/** A word with the colour of its line's thread: the call, and the name of the thread. */
export interface ThreadToken {
  /** Counted from 0. */
  line: number;
  /** In the line, in UTF-16 code units. */
  start: number;
  length: number;
  /** 0 is the thread of the lines that name none. */
  color: number;
}

/** The words that are coloured by thread, in the order of the text. */
export function threadTokens({ lines }: LanguageFile): ThreadToken[] {
  const colors = new Map([['main', 0]]);
  return lines.flatMap((line) => {
    const words = line.words.filter(({ kind }) => kind === 'thread' || kind === 'call' || kind === 'pause');
    if (words.length === 0) {
      return [];
    }
    const color = colors.get(line.thread) ?? ((colors.size - 1) % (threadColors - 1)) + 1;
    colors.set(line.thread, color);
    // The calls inside a value are of the same thread: the first word and the thread's name carry its colour.
    return words.map(({ start, end }) => ({
      line: line.index,
      start: start - line.start,
      length: end - start,
      color,
    }));
  });
}
