import { scanLine, type Token } from './scanner.js';

/**
 * A scenario with even spacing: `name = call(a, b) = result  # comment`. Nothing else changes: texts, names and comments
 * stay as they are, and so does a line that cannot be read. Several empty lines become one.
 */
export function formatScenario(text: string): string {
  const lines = text.split('\n').map((line) => formatLine(line.replace(/\r$/, '')));
  const kept = lines.filter((line, index) => line !== '' || (index > 0 && lines[index - 1] !== ''));
  const formatted = kept.join('\n').trimEnd();
  return formatted === '' ? '' : `${formatted}\n`;
}

function formatLine(line: string): string {
  let isReadable = !line.includes('/*');
  const { tokens, comment } = scanLine(line, 0, line.length, () => {
    isReadable = false;
  });
  if (!isReadable || tokens.some(({ kind }) => kind === 'unknown')) {
    return line.trimEnd();
  }
  const call = formatTokens(tokens, line);
  if (!comment) {
    return call;
  }
  const words = line.slice(comment.start).trimEnd();
  // Comments below each other stand in a column, which their author has set.
  const gap = comment.start - (tokens.at(-1)?.end ?? comment.start);
  return call === '' ? words : `${call}${' '.repeat(Math.max(2, gap))}${words}`;
}

function formatTokens(tokens: readonly Token[], line: string): string {
  let text = '';
  let depth = 0;
  tokens.forEach((token, index) => {
    const mark = markOf(token);
    if (isClosing(mark)) {
      depth--;
    }
    const previous = tokens[index - 1];
    if (previous && hasSpace(previous, token, depth, line)) {
      text += ' ';
    }
    text += line.slice(token.start, token.end);
    if (isOpening(mark)) {
      depth++;
    }
  });
  return text;
}

/** Whether a space stands between two neighbours; where nothing demands one or none, as the author had it. */
function hasSpace(previous: Token, token: Token, depth: number, line: string): boolean {
  const [left, right] = [markOf(previous), markOf(token)];
  const isOutside = depth <= 0;
  if (left === ',') {
    return true;
  }
  if (isOpening(left) || isClosing(right) || right === ',') {
    return false;
  }
  if (left === '=>' || right === '=>') {
    return true;
  }
  if (left === '=' || right === '=' || left === '|' || right === '|') {
    return isOutside;
  }
  if (right === ';' || left === ';') {
    return true;
  }
  return /\s/.test(line.slice(previous.end, token.start));
}

function markOf(token: Token): string {
  return token.kind === 'punctuation' ? token.text : '';
}

function isOpening(mark: string): boolean {
  return mark === '(' || mark === '[' || mark === '{';
}

function isClosing(mark: string): boolean {
  return mark === ')' || mark === ']' || mark === '}';
}
