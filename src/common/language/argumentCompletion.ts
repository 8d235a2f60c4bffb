import { t } from '../l10n.js';
import type { Token } from '../notation/scanner.js';
import { type ConstantGroup, constantValue, names, type Platform } from '../tables/constants.js';
import {
  findPointerRequest,
  type PointerRequest,
  requestExample,
  requestFields,
} from '../tables/pointerRequests.js';
import { layoutOf } from '../tables/optionLayouts.js';
import { optionLevels } from '../tables/optionLevels.js';
import { findOption, listOptions, type SocketOption } from '../tables/options.js';
import {
  fcntlArgument,
  settableOpenFlags,
  usualFcntlCommands,
  usualIoctlRequests,
} from '../tables/requests.js';
import { type Parameter, type ParameterType, signatureOf } from '../tables/signatures.js';
import type { CompletionItem } from './completion.js';
import { constantSentence } from './constantHelp.js';
import type { ArgumentPlace } from './place.js';
import type { VariableTracker } from './variables.js';

/** What one argument can be made of. */
interface Need {
  place: ArgumentPlace;
  variables: VariableTracker;
  platform: Platform;
}

/** The families that people use, before all others. */
const usualFamilies = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK', 'AF_PACKET'];

/** Addresses as they are begun, by family. */
const addressForms: readonly (readonly [family: string, label: string, snippet: string])[] = [
  ['AF_INET', '127.0.0.1:0', '127.0.0.1:${1:0}'],
  ['AF_INET6', '[::1]:0', '[::1]:${1:0}'],
  ['AF_UNIX', 'unix:/tmp/…', 'unix:/tmp/${1:playground}.sock'],
  ['AF_UNIX', 'unix:@…', 'unix:@${1:playground}'],
  ['AF_NETLINK', 'netlink:0/0', 'netlink:${1:0}/${2:0}'],
  ['AF_PACKET', 'packet:lo/ETH_P_ALL', 'packet:${1:lo}/${2:ETH_P_ALL}'],
  ['AF_VSOCK', 'vsock:1:1234', 'vsock:${1:1}:${2:1234}'],
  ['AF_CAN', 'can:vcan0', 'can:${1:vcan0}'],
];

const groups: Partial<Record<ParameterType, ConstantGroup>> = {
  msgflags: 'msgflags',
  how: 'how',
  sockflags: 'sockflags',
};

/** What fits an argument, by its type. */
const makers: Partial<Record<ParameterType, (need: Need) => CompletionItem[]>> = {
  fd: descriptors,
  domain: ({ platform }) => constants([...usualFamilies, ...names('domain', platform)], platform),
  socktype: ({ platform }) =>
    constants([...names('socktype', platform), ...names('sockflags', platform)], platform),
  protocol: ({ place, platform }) => [
    { label: '0', kind: 'value', detail: t('the usual one') },
    ...constants(names('protocol', platform, numberIn(place.before[0], platform)), platform),
  ],
  level: ({ place, variables, platform }) => constants(levelsOf(place, variables), platform),
  optname: ({ place, platform }) => optionItems(numberIn(place.before[1], platform), platform),
  optval: (need) => optionValues(need, ''),
  optvalOut: (need) => [any(), ...optionValues(need, '[]')],
  fcntlcmd: ({ platform }) => constants([...usualFcntlCommands, ...names('fcntlcmd', platform)], platform),
  fcntlarg: (need) => {
    const { place, platform } = need;
    const argument = fcntlArgument(numberIn(place.before[1], platform), platform);
    return argument === 'openflags' || argument === 'fdflags'
      ? constants(argument === 'openflags' ? settableOpenFlags : ['FD_CLOEXEC'], platform)
      : requestItems(need);
  },
  ioctlrequest: ({ platform }) =>
    constants([...usualIoctlRequests, ...names('ioctlrequest', platform)], platform),
  ioctlarg: (need) => requestItems(need),
  data: () => [
    snippet('"text"', '"${1:hello\\\\n}"'),
    snippet('hex("00 ff")', 'hex("${1:00 ff}")'),
    snippet('"a" * 1000', '"${1:a}" * ${2:1000}'),
    snippet('file("name")', 'file("${1:payload.bin}")'),
  ],
  buffer: () => [any(), snippet('"text"', '"${1:hello\\\\n}"'), snippet('4096', '${1:4096}')],
  size: lengths,
  sockaddr: (need) => [...askedAddresses(need), ...newAddresses(need)],
  sockaddrOut: (need) => [any(), ...askedAddresses(need)],
  msghdr: () => [snippet('{msg_iov=…}', '{msg_iov=[{iov_base="${1:x}", iov_len=${2:1}}]}')],
  msghdrOut: () => [snippet('{msg_iov=…}', '{msg_iov=[{iov_base="${1:x}", iov_len=${2:4096}}]}')],
  pollfds: ({ variables }) => {
    const [latest = 's'] = [...variables.entries()].map(([name]) => name).reverse();
    return [snippet('[{fd=…, events=POLLIN}]', `[{fd=\${1:${latest}}, events=\${2:POLLIN}}]`)];
  },
  timeout: () => [snippet('1000', '${1:1000}'), snippet('-1', '-1')],
};

