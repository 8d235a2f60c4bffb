import { isAddress, type Value } from '../../common/call.js';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../../common/ipAddress.js';
import { t } from '../../common/l10n.js';
import { unescape } from '../../common/notation/literal.js';
import { parseValueText, type ValueReading } from '../../common/notation/parser.js';
import { printAddress } from '../../common/notation/printer.js';
import type { SocketAddress } from '../../common/socket.js';
import type { Platform } from '../../common/tables/constants.js';
import { parseHex } from '../../common/payloadText.js';
import type { Problem } from './problem.js';

/** What an address is entered as: one field with the notation's text, or the fields of its family. */
export type AddressKind =
  | 'text'
  | 'AF_INET'
  | 'AF_INET6'
  | 'unixPath'
  | 'unixAbstract'
  | 'unixUnnamed'
  | 'AF_NETLINK'
  | 'AF_PACKET'
  | 'AF_VSOCK'
  | 'AF_CAN'
  | 'raw';

/** An address as it is being entered. */
export interface AddressDraft {
  kind: AddressKind;
  fields: Readonly<Record<string, string>>;
}

export interface AddressField {
  name: string;
  /** Beside the first one, which goes by the argument's name. */
  label: () => string;
  placeholder?: () => string;
  isWide?: boolean;
  /** What is offered besides free entry: constants by name, or the machine's interfaces. */
  choices?: 'interfaces' | 'ethertypes' | readonly string[];
  /** Seldom wanted: shown when asked for, and when it holds something. */
  isAdvanced?: boolean;
}

interface Kind {
  label: () => string;
  fields: readonly AddressField[];
  read(fields: Readonly<Record<string, string>>, platform: Platform): AddressReading;
}

/** A host name that is resolved before the call. */
export interface HostName {
  host: string;
  port: number;
}

/** The address, or what is wrong with one of its fields. Undefined when nothing is entered. */
export type AddressReading =
  | { value: Value; hostName?: HostName }
  | { problem: Problem; field: string }
  | undefined;

const anyInterface = 'lo';

