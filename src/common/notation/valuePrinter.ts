import {
  dataValue,
  type DataValue,
  type InOutValue,
  isAddress,
  isData,
  isOfKind,
  type StructValue,
  type Value,
} from '../call.js';
import { formatIPv4, formatIPv6 } from '../ipAddress.js';
import type { SocketAddress } from '../socket.js';
import { constantName, constantValue, formatFlags, type Platform } from '../tables/constants.js';
import { errnoName } from '../tables/errnos.js';
import { encodeOption } from '../tables/options.js';
import type { CallName, ParameterType } from '../tables/signatures.js';
import { inetPton, interfaceIndex, writeAddress } from './addressPrinter.js';
import { shownFields } from './shownFields.js';
import { escapeBytes, type PrintStyle, repeatedUnit } from './text.js';
import type { TokenWriter } from './tokens.js';

/** How calls and values are printed. */
export interface PrintOptions {
  /** `short` by default. */
  style?: PrintStyle;
  /** `linux` by default. */
  platform?: Platform;
  /** Bytes of data that are printed before `...`; all of them by default. */
  maxData?: number;
  /** A name for a descriptor, printed instead of its number. */
  nameOf?: (fd: number) => string | undefined;
}

/** What a number is printed as: by its parameter, or by its field in a structure. */
type PrintedType =
  | ParameterType
  | 'cmsgtype'
  | 'pollevents'
  | 'errno'
  | 'optvalue:mr_type'
  | 'optvalue:ee_origin'
  | 'optvalue:ifr_flags'
  | 'optvalue:l_type'
  | 'optvalue:l_whence'
  | 'optvalue:f_owner_type';

/** Fields that hold addresses as bytes. */
const addressFields: ReadonlySet<string> = new Set([
  's_addr',
  'imr_multiaddr',
  'imr_interface',
  'imr_address',
  'imr_sourceaddr',
  'ipi_spec_dst',
  'ipi_addr',
]);

/** Fields that hold the number of an interface. */
const interfaceFields: ReadonlySet<string> = new Set([
  'gr_interface',
  'gsr_interface',
  'imr_ifindex',
  'ipi6_ifindex',
  'ipi_ifindex',
  'ipv6mr_interface',
  'mr_ifindex',
]);

const address6Fields: ReadonlySet<string> = new Set(['ipv6mr_multiaddr', 'ipi6_addr']);

/** Writes values as the arguments of calls. */
export class ValuePrinter {
  private readonly style: PrintStyle;
  private readonly platform: Platform;
  private readonly maxData: number;

  constructor(
    private readonly writer: TokenWriter,
    private readonly options: PrintOptions,
  ) {
    this.style = options.style ?? 'short';
    this.platform = options.platform ?? 'linux';
    this.maxData = options.maxData ?? Infinity;
  }

  value(value: Value, type: PrintedType, args: readonly Value[], name?: CallName): void {
    if (typeof value === 'number') {
      this.number(value, type, args, name);
    } else if (typeof value === 'bigint') {
      this.writer.write('number', value.toString());
    } else if (value === null) {
      this.writer.write('constant', 'NULL');
    } else if (isAddress(value)) {
      this.address(value);
    } else {
      switch (value.kind) {
        case 'data':
          this.data(value);
          return;
        case 'struct':
          if (this.style === 'strace' && (type === 'optval' || type === 'optvalOut')) {
            this.optionStruct(value);
          } else {
            this.struct(shownFields(value.fields, type, this.style));
          }
          return;
        case 'list':
          this.writer.list('[', value.items, ']', (item) => this.value(item, itemType(type), args));
          return;
        case 'inout':
          this.writer.write('punctuation', '[');
          this.inOut(value, type);
          this.writer.write('punctuation', ']');
          return;
        case 'any':
          this.writer.write('punctuation', '_');
      }
    }
  }

  private address(address: SocketAddress): void {
    writeAddress(this.writer, address, this.style, this.platform);
  }