/** Names of fields, and what their values are. */
const fieldTypes: Readonly<Record<string, ConstantGroup | 'fd' | 'address'>> = {
  fd: 'fd',
  events: 'pollevents',
  revents: 'pollevents',
  sa_family: 'domain',
  msg_flags: 'msgflags',
  msg_name: 'address',
  cmsg_level: 'level',
  cmsg_type: 'cmsgtype',
  cmsg_data: 'fd',
  l_type: 'optvalue:l_type',
  l_whence: 'optvalue:l_whence',
  type: 'optvalue:f_owner_type',
  ifr_flags: 'optvalue:ifr_flags',
};

/** The fields of the structures that are not an option's, by the argument and the field that they stand in. */
const fieldNames: Readonly<Record<string, readonly string[]>> = {
  msghdr: ['msg_name', 'msg_namelen', 'msg_iov', 'msg_control', 'msg_controllen', 'msg_flags'],
  msghdrOut: ['msg_name', 'msg_namelen', 'msg_iov', 'msg_control', 'msg_controllen', 'msg_flags'],
  pollfds: ['fd', 'events', 'revents'],
  sockaddr: ['sa_family'],
  sockaddrOut: ['sa_family'],
  msg_iov: ['iov_base', 'iov_len'],
  msg_control: ['cmsg_level', 'cmsg_type', 'cmsg_data'],
};

/** What fits the argument that the caret is in. */
export function argumentItems(
  place: ArgumentPlace,
  variables: VariableTracker,
  platform: Platform,
): CompletionItem[] {
  const need = { place, variables, platform };
  if (place.function === 'getsockname' || place.function === 'getpeername') {
    return descriptors(need);
  }
  const parameter = parameterOf(place);
  if (!parameter || place.function !== undefined) {
    return [];
  }
  const group = groups[parameter.type];
  return group ? constants(names(group, platform), platform) : (makers[parameter.type]?.(need) ?? []);
}

/** What fits inside a structure: its fields, or the value of one. */
export function structItems(
  place: ArgumentPlace,
  variables: VariableTracker,
  platform: Platform,
): CompletionItem[] {
  const need = { place, variables, platform };
  const field = place.fields.at(-1);
  if (field === undefined) {
    return fieldsOf(need)
      .filter((name) => !place.siblings.has(name))
      .map((label) => ({ label, kind: 'field', snippet: `${label}=` }));
  }
  const type = fieldTypes[field];
  switch (type) {
    case undefined:
      return [];
    case 'fd':
      return descriptors(need);
    case 'address':
      return [...askedAddresses(need), ...newAddresses(need)];
    default: {
      const level = numberIn(place.siblings.get('cmsg_level'), platform);
      return constants(names(type, platform, level), platform);
    }
  }
}

function fieldsOf({ place, platform }: Need): readonly string[] {
  const outer = place.fields.at(-2);
  const type = parameterOf(place)?.type;
  if (outer !== undefined) {
    return fieldNames[outer] ?? [];
  }
  if (type === 'optval' || type === 'optvalOut') {
    return optionFields(optionOf(place, platform));
  }
  const request = requestOf({ place, platform });
  return request ? requestFields(request) : (fieldNames[type ?? ''] ?? []);
}

/** The request of fcntl or ioctl whose argument the caret is in. */
function requestOf({ place, platform }: Pick<Need, 'place' | 'platform'>): PointerRequest | undefined {
  const type = parameterOf(place)?.type;
  const number = numberIn(place.before[1], platform);
  return type === undefined || number === undefined ? undefined : findPointerRequest(type, number, platform);
}

/** The form of what a request takes or tells. */
function requestItems(need: Need): CompletionItem[] {
  const request = requestOf(need);
  if (!request?.layout) {
    return [];
  }
  const example = requestExample(request);
  const items = [snippet(example, example)];
  return request.direction === 'out' ? [any(), ...items] : items;
}

function parameterOf({ call, index }: ArgumentPlace): Parameter | undefined {
  return signatureOf(call).parameters[index];
}

