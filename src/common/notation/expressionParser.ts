import { t } from '../l10n.js';
import { AddressParser } from './addressParser.js';
import type { Expression, Operator, Range, StructField } from './ast.js';
import type { Token } from './scanner.js';
import { ParseProblem, rangeOf, shorten, span } from './tokenReader.js';
import {
  addressFamilies,
  dataFunctions,
  isOneOf,
  nestedCalls,
  precedence,
  valueFunctions,
} from './vocabulary.js';

/** The precedence above `|`, which stands between the results of a line. */
export const aboveEither = 1;
const tightest = precedence.length;

const deepest = 50;

/** Fields of `struct ifreq` whose parts strace prints in a form of its own. */
const straceOnly: ReadonlySet<string> = new Set(['ifr_hwaddr', 'ifr_map']);

/** Reads expressions off the tokens of one line. */
export class ExpressionParser extends AddressParser {
  private depth = 0;

  /** `a|b`, `8*1024`, a literal, an address, a structure … */
  expression(level = 0): Expression {
    if (level === tightest) {
      return this.postfix();
    }
    const first = this.expression(level + 1);
    const operands = [first];
    const operators: Operator[] = [];
    for (;;) {
      const operator = precedence[level]!.find((text) => this.is(text));
      if (operator === undefined) {
        break;
      }
      this.at++;
      if (operator === '*' && first.kind === 'data' && operators.length === 0) {
        const count = this.expression(level + 1);
        return { kind: 'repeat', data: first, count, range: span(first.range, count.range) };
      }
      operators.push(operator);
      operands.push(this.expression(level + 1));
    }
    return operators.length === 0
      ? first
      : { kind: 'operation', operands, operators, range: span(first.range, operands.at(-1)!.range) };
  }

  protected postfix(): Expression {
    const object = this.primary();
    if (!this.is('.')) {
      return object;
    }
    this.at++;
    const member = this.here();
    if (!this.isName('port')) {
      this.unexpected(t('Only .port can follow.'));
    }
    this.at++;
    return { kind: 'member', object, name: 'port', range: span(object.range, member) };
  }

  protected rawBytes(): Expression {
    return this.expression(tightest - 1);
  }

  private primary(): Expression {
    if (this.depth >= deepest) {
      this.unexpected(t('This is nested too deeply.'));
    }
    this.depth++;
    try {
      return this.unguarded();
    } finally {
      this.depth--;
    }
  }

  private unguarded(): Expression {
    const token = this.tokens[this.at];
    switch (token?.kind) {
      case 'number':
        this.at++;
        return this.number(token);
      case 'string':
        return this.dataOrHost();
      case 'word':
        this.at++;
        return this.hardwareAddress(token);
      case 'ipv4':
        this.at++;
        return this.inet(token);
      case 'ipv6':
        this.at++;
        return this.inet6(token);
      case 'name':
        return this.named(token);
      case 'punctuation':
        return this.punctuated(token);
      default:
        return this.unexpected(
          token?.kind === 'unknown'
            ? t('{0} has no meaning here.', token.text)
            : t('A value is missing here.'),
        );
    }
  }

  private named(token: Token & { kind: 'name' }): Expression {
    const { text } = token;
    const range = rangeOf(token);
    if (this.is(':', 1) && isOneOf(addressFamilies, text)) {
      this.at += 2;
      return this.familyAddress(text, range);
    }
    if (this.is('(', 1)) {
      return this.called(text, range);
    }
    this.at++;
    if (text === '_') {
      return { kind: 'any', range };
    }
    if (text === '___') {
      this.blanks.push(range);
      return { kind: 'blank', range };
    }
    if (text === 'NULL') {
      return { kind: 'null', range };
    }
    if (!/^_?[A-Z]/.test(text)) {
      return { kind: 'variable', name: text, range };
    }
    // Of a number of several names strace prints all: `A or B`.
    let last: Range = range;
    while (this.isName('or') && this.isName(undefined, 1)) {
      last = rangeOf(this.tokens[this.at + 1]!);
      this.at += 2;
    }
    return { kind: 'constant', name: text, range: span(range, last) };
  }

  private punctuated(token: Token & { kind: 'punctuation' }): Expression {
    const start = rangeOf(token);
    switch (token.text) {
      case '(': {
        this.at++;
        const inside = this.expression();
        this.expect(')');
        return inside;
      }
      case '-':
      case '~': {
        this.at++;
        if (token.text === '~' && this.is('[')) {
          return this.allBut(start);
        }
        const operand = this.postfix();
        return { kind: 'negative', operator: token.text, operand, range: span(start, operand.range) };
      }
      case '@': {
        this.at++;
        const string = this.tokens[this.at];
        if (string?.kind !== 'string') {
          return this.unexpected(t('A quoted name is expected after @.'));
        }
        const data = this.data();
        return { ...data, isAbstract: true, range: span(start, data.range) };
      }
      case '[':
        this.at++;
        return this.list(start);
      case '{':
        this.at++;
        return this.struct(start);
      default:
        return this.unexpected(t('A value is missing here.'));
    }
  }

