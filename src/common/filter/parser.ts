import { t } from '../l10n.js';
import { nearest } from '../notation/nearest.js';
import { type Field, fieldOf, fields, type FieldType } from './fields.js';
import { type FilterError, type Operator, type Range, Scanner, type Token } from './scanner.js';
import { type Test, testOf, type Value } from './tests.js';
import { encodeUtf8 } from '../utf8.js';

/** A filter as a tree. */
export type Expression =
  | { kind: 'and' | 'or'; items: Expression[] }
  | { kind: 'not'; item: Expression }
  /** Words that the row's text is to hold; in lower case. */
  | { kind: 'text'; text: string }
  /** The field has a value, or is true. */
  | { kind: 'has'; field: Field }
  | { kind: 'test'; field: Field; test: Test };

/** A display filter as it was read. */
export interface Filter {
  /** Null where there is nothing to look for, and where there are errors. */
  expression: Expression | null;
  /** In order of their places. */
  errors: FilterError[];
}

/** Longer texts are refused: nobody types them. */
const longest = 2000;
/** Brackets within brackets. */
const deepest = 100;

/** What each kind of field can be asked. */
export const operatorsOf: Readonly<Record<FieldType, readonly string[]>> = {
  number: ['==', '!=', '<', '<=', '>', '>=', 'in'],
  seconds: ['==', '!=', '<', '<=', '>', '>=', 'in'],
  name: ['==', '!=', 'in'],
  text: ['==', '!=', 'contains', 'matches', 'in'],
  address: ['==', '!=', 'contains', 'in'],
  flag: ['==', '!='],
  data: ['==', '!=', 'contains', 'matches'],
};

/** Reads a filter. Never throws; errors name their exact places. */
export function parseFilter(text: string): Filter {
  if (text.length > longest) {
    const message = t('A filter has at most {0} characters.', longest);
    return { expression: null, errors: [{ from: 0, to: text.length, message }] };
  }
  return new Parser(text).parse();
}

class Parser {
  private readonly errors: FilterError[] = [];
  private readonly scanner: Scanner;
  private token: Token;
  private depth = 0;
  private lastEnd = 0;

  constructor(private readonly text: string) {
    this.scanner = new Scanner(text, (error) => this.errors.push(error));
    this.token = this.scanner.next();
  }

  parse(): Filter {
    let expression: Expression | null = null;
    while (this.token.kind !== 'end') {
      const part = this.or();
      expression = expression && part ? { kind: 'and', items: [expression, part] } : (part ?? expression);
      if (!this.isAt('end')) {
        this.fail(this.token, t('Nothing here is open that this could close.'));
        this.advance();
      }
    }
    this.errors.sort((a, b) => a.from - b.from);
    return { expression: this.errors.length > 0 ? null : expression, errors: this.errors };
  }

  private or(): Expression | null {
    const items = [this.and()];
    while (this.isConnective('||', 'or')) {
      this.advance();
      items.push(this.and());
    }
    return combined('or', items);
  }

  private and(): Expression | null {
    const items = [this.unary()];
    for (;;) {
      if (this.isConnective('&&', 'and')) {
        this.advance();
        items.push(this.unary());
      } else if (this.beginsOperand()) {
        items.push(this.unary());
      } else {
        return combined('and', items);
      }
    }
  }

  private unary(): Expression | null {
    const { token } = this;
    if (token.kind === '!' || isWord(token, 'not')) {
      this.advance();
      const item = this.nested(() => this.unary());
      return item && { kind: 'not', item };
    }
    return this.primary();
  }

  private primary(): Expression | null {
    const { token } = this;
    switch (token.kind) {
      case '(': {
        this.advance();
        const inner = this.nested(() => this.or());
        if (this.token.kind === ')') {
          this.advance();
        } else {
          this.fail(token, t('The bracket is not closed.'));
        }
        return inner;
      }
      case 'string':
        this.advance();
        return { kind: 'text', text: token.text.toLowerCase() };
      case 'word':
        return this.word(token);
      default:
        this.fail(this.place(token), t('A condition is missing here.'));
        if (token.kind !== 'end' && token.kind !== ')' && !this.isConnective('&&', 'and', '||', 'or')) {
          this.advance();
        }
        return null;
    }
  }

  private word(token: Token & { kind: 'word' }): Expression | null {
    const field = fieldOf(token.text);
    this.advance();
    const operator = this.operatorHere();
    if (field) {
      return operator === null ? { kind: 'has', field } : this.comparison(field, operator);
    }
    if (operator === null || operator === 'in') {
      return { kind: 'text', text: token.text.toLowerCase() };
    }
    const meant = nearest(
      token.text.toLowerCase(),
      fields.map(({ name }) => name),
    );
    this.fail(
      token,
      meant === undefined
        ? t('There is no field {0}.', token.text)
        : t('There is no field {0}. Did you mean {1}?', token.text, meant),
    );
    this.advance(operator === 'matches');
    this.skipValue();
    return null;
  }