  private data({ bytes, length }: DataValue): void {
    const unit = this.style === 'short' && bytes.length === length ? repeatedUnit(bytes) : undefined;
    if (unit) {
      this.writer.write('string', `"${escapeBytes(unit, this.style)}"`);
      this.writer.write('punctuation', ' * ');
      this.writer.write('number', String(length / unit.length));
      return;
    }
    const shown = Math.min(bytes.length, this.maxData);
    const isCut = shown < length;
    const inside = escapeBytes(shown < bytes.length ? bytes.subarray(0, shown) : bytes, this.style);
    this.writer.write('string', `"${inside}"${isCut ? '...' : ''}`);
  }

  /** strace knows fewer structures as options' values: times are data, one address is an int. */
  private optionStruct(value: StructValue): void {
    const [first] = value.fields;
    if (first?.name === 'tv_sec') {
      this.data(dataValue(encodeOption(undefined, value)));
    } else if (first?.name === 's_addr') {
      const [number] = new Int32Array(encodeOption(undefined, value).slice().buffer);
      this.value({ kind: 'list', items: [number!] }, 'optvalOut', []);
    } else {
      this.struct(value.fields);
    }
  }

  private struct(fields: readonly { name: string; value: Value }[]): void {
    this.writer.list('{', fields, '}', ({ name, value }) => {
      if (isData(value) && address6Fields.has(name) && value.bytes.length === 16) {
        inetPton(formatIPv6(value.bytes), name)(this.writer);
        return;
      }
      this.writer.write('punctuation', `${name}=`);
      if (isData(value) && addressFields.has(name) && value.bytes.length === 4) {
        this.writer.write('punctuation', 'inet_addr(');
        this.writer.write('string', `"${formatIPv4(value.bytes)}"`);
        this.writer.write('punctuation', ')');
        return;
      }
      if (isData(value) && interfaceFields.has(name)) {
        interfaceIndex(String.fromCharCode(...value.bytes))(this.writer);
        return;
      }
      if (this.style === 'strace' && isOfKind(value, 'inout')) {
        if (name === 'msg_namelen' || name === 'ifc_len') {
          this.inOut(value, 'size');
        } else {
          // Of what else goes both ways strace prints what came back.
          this.number(value.result ?? value.value, fieldType(name), []);
        }
        return;
      }
      const field = (wanted: string) => fields.find((each) => each.name === wanted)?.value;
      const level = field('cmsg_level');
      const isPassed =
        name === 'cmsg_data' &&
        level === constantValue('SOL_SOCKET', this.platform) &&
        field('cmsg_type') === constantValue('SCM_RIGHTS', this.platform);
      this.value(value, isPassed ? 'fd' : fieldType(name), typeof level === 'number' ? [level] : []);
    });
  }

  /** `128 => 16` */
  private inOut({ value, result }: InOutValue, type: PrintedType): void {
    this.number(value, type, []);
    if (result !== null && result !== value) {
      this.writer.write('punctuation', ' => ');
      this.number(result, type, []);
    }
  }

  private number(value: number, type: PrintedType, args: readonly Value[], name?: CallName): void {
    const { platform } = this;
    const constant = (text: string | undefined) =>
      this.writer.write(text === undefined ? 'number' : 'constant', text ?? String(value));
    switch (type) {
      case 'fd': {
        const known = this.options.nameOf?.(value);
        this.writer.write(known === undefined ? 'number' : 'variable', known ?? String(value));
        return;
      }
      case 'domain':
      case 'how':
      case 'fcntlcmd':
      case 'optvalue:mr_type':
      case 'optvalue:ee_origin':
      case 'optvalue:l_type':
      case 'optvalue:l_whence':
      case 'optvalue:f_owner_type':
        constant(constantName(type, value, platform));
        return;
      case 'ioctlrequest':
        if (this.style === 'strace' && value === constantValue('TIOCOUTQ', platform)) {
          this.writer.write('constant', 'TIOCOUTQ');
        } else if (constantName(type, value, platform) === undefined && value > 255) {
          this.writer.write('number', `0x${value.toString(16)}`);
        } else {
          constant(constantName(type, value, platform));
        }
        return;
      case 'level':
        constant(this.levelName(value));
        return;
      case 'optname':
        constant(this.optionName(value, args[1]));
        return;
      case 'cmsgtype': {
        const [level] = args;
        constant(typeof level === 'number' ? constantName('cmsgtype', value, platform, level) : undefined);
        return;
      }
      case 'protocol':
        this.protocol(value, args[0]);
        return;
      case 'socktype':
      case 'msgflags':
      case 'sockflags':
      case 'pollevents':
      case 'optvalue:ifr_flags':
        this.flags(formatFlags(type, value, platform));
        return;
      case 'errno':
        constant(value === 0 ? undefined : String(errnoName(value, platform)));
        return;
      case 'fcntlarg':
        this.flags(
          args[1] === constantValue('F_SETFL', platform)
            ? formatFlags('openflags', value, platform)
            : args[1] === constantValue('F_SETFD', platform)
              ? formatFlags('fdflags', value, platform)
              : args[1] === constantValue('F_SETSIG', platform)
                ? (constantName('optvalue:signal', value, platform) ?? String(value))
                : String(value),
        );
        return;
      case 'optval':
        if (this.style === 'strace' && name === 'setsockopt') {
          this.writer.write('punctuation', '[');
          this.writer.write('number', String(value));
          this.writer.write('punctuation', ']');
          return;
        }
        this.writer.write('number', String(value));
        return;
      default:
        this.writer.write('number', String(value));
    }
  }

