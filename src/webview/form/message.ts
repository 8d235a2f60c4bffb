import {
  dataValue,
  fieldOf,
  isAddress,
  isData,
  isOfKind,
  itemsOf,
  type StructValue,
  type Value,
} from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { parseValueText } from '../../common/notation/parser.js';
import { printValue } from '../../common/notation/printer.js';
import type { TemplateValues } from '../../common/payloadTemplate.js';
import { constantName, type Platform } from '../../common/tables/constants.js';
import { addressDraftOf } from './address.js';
import { type AddressDraft, type HostName, readAddressDraft } from './addressKinds.js';
import { type ControlDraft, controlKind, controlStruct, emptyControl } from './control.js';
import { emptyPayload, type PayloadDraft, payloadDraft, readPayload } from './payload.js';
import type { FieldKey, Problem, Problems } from './problem.js';
import { readStructFields, structDraftOf } from './structFields.js';

/** The parts of a message to send besides its address. */
export interface MessageDraft {
  /** `msg_iov`: the payload in one piece or several. */
  parts: readonly PayloadDraft[];
  control: readonly ControlDraft[];
}

/** The room for a message to receive. */
export interface RoomDraft {
  /** Lengths of the buffers of `msg_iov`. */
  lengths: readonly string[];
  takesName: boolean;
  /** Room for control messages, in bytes; null where there is none. */
  controlLength: string | null;
}

export const emptyMessage: MessageDraft = { parts: [emptyPayload], control: [] };

/** Room for control messages where nothing else is said, in bytes: the host's own. */
const usualControlLength = 256;

export const emptyRoom: RoomDraft = {
  lengths: ['4096'],
  takesName: true,
  controlLength: String(usualControlLength),
};

/** Where the problems of a parameter's parts are collected. */
interface Report {
  index: number;
  problems: Problems;
}

function report({ index, problems }: Report, field: string, problem: Problem): undefined {
  problems.set(`${index}.${field}` satisfies FieldKey, problem);
  return undefined;
}

/** The `struct msghdr` of a message to send; what is wrong with it goes to the report. */
export function readMessage(
  draft: MessageDraft,
  name: AddressDraft,
  platform: Platform,
  to: Report,
  values?: TemplateValues,
): { value: StructValue; hostName: HostName | null } {
  const fields: StructValue['fields'] = [];
  const address = readAddressDraft(name, platform);
  let hostName: HostName | null = null;
  if (address && 'problem' in address) {
    report(to, address.field, address.problem);
  } else if (address) {
    fields.push({ name: 'msg_name', value: address.value });
    hostName = address.hostName ?? null;
  }
  const parts = draft.parts.map((part, place): Value | undefined => {
    const payload = readPayload(part, values);
    return payload.kind === 'bytes'
      ? {
          kind: 'struct',
          fields: [
            { name: 'iov_base', value: dataValue(payload.bytes) },
            { name: 'iov_len', value: payload.bytes.length },
          ],
        }
      : report(to, `iov.${place}`, { message: payload.message, offset: payload.offset });
  });
  fields.push({ name: 'msg_iov', value: listOf(parts) });
  if (draft.control.length > 0) {
    const control = draft.control.map((message, place) => readControl(message, place, platform, to));
    fields.push({ name: 'msg_control', value: listOf(control) });
  }
  return { value: { kind: 'struct', fields }, hostName };
}

function listOf(items: readonly (Value | undefined)[]): Value {
  return { kind: 'list', items: items.filter((item) => item !== undefined) };
}

function readControl(draft: ControlDraft, place: number, platform: Platform, to: Report): Value | undefined {
  const field = `control.${place}`;
  const level = readNumber(draft.level, 'level', platform, to, `${field}.level`);
  const type = readNumber(draft.type, 'optname', platform, to, `${field}.type`);
  const data = readControlData(draft, platform, to, field, level, type);
  return level === undefined || type === undefined || data === undefined
    ? undefined
    : {
        kind: 'struct',
        fields: [
          { name: 'cmsg_level', value: level },
          { name: 'cmsg_type', value: type },
          { name: 'cmsg_data', value: data },
        ],
      };
}

