import type { Diagnostic, Range } from './ast.js';
import { firstIndex } from '../search.js';

/** Gives places in a text lines and columns, both counted from 1, columns in UTF-16 code units. */
export class LineMap {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.starts.push(at + 1);
    }
  }

  diagnostic(message: string, range: Range): Diagnostic {
    return { message, range, ...placeOf(range.start, this.starts) };
  }
}

/** Line and column of an offset, both from 1, by where the lines start. */
export function placeOf(offset: number, lineStarts: readonly number[]): { line: number; column: number } {
  const line = firstIndex(1, lineStarts.length, (index) => lineStarts[index]! > offset);
  return { line, column: offset - lineStarts[line - 1]! + 1 };
}