  private flags(text: string): void {
    text.split('|').forEach((part, index) => {
      if (index > 0) {
        this.writer.write('punctuation', '|');
      }
      this.writer.write(/^[A-Z]/.test(part) ? 'constant' : 'number', part);
    });
  }

  private levelName(level: number): string | undefined {
    const name = constantName('level', level, this.platform);
    // strace calls the levels of the IP family by their SOL_ names.
    const other = this.style === 'strace' ? name?.replace(/^IPPROTO_/, 'SOL_') : undefined;
    return other !== undefined && constantValue(other, this.platform) === level ? other : name;
  }

  private optionName(optname: number, level: Value | undefined): string | undefined {
    const name =
      typeof level === 'number' ? constantName('optname', optname, this.platform, level) : undefined;
    const old = `${name}_OLD`;
    return this.style === 'strace' && name !== undefined && constantValue(old, this.platform) === optname
      ? old
      : name;
  }

  private protocol(value: number, domain: Value | undefined): void {
    const name =
      typeof domain === 'number' ? constantName('protocol', value, this.platform, domain) : undefined;
    const isInternet =
      domain === constantValue('AF_INET', this.platform) ||
      domain === constantValue('AF_INET6', this.platform);
    if (domain === constantValue('AF_PACKET', this.platform) && domain !== undefined) {
      const type = ((value & 0xff) << 8) | ((value >> 8) & 0xff);
      const ethertype = constantName('ethertype', type, this.platform);
      if (ethertype !== undefined && value > 0 && value <= 0xffff) {
        this.writer.write('punctuation', 'htons(');
        this.writer.write('constant', ethertype);
        this.writer.write('punctuation', ')');
        return;
      }
    }
    const isHidden = name === undefined || (value === 0 && isInternet && this.style === 'short');
    this.writer.write(isHidden ? 'number' : 'constant', isHidden ? String(value) : name);
  }
}

function itemType(type: PrintedType): PrintedType {
  return type === 'fdpair' ? 'fd' : type === 'optvalOut' ? 'optval' : type;
}

/** The type that decides how a field's number is printed. */
function fieldType(name: string): PrintedType {
  return fieldTypes.get(name) ?? 'size';
}

const fieldTypes: ReadonlyMap<string, PrintedType> = new Map([
  ['fd', 'fd'],
  ['events', 'pollevents'],
  ['revents', 'pollevents'],
  ['msg_flags', 'msgflags'],
  ['cmsg_level', 'level'],
  ['cmsg_type', 'cmsgtype'],
  ['mr_type', 'optvalue:mr_type'],
  ['ee_errno', 'errno'],
  ['ee_origin', 'optvalue:ee_origin'],
  ['ifr_flags', 'optvalue:ifr_flags'],
  ['l_type', 'optvalue:l_type'],
  ['l_whence', 'optvalue:l_whence'],
  ['type', 'optvalue:f_owner_type'],
] as const);
