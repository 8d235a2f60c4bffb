import { parseIPv4, parseIPv6 } from '../ipAddress.js';
import { t } from '../l10n.js';
import { nearest } from '../notation/nearest.js';
import type { Field } from './fields.js';
import type { FilterRow } from './row.js';
import type { Operator, Range } from './scanner.js';

/** A value as it was written. */
export type Value = Range &
  (
    | { kind: 'text'; text: string; bytes: Uint8Array }
    | { kind: 'range'; low: string; high: string }
    | { kind: 'regex'; source: string; flags: string }
  );

/** Whether a record fits. */
export type Test = (row: FilterRow) => boolean;

type Fail = (place: Range | null, message: string) => void;
type Single = number | string | boolean;
type Predicate = (value: Single) => boolean;
type Anything = Operator | 'in' | 'contains' | 'matches';

/** The test that a comparison stands for; null where its values do not fit the field, which `fail` is told. */
export function testOf(field: Field, operator: Anything, values: Value[], fail: Fail): Test | null {
  if (field.type === 'data') {
    return dataTest(operator, values[0]!, fail);
  }
  const isNegated = operator === '!=';
  const predicates = values.map((value) => predicateOf(field, operator, value, fail));
  if (predicates.some((predicate) => predicate === null)) {
    return null;
  }
  const holds: Predicate = (value) => predicates.some((predicate) => predicate!(value));
  return (row) => {
    const value = field.of(row);
    if (value === null) {
      return false;
    }
    if (typeof value === 'object') {
      return isNegated ? value.length > 0 && !value.some(holds) : value.some(holds);
    }
    return isNegated ? !holds(value) : holds(value);
  };
}

function predicateOf(field: Field, operator: Anything, value: Value, fail: Fail): Predicate | null {
  switch (field.type) {
    case 'number':
    case 'seconds':
      return numberPredicate(field, operator, value, fail);
    case 'name':
      return namePredicate(field, value, fail);
    case 'flag':
      return flagPredicate(value, fail);
    case 'address':
      return operator === 'contains' ? textPredicate(operator, value, fail) : addressPredicate(value, fail);
    default:
      return textPredicate(operator, value, fail);
  }
}

const units: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** `0x1f`, `3.5`, and of a time `10ms`; undefined when the text is no number. */
function parseNumber(text: string, isTime: boolean): number | undefined {
  if (/^-?(0x[0-9a-f]+)$/i.test(text)) {
    return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
  }
  const match = /^(-?\d+(?:\.\d+)?(?:e-?\d+)?)([a-zµ]*)$/i.exec(text);
  const factor = match?.[2] === '' ? 1 : isTime && match ? units[match[2]!] : undefined;
  return factor === undefined ? undefined : Number(match![1]) * factor;
}

function numberPredicate(field: Field, operator: Anything, value: Value, fail: Fail): Predicate | null {
  const isTime = field.type === 'seconds';
  const wanted = isTime
    ? t('A number of seconds is expected, such as 3.5 or 10ms.')
    : t('A number is expected.');
  if (value.kind === 'range') {
    const [low, high] = [parseNumber(value.low, isTime), parseNumber(value.high, isTime)];
    if (low === undefined || high === undefined) {
      fail(value, wanted);
      return null;
    }
    if (operator !== 'in') {
      fail(value, t('A range goes with {0}.', 'in'));
      return null;
    }
    if (low > high) {
      fail(value, t('The range is empty: {0} is more than {1}.', value.low, value.high));
      return null;
    }
    return (number) => Number(number) >= low && Number(number) <= high;
  }
  const number = value.kind === 'text' ? parseNumber(value.text, isTime) : undefined;
  if (number === undefined) {
    fail(value, wanted);
    return null;
  }
  switch (operator) {
    case '<':
      return (other) => Number(other) < number;
    case '<=':
      return (other) => Number(other) <= number;
    case '>':
      return (other) => Number(other) > number;
    case '>=':
      return (other) => Number(other) >= number;
    default:
      return (other) => other === number;
  }
}

function namePredicate(field: Field, value: Value, fail: Fail): Predicate | null {
  const text = value.kind === 'text' ? value.text : null;
  if (text === null) {
    fail(value, t('A name is expected.'));
    return null;
  }
  const known = field.values?.() ?? [];
  const wanted = known.find((name) => name.toLowerCase() === text.toLowerCase());
  if (wanted === undefined && !/^\d+$/.test(text) && field.name !== 'protocol') {
    const meant = nearest(text, known);
    fail(
      value,
      meant === undefined
        ? t('{0} has no value {1}.', field.name, text)
        : t('{0} has no value {1}. Did you mean {2}?', field.name, text, meant),
    );
    return null;
  }
  const lower = text.toLowerCase();
  return (name) => String(name).toLowerCase() === lower;
}

