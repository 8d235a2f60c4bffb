import {
  type CallRecord,
  type DataValue,
  fieldOf,
  isAddress,
  isData,
  isOfKind,
  itemsOf,
  previewLength,
  type StructValue,
  type Value,
} from '../call.js';
import { t } from '../l10n.js';
import { decodeTcpInfo, encodeOption, findOption, OptionValueError } from '../tables/options.js';
import type { PointerRequest } from '../tables/pointerRequests.js';
import type { ParameterType } from '../tables/signatures.js';
import { isSameAddress, isSameBytes, readSocketAddress } from './addresses.js';
import { askingRequest } from './arguments.js';
import { isPointer } from './arrange.js';
import type { Expression, ListNode, Range } from './ast.js';
import { controlType } from './controlType.js';
import { isPortWritten, withTaken } from './expectedAddress.js';
import type { Scope } from './evaluate.js';
import { printValue, readyFds, type PrintOptions } from './printer.js';
import { readValue } from './structures.js';
import { type Environment, EvaluationError, readData, readInt } from './values.js';

/** The first place where the kernel's answer is not what a line says, both sides in the notation. */
export interface Mismatch {
  expected: string;
  got: string;
  /** The place in the text. */
  range: Range;
}

/** Compares what the kernel wrote with what a line says of it. */
export class Matcher {
  private readonly printing: PrintOptions;

  constructor(
    private readonly record: CallRecord,
    private readonly scope: Scope,
    private readonly env: Environment,
  ) {
    this.printing = { platform: scope.platform, maxData: 200 };
  }

  async argument(node: Expression, index: number, type: ParameterType): Promise<Mismatch | undefined> {
    const got = this.record.args[index];
    switch (type) {
      case 'buffer':
        return this.data(node, await this.payload(got));
      case 'sockaddrOut':
        return this.address(node, got);
      case 'socklenInOut':
        return this.length(node, got);
      case 'optvalOut':
        // A descriptor has another number in each run.
        return this.record.createdIds.length > 0 ? undefined : this.option(node, got);
      case 'msghdrOut':
        return this.same(node, await this.message(got), type);
      case 'fcntlarg':
      case 'ioctlarg': {
        const row = askingRequest(type, this.record.args[1], this.env.platform);
        return row && this.same(answeredPart(node, row), got, type);
      }
      default:
        return this.same(node, got, type);
    }
  }

  output(node: ListNode): Mismatch | undefined {
    const ready = readyFds(this.record.args[0]);
    return this.same(node, { kind: 'list', items: ready }, 'pollfds');
  }

  /** All bytes, where the record carries only the first. */
  private async payload(got: Value | undefined): Promise<Value | undefined> {
    if (!isData(got) || got.bytes.length >= got.length) {
      return got;
    }
    const bytes = await this.scope.readPayload(this.record);
    return { kind: 'data', bytes, length: got.length };
  }

  /** A received message with all bytes of its buffers. */
  private async message(got: Value | undefined): Promise<Value | undefined> {
    const parts = isStructValue(got) ? got.fields.find(({ name }) => name === 'msg_iov')?.value : undefined;
    const { payload } = this.record;
    if (
      !isStructValue(got) ||
      parts === undefined ||
      !isOfKind(parts, 'list') ||
      !payload ||
      payload.length <= previewLength
    ) {
      return got;
    }
    const bytes = await this.scope.readPayload(this.record);
    let at = 0;
    const items = parts.items.map((part): Value => {
      if (!isOfKind(part, 'struct')) {
        return part;
      }
      return {
        ...part,
        fields: part.fields.map(({ name, value }) => {
          if (!isData(value)) {
            return { name, value };
          }
          const whole = bytes.subarray(at, at + value.length);
          at += value.length;
          return { name, value: { ...value, bytes: whole } };
        }),
      };
    });
    return {
      ...got,
      fields: got.fields.map(({ name, value }) =>
        name === 'msg_iov' ? { name, value: { kind: 'list', items } } : { name, value },
      ),
    };
  }

  private data(node: Expression, got: Value | undefined): Mismatch | undefined {
    const expected = readData(node, this.env);
    const isCut = node.kind === 'data' && node.isCut;
    if (isData(got) && isSameData(expected, got, isCut)) {
      return undefined;
    }
    const place = isData(got) ? firstDifference(expected.bytes, got.bytes) : undefined;
    const detail = place === undefined || place === 0 ? '' : ` (${t('they differ from byte {0} on', place)})`;
    return {
      expected: printValue(expected, 'data', this.printing) + (isCut ? '...' : ''),
      got: this.print(got, 'data') + detail,
      range: node.range,
    };
  }

