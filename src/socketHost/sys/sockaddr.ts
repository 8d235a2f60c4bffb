import { t } from '../../common/l10n.js';
import type { Named, SocketAddress } from '../../common/socket.js';
import { constantName, constantValue } from '../../common/tables/constants.js';
import { family } from './linux.js';
import { Memory } from './memory.js';
import { addressFromText, addressToText, interfaceIndex, interfaceName } from './syscall.js';
import type { SockaddrLayout } from './system.js';

/** A value that no sockaddr can hold: the message is for a person. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** Sizes of the structures with a fixed one. */
const size = { in: 16, in6: 28, nl: 12, ll: 20, vm: 16, can: 24 } as const;

/** Turns addresses into the bytes of `sockaddr` and back, exactly as long as the kernel sees them. */
export class SockaddrCodec {
  private readonly binary = new Memory(16);
  private readonly text = new Memory(64);
  private lastIPv4 = 0;
  private lastIPv4Text = '0.0.0.0';

  constructor(private readonly layout: SockaddrLayout) {}

  /**
   * The structure's bytes; their count is the usual `addrlen`.
   * @throws {AddressError} when a field does not fit (port 65536) or names nothing (`127.0.0.300`, `%eth9`).
   */
  encode(address: SocketAddress): Uint8Array {
    const { families } = this.layout;
    switch (address.family) {
      case 'AF_INET': {
        const { bytes, view } = this.structure(families.AF_INET, size.in);
        view.setUint16(2, port(address.port));
        bytes.set(this.parse(address.address, 'AF_INET'), 4);
        return bytes;
      }
      case 'AF_INET6': {
        const { bytes, view } = this.structure(families.AF_INET6, size.in6);
        view.setUint16(2, port(address.port));
        view.setUint32(4, unsigned(address.flowinfo ?? 0, 'flowinfo'));
        bytes.set(this.parse(address.address, 'AF_INET6'), 8);
        view.setUint32(24, indexOf(address.scopeId ?? 0), true);
        return bytes;
      }
      case 'AF_UNIX':
        return this.encodeUnix(address.name, address.isAbstract);
      case 'AF_NETLINK': {
        const { bytes, view } = this.structure(family.AF_NETLINK, size.nl);
        view.setUint32(4, unsigned(address.pid, 'pid'), true);
        view.setUint32(8, unsigned(address.groups, 'groups'), true);
        return bytes;
      }
      case 'AF_PACKET': {
        const { bytes, view } = this.structure(family.AF_PACKET, size.ll);
        view.setUint16(2, ethertype(address.protocol));
        view.setUint32(4, indexOf(address.interface), true);
        return bytes;
      }
      case 'AF_VSOCK': {
        const { bytes, view } = this.structure(family.AF_VSOCK, size.vm);
        view.setUint32(4, unsigned(address.port, 'port'), true);
        view.setUint32(8, unsigned(address.cid, 'cid'), true);
        return bytes;
      }
      case 'AF_CAN': {
        const { bytes, view } = this.structure(family.AF_CAN, size.can);
        view.setUint32(4, indexOf(address.interface), true);
        return bytes;
      }
      default:
        return address.bytes;
    }
  }

  /** What the first `length` bytes say; `raw` when they are cut short or of a family without a form. */
  decode(bytes: Uint8Array, length = bytes.length): SocketAddress {
    const { families, hasLengthByte } = this.layout;
    const code = hasLengthByte ? bytes[1]! : bytes[0]! | (bytes[1]! << 8);
    // Of very many accepted connections: without a view of the bytes.
    if (length >= size.in && code === families.AF_INET) {
      return { family: 'AF_INET', address: this.formatIPv4(bytes, 4), port: (bytes[2]! << 8) | bytes[3]! };
    }
    return this.decodeOther(length === bytes.length ? bytes : bytes.subarray(0, length), code);
  }

  /** Whether the first `length` bytes are known to say this: of IPv4, without an object. Of another family never. */
  isKnown(bytes: Uint8Array, length: number, address: SocketAddress): boolean {
    return (
      address.family === 'AF_INET' &&
      length >= size.in &&
      !this.layout.hasLengthByte &&
      (bytes[0]! | (bytes[1]! << 8)) === this.layout.families.AF_INET &&
      ((bytes[2]! << 8) | bytes[3]!) === address.port &&
      this.formatIPv4(bytes, 4) === address.address
    );
  }