/** The families whose addresses have fields, in the order of the menu. */
const kinds: Readonly<Record<Exclude<AddressKind, 'text'>, Kind>> = {
  AF_INET: {
    label: () => 'IPv4',
    fields: [
      { name: 'address', label: () => t('address'), placeholder: () => '127.0.0.1', isWide: true },
      { name: 'port', label: () => t('port'), placeholder: () => '8080' },
    ],
    read: (fields, platform) =>
      invalidIPv4(text(fields, 'address')) ??
      composed(
        [
          ['address', text(fields, 'address')],
          ['', ':'],
          ['port', text(fields, 'port')],
        ],
        platform,
      ),
  },
  AF_INET6: {
    label: () => 'IPv6',
    fields: [
      { name: 'address', label: () => t('address'), placeholder: () => '::1', isWide: true },
      { name: 'port', label: () => t('port'), placeholder: () => '8080' },
      {
        name: 'scope',
        label: () => t('scope'),
        placeholder: () => anyInterface,
        choices: 'interfaces',
        isAdvanced: true,
      },
      { name: 'flowinfo', label: () => t('flow'), placeholder: () => '0', isAdvanced: true },
    ],
    read: readInet6,
  },
  unixPath: {
    label: () => t('Unix path'),
    fields: [{ name: 'path', label: () => t('path'), placeholder: () => '/tmp/x.sock', isWide: true }],
    read: ({ path }) => readUnix(path, 'path', false),
  },
  unixAbstract: {
    label: () => t('Unix abstract'),
    fields: [{ name: 'name', label: () => t('name'), placeholder: () => 'playground', isWide: true }],
    read: ({ name }) => readUnix(name, 'name', true),
  },
  unixUnnamed: {
    label: () => t('Unix unnamed'),
    fields: [],
    read: () => ({ value: { family: 'AF_UNIX', name: new Uint8Array(0), isAbstract: false } }),
  },
  AF_NETLINK: {
    label: () => 'Netlink',
    fields: [
      { name: 'pid', label: () => 'pid', placeholder: () => t('0: the kernel') },
      { name: 'groups', label: () => t('groups'), placeholder: () => '0' },
    ],
    read: (fields, platform) =>
      composed(
        [
          ['', 'netlink:'],
          ['pid', text(fields, 'pid') || '0'],
          ['', '/'],
          ['groups', text(fields, 'groups') || '0'],
        ],
        platform,
      ),
  },
  AF_PACKET: {
    label: () => 'Packet',
    fields: [
      {
        name: 'interface',
        label: () => t('interface'),
        placeholder: () => anyInterface,
        choices: 'interfaces',
      },
      {
        name: 'protocol',
        label: () => t('protocol'),
        placeholder: () => 'ETH_P_ALL',
        choices: 'ethertypes',
        isWide: true,
      },
    ],
    read: (fields, platform) =>
      missing(fields, 'interface', t('The interface is missing: a name or an index.')) ??
      composed(
        [
          ['', 'packet:'],
          ['interface', text(fields, 'interface')],
          ['', '/'],
          ['protocol', text(fields, 'protocol') || '0'],
        ],
        platform,
      ),
  },
  AF_VSOCK: {
    label: () => 'VSOCK',
    fields: [
      {
        name: 'cid',
        label: () => 'cid',
        placeholder: () => 'VMADDR_CID_LOCAL',
        choices: ['VMADDR_CID_LOCAL', 'VMADDR_CID_HOST', 'VMADDR_CID_ANY', 'VMADDR_CID_HYPERVISOR'],
        isWide: true,
      },
      {
        name: 'port',
        label: () => t('port'),
        placeholder: () => '1234',
        choices: ['VMADDR_PORT_ANY'],
      },
    ],
    read: (fields, platform) =>
      missing(fields, 'cid', t('The context id is missing.')) ??
      composed(
        [
          ['', 'vsock:'],
          ['cid', text(fields, 'cid')],
          ['', ':'],
          ['port', text(fields, 'port')],
        ],
        platform,
      ),
  },
  AF_CAN: {
    label: () => 'CAN',
    fields: [
      {
        name: 'interface',
        label: () => t('interface'),
        placeholder: () => 'vcan0',
        choices: 'interfaces',
        isWide: true,
      },
    ],
    read: (fields, platform) =>
      missing(fields, 'interface', t('The interface is missing: a name or an index.')) ??
      composed(
        [
          ['', 'can:'],
          ['interface', text(fields, 'interface')],
        ],
        platform,
      ),
  },
  raw: {
    label: () => t('bytes'),
    fields: [
      { name: 'hex', label: () => t('bytes'), placeholder: () => '02 00 1f 90 7f 00 00 01', isWide: true },
    ],
    read: ({ hex = '' }) => {
      const bytes = parseHex(hex);
      return bytes.kind === 'bytes'
        ? { value: { family: 'raw', bytes: bytes.bytes } }
        : { problem: { message: bytes.message, offset: bytes.offset }, field: 'hex' };
    },
  },
};

export const addressKinds: readonly AddressKind[] = [
  ...(Object.keys(kinds) as Exclude<AddressKind, 'text'>[]),
  'text',
];

export function addressKindLabel(kind: AddressKind): string {
  return kind === 'text' ? t('as text') : kinds[kind].label();
}

export function addressFields(kind: AddressKind): readonly AddressField[] {
  return kind === 'text'
    ? [
        {
          name: 'text',
          label: () => t('address'),
          placeholder: () => '127.0.0.1:8080, [::1]:80, unix:/tmp/x.sock, localhost:80',
          isWide: true,
        },
      ]
    : kinds[kind].fields;
}

/** The address that the fields stand for. */
export function readAddressDraft({ kind, fields }: AddressDraft, platform: Platform): AddressReading {
  const isEmpty = addressFields(kind).every(({ name }) => text(fields, name) === '');
  if (isEmpty && kind !== 'unixUnnamed') {
    return undefined;
  }
  return kind === 'text'
    ? composed([['text', text(fields, 'text')]], platform)
    : kinds[kind].read(fields, platform);
}

function text(fields: Readonly<Record<string, string>>, name: string): string {
  return (fields[name] ?? '').trim();
}