  private address(node: Expression, got: Value | undefined): Mismatch | undefined {
    const expected = readSocketAddress(isAddress(got) ? withTaken(node, got) : node, {
      ...this.env,
      port: (written) => written,
    });
    const isSame =
      isAddress(got) &&
      isSameAddress(expected, got, (a, b) =>
        // Only a port that stands in the text can be one of a recording.
        isPortWritten(node) ? this.scope.isSamePort(a, b) : a === b,
      );
    return isSame ? undefined : this.mismatch(node, expected, got, 'sockaddrOut');
  }

  private length(node: Expression, got: Value | undefined): Mismatch | undefined {
    const written = node.kind === 'inout' ? node.result : node.kind === 'list' ? node.items[0]! : node;
    const expected = readInt(written, this.env);
    // Where the kernel wrote nothing, what was passed is still there.
    const actual = isOfKind(got, 'inout') ? (got.result ?? got.value) : got;
    return actual === expected
      ? undefined
      : { expected: `[${expected}]`, got: this.print(got, 'socklenInOut'), range: node.range };
  }

  private option(node: Expression, got: Value | undefined): Mismatch | undefined {
    if (node.kind === 'inout') {
      return this.same(node.result, got, 'optvalOut');
    }
    const [, level, optname] = this.record.args;
    const option =
      typeof level === 'number' && typeof optname === 'number'
        ? findOption(level, optname, this.env.platform)
        : undefined;
    const expected = readValue(node, this.env);
    let isSame = got !== undefined && isOfKind(expected, 'any');
    if (option?.layout === 'tcp_info' && got !== undefined && isData(expected)) {
      // A recording holds times and counts of its own run: only the state is the same in another.
      const state = decodeTcpInfo(expected.bytes).fields['tcpi_state'];
      isSame =
        state !== undefined &&
        this.isSame({ kind: 'struct', fields: [{ name: 'tcpi_state', value: state }] }, got);
    } else if (option?.layout === 'tcp_info' && got !== undefined && isOfKind(expected, 'struct')) {
      // Only reports have this form: it has names, but no bytes to compare.
      isSame = this.isSame(expected, got);
    } else if (isData(got) && singleNumber(expected) !== undefined) {
      isSame = got.bytes.length > 0 && singleNumber(expected) === littleEndian(got.bytes);
    } else if (!isSame && got !== undefined && got !== null && !isOfKind(got, 'any')) {
      try {
        let a = encodeOption(option, completed(expected, got));
        let b = option?.layout === 'tcp_info' ? new Uint8Array() : encodeOption(option, got);
        if (option?.layout === 'string') {
          [a, b] = [toFirstNul(a), toFirstNul(b)];
        }
        if (isData(got) && isOfKind(expected, 'struct') && b.length > 0 && isZero(a.subarray(b.length))) {
          // There was room for the first fields only.
          a = a.subarray(0, b.length);
        }
        isSame = isBeginning(expected) ? isSameBytes(a, b.subarray(0, a.length)) : isSameBytes(a, b);
      } catch (error) {
        if (error instanceof OptionValueError) {
          throw new EvaluationError(error.message, node.range);
        }
        throw error;
      }
    }
    return isSame ? undefined : this.mismatch(node, expected, got, 'optvalOut');
  }

  private same(node: Expression, got: Value | undefined, type: ParameterType): Mismatch | undefined {
    const expected = completed(readValue(this.withoutNewNames(node), this.env), got, { kind: 'any' });
    return got !== undefined && this.isSame(expected, got)
      ? undefined
      : this.mismatch(node, expected, got, type);
  }

  /** Names that have no value yet take what comes; descriptors that arrive have numbers of their own, and times are those of the run. */
  private withoutNewNames(node: Expression): Expression {
    if (isPointer(node) || (node.kind === 'list' && node.isCut)) {
      return { kind: 'any', range: node.range };
    }
    switch (node.kind) {
      case 'inout':
        return node.result;
      case 'variable':
        return this.env.lookup(node.name) === undefined ? { kind: 'any', range: node.range } : node;
      case 'list':
        return { ...node, items: node.items.map((item) => this.withoutNewNames(item)) };
      case 'struct': {
        const isOfThisRun = /^(SCM_(RIGHTS|PIDFD)$|S(CM|O)_TIMESTAMP)/.test(controlType(node) ?? '');
        return {
          ...node,
          fields: node.fields.map((field) =>
            isOfThisRun && field.name === 'cmsg_data'
              ? { ...field, value: { kind: 'any', range: field.value.range } }
              : { ...field, value: this.withoutNewNames(field.value) },
          ),
        };
      }
      default:
        return node;
    }
  }

