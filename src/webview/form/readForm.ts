import type { CallTemplate } from '../../common/callTemplate.js';
import { dataValue, isAddress, isData, itemsOf, type Call, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { unescape } from '../../common/notation/literal.js';
import { parseValueText } from '../../common/notation/parser.js';
import { printValue } from '../../common/notation/printer.js';
import { escapeBytes } from '../../common/notation/text.js';
import type { TemplateValues } from '../../common/payloadTemplate.js';
import type { PanelCall } from '../../common/protocol/panel.js';
import type { Named } from '../../common/socket.js';
import {
  constantName,
  formatFlags,
  type ConstantGroup,
  type Platform,
} from '../../common/tables/constants.js';
import {
  type CallName,
  type Parameter,
  parameterIndex,
  signatureOf,
} from '../../common/tables/signatures.js';
import { addressDraftOf, emptyAddress } from './address.js';
import { type AddressDraft, type HostName, readAddressDraft } from './addressKinds.js';
import { controlOf, emptyDraft, type Draft, structOfRequest } from './fields.js';
import { messageDraftOf, readMessage, readRoom, roomDraftOf } from './message.js';
import { emptyPayload, type PayloadDraft, payloadDraft, readPayload, templateOf } from './payload.js';
import { pollDraftsOf, readPollFds } from './poll.js';
import type { FieldKey, Problem, Problems } from './problem.js';
import { readStructFields, type StructDraft, structDraftOf } from './structFields.js';

/** The form as a call, or what is missing for one. */
export interface FormReading {
  /** Complete only without problems. */
  call: Call;
  hostName: HostName | null;
  problems: ReadonlyMap<FieldKey, Problem>;
}

/** What the fields are read for. */
export interface FormContext {
  /** The descriptor for the first parameter; null for a call without one. */
  target: number | Problem | null;
  /** The family of the socket behind it, for addresses whose kind nobody has chosen. */
  domain?: Named | null | undefined;
  platform: Platform;
  /** What the variables of payloads stand for. */
  values?: TemplateValues;
}

/** Reads the form's fields. */
export function readForm(name: CallName, draft: Draft, context: FormContext): FormReading {
  const reader = new FormReader(draft, context);
  const { parameters } = signatureOf(name);
  parameters.forEach((parameter, index) => reader.read(parameter, index));
  const { values, problems, hostName } = reader;
  return { call: { name, args: withoutTail(values, parameters) }, hostName, problems };
}

/** The payloads of the form that hold variables. */
export function templatesOf(name: CallName, draft: Draft): CallTemplate[] {
  return signatureOf(name).parameters.flatMap(({ type }, argument) => {
    const at = (payload: PayloadDraft, part: number | null): CallTemplate[] => {
      const source = templateOf(payload)?.source;
      return source ? [{ argument, part, source }] : [];
    };
    return type === 'data'
      ? at(draft.payload, null)
      : type === 'msghdr'
        ? draft.message.parts.flatMap((part, index) => at(part, index))
        : [];
  });
}

/** The address of a parameter as the form shows it. */
export function addressAt(draft: Draft, index: number, domain: Named | null | undefined): AddressDraft {
  const text = draft.texts[index] ?? '';
  return draft.addresses[index] ?? (text === '' ? emptyAddress(domain) : { kind: 'text', fields: { text } });
}

class FormReader {
  readonly values: (Value | undefined)[] = [];
  readonly problems: Problems = new Map();
  hostName: FormReading['hostName'] = null;

  constructor(
    private readonly draft: Draft,
    private readonly context: FormContext,
  ) {}

  read(parameter: Parameter, index: number): void {
    this.values.push(this.valueOf(parameter, index));
  }

  private valueOf(parameter: Parameter, index: number): Value | undefined {
    const { draft, problems, values } = this;
    const { target, platform } = this.context;
    switch (controlOf(parameter, values, platform)) {
      case 'target':
        return target === null
          ? this.fail(index, { message: t('Choose a socket.'), offset: null, isMissing: true })
          : typeof target === 'number'
            ? target
            : this.fail(index, target);
      case 'flags':
        return draft.flags[index] ?? 0;
      case 'switch':
        return { kind: 'list', items: [draft.flags[index] ?? 0] };
      case 'payload': {
        const payload = readPayload(draft.payload, this.context.values);
        return payload.kind === 'bytes'
          ? dataValue(payload.bytes)
          : this.fail(index, { message: payload.message, offset: payload.offset });
      }
      case 'address':
        return this.address(parameter, index);
      case 'message': {
        const name = addressAt(draft, index, this.context.domain);
        const { value, hostName } = readMessage(
          draft.message,
          name,
          platform,
          { index, problems },
          this.context.values,
        );
        this.hostName = hostName ?? this.hostName;
        return value;
      }
      case 'room':
        return readRoom(draft.room, platform, { index, problems });
      case 'pollfds':
        return readPollFds(draft.fds, index, problems);
      case 'path':
        return this.path(parameter, index);
      case 'struct':
        return readStructFields(
          structOfRequest(parameter.type, values[1], platform) ?? [],
          draft.structs[index] ?? {},
          platform,
          (field, problem) => problems.set(`${index}.${field}`, problem),
        );
      case 'none':
      case 'written':
        return undefined;
      default:
        return this.text(parameter, index);
    }
  }

  private fail(index: number, problem: Problem): undefined {
    this.problems.set(index, problem);
    return undefined;
  }

  private missing(parameter: Parameter, index: number): undefined {
    return parameter.isOptional
      ? undefined
      : this.fail(index, {
          message: t('{0} is missing.', parameter.name),
          offset: null,
          isMissing: true,
        });
  }

  private address(parameter: Parameter, index: number): Value | undefined {
    const draft = addressAt(this.draft, index, this.context.domain);
    const read = readAddressDraft(draft, this.context.platform);
    if (!read) {
      return this.missing(parameter, index);
    }
    if ('problem' in read) {
      if (draft.kind === 'text') {
        return this.fail(index, read.problem);
      }
      this.problems.set(`${index}.${read.field}`, read.problem);
      return undefined;
    }
    this.hostName = read.hostName ?? this.hostName;
    return read.value;
  }

  private path(parameter: Parameter, index: number): Value | undefined {
    const text = this.draft.texts[index] ?? '';
    if (text === '') {
      return this.missing(parameter, index);
    }
    let problem: Problem | undefined;
    const bytes = unescape(text, 0, (message, { start }) => {
      problem ??= { message, offset: start };
    });
    return problem ? this.fail(index, problem) : dataValue(bytes);
  }

  private text(parameter: Parameter, index: number): Value | undefined {
    const text = (this.draft.texts[index] ?? '').trim();
    if (text === '') {
      return obviousLength(parameter.type, this.values[index - 1]) ?? this.missing(parameter, index);
    }
    const [, second, third] = this.values;
    // Of fcntl and ioctl the request says what its argument is, of an option its level and name.
    const isRequest = parameter.type === 'ioctlarg' || parameter.type === 'fcntlarg';
    const [level, optname] = isRequest ? [undefined, second] : [second, third];
    const read = parseValueText(text, parameter.type, {
      platform: this.context.platform,
      ...(typeof level === 'number' ? { level } : {}),
      ...(typeof optname === 'number' ? { optname } : {}),
    });
    return 'message' in read
      ? this.fail(index, { message: read.message, offset: read.range.start })
      : read.value;
  }
}

/** The arguments up to the last one that says something; those before it that were left out get the obvious value. */
function withoutTail(values: (Value | undefined)[], parameters: readonly Parameter[]): Value[] {
  let length = values.length;
  while (length > 0 && values[length - 1] === undefined && parameters[length - 1]!.isOptional) {
    length--;
  }
  return values
    .slice(0, length)
    .map((value, index) => (value === undefined ? obviousValue(parameters[index]!) : value));
}

function obviousValue({ type }: Parameter): Value {
  return type === 'msgflags' || type === 'sockflags' || type === 'protocol' ? 0 : { kind: 'any' };
}

/** The length that goes without saying: of the data, or of the list of descriptors. */
function obviousLength(type: Parameter['type'], measured: Value | undefined): number | undefined {
  return type === 'size' && isData(measured)
    ? measured.length
    : type === 'nfds'
      ? itemsOf(measured).length
      : undefined;
}

/** The form that shows a call: of a suggestion, a preset, or a record that is made again. */
export function draftOf(call: Call, platform: Platform, base: Draft = emptyDraft): Draft {
  const texts: Record<number, string> = {};
  const flags: Record<number, number> = {};
  const addresses: Record<number, AddressDraft> = {};
  const structs: Record<number, StructDraft> = {};
  let { payload, message, room, fds } = base;
  const { parameters } = signatureOf(call.name);
  parameters.forEach((parameter, index) => {
    const value = call.args[index];
    if (value === undefined) {
      return;
    }
    switch (controlOf(parameter, call.args, platform)) {
      case 'flags':
        flags[index] = typeof value === 'number' ? value : 0;
        break;
      case 'switch': {
        const [item] = itemsOf(value);
        flags[index] = typeof item === 'number' ? item : 0;
        break;
      }
      case 'payload':
        payload = isData(value) ? payloadDraft(value.bytes, payload) : payload;
        break;
      case 'address':
        if (isAddress(value)) {
          addresses[index] = addressDraftOf(value, platform);
        } else if (value === null) {
          texts[index] = 'NULL';
        }
        break;
      case 'message': {
        const shown = messageDraftOf(value, platform, payload);
        ({ message } = shown);
        if (shown.name) {
          addresses[index] = shown.name;
        }
        break;
      }
      case 'room':
        room = roomDraftOf(value);
        break;
      case 'pollfds':
        fds = pollDraftsOf(value);
        break;
      case 'struct':
        structs[index] = structDraftOf(
          structOfRequest(parameter.type, call.args[1], platform) ?? [],
          value,
          platform,
        );
        break;
      case 'path':
        texts[index] = isData(value) ? escapeBytes(value.bytes, 'short') : '';
        break;
      case 'constant':
      case 'text':
        texts[index] = fieldText(parameter, value, call, platform);
        break;
      default:
    }
  });
  for (const [index, { type }] of parameters.entries()) {
    const length = call.args[index];
    if (length !== undefined && length === obviousLength(type, call.args[index - 1])) {
      // What an empty field means.
      delete texts[index];
    }
  }
  return { texts, flags, addresses, payload, message, room, fds, structs };
}

/** The form that shows a call as it was written: with its variables and the host name that was resolved. */
export function draftOfMade(
  { call, hostName, templates = [] }: PanelCall,
  platform: Platform,
  base: Draft,
): Draft {
  const draft = draftOf(call, platform, base);
  const parts = [...draft.message.parts];
  let { payload } = draft;
  for (const { part, source } of templates) {
    const { mode, text, ending } = source;
    const written: PayloadDraft = { ...emptyPayload, mode, ending, [mode]: text };
    if (part === null) {
      payload = written;
    } else {
      parts[part] = written;
    }
  }
  const index = parameterIndex(call.name, 'sockaddr');
  const named = draft.addresses[index];
  const addresses =
    hostName && named
      ? { ...draft.addresses, [index]: { ...named, fields: { ...named.fields, address: hostName.host } } }
      : draft.addresses;
  return { ...draft, addresses, payload, message: { ...draft.message, parts } };
}

function fieldText(parameter: Parameter, value: Value, call: Call, platform: Platform): string {
  if (typeof value !== 'number') {
    return printValue(value, parameter.type, { platform });
  }
  switch (parameter.type) {
    case 'socktype':
      return formatFlags('socktype', value, platform);
    case 'protocol':
      return value === 0 ? '0' : protocolText(value, numberAt(call, 0), platform);
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

/** A protocol by its name in that domain; of packet sockets the type of frame, in network order. */
function protocolText(value: number, domain: number | undefined, platform: Platform): string {
  return printValue(value, 'protocol', { platform }, domain === undefined ? [] : [domain]);
}

function numberAt(call: Call, index: number): number | undefined {
  const value = call.args[index];
  return typeof value === 'number' ? value : undefined;
}