/** The sockets and pipes that lines before give, the latest first. */
function descriptors({ variables }: Need): CompletionItem[] {
  return [...variables.entries()]
    .filter(([, { kind }]) => kind === 'descriptor')
    .map(([label, { domain, type, giver }]): CompletionItem => ({
      label,
      kind: 'variable',
      detail: domain === undefined || type === undefined ? giver.name : `${domain}, ${type}`,
    }))
    .reverse();
}

function constants(labels: readonly string[], platform: Platform): CompletionItem[] {
  return [...new Set(labels)]
    .filter((label) => constantValue(label, platform) !== undefined)
    .map((label) => {
      const documentation = constantSentence(label, platform);
      return { label, kind: 'constant', ...(documentation === undefined ? {} : { documentation }) };
    });
}

function levelsOf(place: ArgumentPlace, variables: VariableTracker): string[] {
  const { domain, type } = descriptorOf(place, variables) ?? {};
  return domain === undefined || type === undefined
    ? optionLevels()
    : optionLevels({ domain, type, protocol: 0 });
}

/** What the descriptor of the call is, as far as the text tells. */
function descriptorOf({ before }: ArgumentPlace, variables: VariableTracker) {
  const [token, second] = before[0] ?? [];
  return token?.kind === 'name' && !second ? variables.get(token.text) : undefined;
}

function optionItems(level: number | undefined, platform: Platform): CompletionItem[] {
  return listOptions(platform, level).map(({ name, description, layout }) => ({
    label: name,
    kind: 'constant',
    detail: layoutOf(layout).type,
    documentation: description,
  }));
}

function optionOf({ before }: ArgumentPlace, platform: Platform): SocketOption | undefined {
  const [level, name] = [numberIn(before[1], platform), numberIn(before[2], platform)];
  return level === undefined || name === undefined ? undefined : findOption(level, name, platform);
}

function optionFields(option: SocketOption | undefined): string[] {
  const [struct = []] = option ? (layoutOf(option.layout).structs ?? []) : [];
  return struct.map(([name]) => name).filter((name) => name !== '');
}

/** @param brackets What stands around a single number: `[]` where the kernel writes it. */
function optionValues({ place, platform }: Need, brackets: '' | '[]'): CompletionItem[] {
  const option = optionOf(place, platform);
  if (!option) {
    return [];
  }
  const [open = '', close = ''] = brackets;
  const fields = optionFields(option);
  if (fields.length > 0) {
    const inside = fields.map((name, index) => `${name}=\${${index + 1}:0}`).join(', ');
    return [snippet(`{${fields.join(', ')}}`, `{${inside}}`)];
  }
  if (option.layout === 'bool') {
    return ['1', '0'].map((value) => snippet(`${open}${value}${close}`, `${open}${value}${close}`));
  }
  const values = option.names && option.names !== 'errno' ? names(option.names, platform) : [];
  return values.map((name) => ({
    ...snippet(`${open}${name}${close}`, `${open}${name}${close}`),
    kind: 'constant',
  }));
}

/** Addresses that another socket is asked for, of the same family where that is known. */
function askedAddresses({ place, variables }: Need): CompletionItem[] {
  const domain = descriptorOf(place, variables)?.domain;
  return [...variables.entries()]
    .filter(([, facts]) => domain === undefined || (facts.domain ?? domain) === domain)
    .flatMap(([name, { kind }]): CompletionItem[] =>
      kind === 'descriptor'
        ? [{ label: `getsockname(${name})`, kind: 'value', detail: t('the address of {0}', name) }]
        : kind === 'address'
          ? [{ label: name, kind: 'variable' }]
          : [],
    )
    .reverse();
}

function newAddresses({ place, variables }: Need): CompletionItem[] {
  const domain = descriptorOf(place, variables)?.domain;
  return addressForms
    .filter(([family]) => domain === undefined || family === domain)
    .map(([family, label, text]) => ({ ...snippet(label, text), detail: family }));
}

/** The length of the data before it. */
function lengths({ place }: Need): CompletionItem[] {
  const [token, second] = place.before[place.index - 1] ?? [];
  return token?.kind === 'string' && !second
    ? [{ label: String(token.bytes.length), kind: 'value', detail: t('the length of the data') }]
    : [];
}

/** The number that an argument is, where it is one name or one number. */
function numberIn(tokens: readonly Token[] | undefined, platform: Platform): number | undefined {
  const [token, second] = tokens ?? [];
  if (!token || second) {
    return undefined;
  }
  return token.kind === 'name'
    ? constantValue(token.text, platform)
    : token.kind === 'number'
      ? Number(token.text)
      : undefined;
}

function any(): CompletionItem {
  return { label: '_', kind: 'value', detail: t('anything') };
}

function snippet(label: string, text: string): CompletionItem {
  return { label, kind: 'value', snippet: text };
}
