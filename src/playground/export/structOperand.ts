import { isOfKind, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { Expression } from '../../common/notation/ast.js';
import { type Field, type FieldType, fieldSizes, structSize } from '../../common/tables/fieldTypes.js';
import { type Layout, layoutOf, type OptionLayout } from '../../common/tables/optionLayouts.js';
import { encodeOption } from '../../common/tables/options.js';
import { Unsupported } from './code.js';
import { fieldNode } from './nodes.js';
import type { IntType, NumberOperand, StructField, StructOperand } from './program.js';

/** Fields that have no bytes of their own kind in a program. */
const opaqueFields: ReadonlySet<FieldType> = new Set(['sockaddr', 'sockaddr6', 'filter']);

/** Something with bytes of a layout: an option, a request, a control message. */
export interface Laid {
  layout: OptionLayout;
}

/**
 * A value in memory with its structure's fields, where these can be written down by themselves; otherwise only its bytes.
 * @param node What is written, where its constants are to be kept.
 * @param number The constants that stand in a field; null where none do.
 */
export function structOperand(
  laid: Laid | undefined,
  value: Value,
  node?: Expression,
  number: (field: Expression) => NumberOperand | null = () => null,
): StructOperand {
  const bytes = encodeOption(laid, value);
  const found = laid && structOf(laid, value);
  if (!found || found.fields.some(([, type]) => opaqueFields.has(type))) {
    return { kind: 'struct', type: '', fields: [], bytes };
  }
  let at = 0;
  const fields = found.fields.map(([name, type]): StructField => {
    const offset = at;
    at += fieldSizes[type];
    const given = found.values.get(name) ?? 0;
    const isNumber = isInteger(type) && (typeof given === 'number' || typeof given === 'bigint');
    const written = node && name !== '' ? fieldNode(node, name) : undefined;
    return {
      name,
      type,
      offset,
      value: isNumber ? given : bytes.slice(offset, at),
      written: isNumber && written ? number(written) : null,
    };
  });
  return { kind: 'struct', type: found.type, fields, bytes };
}

/** The bytes of the whole, where a program need not ask for any of them. */
export function knownBytes({ fields, bytes }: StructOperand): Uint8Array {
  if (fields.some(({ written }) => written && written.value === undefined)) {
    throw new Unsupported(t('The number of an interface in this structure is not exported.'));
  }
  return bytes;
}

/** Those fields of which something is said, and the size of the whole. */
export function saidFields(laid: Laid, value: Value): StructOperand & { size: number } {
  const said = isOfKind(value, 'struct')
    ? { ...value, fields: value.fields.filter((field) => !isOfKind(field.value, 'any')) }
    : value;
  const operand = structOperand(laid, said);
  const values = valuesOf(said);
  const found = structOf(laid, said);
  return {
    ...operand,
    fields: operand.fields.filter(({ name }) => values?.has(name)),
    size: found ? structSize(found.fields) : operand.bytes.length,
  };
}

/** The type in C of a value that is one number; undefined where it is none. */
export function intTypeOf({ layout }: Laid): IntType | undefined {
  switch (layoutOf(layout).scalar) {
    case 'i32':
      return 'int';
    case 'u16':
      return 'uint16_t';
    case 'u64':
      return 'uint64_t';
    default:
      return undefined;
  }
}

/** The type in C of what a request writes, and its size. */
export function roomOf(laid: Laid): { type: string; length: number } {
  const layout = layoutOf(laid.layout);
  const [struct] = structsOf(layout);
  return struct
    ? { type: typeName(layout, 0), length: structSize(struct) }
    : { type: intTypeOf(laid) ?? 'int', length: layout.scalar ? fieldSizes[layout.scalar] : 4 };
}

function structOf(
  { layout: name }: Laid,
  value: Value,
): { type: string; fields: readonly Field[]; values: ReadonlyMap<string, Value> } | undefined {
  const values = valuesOf(value);
  const layout = layoutOf(name);
  const structs = structsOf(layout);
  const index = structs.findIndex((fields) =>
    [...(values?.keys() ?? [])].every((each) => fields.some(([known]) => known === each)),
  );
  const fields = structs[index];
  return values && fields ? { type: typeName(layout, index), fields, values } : undefined;
}

function valuesOf(value: Value): ReadonlyMap<string, Value> | undefined {
  return isOfKind(value, 'struct')
    ? new Map(value.fields.map((field) => [field.name, field.value]))
    : undefined;
}

function structsOf({ structs, elements }: Layout): readonly (readonly Field[])[] {
  return structs ?? (elements ? [elements] : []);
}

/** A layout of several structures names each, or says behind the first what else belongs to it. */
function typeName({ type, elements }: Layout, index: number): string {
  const types = type.split(', ');
  const name = types[index]?.startsWith('struct ') ? types[index] : (types[0] ?? '');
  return elements && name === 'struct ifconf' ? 'struct ifreq' : name;
}

function isInteger(type: FieldType): boolean {
  return /^[iu]\d+$/.test(type);
}
