import { parseIPv4, parseIPv6 } from '../ipAddress.js';
import { t } from '../l10n.js';
import { encodeUtf8 } from '../utf8.js';
import type { AddressNode, Expression, Range } from './ast.js';
import { LiteralParser } from './literalParser.js';
import type { Token } from './scanner.js';
import { ParseProblem, rangeOf, span } from './tokenReader.js';

/** Reads addresses off the tokens of one line: `127.0.0.1:80`, `[::1]:80`, `unix:/tmp/s`, `packet:lo/ETH_P_ALL` … */
export abstract class AddressParser extends LiteralParser {
  /** A value that no operator joins with others. */
  protected abstract postfix(): Expression;
  /** The bytes of an address. */
  protected abstract rawBytes(): Expression;

  protected inet(token: Token & { kind: 'ipv4' }): AddressNode {
    if (!parseIPv4(token.text)) {
      this.report(t('{0} is no IPv4 address.', token.text), rangeOf(token));
    }
    if (!this.take(':')) {
      throw new ParseProblem(t('The port is missing: {0}:PORT', token.text), rangeOf(token));
    }
    const port = this.port();
    const form = { family: 'AF_INET', address: token.text, port } as const;
    return { kind: 'address', form, range: span(token, port.range) };
  }

  protected inet6(token: Token & { kind: 'ipv6' }): AddressNode {
    const [address, scopeId] = token.text.split('%') as [string, string | undefined];
    if (!parseIPv6(address)) {
      this.report(t('{0} is no IPv6 address.', address), rangeOf(token));
    }
    this.expect(':');
    const port = this.port();
    const form = { family: 'AF_INET6', address, scopeId: scopeId ?? null, port } as const;
    return { kind: 'address', form, range: span(token, port.range) };
  }

  /** `00:16:3e:00:00:01`, the only word that stands for itself. */
  protected hardwareAddress(token: Token & { kind: 'word' }): Expression {
    const range = rangeOf(token);
    const bytes = Uint8Array.from(token.text.split(':'), (digits) => parseInt(digits, 16));
    return {
      kind: 'data',
      parts: [{ kind: 'bytes', bytes, range }],
      isCut: false,
      isAbstract: false,
      range,
    };
  }

  protected port(): Expression {
    if (this.isAtEnd || this.is(',') || this.is(')')) {
      this.unexpected(t('The port is missing here.'));
    }
    return this.postfix();
  }

  protected familyAddress(family: string, start: Range): AddressNode {
    const form = this.addressForm(family);
    const last = this.tokens[this.at - 1]!;
    return { kind: 'address', form, range: span(start, last) };
  }

  private addressForm(family: string): AddressNode['form'] {
    switch (family) {
      case 'unix': {
        const { bytes, hasAt } = this.wordOrString();
        return { family: 'AF_UNIX', name: bytes, isAbstract: hasAt };
      }
      case 'packet': {
        const slash = this.wordOrString();
        return this.packet(slash.text, slash.start);
      }
      case 'can':
        return { family: 'AF_CAN', interface: this.wordOrString().text };
      case 'netlink': {
        const pid = this.postfix();
        this.expect('/');
        return { family: 'AF_NETLINK', pid, groups: this.postfix() };
      }
      case 'vsock': {
        const cid = this.postfix();
        this.expect(':');
        return { family: 'AF_VSOCK', cid, port: this.postfix() };
      }
      default:
        return { family: 'raw', data: this.rawBytes() };
    }
  }

  /** What stands behind `unix:`: unquoted, or quoted, with `@` before it for an abstract name. */
  private wordOrString(): { text: string; bytes: Uint8Array; hasAt: boolean; start: number } {
    const token = this.tokens[this.at];
    if (token?.kind === 'word') {
      this.at++;
      const hasAt = token.text.startsWith('@');
      const inside = hasAt ? token.text.slice(1) : token.text;
      return { text: token.text, bytes: encodeUtf8(inside), hasAt, start: token.start };
    }
    const at = this.take('@');
    const string = this.tokens[this.at];
    if (string?.kind !== 'string') {
      return this.unexpected(t('The name is missing here.'));
    }
    this.at++;
    const inside = this.text.slice(string.start + 1, string.end - 1);
    return { text: inside, bytes: string.bytes, hasAt: at !== undefined, start: string.start + 1 };
  }

  private packet(text: string, start: number): AddressNode['form'] {
    const slash = text.lastIndexOf('/');
    if (slash <= 0 || slash === text.length - 1) {
      throw new ParseProblem(t('An interface and a protocol are expected: packet:lo/ETH_P_ALL'), {
        start,
        end: start + text.length,
      });
    }
    const written = text.slice(slash + 1);
    const range = { start: start + slash + 1, end: start + text.length };
    const protocol: Expression = /^[A-Z]\w*$/.test(written)
      ? { kind: 'constant', name: written, range }
      : this.number({
          kind: 'number',
          text: written,
          isWhole: /^(0[xX][0-9A-Fa-f]+|\d+)$/.test(written),
          ...range,
        });
    return { family: 'AF_PACKET', interface: text.slice(0, slash), protocol };
  }
}