function missing(fields: Readonly<Record<string, string>>, field: string, message: string): AddressReading {
  return text(fields, field) === ''
    ? { problem: { message, offset: null, isMissing: true }, field }
    : undefined;
}

/** Reads the notation's text that is made of the fields, and finds the field of a problem again. */
function composed(
  pieces: readonly (readonly [field: string, text: string])[],
  platform: Platform,
): AddressReading {
  const source = pieces.map(([, piece]) => piece).join('');
  const read: ValueReading = parseValueText(source, 'sockaddr', { platform });
  if (!('message' in read)) {
    return read.hostName ? { value: read.value, hostName: read.hostName } : { value: read.value };
  }
  let start = 0;
  let place: { field: string; offset: number | null } | undefined;
  for (const [field, piece] of pieces) {
    const end = start + piece.length;
    if (field !== '' && (place === undefined || read.range.start >= start)) {
      const isInside = read.range.start >= start && read.range.start < end;
      place = { field, offset: isInside && read.range.start > start ? read.range.start - start : null };
    }
    start = end;
  }
  return { problem: { message: read.message, offset: place?.offset ?? null }, field: place?.field ?? '' };
}

/** A name is resolved; anything else is four numbers. */
function invalidIPv4(address: string): AddressReading {
  return /^[A-Za-z][A-Za-z0-9.-]*$/.test(address) || parseIPv4(address)
    ? undefined
    : { problem: { message: t('{0} is no IPv4 address.', address), offset: null }, field: 'address' };
}

function readInet6(fields: Readonly<Record<string, string>>, platform: Platform): AddressReading {
  const address = text(fields, 'address');
  const scope = text(fields, 'scope');
  const flowinfo = text(fields, 'flowinfo');
  // A name is resolved; anything else stands in brackets.
  const isName = /^[A-Za-z][A-Za-z0-9.-]*$/.test(address) && !parseIPv6(address);
  const read = composed(
    isName
      ? [
          ['address', address],
          ['', ':'],
          ['port', text(fields, 'port')],
        ]
      : [
          ['', '['],
          ['address', address],
          ['', scope === '' ? ']:' : '%'],
          ...(scope === ''
            ? []
            : ([
                ['scope', scope],
                ['', ']:'],
              ] as const)),
          ['port', text(fields, 'port')],
        ],
    platform,
  );
  if (!isName && !parseIPv6(address)) {
    const ipv4 = parseIPv4(address);
    return {
      problem: {
        message: ipv4
          ? t('{0} is an IPv4 address; as IPv6 it is {1}.', formatIPv4(ipv4), `::ffff:${formatIPv4(ipv4)}`)
          : t('{0} is no IPv6 address.', address),
        offset: null,
      },
      field: 'address',
    };
  }
  if (!read || 'problem' in read || flowinfo === '') {
    return read;
  }
  const flow = parseValueText(flowinfo, 'size', { platform });
  if ('message' in flow || typeof flow.value !== 'number' || flow.value > 0xffffffff) {
    const message =
      'message' in flow
        ? flow.message
        : t('{0} does not fit here: from {1} to {2}.', flowinfo, 0, 0xffffffff);
    return { problem: { message, offset: null }, field: 'flowinfo' };
  }
  const { value } = read;
  return isAddress(value) && value.family === 'AF_INET6'
    ? { value: { ...value, address: formatIPv6(parseIPv6(value.address)!), flowinfo: flow.value } }
    : read;
}

/** A path, or an abstract name, as it is typed: with the escapes of C for what cannot be. */
function readUnix(written: string | undefined, field: string, isAbstract: boolean): AddressReading {
  let problem: Problem | undefined;
  const name = unescape(written ?? '', 0, (message, { start }) => {
    problem ??= { message, offset: start };
  });
  if (problem) {
    return { problem, field };
  }
  const value: SocketAddress = { family: 'AF_UNIX', name, isAbstract };
  // The notation knows how long a name may be.
  const read = parseValueText(printAddress(value), 'sockaddr', { platform: 'linux' });
  return 'message' in read ? { problem: { message: read.message, offset: null }, field } : { value };
}
