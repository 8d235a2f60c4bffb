/** What a piece of a printed call is, for its colour. */
export type PrintedKind =
  | 'call'
  | 'constant'
  | 'number'
  | 'string'
  | 'punctuation'
  | 'address'
  | 'error'
  | 'variable';

export interface PrintedToken {
  text: string;
  kind: PrintedKind;
}

/** Collects the pieces of a line; neighbours of one kind become one piece. */
export class TokenWriter {
  readonly tokens: PrintedToken[] = [];

  write(kind: PrintedKind, text: string): void {
    const last = this.tokens.at(-1);
    if (last?.kind === kind && kind === 'punctuation') {
      last.text += text;
    } else if (text !== '') {
      this.tokens.push({ text, kind });
    }
  }

  /** Items between brackets, with commas. */
  list<T>(open: string, items: readonly T[], close: string, writeItem: (item: T) => void): void {
    this.write('punctuation', open);
    items.forEach((item, index) => {
      if (index > 0) {
        this.write('punctuation', ', ');
      }
      writeItem(item);
    });
    this.write('punctuation', close);
  }

  get text(): string {
    return this.tokens.map(({ text }) => text).join('');
  }
}
