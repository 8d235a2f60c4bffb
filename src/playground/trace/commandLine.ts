/** What a shell does with more than words. */
const ofShell = /[|&;<>()$`*?[\]{}#~!\n]/;

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
    if (char === '\\' && quote !== "'") {
      at += 1;
      word = (word ?? '') + (text[at] ?? '');
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
