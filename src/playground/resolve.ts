import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { HostResolution } from '../common/call.js';
import { t } from '../common/l10n.js';
import type { Named, SocketAddress } from '../common/socket.js';

/** A host name without an address that the socket could use. */
export class ResolutionError extends Error {
  constructor(
    message: string,
    readonly host: string,
  ) {
    super(message);
    this.name = 'ResolutionError';
  }
}

export interface ResolvedAddress {
  address: SocketAddress;
  resolution: HostResolution;
}

/**
 * Resolves a host name as `getaddrinfo(3)` does and takes the first answer of the socket's family, the
 * first of all where the family is unknown. All answers are kept, in the resolver's order.
 * @throws {ResolutionError} when the name has no address, or none of the family.
 */
export async function resolveHost(
  host: string,
  port: number,
  domain: Named | undefined,
): Promise<ResolvedAddress> {
  const addresses = await answers(host);
  const wanted = domain === 'AF_INET' ? 'IPv4' : domain === 'AF_INET6' ? 'IPv6' : undefined;
  const chosen = wanted ? addresses.find((text) => isIPv6(text) === (wanted === 'IPv6')) : addresses[0];
  if (chosen === undefined) {
    throw new ResolutionError(
      t('The name {0} has no {1} address, only {2}.', host, wanted ?? 'IP', addresses.join(', ')),
      host,
    );
  }
  return { address: addressOf(chosen, port), resolution: { host, addresses } };
}

async function answers(host: string): Promise<string[]> {
  let found;
  try {
    found = await lookup(host, { all: true, verbatim: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ResolutionError(t('The name {0} does not resolve ({1}).', host, code ?? String(error)), host);
  }
  const addresses = [...new Set(found.map(({ address }) => address))];
  if (addresses.length === 0) {
    throw new ResolutionError(t('The name {0} does not resolve ({1}).', host, 'ENODATA'), host);
  }
  return addresses;
}

function addressOf(text: string, port: number): SocketAddress {
  if (!isIPv6(text)) {
    return { family: 'AF_INET', address: text, port };
  }
  const [address, scopeId] = text.split('%') as [string, string | undefined];
  return scopeId === undefined
    ? { family: 'AF_INET6', address, port }
    : { family: 'AF_INET6', address, port, scopeId };
}
