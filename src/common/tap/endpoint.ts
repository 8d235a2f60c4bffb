import { parseValueText } from '../notation/parser.js';
import { t } from '../l10n.js';
import type { SocketAddress } from '../socket.js';
import type { Platform } from '../tables/constants.js';
import { encodeUtf8 } from '../utf8.js';

/** Where a tap listens, or what it connects to: an address, or a host name that is yet to be resolved. */
export type Endpoint = { address: SocketAddress } | { hostName: { host: string; port: number } };

/**
 * Reads an address as people type it: in the notation, or a path, an abstract name with `@`, or a port of this machine alone.
 * What is wrong with it is a sentence.
 */
export function parseEndpoint(text: string, platform: Platform): Endpoint | { message: string } {
  const typed = text.trim();
  if (/^:?\d+$/.test(typed)) {
    return parseEndpoint(`127.0.0.1:${typed.replace(':', '')}`, platform);
  }
  if (/^(\/|\.\.?\/|@)/.test(typed)) {
    const isAbstract = typed.startsWith('@');
    return {
      address: { family: 'AF_UNIX', name: encodeUtf8(isAbstract ? typed.slice(1) : typed), isAbstract },
    };
  }
  const reading = parseValueText(typed, 'sockaddr', { platform });
  if ('message' in reading) {
    return { message: reading.message };
  }
  if (reading.hostName) {
    return { hostName: reading.hostName };
  }
  const address = reading.value as SocketAddress | null;
  const isUsable = address && ['AF_INET', 'AF_INET6', 'AF_UNIX'].includes(address.family);
  return isUsable
    ? { address }
    : { message: t('A tap listens at and connects to addresses of TCP, UDP or Unix sockets.') };
}

/** Where a tap listens that is to pass everything on to an address: on this machine, where the kernel finds room. */
export function usualListen(target: SocketAddress): SocketAddress {
  switch (target.family) {
    case 'AF_UNIX':
      return { ...target, name: new Uint8Array([...target.name, ...encodeUtf8('.tap')]) };
    case 'AF_INET6':
      return { family: 'AF_INET6', address: '::1', port: 0 };
    default:
      return { family: 'AF_INET', address: '127.0.0.1', port: 0 };
  }
}

/** The address to connect to where somebody listens: of a wildcard the loopback of its family. */
export function reachable(address: SocketAddress): SocketAddress {
  if (address.family === 'AF_INET' && address.address === '0.0.0.0') {
    return { ...address, address: '127.0.0.1' };
  }
  return address.family === 'AF_INET6' && address.address === '::' ? { ...address, address: '::1' } : address;
}
