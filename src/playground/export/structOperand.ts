import { isAddress, isData, type Value } from '../../common/call.js';
import { fieldSizes, layoutOf } from '../../common/tables/optionLayouts.js';
import { encodeOption, type SocketOption } from '../../common/tables/options.js';
import type { Operand, StructField } from './program.js';

/** Fields that every language can write down by themselves. */
const plainFields: ReadonlySet<string> = new Set(['i32', 'u32', 'i64', 'u64', 'u16', 'u8', 'in_addr']);

/** An option's value with its structure's fields, where these are plain; otherwise only its bytes. */
export function structOperand(option: SocketOption | undefined, value: Value): Operand {
  const bytes = encodeOption(option, value);
  const none: Operand = { kind: 'struct', type: '', fields: [], bytes };
  if (!option || value === null || typeof value !== 'object' || isAddress(value) || value.kind !== 'struct') {
    return none;
  }
  const { structs, type } = layoutOf(option.layout);
  const types = type.split(', ');
  const index = (structs ?? []).findIndex((fields) =>
    value.fields.every(({ name }) => fields.some(([known]) => known === name)),
  );
  const layout = structs?.[index];
  const name = types[index];
  if (!layout || name === undefined || !layout.every(([, kind]) => plainFields.has(kind))) {
    return none;
  }
  let offset = 0;
  const fields = layout.map(([field, kind]): StructField => {
    const at = offset;
    offset += fieldSizes[kind];
    const given = value.fields.find((each) => each.name === field)?.value ?? 0;
    const isBytes = kind === 'in_addr' || isData(given);
    return {
      name: field,
      type: kind,
      value: isBytes ? bytes.slice(at, offset) : (given as number | bigint),
    };
  });
  return { kind: 'struct', type: name, fields, bytes };
}
