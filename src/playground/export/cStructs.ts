import { type FieldType, fieldSizes } from '../../common/tables/fieldTypes.js';
import { type CallContext, checkNumber } from './cContext.js';
import { cNumber, cString } from './cLiterals.js';
import type { IntOperand, NumberOperand, StructField, StructOperand } from './program.js';
import { knownBytes } from './structOperand.js';

/** Where a field stands in a structure whose headers name it in another way. */
const otherNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'struct ifreq': {
    ifr_hwfamily: 'ifr_hwaddr.sa_family',
    ifr_hwaddr: 'ifr_hwaddr.sa_data',
    ...Object.fromEntries(
      ['mem_start', 'mem_end', 'base_addr', 'irq', 'dma', 'port'].map((name) => [name, `ifr_map.${name}`]),
    ),
  },
};

/** Headers that only some programs need, by what stands in their text. */
const rareHeaders: readonly (readonly [what: RegExp, header: string])[] = [
  [/\bstruct (ifreq|ifconf)\b|\bif_nametoindex\(/, 'net/if.h'],
  [/\bstruct sock_extended_err\b/, 'linux/errqueue.h'],
  [/\buint\d+_t\b/, 'stdint.h'],
  [/\b(is_other_file|check_file)\(/, 'sys/stat.h'],
];

/** Structures that the headers have. */
const known: ReadonlySet<string> = new Set(
  `linger timeval timespec ucred in_addr ip_mreq ip_mreqn ip_mreq_source ipv6_mreq in_pktinfo in6_pktinfo flock
  f_owner_ex ifreq sock_extended_err`
    .split(/\s+/)
    .map((name) => `struct ${name}`),
);

/** The headers that a text of C needs besides the usual ones. */
export function rareHeadersOf(text: string): string[] {
  return rareHeaders.flatMap(([what, header]) => (what.test(text) ? [header] : []));
}

/** A structure as an initializer; undefined where the headers do not have it. */
function structLiteral(operand: StructOperand, number: CallContext['number']): string | undefined {
  const fields = operand.fields.filter(({ name }) => name !== '');
  const members = fields.map(({ name }) => memberOf(operand.type, name));
  if (fields.length === 0 || members.some((member) => member === undefined)) {
    return undefined;
  }
  const text = fields.flatMap((field, index): (string | undefined)[] => {
    const member = members[index]!;
    const { type, value } = field;
    if (!(value instanceof Uint8Array)) {
      return [`.${member} = ${fieldNumber(field, number)}`];
    }
    switch (type) {
      case 'in_addr':
        return [
          `.${member}${operand.type === 'struct in_addr' ? '' : '.s_addr'} = inet_addr("${value.join('.')}")`,
        ];
      case 'in6_addr':
        return [`.${member}.s6_addr = {${value.join(', ')}}`];
      case 'name16':
        return [`.${member} = ${cString(trimmed(value))}`];
      default:
        return value.every((byte) => byte === 0) ? [] : [undefined];
    }
  });
  return text.includes(undefined) ? undefined : `{${text.join(', ')}}`;
}

/** Memory with a value in it, for the place of an argument: its address, and its size. */
export function valueInMemory(
  { block, number }: CallContext,
  operand: IntOperand | StructOperand,
): { address: string; size: string } {
  if (operand.kind === 'int') {
    block.before.push(`${operand.type} value = ${intText(operand.value, number)};`);
    return { address: '&value', size: 'sizeof value' };
  }
  const literal = structLiteral(operand, number);
  if (literal !== undefined) {
    block.before.push(`${operand.type} value = ${literal};`);
    return { address: '&value', size: 'sizeof value' };
  }
  const remark = operand.type === '' ? '' : ` /* ${operand.type} */`;
  block.before.push(`static char value[] = ${cString(knownBytes(operand))};${remark}`);
  return { address: 'value', size: String(operand.bytes.length) };
}

/** A value in memory that has no name. */
export function valueInPlace(
  operand: IntOperand | StructOperand,
  number: CallContext['number'],
): { address: string; size: string } {
  if (operand.kind === 'int') {
    return {
      address: `&(${operand.type}){${intText(operand.value, number)}}`,
      size: `sizeof(${operand.type})`,
    };
  }
  const literal = structLiteral(operand, number);
  return literal === undefined
    ? { address: cString(knownBytes(operand)), size: String(operand.bytes.length) }
    : { address: `&(${operand.type})${literal}`, size: `sizeof(${operand.type})` };
}

/** An int of 4 bytes, modulo 2^32. */
function intText(operand: NumberOperand, number: CallContext['number']): string {
  const { value } = operand;
  return value !== undefined && (value > 0x7fffffff || value < -0x80000000)
    ? String(BigInt.asIntN(32, BigInt(value)))
    : number(operand);
}

/**
 * Compares the fields of a structure.
 * @param got The structure, with what stands between it and its members: `value.`, `got->`.
 * @param bytes Its address as a pointer to bytes.
 */
export function checkFields(
  context: CallContext,
  { type, fields }: StructOperand,
  got: string,
  bytes: string,
): string[] {
  const { line, use, number } = context;
  return fields.map((field) => {
    const member = memberOf(type, field.name);
    const size = fieldSizes[field.type];
    if (member !== undefined && !(field.value instanceof Uint8Array)) {
      const value = `${unsigned[field.type] ?? ''}${got}${member}`;
      return checkNumber(context, field.name, value, fieldNumber(field, number));
    }
    const data = bytesOf(field);
    const at = member === undefined ? `${bytes} + ${field.offset}` : `&${got}${member}`;
    const isName = field.type === 'name16' && member !== undefined;
    const said = isName ? trimmed(data) : data;
    const length = isName ? `strnlen(${got}${member}, ${size})` : String(size);
    return `${use('check_data')}(${line.number}, ${isName ? `${got}${member}` : at}, ${length}, ${cString(said)}, ${said.length});`;
  });
}

/** Some members are signed in the headers. */
const unsigned: Partial<Record<FieldType, string>> = { u16: '(unsigned short)' };

function memberOf(type: string, field: string): string | undefined {
  return !known.has(type) || field === 'offender' ? undefined : (otherNames[type]?.[field] ?? field);
}

function fieldNumber({ value, written }: StructField, number: CallContext['number']): string {
  return written ? number(written) : cNumber(value as number | bigint, false);
}

/** The bytes of a field, also of one that is a number. */
function bytesOf({ type, value }: StructField): Uint8Array {
  if (value instanceof Uint8Array) {
    return value;
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  return bytes.subarray(0, fieldSizes[type]);
}

function trimmed(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