function readControlData(
  draft: ControlDraft,
  platform: Platform,
  to: Report,
  field: string,
  level: number | undefined,
  type: number | undefined,
): Value | undefined {
  switch (controlKind(draft, platform)) {
    case 'descriptors': {
      if (draft.descriptors.length === 0) {
        return report(to, `${field}.data`, {
          message: t('Choose a descriptor to pass.'),
          offset: null,
          isMissing: true,
        });
      }
      const items = draft.descriptors.map((text, at) => readDescriptor(text, to, `${field}.data.${at}`));
      return items.includes(undefined) ? undefined : listOf(items);
    }
    case 'credentials': {
      const fields = (['pid', 'uid', 'gid'] as const).map((name) => ({
        name,
        value: readNumber(draft.credentials[name], 'size', platform, to, `${field}.${name}`),
      }));
      return fields.some(({ value }) => value === undefined)
        ? undefined
        : { kind: 'struct', fields: fields as StructValue['fields'] };
    }
    case 'struct':
      return readStructFields(controlStruct(draft, platform), draft.struct, platform, (name, problem) =>
        report(to, `${field}.${name}`, problem),
      );
    case 'flags':
    case 'number':
    case 'value': {
      if (draft.data.trim() === '') {
        return report(to, `${field}.data`, {
          message: t('{0} is missing.', 'cmsg_data'),
          offset: null,
          isMissing: true,
        });
      }
      const read = parseValueText(draft.data, 'optval', {
        platform,
        ...(level === undefined || type === undefined ? {} : { level, optname: type }),
      });
      return 'value' in read
        ? read.value
        : report(to, `${field}.data`, { message: read.message, offset: read.range.start });
    }
  }
}

function readNumber(
  text: string,
  type: 'level' | 'optname' | 'size',
  platform: Platform,
  to: Report,
  field: string,
): number | undefined {
  if (text.trim() === '') {
    return report(to, field, { message: t('A number is expected here.'), offset: null, isMissing: true });
  }
  const read = parseValueText(text, type, { platform });
  return 'value' in read && typeof read.value === 'number'
    ? read.value
    : report(to, field, {
        message:
          'message' in read
            ? read.message
            : typeof read.value === 'bigint'
              ? t('{0} does not fit here: from {1} to {2}.', text.trim(), 0, Number.MAX_SAFE_INTEGER)
              : t('A number is expected here.'),
        offset: 'message' in read ? read.range.start : null,
      });
}

/** A descriptor as a whole number; −1 and others that are not open are passed on as well. */
export function readDescriptor(text: string, to: Report, field: string): number | undefined {
  const written = text.trim();
  if (written === '') {
    return report(to, field, { message: t('A descriptor is missing.'), offset: null, isMissing: true });
  }
  const fd = /^-?\d{1,10}$/.test(written) ? Number(written) : Number.NaN;
  return Number.isSafeInteger(fd) && Math.abs(fd) <= 0x7fffffff
    ? fd
    : report(to, field, { message: t('A descriptor is a whole number.'), offset: null });
}

/** The `struct msghdr` of a message to receive: the room that the kernel is given. */
export function readRoom(draft: RoomDraft, platform: Platform, to: Report): StructValue {
  const fields: StructValue['fields'] = [];
  if (draft.takesName) {
    fields.push({ name: 'msg_name', value: { kind: 'any' } });
  }
  const buffers = draft.lengths.map((text, place): Value | undefined => {
    const length = readNumber(text, 'size', platform, to, `iov.${place}`);
    return length === undefined
      ? undefined
      : {
          kind: 'struct',
          fields: [
            { name: 'iov_base', value: { kind: 'any' } },
            { name: 'iov_len', value: length },
          ],
        };
  });
  fields.push({ name: 'msg_iov', value: listOf(buffers) });
  if (draft.controlLength !== null) {
    const length = readNumber(draft.controlLength, 'size', platform, to, 'controllen');
    fields.push({ name: 'msg_control', value: { kind: 'any' } });
    if (length !== undefined && length !== usualControlLength) {
      fields.push({ name: 'msg_controllen', value: { kind: 'inout', value: length, result: null } });
    }
  }
  return { kind: 'struct', fields };
}

