import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import { Unsupported } from './code.js';
import { NeedsLibc } from './pythonContext.js';
import { pythonSocketNames } from './pythonNames.js';

/** The module that has a constant; undefined where a program has to say its number. */
export function moduleOf(name: string): string | undefined {
  if (pythonSocketNames.has(name)) {
    return 'socket';
  }
  if (/^E[A-Z0-9]+$/.test(name)) {
    return 'errno';
  }
  if (/^POLL(IN|OUT|PRI|ERR|HUP|NVAL|RDHUP)$/.test(name)) {
    return 'select';
  }
  return /^(FD_CLOEXEC|F_(GETFL|SETFL|GETFD|SETFD|DUPFD|DUPFD_CLOEXEC|GETOWN|SETOWN|GETLK|SETLK|SETLKW|RDLCK|WRLCK|UNLCK))$/.test(
    name,
  )
    ? 'fcntl'
    : /^SEEK_(SET|CUR|END)$|^O_(NONBLOCK|RDWR|RDONLY|WRONLY|CLOEXEC|APPEND|ASYNC)$/.test(name)
      ? 'os'
      : undefined;
}

/** An address that is known in Python; `port` is what stands for its port. */
export function knownAddress(address: SocketAddress, port: string | null): string {
  switch (address.family) {
    case 'AF_INET':
      return `(${pythonString(address.address)}, ${port ?? address.port})`;
    case 'AF_INET6': {
      const { scopeId = 0, flowinfo = 0 } = address;
      const scope =
        typeof scopeId === 'number' ? String(scopeId) : `socket.if_nametoindex(${pythonString(scopeId)})`;
      const rest = flowinfo === 0 && scopeId === 0 ? '' : `, ${flowinfo}, ${scope}`;
      return `(${pythonString(address.address)}, ${port ?? address.port}${rest})`;
    }
    case 'AF_UNIX': {
      if (!address.isAbstract && (address.name.length > 107 || address.name.includes(0))) {
        throw new NeedsLibc(t('Python takes paths of at most {0} bytes.', 107));
      }
      return unixName(address);
    }
    case 'AF_NETLINK':
      return `(${address.pid}, ${address.groups})`;
    case 'raw':
      if (isUnnamed(address.bytes)) {
        return "b''";
      }
      throw new NeedsLibc(t('Python builds addresses by itself, not of bytes.'));
    case 'AF_VSOCK':
      return `(${address.cid}, ${address.port})`;
    default:
      throw new Unsupported(t('An address of this family is not exported.'));
  }
}

/** A path, or an abstract name behind a NUL. */
export function unixName({ name, isAbstract }: SocketAddress & { family: 'AF_UNIX' }): string {
  return pythonBytes(isAbstract ? Uint8Array.from([0, ...name]) : name);
}

/** An AF_UNIX address without a name, by which the kernel chooses one. */
export function isUnnamed(bytes: Uint8Array): boolean {
  return bytes.length === 2 && bytes[0] === 1 && bytes[1] === 0;
}

/** The `addrlen` that Python gives with an address; undefined where that is not known. */
export function usualLength(address: SocketAddress): number | undefined {
  switch (address.family) {
    case 'AF_INET':
    case 'AF_VSOCK':
      return 16;
    case 'AF_INET6':
      return 28;
    case 'AF_NETLINK':
      return 12;
    case 'AF_UNIX':
      return 2 + address.name.length + (address.isAbstract || address.name.length > 0 ? 1 : 0);
    default:
      return undefined;
  }
}

/** A text of ASCII or any other characters as a string literal. */
export function pythonString(text: string): string {
  const inside = Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    return /^[A-Za-z0-9 !#-&(-[\]-~]$/.test(character)
      ? character
      : code < 0x100
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `'${inside.join('')}'`;
}

/** Bytes as a literal. */
export function pythonBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text +=
      byteEscapes[byte] ??
      (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`);
  }
  return `b'${text}'`;
}

const byteEscapes: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  13: '\\r',
  39: "\\'",
  92: '\\\\',
};
