/** What a shell does with more than words. */
const ofShell = /[|&;<>()$`*?[\]{}#~!\n]/;
/** What a backslash takes the meaning of between double quotation marks. Before anything else it is itself. */
const escapable = '$`"\\\n';

/**
 * The words of a command as a person types it: quotation marks and backslashes as in a shell. What else a shell knows
 * (pipes, variables, patterns) is given to one. Null where a quotation mark is open.
 */
export function splitCommand(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  let needsShell = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    const next = text[at + 1] ?? '';
    if (char === '\\' && (quote === '' || (quote === '"' && escapable.includes(next)))) {
      at += 1;
      word = (word ?? '') + next;
    } else if (quote !== '') {
      needsShell ||= quote === '"' && (char === '$' || char === '`');
      if (char === quote) {
        quote = '';
      } else {
        word += char;
      }
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char) && char !== '\n') {
      if (word !== null) {
        words.push(word);
      }
      word = null;
    } else {
      needsShell ||= ofShell.test(char);
      word = (word ?? '') + char;
    }
  }
  if (quote !== '') {
    return null;
  }
  if (word !== null) {
    words.push(word);
  }
  // `NAME=value program` sets a variable.
  needsShell ||= /^\w+=/.test(words[0] ?? '');
  return needsShell ? ['/bin/sh', '-c', text] : words;
}

/** A word as a shell takes it, whatever is in it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same words for a place that puts values in for `${…}`: there is none in them, and a shell makes them whole again. */
export function withoutVariables(words: readonly string[]): readonly string[] {
  return words.some((word) => word.includes('${'))
    ? [
        '/bin/sh',
        '-c',
        `exec ${words
          .map(quoted)
          .join(' ')
          .replaceAll('${', () => "$''{")}`,
      ]
    : words;
}
