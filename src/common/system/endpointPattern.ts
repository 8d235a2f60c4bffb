import { parseIPv4, parseIPv6 } from '../ipAddress.js';
import { t } from '../l10n.js';
import { portOf } from '../socket.js';
import { SocketFilterError, type Token } from './socketFilterWords.js';
import type { SystemSocket } from './systemSocket.js';
import { endpointTexts, plainHost } from './systemSocketText.js';

/** The port of `:80` and `80`. Names are not resolved. */
export function portNumber({ text, offset }: Token): number {
  const digits = text.replace(/^:/, '');
  const port = Number(digits);
  if (!/^\d+$/.test(digits) || port > 0xffffffff) {
    throw new SocketFilterError(t('{0} is no port: a port is a number.', text), offset);
  }
  return port;
}

/** A host, a network, a port, or both, with `%` an interface; of a Unix socket a pattern of its name. */
export function endpointPattern(token: Token): (socket: SystemSocket, end: 'local' | 'remote') => boolean {
  const text = token.text.replace(/^(inet6?|unix):/, '');
  const isUnix = token.text.startsWith('unix:');
  if (isUnix || /^[/@]/.test(text)) {
    const matches = glob(text);
    return (socket, end) => socket.kind === 'unix' && matches(endpointTexts(socket)[end].address);
  }
  // Behind the brackets, as it is printed, or within them, as a URL has it.
  const [, before = text, device, after = ''] = /^([^%]*)%([^%\]:]+)(.*)$/.exec(text) ?? [];
  const { host, port } = splitPort(before + after, token);
  const network = host === '' || host === '*' ? null : networkOf(host, token);
  return (socket, end) => {
    if (device !== undefined && socket.device !== device) {
      return false;
    }
    const address = socket[end];
    if (address?.family !== 'AF_INET' && address?.family !== 'AF_INET6') {
      return network === null && port !== undefined && portOf(address) === port;
    }
    return (port === undefined || address.port === port) && (network === null || network(address.address));
  };
}

function splitPort(text: string, { offset }: Token): { host: string; port?: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = /^([^:]*):([^:]*)$/.exec(text);
  const [host, port] = bracketed
    ? [bracketed[1]!, bracketed[2]]
    : plain
      ? [plain[1]!, plain[2]]
      : [text, undefined];
  return port === undefined || port === '*' || port === ''
    ? { host }
    : { host, port: portNumber({ text: port, offset }) };
}

function networkOf(text: string, { offset }: Token): (host: string) => boolean {
  const [host = '', prefix] = text.split('/');
  const bytes = bytesOf(host);
  const bits = prefix === undefined ? (bytes?.length ?? 0) * 8 : Number(prefix);
  if (!bytes || !Number.isInteger(bits) || bits < 0 || bits > bytes.length * 8) {
    throw new SocketFilterError(t('{0} is no address: names are not resolved here.', text), offset);
  }
  return (other) => {
    const candidate = bytesOf(plainHost(other));
    return candidate?.length === bytes.length && hasPrefix(candidate, bytes, bits);
  };
}

function bytesOf(host: string): Uint8Array | undefined {
  return parseIPv4(host) ?? parseIPv6(host);
}

function hasPrefix(bytes: Uint8Array, prefix: Uint8Array, bits: number): boolean {
  return bytes.every((byte, index) => {
    const rest = Math.min(8, Math.max(0, bits - 8 * index));
    return ((byte ^ prefix[index]!) & (0xff << (8 - rest)) & 0xff) === 0;
  });
}

/** A name with `*` and `?` as the shell has them. */
export function glob(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}