  private decodeOther(bytes: Uint8Array, code: number): SocketAddress {
    const { families } = this.layout;
    if (bytes.length < 2) {
      return raw(bytes);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    switch (code) {
      case families.AF_INET6:
        return bytes.length < size.in6 ? raw(bytes) : this.decodeInet6(bytes, view);
      case families.AF_UNIX:
        return this.decodeUnix(bytes);
      case family.AF_NETLINK:
        return bytes.length < size.nl
          ? raw(bytes)
          : { family: 'AF_NETLINK', pid: view.getUint32(4, true), groups: view.getUint32(8, true) };
      case family.AF_PACKET:
        return bytes.length < size.ll - 8 ? raw(bytes) : this.decodePacket(view);
      case family.AF_VSOCK:
        return bytes.length < size.vm
          ? raw(bytes)
          : { family: 'AF_VSOCK', cid: view.getUint32(8, true), port: view.getUint32(4, true) };
      case family.AF_CAN:
        return bytes.length < 8
          ? raw(bytes)
          : { family: 'AF_CAN', interface: this.interfaceOf(view.getUint32(4, true)) };
      default:
        return raw(bytes);
    }
  }

  private structure(familyNumber: number, length: number): { bytes: Uint8Array; view: DataView } {
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    if (this.layout.hasLengthByte) {
      view.setUint8(0, length);
      view.setUint8(1, familyNumber);
    } else {
      view.setUint16(0, familyNumber, true);
    }
    return { bytes, view };
  }

  private parse(text: string, name: 'AF_INET' | 'AF_INET6'): Uint8Array {
    // C would read only up to a NUL.
    if (text.includes('\0') || !addressFromText(this.layout.families[name], text, this.binary)) {
      throw new AddressError(
        name === 'AF_INET' ? t('{0} is not an IPv4 address.', text) : t('{0} is not an IPv6 address.', text),
      );
    }
    return this.binary.bytes.subarray(0, name === 'AF_INET' ? 4 : 16);
  }

  private formatIPv6(bytes: Uint8Array): string {
    this.binary.bytes.set(bytes);
    return addressToText(this.layout.families.AF_INET6, this.binary, this.text);
  }

  /** Very many addresses in a row are of one host: they share its text. */
  private formatIPv4(bytes: Uint8Array, at: number): string {
    const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
    const key = a | (b << 8) | (c << 16) | (d << 24);
    if (key !== this.lastIPv4) {
      this.lastIPv4 = key;
      this.lastIPv4Text = `${a}.${b}.${c}.${d}`;
    }
    return this.lastIPv4Text;
  }

  /** Unnamed 2 bytes; abstract 3 and the name; a path with its NUL, even where it is longer than the kernel takes. */
  private encodeUnix(name: Uint8Array, isAbstract: boolean): Uint8Array {
    const { families, hasAbstractNames } = this.layout;
    if (isAbstract && !hasAbstractNames) {
      throw new AddressError(t('This platform has no abstract names.'));
    }
    if (name.length === 0 && !isAbstract) {
      return this.structure(families.AF_UNIX, 2).bytes;
    }
    if (!isAbstract && name.includes(0)) {
      throw new AddressError(t('A path ends at its first NUL byte.'));
    }
    // A path of exactly `pathSize` bytes goes without its NUL: the kernel takes it.
    const nul = !isAbstract && name.length === this.layout.pathSize ? 0 : 1;
    const { bytes } = this.structure(families.AF_UNIX, 2 + name.length + nul);
    bytes.set(name, isAbstract ? 3 : 2);
    return bytes;
  }

  private decodeUnix(bytes: Uint8Array): SocketAddress {
    const name = bytes.subarray(2);
    if (name.length === 0) {
      return { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false };
    }
    if (name[0] === 0 && this.layout.hasAbstractNames) {
      return { family: 'AF_UNIX', name: name.slice(1), isAbstract: true };
    }
    const end = name.indexOf(0);
    return { family: 'AF_UNIX', name: name.slice(0, end < 0 ? undefined : end), isAbstract: false };
  }

  private decodeInet6(bytes: Uint8Array, view: DataView): SocketAddress {
    const flowinfo = view.getUint32(4);
    const scope = view.getUint32(24, true);
    return {
      family: 'AF_INET6',
      address: this.formatIPv6(bytes.subarray(8, 24)),
      port: view.getUint16(2),
      ...(flowinfo === 0 ? {} : { flowinfo }),
      ...(scope === 0 ? {} : { scopeId: this.interfaceOf(scope) }),
    };
  }

  private decodePacket(view: DataView): SocketAddress {
    const protocol = view.getUint16(2);
    return {
      family: 'AF_PACKET',
      interface: this.interfaceOf(view.getUint32(4, true)),
      protocol: constantName('ethertype', protocol, 'linux') ?? protocol,
    };
  }

  private interfaceOf(index: number): Named {
    return index === 0 ? 0 : (interfaceName(index, this.text) ?? index);
  }
}

function raw(bytes: Uint8Array): SocketAddress {
  return { family: 'raw', bytes: bytes.slice() };
}

function port(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    throw new AddressError(t('A port is a whole number from 0 to 65535, not {0}.', String(value)));
  }
  return value;
}

function unsigned(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new AddressError(t('{0} is a whole number from 0 to 4294967295, not {1}.', name, String(value)));
  }
  return value;
}

function indexOf(interfaceOrIndex: Named): number {
  if (typeof interfaceOrIndex === 'number') {
    return unsigned(interfaceOrIndex, 'interface');
  }
  if (/^\d+$/.test(interfaceOrIndex)) {
    return unsigned(Number(interfaceOrIndex), 'interface');
  }
  const index = interfaceOrIndex.includes('\0') ? 0 : interfaceIndex(interfaceOrIndex);
  if (index === 0) {
    throw new AddressError(t('There is no network interface {0}.', interfaceOrIndex));
  }
  return index;
}

function ethertype(protocol: Named): number {
  const value = typeof protocol === 'number' ? protocol : constantValue(protocol, 'linux');
  if (value === undefined || !Number.isInteger(value) || value < 0 || value > 0xffff) {
    throw new AddressError(t('{0} is not an Ethernet protocol.', protocol));
  }
  return value;
}