function flagPredicate(value: Value, fail: Fail): Predicate | null {
  const flag =
    value.kind === 'text' ? { true: true, '1': true, false: false, '0': false }[value.text] : undefined;
  if (flag === undefined) {
    fail(value, t('{0} or {1} is expected.', 'true', 'false'));
    return null;
  }
  return (other) => other === flag;
}

function textPredicate(operator: Anything, value: Value, fail: Fail): Predicate | null {
  if (operator === 'matches') {
    const pattern = patternOf(value, fail);
    return pattern && ((text) => pattern.test(String(text)));
  }
  if (value.kind !== 'text') {
    fail(value, t('A text is expected.'));
    return null;
  }
  const wanted = value.text.toLowerCase();
  return operator === 'contains'
    ? (text) => String(text).toLowerCase().includes(wanted)
    : (text) => String(text).toLowerCase() === wanted;
}

/** A host, or with `/` a network. */
function addressPredicate(value: Value, fail: Fail): Predicate | null {
  if (value.kind !== 'text') {
    fail(value, t('An address is expected, such as 127.0.0.1, ::1 or 10.0.0.0/8.'));
    return null;
  }
  const network = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(value.text);
  const wanted = bytesOf(network ? network[1]! : value.text);
  if (network) {
    const bits = Number(network[2]);
    if (!wanted || bits > 8 * wanted.length) {
      fail(value, t('This is no network.'));
      return null;
    }
    return (host) => isWithin(bytesOf(String(host)), wanted, bits);
  }
  return wanted
    ? (host) => isWithin(bytesOf(String(host)), wanted, 8 * wanted.length)
    : (host) => host === value.text;
}

function bytesOf(host: string): Uint8Array | undefined {
  return parseIPv4(host) ?? parseIPv6(host);
}

function isWithin(bytes: Uint8Array | undefined, network: Uint8Array, bits: number): boolean {
  if (bytes?.length !== network.length) {
    return false;
  }
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = (0xff00 >> Math.min(8, bits - bit)) & 0xff;
    if (((bytes[bit >> 3]! ^ network[bit >> 3]!) & mask) !== 0) {
      return false;
    }
  }
  return true;
}

function patternOf(value: Value, fail: Fail): RegExp | null {
  const source = value.kind === 'regex' ? value.source : value.kind === 'text' ? value.text : null;
  const flags = value.kind === 'regex' ? value.flags : '';
  if (source === null) {
    fail(value, t('A pattern is expected, such as /GET|POST/i.'));
    return null;
  }
  if (!/^[imsu]*$/.test(flags)) {
    fail(value, t('A pattern knows the flags {0}.', 'i m s u'));
    return null;
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    // `Invalid regular expression: /(/: Unterminated group`
    fail(value, t('The pattern is not valid: {0}', (error as Error).message.replace(/^.*: /s, '')));
    return null;
  }
}

function dataTest(operator: Anything, value: Value, fail: Fail): Test | null {
  if (operator === 'matches') {
    const pattern = patternOf(value, fail);
    // A byte is a character, unless the pattern itself speaks of other characters.
    const isUtf8 = pattern !== null && /[^\0-\x7f]|\\[pu]/u.test(pattern.source);
    return pattern && ((row) => row.length !== null && pattern.test(row.dataText(isUtf8)));
  }
  if (value.kind !== 'text') {
    fail(value, t('A text is expected.'));
    return null;
  }
  const wanted = value.bytes;
  switch (operator) {
    case 'contains':
      return ({ data }) => contains(data, wanted);
    case '!=':
      return ({ data, length }) => length !== null && !isSame(data, wanted);
    default:
      return ({ data }) => data.length > 0 && isSame(data, wanted);
  }
}

function contains(data: Uint8Array, wanted: Uint8Array): boolean {
  const last = data.length - wanted.length;
  if (wanted.length === 0) {
    return data.length > 0;
  }
  for (let at = data.indexOf(wanted[0]!); at >= 0 && at <= last; at = data.indexOf(wanted[0]!, at + 1)) {
    if (isAt(data, at, wanted)) {
      return true;
    }
  }
  return false;
}

function isAt(data: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 1; index < wanted.length; index++) {
    if (data[at + index] !== wanted[index]) {
      return false;
    }
  }
  return true;
}

function isSame(data: Uint8Array, wanted: Uint8Array): boolean {
  return (
    data.length === wanted.length && (data.length === 0 || (data[0] === wanted[0] && isAt(data, 0, wanted)))
  );
}
