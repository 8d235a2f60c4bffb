import { dataValue, fieldOf, isData, isOfKind, type StructValue, type Value } from '../../common/call.js';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../../common/ipAddress.js';
import { t } from '../../common/l10n.js';
import { parseValueText } from '../../common/notation/parser.js';
import { printValue } from '../../common/notation/printer.js';
import { escapeBytes } from '../../common/notation/text.js';
import { constantName, names, type ConstantGroup, type Platform } from '../../common/tables/constants.js';
import type { FieldType } from '../../common/tables/fieldTypes.js';
import { layoutOf, type OptionLayout } from '../../common/tables/optionLayouts.js';
import type { PointerRequest } from '../../common/tables/pointerRequests.js';
import { encodeUtf8 } from '../../common/utf8.js';
import type { Problem } from './problem.js';

/** A field of a structure that is passed. */
export interface StructField {
  name: string;
  type: FieldType | 'pointer';
  /** Constants for its value. */
  choices: readonly string[];
}

/** The texts of a structure's fields, by their names. */
export type StructDraft = Readonly<Record<string, string>>;

/** Fields whose numbers have names. */
const groups: Readonly<Record<string, ConstantGroup>> = {
  l_type: 'optvalue:l_type',
  l_whence: 'optvalue:l_whence',
  type: 'optvalue:f_owner_type',
};

/** The fields of a structure to pass; undefined where the layout is none, or there is a choice of what to pass. */
export function structFields(
  layout: OptionLayout,
  platform: Platform,
  passed?: readonly string[],
): readonly StructField[] | undefined {
  const { scalar, structs = [] } = layoutOf(layout);
  const [fields] = structs;
  return scalar || !fields
    ? undefined
    : fields
        .filter(([name]) => name !== '' && (passed === undefined || passed.includes(name)))
        .map(([name, type]) => ({
          name,
          type,
          choices: groups[name] ? names(groups[name], platform) : [],
        }));
}

/** The fields that are passed with a request of fcntl or ioctl; undefined where it takes no structure. */
export function requestStruct(
  { direction, layout, passed }: PointerRequest,
  platform: Platform,
): readonly StructField[] | undefined {
  if (layout === 'ifconf') {
    return [
      { name: 'ifc_len', type: 'i32', choices: [] },
      { name: 'ifc_buf', type: 'pointer', choices: ['NULL'] },
    ];
  }
  return layout === null || direction === 'out' || direction === 'none'
    ? undefined
    : structFields(layout, platform, passed);
}

/** The structure that the fields hold; what is left empty is left out. Undefined where a field has a problem. */
export function readStructFields(
  fields: readonly StructField[],
  draft: StructDraft,
  platform: Platform,
  report: (field: string, problem: Problem) => void,
): StructValue | undefined {
  const read: StructValue['fields'] = [];
  let isWhole = true;
  for (const field of fields) {
    const text = (draft[field.name] ?? '').trim();
    if (text === '') {
      continue;
    }
    const value = readField(field, text, platform);
    if ('problem' in value) {
      report(field.name, value.problem);
      isWhole = false;
    } else {
      read.push({ name: field.name, value: value.value });
    }
  }
  return isWhole ? { kind: 'struct', fields: read } : undefined;
}

type FieldReading = { value: Value } | { problem: Problem };

function readField({ name, type }: StructField, text: string, platform: Platform): FieldReading {
  const fail = (message: string): FieldReading => ({ problem: { message, offset: null } });
  switch (type) {
    case 'name16':
      if (!text.startsWith('"')) {
        return { value: dataValue(encodeUtf8(text)) };
      }
      break;
    case 'in_addr':
    case 'in6_addr': {
      const bytes = type === 'in_addr' ? parseIPv4(text) : parseIPv6(text);
      return bytes
        ? { value: dataValue(bytes) }
        : fail(type === 'in_addr' ? t('{0} is no IPv4 address.', text) : t('{0} is no IPv6 address.', text));
    }
    case 'pointer':
      return text === 'NULL'
        ? { value: null }
        : fail(t('{0} is NULL, or left out where there is to be room.', name));
    default:
  }
  const kind = type.startsWith('sockaddr')
    ? 'sockaddr'
    : type === 'name16' || type.startsWith('bytes')
      ? 'data'
      : 'optval';
  const reading = parseValueText(text, kind, { platform });
  if ('message' in reading) {
    return { problem: { message: reading.message, offset: reading.range.start } };
  }
  const isNumber = typeof reading.value === 'number' || typeof reading.value === 'bigint';
  return kind === 'optval' && !isNumber
    ? fail(t('The field {0} takes a number.', name))
    : { value: reading.value };
}

/** The texts that show a structure. */
export function structDraftOf(
  fields: readonly StructField[],
  value: Value | undefined,
  platform: Platform,
): StructDraft {
  const texts: Record<string, string> = {};
  for (const { name, type } of fields) {
    const told = fieldOf(value, name);
    if (told !== undefined) {
      texts[name] = fieldText(name, type, passedValue(told), platform);
    }
  }
  return texts;
}

function fieldText(name: string, type: StructField['type'], value: Value, platform: Platform): string {
  if (isData(value)) {
    switch (type) {
      case 'in_addr':
        return formatIPv4(value.bytes);
      case 'in6_addr':
        return formatIPv6(value.bytes);
      case 'name16':
        return /^[\w.:@-]+$/.test(escapeBytes(value.bytes, 'short'))
          ? escapeBytes(value.bytes, 'short')
          : printValue(value, 'data', { platform });
      default:
    }
  }
  const group = groups[name];
  const constant = group && typeof value === 'number' ? constantName(group, value, platform) : undefined;
  return isAnyOrList(value) ? '' : (constant ?? printValue(value, 'optval', { platform }));
}

/** What was passed of a field that the kernel changes. */
function passedValue(value: Value): Value {
  return isOfKind(value, 'inout') ? value.value : value;
}

function isAnyOrList(value: Value): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'any' || value.kind === 'list')
  );
}