  private operatorHere(): string | null {
    const { token } = this;
    if (token.kind === 'operator') {
      return token.operator;
    }
    const keyword = token.kind === 'word' ? token.text : '';
    return ['contains', 'matches', 'in'].includes(keyword) ? keyword : null;
  }

  private comparison(field: Field, operator: string): Expression | null {
    const place = this.token;
    const allowed = operatorsOf[field.type];
    this.advance(operator === 'matches');
    if (!allowed.includes(operator)) {
      this.fail(place, t('{0} knows {1}.', field.name, allowed.join(' ')));
      this.skipValue();
      return null;
    }
    const from = this.token.from;
    const values = this.values(operator);
    if (!values) {
      return null;
    }
    const test = testOf(field, operator as Operator | 'in' | 'contains' | 'matches', values, (at, message) =>
      this.fail(at ?? { from, to: Math.max(from, this.lastEnd) }, message),
    );
    return test && { kind: 'test', field, test };
  }

  /** The value after an operator: one, a range, or a set. */
  private values(operator: string): Value[] | null {
    if (operator === 'in' && this.token.kind === '{') {
      return this.set();
    }
    const value = this.value();
    return value && [value];
  }

  private set(): Value[] | null {
    const open = this.token;
    const values: Value[] = [];
    this.advance();
    for (;;) {
      const { token } = this;
      if (token.kind === '}') {
        this.advance();
        break;
      }
      if (token.kind === ',') {
        this.advance();
        continue;
      }
      const value = token.kind === 'word' || token.kind === 'string' ? this.value() : null;
      if (!value) {
        this.fail(open, t('The set is not closed: {0} is missing.', '}'));
        return null;
      }
      values.push(value);
    }
    if (values.length === 0) {
      this.fail(open, t('The set is empty.'));
      return null;
    }
    return values;
  }

  private value(): Value | null {
    const { token } = this;
    switch (token.kind) {
      case 'string':
        this.advance();
        return { kind: 'text', text: token.text, bytes: token.bytes, from: token.from, to: token.to };
      case 'regex':
        this.advance();
        return token;
      case 'word': {
        this.advance();
        if (!this.isAt('..')) {
          return { ...token, kind: 'text', bytes: encodeUtf8(token.text) };
        }
        this.advance();
        return this.rangeFrom(token);
      }
      default:
        this.fail(this.place(token), t('A value is missing here.'));
        return null;
    }
  }

  private rangeFrom({ text: low, from }: Token & { kind: 'word' }): Value | null {
    const end = this.token;
    if (end.kind !== 'word') {
      this.fail(this.place(end), t('The end of the range is missing.'));
      return null;
    }
    this.advance();
    return { kind: 'range', low, high: end.text, from, to: end.to };
  }

  /** Leaves out what would have been a value. */
  private skipValue(): void {
    if (this.token.kind === '{') {
      while (!this.isAt('}') && !this.isAt('end')) {
        this.advance();
      }
      this.advance();
    } else if (this.token.kind === 'word' || this.token.kind === 'string' || this.token.kind === 'regex') {
      this.advance();
    }
  }

  private nested(parse: () => Expression | null): Expression | null {
    if (this.depth >= deepest) {
      this.fail(this.place(this.token), t('This is nested too deeply.'));
      while (this.token.kind !== 'end') {
        this.advance();
      }
      return null;
    }
    this.depth++;
    const expression = parse();
    this.depth--;
    return expression;
  }

  private beginsOperand(): boolean {
    const { kind } = this.token;
    return (
      kind === '(' ||
      kind === '!' ||
      kind === 'string' ||
      (kind === 'word' && !isWord(this.token, 'or') && !isWord(this.token, 'and'))
    );
  }

  private isAt(kind: Token['kind']): boolean {
    return this.token.kind === kind;
  }

  private isConnective(...texts: string[]): boolean {
    const { token } = this;
    return texts.includes(token.kind === 'word' ? token.text : token.kind);
  }

  private advance(wantsRegex = false): void {
    this.lastEnd = this.token.to;
    this.token = this.scanner.next(wantsRegex);
  }

  /** Where to show that something is missing: the token that is in its place, or the end of the text. */
  private place({ kind, from, to }: Token): Range {
    return kind === 'end'
      ? { from: Math.max(0, this.text.trimEnd().length - 1), to: this.text.length }
      : { from, to };
  }

  private fail({ from, to }: Range, message: string): void {
    if (!this.errors.some((error) => error.from === from && error.to === to)) {
      this.errors.push({ from, to, message });
    }
  }
}

function combined(kind: 'and' | 'or', items: (Expression | null)[]): Expression | null {
  const present = items.filter((item) => item !== null);
  return present.length > 1 ? { kind, items: present } : (present[0] ?? null);
}

function isWord(token: Token, text: string): boolean {
  return token.kind === 'word' && token.text === text;
}
