import { dataValue, isAddress, isData, type Call, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { parseValueText } from '../../common/notation/parser.js';
import { printAddress, printValue } from '../../common/notation/printer.js';
import {
  constantName,
  formatFlags,
  type ConstantGroup,
  type Platform,
} from '../../common/tables/constants.js';
import { type CallName, type Parameter, signatureOf } from '../../common/tables/signatures.js';
import {
  parseBase64,
  parseHex,
  parseText,
  payloadText,
  type PayloadResult,
  toHexText,
} from '../text/payload.js';
import { controlOf, emptyDraft, emptyPayload, type Draft, type PayloadDraft } from './fields.js';

/** What is wrong with a field, and where in its text. */
export interface Problem {
  message: string;
  /** Offset in UTF-16 units; null when it is the field as a whole. */
  offset: number | null;
}

/** The form as a call, or what is missing for one. */
export interface FormReading {
  /** Complete only without problems. */
  call: Call;
  hostName: { host: string; port: number } | null;
  problems: ReadonlyMap<number, Problem>;
}

/** What the payload field stands for at the moment. */
export function readPayload(draft: PayloadDraft): PayloadResult {
  switch (draft.mode) {
    case 'text':
      return parseText(draft.text, draft.ending);
    case 'hex':
      return parseHex(draft.hex);
    case 'base64':
      return parseBase64(draft.base64);
    case 'file':
      return draft.file
        ? { kind: 'bytes', bytes: draft.file.bytes }
        : { kind: 'error', message: t('Choose a file.'), offset: 0 };
  }
}

/**
 * Reads the form's fields.
 * @param target The descriptor for the first parameter; null for a call without one.
 */
export function readForm(
  name: CallName,
  target: number | Problem | null,
  draft: Draft,
  platform: Platform,
): FormReading {
  const problems = new Map<number, Problem>();
  const values: (Value | undefined)[] = [];
  let hostName: FormReading['hostName'] = null;
  const { parameters } = signatureOf(name);
  parameters.forEach((parameter, index) => {
    const read = readField(parameter, index, target, draft, values, platform);
    if (read && 'problem' in read) {
      problems.set(index, read.problem);
    } else {
      hostName = read?.hostName ?? hostName;
    }
    values.push(read && 'value' in read ? read.value : undefined);
  });
  return { call: { name, args: withoutTail(values, parameters) }, hostName, problems };
}

type FieldReading =
  { value: Value; hostName?: { host: string; port: number } } | { problem: Problem } | undefined;

function readField(
  parameter: Parameter,
  index: number,
  target: number | Problem | null,
  draft: Draft,
  before: readonly (Value | undefined)[],
  platform: Platform,
): FieldReading {
  switch (controlOf(parameter)) {
    case 'target':
      return target === null
        ? { problem: { message: t('Choose a socket.'), offset: null } }
        : typeof target === 'number'
          ? { value: target }
          : { problem: target };
    case 'flags':
      return { value: draft.flags[index] ?? 0 };
    case 'payload': {
      const payload = readPayload(draft.payload);
      return payload.kind === 'bytes'
        ? { value: dataValue(payload.bytes) }
        : { problem: { message: payload.message, offset: payload.offset } };
    }
    case 'none':
      return undefined;
    default:
      return readText(parameter, (draft.texts[index] ?? '').trim(), before, platform);
  }
}

function readText(
  parameter: Parameter,
  text: string,
  before: readonly (Value | undefined)[],
  platform: Platform,
): FieldReading {
  if (text === '') {
    return parameter.isOptional
      ? undefined
      : { problem: { message: t('{0} is missing.', parameter.name), offset: null } };
  }
  const level = before[1];
  const option = before[2];
  const read = parseValueText(text, parameter.type, {
    platform,
    ...(typeof level === 'number' ? { level } : {}),
    ...(typeof option === 'number' ? { optname: option } : {}),
  });
  if ('message' in read) {
    return { problem: { message: read.message, offset: read.range.start } };
  }
  return read.hostName ? { value: read.value, hostName: read.hostName } : { value: read.value };
}

/** The arguments up to the last one that says something; those before it that were left out get the obvious value. */
function withoutTail(values: (Value | undefined)[], parameters: readonly Parameter[]): Value[] {
  let length = values.length;
  while (length > 0 && values[length - 1] === undefined && parameters[length - 1]!.isOptional) {
    length--;
  }
  return values.slice(0, length).map((value, index) => value ?? obviousValue(values, parameters, index));
}

function obviousValue(
  values: readonly (Value | undefined)[],
  parameters: readonly Parameter[],
  index: number,
): Value {
  switch (parameters[index]!.type) {
    case 'size': {
      const data = values[index - 1];
      return isData(data) ? data.length : 0;
    }
    case 'msgflags':
    case 'sockflags':
    case 'protocol':
      return 0;
    default:
      return { kind: 'any' };
  }
}

/** The form that shows a call: of a suggestion, a preset, or a record that is made again. */
export function draftOf(call: Call, platform: Platform, base: Draft = emptyDraft): Draft {
  const texts: Record<number, string> = {};
  const flags: Record<number, number> = {};
  let { payload } = base;
  const { parameters } = signatureOf(call.name);
  parameters.forEach((parameter, index) => {
    const value = call.args[index];
    if (value === undefined) {
      return;
    }
    switch (controlOf(parameter)) {
      case 'flags':
        flags[index] = typeof value === 'number' ? value : 0;
        break;
      case 'payload':
        payload = isData(value) ? payloadDraft(value.bytes, payload) : payload;
        break;
      case 'constant':
      case 'text':
        texts[index] = fieldText(parameter, value, call, platform);
        break;
      default:
    }
  });
  const data = parameters.findIndex(({ type }) => type === 'data');
  const dataArgument = data < 0 ? undefined : call.args[data];
  if (isData(dataArgument) && call.args[data + 1] === dataArgument.length) {
    // The whole of the data is what an empty field means.
    delete texts[data + 1];
  }
  return { texts, flags, payload };
}

function fieldText(parameter: Parameter, value: Value, call: Call, platform: Platform): string {
  if (isAddress(value)) {
    return printAddress(value, 'short');
  }
  if (typeof value !== 'number') {
    return printValue(value);
  }
  switch (parameter.type) {
    case 'socktype':
      return formatFlags('socktype', value, platform);
    case 'protocol':
      return value === 0
        ? '0'
        : (constantName('protocol', value, platform, numberAt(call, 0)) ?? String(value));
    case 'optname':
      return constantName('optname', value, platform, numberAt(call, 1)) ?? String(value);
    case 'domain':
    case 'how':
    case 'level':
    case 'fcntlcmd':
    case 'ioctlrequest':
      return constantName(parameter.type satisfies ConstantGroup, value, platform) ?? String(value);
    default:
      return String(value);
  }
}

function numberAt(call: Call, index: number): number | undefined {
  const value = call.args[index];
  return typeof value === 'number' ? value : undefined;
}

function payloadDraft(bytes: Uint8Array, base: PayloadDraft): PayloadDraft {
  const text = payloadText(bytes, base.ending);
  return text === undefined
    ? { ...emptyPayload, ending: base.ending, mode: 'hex', hex: toHexText(bytes) }
    : { ...emptyPayload, ending: base.ending, mode: 'text', text };
}
