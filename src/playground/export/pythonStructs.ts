import { type FieldType, fieldSizes } from '../../common/tables/fieldTypes.js';
import type { IntOperand, NumberOperand, StructField, StructOperand } from './program.js';
import { knownBytes } from './structOperand.js';
import type { CallContext } from './pythonContext.js';
import { pythonBytes } from './pythonLiterals.js';

type Numbers = Pick<CallContext, 'number' | 'modules'>;

/** The formats of the module `struct`; padding is `4x`. */
const formats: Partial<Record<FieldType, string>> = {
  u8: 'B',
  u16: 'H',
  i32: 'i',
  u32: 'I',
  i64: 'q',
  u64: 'Q',
  in_addr: '4s',
  in6_addr: '16s',
  name16: '16s',
  sockaddr16: '16s',
  bytes6: '6s',
  bytes8: '8s',
};

const intFormats: Readonly<Record<IntOperand['type'], string>> = { int: 'i', uint16_t: 'H', uint64_t: 'Q' };

/** A value in memory as bytes. */
export function packed(operand: IntOperand | StructOperand, context: Numbers): string {
  if (operand.kind === 'int') {
    context.modules.add('struct');
    return `struct.pack('${intFormats[operand.type]}', ${intText(operand.value, context)})`;
  }
  const { fields } = operand;
  const padding = (type: FieldType) => (type.startsWith('pad') ? `${fieldSizes[type]}x` : undefined);
  const codes = fields.map(({ type }) => formats[type] ?? padding(type));
  if (fields.length === 0 || codes.includes(undefined)) {
    return pythonBytes(knownBytes(operand));
  }
  context.modules.add('struct');
  const values = fields.filter(({ name }) => name !== '').map((field) => fieldText(field, context));
  // Where there is padding, it stands there by itself.
  const order = fields.some(({ name }) => name === '') ? '=' : '';
  return `struct.pack('${order}${codes.join('')}', ${values.join(', ')})`;
}

/** An int of 4 bytes, modulo 2^32. */
export function intText(operand: NumberOperand, { number }: Numbers): string {
  const { value } = operand;
  return value !== undefined && (value > 0x7fffffff || value < -0x80000000)
    ? String(BigInt.asIntN(32, BigInt(value)))
    : number(operand);
}

/** Compares fields of a structure that stands in a variable as bytes. */
export function checkFields(
  { line, helpers, number }: CallContext,
  { fields }: StructOperand,
  bytes: string,
): string[] {
  return fields.map(({ name, type, offset, value, written }) => {
    const part = `${bytes}[${offset}:${offset + fieldSizes[type]}]`;
    if (!(value instanceof Uint8Array)) {
      const said = written ? number(written) : String(value);
      return `${helpers.use('check_number')}(${line.number}, '${name}', ${numberIn(part, type.startsWith('i'))}, ${said})`;
    }
    const isName = type === 'name16';
    const end = isName ? value.indexOf(0) : -1;
    const said = end < 0 ? value : value.subarray(0, end);
    return `${helpers.use('check_data')}(${line.number}, ${part}${isName ? ".split(b'\\0')[0]" : ''}, ${pythonBytes(said)})`;
  });
}

/** The number that bytes are in this machine's order. */
export function numberIn(bytes: string, isSigned: boolean): string {
  return `int.from_bytes(${bytes}, sys.byteorder${isSigned ? ', signed=True' : ''})`;
}

function fieldText({ type, value, written }: StructField, { number }: Numbers): string {
  if (!(value instanceof Uint8Array)) {
    return written ? number(written) : String(value);
  }
  if (type === 'in_addr') {
    return `socket.inet_aton('${value.join('.')}')`;
  }
  const end = type === 'name16' ? value.indexOf(0) : -1;
  return pythonBytes(end < 0 ? value : value.subarray(0, end));
}