  /** Everything that is written has to be there; what is not written may be anything. */
  private isSame(expected: Value, got: Value): boolean {
    if (isOfKind(expected, 'any')) {
      return true;
    }
    if (typeof expected === 'number' || typeof expected === 'bigint') {
      const single = isOfKind(got, 'list') && got.items.length === 1 ? got.items[0] : got;
      const actual = isOfKind(single, 'inout') ? (single.result ?? single.value) : single;
      return (
        (typeof actual === 'number' || typeof actual === 'bigint') && BigInt(actual) === BigInt(expected)
      );
    }
    if (expected === null || got === null || typeof got !== 'object') {
      return expected === got;
    }
    if (isAddress(expected)) {
      return isAddress(got) && isSameAddress(expected, got, (a, b) => a === b);
    }
    if (isData(expected)) {
      return isData(got) && isSameData(expected, got, isBeginning(expected));
    }
    if (isData(got)) {
      // strace prints the bytes of some structures as a list of numbers.
      return (
        expected.kind === 'list' &&
        expected.items.length === got.length &&
        expected.items.every((item, index) => this.isSame(item, got.bytes[index]!))
      );
    }
    if (isOfKind(got, 'inout') && isOfKind(expected, 'list') && expected.items.length === 1) {
      // `[40]` is a length with the same answer.
      return this.isSame(expected.items[0]!, got);
    }
    if (isAddress(got) || got.kind !== expected.kind) {
      return false;
    }
    if (expected.kind === 'list' && got.kind === 'list') {
      return (
        expected.items.length === got.items.length &&
        expected.items.every((item, index) => this.isSame(item, got.items[index]!))
      );
    }
    if (expected.kind === 'struct' && got.kind === 'struct') {
      return expected.fields.every(({ name, value }) => {
        const field = got.fields.find((each) => each.name === name);
        // Lengths of buffers are passed, not answered.
        return (
          passedFields.has(name) ||
          isOfKind(value, 'any') ||
          (field !== undefined && this.isSame(value, field.value))
        );
      });
    }
    return expected.kind === 'inout' && got.kind === 'inout' && expected.value === (got.result ?? got.value);
  }

  private mismatch(node: Expression, expected: Value, got: Value | undefined, type: ParameterType): Mismatch {
    return { expected: this.print(expected, type), got: this.print(got, type), range: node.range };
  }

  private print(value: Value | undefined, type: ParameterType): string {
    return value === undefined || isOfKind(value, 'any')
      ? t('nothing')
      : printValue(value, type, this.printing);
  }
}

/** What a written structure says of the answer. A field that is passed says nothing, but as `[1 => 2]`. */
function answeredPart(node: Expression, { passed = [] }: PointerRequest): Expression {
  return node.kind === 'struct'
    ? {
        ...node,
        fields: node.fields.filter(
          ({ name, value }) => !passed.includes(name) || value.kind === 'inout' || value.kind === 'list',
        ),
      }
    : node;
}

/** Lengths of buffers in a message: passed, not answered. */
const passedFields: ReadonlySet<string> = new Set([
  'iov_len',
  'msg_iovlen',
  'msg_namelen',
  'msg_controllen',
  'cmsg_len',
]);

/**
 * An expected structure or list, with what came in the places of `_`, and of the number that another run gave a process.
 * @param missing In the place of a `_` for which nothing came.
 */
function completed(expected: Value, got: Value | undefined, missing: Value = 0): Value {
  if (isOfKind(expected, 'any')) {
    return got ?? missing;
  }
  if (isOfKind(expected, 'struct')) {
    const fields = expected.fields.map(({ name, value }) => {
      const field = fieldOf(got, name);
      const open: Value = isOtherProcess(name, value, field) ? { kind: 'any' } : value;
      return { name, value: completed(open, field, missing) };
    });
    return { kind: 'struct', fields };
  }
  if (isOfKind(expected, 'list')) {
    const items = itemsOf(got);
    return {
      kind: 'list',
      items: expected.items.map((item, index) => completed(item, items[index], missing)),
    };
  }
  return expected;
}

function isOtherProcess(name: string, expected: Value, got: Value | undefined): boolean {
  const isProcess = (value: Value | undefined) => typeof value === 'number' && value > 0;
  return name === 'pid' && isProcess(expected) && isProcess(got);
}

function isStructValue(value: Value | undefined): value is StructValue {
  return value !== undefined && isOfKind(value, 'struct');
}

/** `1` and `[1]` */
function singleNumber(value: Value): bigint | undefined {
  const [item = value, second] = itemsOf(value);
  const isNumber = typeof item === 'number' || typeof item === 'bigint';
  return isNumber && second === undefined ? BigInt(item) : undefined;
}

/** A number of fewer bytes than its option has. */
function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** strace's `"abc"...` */
function isBeginning(expected: Value): boolean {
  return isData(expected) && expected.bytes.length < expected.length;
}

function isSameData(expected: DataValue, got: DataValue, isPrefix: boolean): boolean {
  return isPrefix
    ? got.bytes.length >= expected.bytes.length &&
        isSameBytes(expected.bytes, got.bytes.subarray(0, expected.bytes.length))
    : isSameBytes(expected.bytes, got.bytes);
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const index = a.findIndex((byte, at) => byte !== b[at]);
  return index < 0 ? a.length : index;
}

function toFirstNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
