import {
  type Call,
  type InOutValue,
  isAddress,
  isData,
  type ListValue,
  type StructValue,
  type Value,
} from '../common/call.js';
import { t } from '../common/l10n.js';
import type { SocketAddress } from '../common/socket.js';
import { signatureOf } from '../common/tables/signatures.js';
import { refusal } from './refusal.js';
import { isInt } from './wholeNumber.js';

/** Bytes of data or of a buffer in one call, at most. */
export const largestBuffer = 64 << 20;

/**
 * Reads the arguments of a call, each checked before it is passed on: the FFI would turn NaN into 0 and
 * 2^32 + 1 into 1. What does not fit is refused with its place.
 */
export class ArgumentReader {
  private readonly args: readonly Value[];

  /** @param loopbackOnly Whether addresses beyond this machine's loopback are refused. */
  constructor(
    private readonly call: Call,
    readonly loopbackOnly: boolean,
  ) {
    this.args = call.args;
    const { parameters } = signatureOf(call.name);
    if (this.args.length > parameters.length) {
      throw refusal(
        parameters.length,
        t('{0} has {1} arguments, not {2}.', call.name, parameters.length, this.args.length),
      );
    }
    const missing = parameters.findIndex(
      ({ isOptional }, index) => !isOptional && this.args[index] === undefined,
    );
    if (missing >= 0) {
      throw refusal(missing, t('The argument {0} of {1} is missing.', this.nameOf(missing), call.name));
    }
  }

  /** A C int: what an `int` or an `unsigned int` can hold, as the signed number. */
  int(index: number, fallback?: number): number {
    const value = this.args[index] ?? fallback;
    if (this.args[index] !== null && typeof value !== 'object') {
      const number = Number(value);
      if (isInt(number)) {
        return number | 0;
      }
    }
    throw refusal(
      index,
      t('{0} is a whole number of 32 bits, not {1}.', this.nameOf(index), describe(this.args[index])),
    );
  }

  /** A number of bytes. */
  size(index: number, limit: number, fallback?: number): number {
    const unsigned = this.unsigned(index);
    if (unsigned !== undefined) {
      throw refusal(
        index,
        t(
          '{0} is at most {1} bytes here. A negative one is {2} for the kernel, which goes beyond the buffer.',
          this.nameOf(index),
          limit,
          String(unsigned),
        ),
        'limit',
      );
    }
    const number = this.natural(index, fallback);
    const name = this.nameOf(index);
    if (number === undefined) {
      throw refusal(
        index,
        t('{0} is a number of bytes, 0 or more, not {1}.', name, describe(this.args[index])),
      );
    }
    if (number > limit) {
      throw refusal(index, t('{0} is at most {1} bytes here, not {2}.', name, limit, number), 'limit');
    }
    return number;
  }

  /** What C makes of a negative `size_t`, which may be written as that, too; undefined for any other. */
  unsigned(index: number): bigint | undefined {
    const value = this.args[index];
    if (typeof value !== 'bigint' && !Number.isInteger(value)) {
      return undefined;
    }
    const number = BigInt(value as number | bigint);
    const isNegative = number < 0 ? number >= -(1n << 63n) : number >= 1n << 63n && number < 1n << 64n;
    return isNegative ? BigInt.asUintN(64, number) : undefined;
  }

  /** How many entries of an array are meant. */
  count(index: number, limit: number, fallback: number): number {
    const number = this.natural(index, fallback);
    const name = this.nameOf(index);
    if (number === undefined) {
      throw refusal(index, t('{0} is a whole number, 0 or more, not {1}.', name, describe(this.args[index])));
    }
    if (number > limit) {
      throw refusal(index, t('{0} is at most {1} here, not {2}.', name, limit, number), 'limit');
    }
    return number;
  }

  private natural(index: number, fallback?: number): number | undefined {
    const given = this.args[index];
    const value = given === undefined ? fallback : given;
    const number = typeof value === 'bigint' ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined;
  }

  /** Bytes to pass to the kernel; null is NULL. */
  data(index: number): Uint8Array | null {
    const value = this.args[index];
    if (value === null) {
      return null;
    }
    if (!isData(value) || value.bytes.length !== value.length) {
      throw refusal(index, t('{0} is data, not {1}.', this.nameOf(index), describe(value)));
    }
    if (value.length > largestBuffer) {
      throw refusal(
        index,
        t('{0} is at most {1} bytes here, not {2}.', this.nameOf(index), largestBuffer, value.length),
        'limit',
      );
    }
    return value.bytes;
  }

  /** An address to pass to the kernel; null is NULL. */
  address(index: number): SocketAddress | null {
    const value = this.args[index] ?? null;
    if (value !== null && !isAddress(value)) {
      throw refusal(index, t('{0} is an address, not {1}.', this.nameOf(index), describe(value)));
    }
    return value;
  }

  /** Whether an out-argument is NULL; anything else is what the caller expects there. */
  isNull(index: number): boolean {
    return this.args[index] === null;
  }

  /** A value-result length, `[128 => 16]` or `[128]`; undefined when left out, null when NULL. */
  length(index: number): number | null | undefined {
    const value = this.args[index];
    if (value === undefined || value === null) {
      return value;
    }
    const kind = typeof value === 'object' && 'kind' in value ? value : undefined;
    if (kind?.kind === 'any') {
      return undefined;
    }
    const inner = kind?.kind === 'inout' ? kind.value : kind?.kind === 'list' ? kind.items[0] : value;
    if (isInt(inner)) {
      return inner | 0;
    }
    throw refusal(
      index,
      t('{0} is a whole number of 32 bits, not {1}.', this.nameOf(index), describe(value)),
    );
  }

  /** An argument as it is; undefined when left out. */
  value(index: number): Value | undefined {
    return this.args[index];
  }

  nameOf(index: number): string {
    return signatureOf(this.call.name).parameters[index]?.name ?? String(index);
  }
}

function describe(value: Value | undefined): string {
  if (value === undefined) {
    return t('nothing');
  }
  if (value === null) {
    return 'NULL';
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  if (isAddress(value)) {
    return t('an address');
  }
  return isData(value) ? t('data') : describeKind(value);
}

function describeKind({ kind }: StructValue | ListValue | InOutValue | { kind: 'any' }): string {
  return kind === 'any' ? '_' : t('a structure');
}