  /** strace's `~[ICMP_ECHO ICMP_ECHOREPLY]`: all bits but those with these numbers. */
  private allBut(start: Range): Expression {
    const one: Expression = { kind: 'number', value: 1, isHex: false, range: start };
    const bits: Expression[] = [];
    this.expect('[');
    while (!this.is(']')) {
      const bit = this.postfix();
      bits.push({ kind: 'operation', operands: [one, bit], operators: ['<<'], range: bit.range });
    }
    const range = span(start, this.expect(']'));
    const operand: Expression =
      bits.length === 0
        ? { ...one, value: 0 }
        : { kind: 'operation', operands: bits, operators: bits.slice(1).map(() => '|'), range };
    return { kind: 'negative', operator: '~', operand, range };
  }

  private dataOrHost(): Expression {
    const token = this.tokens[this.at] as Token & { kind: 'string' };
    const next = this.tokens[this.at + 1];
    if (next?.kind === 'punctuation' && next.text === ':' && next.start === token.end) {
      this.at += 2;
      const host = this.text.slice(token.start + 1, token.end - 1);
      const port = this.port();
      if (!/^[\p{L}\p{N}._:%-]{1,255}$/u.test(host)) {
        this.report(t('This is no host name.'), rangeOf(token));
      }
      return { kind: 'address', form: { family: 'host', host, port }, range: span(token, port.range) };
    }
    return this.data();
  }

  private called(name: string, start: Range): Expression {
    if (isOneOf(dataFunctions, name)) {
      return this.data();
    }
    const isCall = isOneOf(nestedCalls, name);
    if (!isCall && !Object.hasOwn(valueFunctions, name)) {
      this.unexpected(
        t('{0} cannot stand here: only getsockname, getpeername and functions of values can.', shorten(name)),
      );
    }
    this.at += 2;
    const args: Expression[] = [];
    while (!this.is(')')) {
      if (args.length > 0) {
        this.expect(',');
      }
      // inet_pton's last argument names the field that it fills.
      this.take('&');
      args.push(this.expression());
    }
    const range = span(start, this.expect(')'));
    const expected = isCall ? 1 : valueFunctions[name as keyof typeof valueFunctions];
    if (args.length !== expected) {
      throw new ParseProblem(
        isCall
          ? t('Inside a value {0} takes the descriptor only.', name)
          : t('{0} takes {1} arguments here, not {2}.', name, expected, args.length),
        range,
      );
    }
    return isCall ? { kind: 'call', name, args, range } : { kind: 'function', name, args, range };
  }

  private list(start: Range): Expression {
    const items: Expression[] = [];
    let isCut = false;
    if (this.isDecodedMessage()) {
      return { kind: 'list', items, isCut: true, range: span(start, this.skipTo(']')) };
    }
    while (!this.is(']')) {
      if (items.length > 0) {
        this.expect(',');
      }
      if (this.take('...')) {
        isCut = true;
        break;
      }
      const item = this.expression();
      if (items.length === 0 && this.take('=>')) {
        const result = this.expression();
        return { kind: 'inout', value: item, result, range: span(start, this.expect(']')) };
      }
      items.push(item);
    }
    return { kind: 'list', items, isCut, range: span(start, this.expect(']')) };
  }

  /** Netlink messages, which strace prints by their fields instead of their bytes. */
  private isDecodedMessage(): boolean {
    const ahead = this.is('[') ? 1 : 0;
    return this.is('{', ahead) && this.isName('nlmsg_len', ahead + 1);
  }

  /** The bracket that closes the one before. */
  private skipTo(closing: string): Token {
    for (let depth = 1; depth > 0; this.at++) {
      if (this.isAtEnd) {
        this.unexpected(t('“{0}” is expected here.', closing));
      }
      depth += this.isOneOf('([{') ? 1 : this.isOneOf(')]}') ? -1 : 0;
    }
    return this.tokens[this.at - 1]!;
  }

  private isOneOf(marks: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === 'punctuation' && marks.includes(token.text);
  }

  private struct(start: Range): Expression {
    const fields: StructField[] = [];
    while (!this.is('}')) {
      if (fields.length > 0) {
        this.expect(',');
      }
      if (this.take('...')) {
        break;
      }
      fields.push(this.field());
    }
    return { kind: 'struct', fields, range: span(start, this.expect('}')) };
  }

  private field(): StructField {
    const token = this.tokens[this.at];
    if (token?.kind !== 'name') {
      return this.unexpected(t('The name of a field is missing here.'));
    }
    if (token.text === 'inet_pton' && this.is('(', 1)) {
      const value = this.called('inet_pton', rangeOf(token));
      const target = value.kind === 'function' ? value.args[2] : undefined;
      if (target?.kind !== 'variable') {
        throw new ParseProblem(t('The name of a field is missing here.'), target?.range ?? value.range);
      }
      return { name: target.name, nameRange: target.range, value };
    }
    this.at++;
    this.expect('=');
    if (straceOnly.has(token.text) && this.is('{')) {
      const start = rangeOf(this.tokens[this.at++]!);
      return {
        name: token.text,
        nameRange: rangeOf(token),
        value: { kind: 'any', range: span(start, this.skipTo('}')) },
      };
    }
    let value = this.expression();
    if (this.take('=>')) {
      // strace's `msg_namelen=110 => 0`
      const result = this.expression();
      value = { kind: 'inout', value, result, range: span(value.range, result.range) };
    }
    return { name: token.text, nameRange: rangeOf(token), value };
  }
}