/** The fields that show a message to send: of a suggestion, a preset, or a record that is made again. */
export function messageDraftOf(
  value: Value,
  platform: Platform,
  base: PayloadDraft,
): { message: MessageDraft; name: AddressDraft | undefined } {
  const name = fieldOf(value, 'msg_name');
  return {
    message: {
      parts: itemsOf(fieldOf(value, 'msg_iov')).map((part) => {
        const data = fieldOf(part, 'iov_base');
        return isData(data) ? payloadDraft(data.bytes, base) : base;
      }),
      control: itemsOf(fieldOf(value, 'msg_control')).map((message) => controlDraftOf(message, platform)),
    },
    name: isAddress(name) ? addressDraftOf(name, platform) : undefined,
  };
}

function controlDraftOf(value: Value, platform: Platform): ControlDraft {
  const level = fieldOf(value, 'cmsg_level');
  const type = fieldOf(value, 'cmsg_type');
  const data = fieldOf(value, 'cmsg_data');
  const draft: ControlDraft = {
    ...emptyControl,
    level: typeof level === 'number' ? (constantName('level', level, platform) ?? String(level)) : '',
    type:
      typeof type === 'number'
        ? (constantName('cmsgtype', type, platform, typeof level === 'number' ? level : undefined) ??
          String(type))
        : '',
  };
  const kind = controlKind(draft, platform);
  if (kind === 'descriptors') {
    const descriptors = itemsOf(data).map((item) => (typeof item === 'number' ? String(item) : ''));
    return { ...draft, descriptors };
  }
  if (kind === 'credentials') {
    const text = (name: string) => {
      const value = fieldOf(data, name);
      return typeof value === 'number' ? String(value) : '';
    };
    return { ...draft, credentials: { pid: text('pid'), uid: text('uid'), gid: text('gid') } };
  }
  if (kind === 'struct') {
    return { ...draft, struct: structDraftOf(controlStruct(draft, platform), data, platform) };
  }
  const number = kind === 'value' ? undefined : numberIn(data);
  return { ...draft, data: data === undefined ? '' : printValue(number ?? data, 'optval', { platform }) };
}

/** A number that the kernel was given comes back as the only one of a list, or as its bytes. */
function numberIn(data: Value | undefined): number | undefined {
  if (isData(data) && data.bytes.length === 4) {
    return new DataView(data.bytes.buffer, data.bytes.byteOffset).getInt32(0, true);
  }
  const [number, ...others] = itemsOf(data);
  return typeof number === 'number' && others.length === 0 ? number : undefined;
}

/** The fields that show the room of a message to receive. What the kernel wrote is none of it. */
export function roomDraftOf(value: Value): RoomDraft {
  const lengths = itemsOf(fieldOf(value, 'msg_iov')).map((part) => {
    const length = fieldOf(part, 'iov_len');
    return typeof length === 'number' ? String(length) : emptyRoom.lengths[0]!;
  });
  const control = fieldOf(value, 'msg_control');
  const controlLength = fieldOf(value, 'msg_controllen');
  const hasControl = (control !== undefined && control !== null) || isPositive(controlLength);
  const name = fieldOf(value, 'msg_name');
  return {
    lengths,
    takesName: name !== undefined && name !== null,
    controlLength: hasControl ? String(passed(controlLength) ?? usualControlLength) : null,
  };
}

function isPositive(value: Value | undefined): boolean {
  return (passed(value) ?? 0) > 0;
}

/** What was passed for a length that the kernel changes. */
function passed(value: Value | undefined): number | undefined {
  if (typeof value === 'number') {
    return value;
  }
  return isOfKind(value, 'inout') ? value.value : undefined;
}
