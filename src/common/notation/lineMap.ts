import type { Diagnostic, Range } from './ast.js';

/** Gives places in a text lines and columns, both counted from 1, columns in UTF-16 code units. */
export class LineMap {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.starts.push(at + 1);
    }
  }

  diagnostic(message: string, range: Range): Diagnostic {
    return { message, range, ...this.place(range.start) };
  }

  private place(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle]! <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return { line: low + 1, column: offset - this.starts[low]! + 1 };
  }
}
