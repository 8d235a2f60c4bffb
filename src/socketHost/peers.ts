import { networkInterfaces } from 'node:os';
import { mayReachSeveral } from '../common/ipAddress.js';
import type { SocketAddress } from '../common/socket.js';
import { isAnyHost, plainHost } from '../common/system/systemSocketText.js';
import type { OpenFile } from './openFile.js';
import { family, protocol, socketType } from './sys/linux.js';

/**
 * Finds the other end of a connection among our own sockets. Only what the kernel has said counts: of an
 * address that nobody asked for nothing is known, and then there is no peer.
 */
export class Peers {
  /** By the socket's own address. Of it, the port alone says where to look: a text for each of ten thousand costs much. */
  private readonly byLocal = new FilesByKey();
  /** By the other end, as long as that is none of ours. */
  private readonly byRemote = new FilesByKey();
  /** Connected by a call of ours; nobody has asked yet which address the kernel gave them. */
  private readonly unnamed = new Set<OpenFile>();

  private changes = 0;

  /** @param onDidMatch Told of both ends of a pair. */
  constructor(private readonly onDidMatch: (file: OpenFile) => void) {}

  /** Another number after every change: what was found before may be found no more. */
  get version(): number {
    return this.changes;
  }

  /** The kernel has told the socket's own address. Whether it is news. */
  setLocal(file: OpenFile, local: SocketAddress): boolean {
    if (isSame(file.local, local)) {
      return false;
    }
    this.changes++;
    this.forgetLocal(file);
    this.unnamed.delete(file);
    file.local = local;
    if (file.state === 'open' && file.type === socketType.SOCK_DGRAM && 'port' in local && local.port !== 0) {
      // Its first sendto had the kernel choose a port.
      file.state = 'bound';
    }
    this.byLocal.add(placeOf(file, local), file);
    this.rematch(file);
    return true;
  }

  /** The kernel has told the address of the socket's other end. Whether it is news. */
  setRemote(file: OpenFile, remote: SocketAddress): boolean {
    if (isSame(file.remote, remote)) {
      return false;
    }
    this.changes++;
    this.forgetRemote(file);
    file.remote = remote;
    this.match(file);
    return true;
  }

  /** The socket has been connected; its addresses may have been known before. */
  rematch(file: OpenFile): void {
    this.changes++;
    if (!file.local && canPair(file)) {
      this.unnamed.add(file);
    }
    if (file.local) {
      for (const other of this.byRemote.get(placeOf(file, file.local))) {
        this.match(other);
      }
    }
    this.match(file);
  }

  /** Our sockets that may be the other end of one with known addresses, once the kernel is asked for theirs. */
  unnamedEndsOf(file: OpenFile): OpenFile[] {
    const { local, remote, peer, type } = file;
    if (peer || !local || !remote || !canPair(file)) {
      return [];
    }
    return [...this.unnamed].filter(
      (other) => other.type === type && other.connectedTo !== null && isSameEnd(other.connectedTo, local),
    );
  }

  /** The kernel has told that one is the other end of the other. Whether it is news. */
  pair(file: OpenFile, peer: OpenFile): boolean {
    if (file.peer === peer) {
      return false;
    }
    file.peer = peer;
    // Many datagram sockets may send to one.
    if (file.isConnectionBased) {
      peer.peer = file;
      this.onDidMatch(peer);
    }
    return true;
  }

  /** Two ends were made together. */
  join(file: OpenFile, peer: OpenFile): void {
    file.peer = peer;
    peer.peer = file;
  }

  /** Our open socket that a datagram with this source came from; undefined where several could have sent it. */
  senderAt(file: OpenFile, source: SocketAddress): OpenFile | undefined {
    return onlyOf([...this.at(file, source), ...this.atAnyHost(file, source)]);
  }

  /**
   * Our open socket that gets what `file` sends to an address: the kernel takes one that is at the address before one that
   * is at every address, and one that is connected to the sender before others. Undefined where that is not certain, as of a
   * group: who has joined it, and by which interface, nobody has told.
   */
  receiverAt(file: OpenFile, destination: SocketAddress): OpenFile | undefined {
    const address = reachedBy(file, destination);
    if (isInternetAddress(address) && mayReachSeveral(address.address)) {
      return undefined;
    }
    const anywhere = this.atAnyHost(file, address);
    if ([file, ...this.at(file, address), ...anywhere].some(({ device }) => !reaches(device, address))) {
      return undefined;
    }
    // What was at every address before it was connected is at one since then, which nobody has asked for.
    const isMoved = ({ state }: OpenFile) => state === 'connected';
    const hearing = [...this.at(file, address), ...anywhere.filter(isMoved)].map((other) => ({
      other,
      hears: hears(other, file),
    }));
    if (hearing.some(({ hears }) => hears === 'maybe')) {
      return undefined;
    }
    for (const wanted of ['connected', 'any']) {
      const found = hearing.filter(({ hears }) => hears === wanted);
      if (found.length > 0) {
        return onlyOf(found.map(({ other }) => other));
      }
    }
    return onlyOf(anywhere.filter((other) => !isMoved(other)));
  }

  /** Those of the same family and type that have this address as their own. */
  private at(file: OpenFile, address: SocketAddress): OpenFile[] {
    return this.byLocal.get(placeOf(file, address)).filter((other) => isAt(other, file, address));
  }

  /** Those of datagrams that are at every address of this machine, where this is one of them. */
  private atAnyHost(file: OpenFile, address: SocketAddress): OpenFile[] {
    const end = unmapped(address);
    if (file.type !== socketType.SOCK_DGRAM || !isInternet(file) || !isInternetAddress(end)) {
      return [];
    }
    const found = this.byLocal
      .get(placeOf(file, end))
      .filter((other) => sharesPorts(other, file) && isAtAnyHost(other, end.family));
    return found.length > 0 && isOfThisMachine(end.address) ? found : [];
  }

  /** The connection was dissolved: addresses and peer are unknown again. */
  dissolve(file: OpenFile): void {
    this.forget(file);
    file.peer = null;
    file.local = null;
    file.acceptedAt = null;
    file.remote = null;
  }

  /** The socket is closed; what was known of it stays in its description. */
  forget(file: OpenFile): void {
    this.changes++;
    this.unnamed.delete(file);
    this.forgetLocal(file);
    this.forgetRemote(file);
  }

  private forgetLocal(file: OpenFile): void {
    if (file.local) {
      this.byLocal.delete(placeOf(file, file.local), file);
    }
  }

  private forgetRemote(file: OpenFile): void {
    if (file.remote) {
      this.byRemote.delete(placeOf(file, file.remote), file);
    }
  }

  private match(file: OpenFile): void {
    const { remote } = file;
    if (file.peer || !remote || !isNamed(remote) || !canPair(file)) {
      return;
    }
    const candidates = this.byLocal
      .get(placeOf(file, remote))
      .filter((other) => couldPair(other, file) && isAt(other, file, remote));
    const [peer] = candidates;
    if (!peer || candidates.length > 1) {
      this.byRemote.add(placeOf(file, remote), file);
      return;
    }
    this.forgetRemote(file);
    this.forgetRemote(peer);
    file.peer = peer;
    peer.peer = file;
    this.onDidMatch(peer);
    this.onDidMatch(file);
  }
}

/** Nearly always one file has a key. */
class FilesByKey {
  private readonly byKey = new Map<string | number, OpenFile | Set<OpenFile>>();

  add(key: string | number, file: OpenFile): void {
    const known = this.byKey.get(key);
    if (known instanceof Set) {
      known.add(file);
    } else {
      this.byKey.set(key, known && known !== file ? new Set([known, file]) : file);
    }
  }

  delete(key: string | number, file: OpenFile): void {
    const known = this.byKey.get(key);
    if (known === file || (known instanceof Set && known.delete(file) && known.size === 0)) {
      this.byKey.delete(key);
    }
  }

  get(key: string | number): readonly OpenFile[] {
    const known = this.byKey.get(key);
    return known instanceof Set ? [...known] : known ? [known] : nobody;
  }
}

const nobody: readonly OpenFile[] = [];

/** Whether two addresses say the same. */
export function isSame(a: SocketAddress | null, b: SocketAddress): boolean {
  return a !== null && addressKey(a) === addressKey(b);
}

/** Whether a file has this address as its own, as one of the family and type of another one. */
function isAt(file: OpenFile, like: OpenFile, address: SocketAddress): boolean {
  const isOfKind = isInternet(file)
    ? sharesPorts(file, like)
    : file.domain === like.domain && file.type === like.type;
  return isOfKind && file.local !== null && isSameEnd(file.local, address);
}

/** Whether a port of one is a port of the other: UDP-Lite has its own, and what ping sockets send is answered by the kernel. */
function sharesPorts(a: OpenFile, b: OpenFile): boolean {
  return isInternet(a) && isInternet(b) && a.type === b.type && isSamePortSpace(a, b);
}

function isSamePortSpace(a: OpenFile, b: OpenFile): boolean {
  if (a.type !== socketType.SOCK_DGRAM) {
    return true;
  }
  const [one, other] = [a, b].map((file) => file.protocol || protocol.IPPROTO_UDP);
  return one === other && one !== protocol.IPPROTO_ICMP && one !== protocol.IPPROTO_ICMPV6;
}

/** Whether a socket that is bound to a device certainly sends to, or hears what is sent to, an address of this machine. */
function reaches(device: string | null, { address }: SocketAddress & { address?: string }): boolean {
  return (
    device === null ||
    (device === 'lo' && address !== undefined && (address.startsWith('127.') || address === '::1'))
  );
}

function isInternet({ domain }: OpenFile): boolean {
  return domain === family.AF_INET || domain === family.AF_INET6;
}

type InternetAddress = SocketAddress & { family: 'AF_INET' | 'AF_INET6' };

function isInternetAddress(address: SocketAddress): address is InternetAddress {
  return address.family === 'AF_INET' || address.family === 'AF_INET6';
}

/** Whether a socket is at every address of a family: one of IPv6 is at those of IPv4 too, unless it was told to keep off. */
function isAtAnyHost({ local, isV6Only }: OpenFile, addressFamily: InternetAddress['family']): boolean {
  const own = local && unmapped(local);
  return (
    own !== null &&
    isInternetAddress(own) &&
    isAnyHost(own.address) &&
    (own.family === addressFamily || (own.family === 'AF_INET6' && !isV6Only))
  );
}

function isOfThisMachine(host: string): boolean {
  return (
    host.startsWith('127.') ||
    host === '::1' ||
    Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === host))
  );
}

/** Where the kernel sends what is for no host: to this machine, of IPv4 to the address that the sender is bound to. */
function reachedBy({ local }: OpenFile, destination: SocketAddress): SocketAddress {
  const to = unmapped(destination);
  if (!isInternetAddress(to) || !isAnyHost(to.address)) {
    return to;
  }
  if (to.family === 'AF_INET6') {
    return { ...to, address: '::1' };
  }
  const own = local && unmapped(local);
  const isBound = own?.family === 'AF_INET' && !isAnyHost(own.address);
  return { ...to, address: isBound ? own.address : '127.0.0.1' };
}

/** Whether a datagram socket takes what another one sends: one that is connected does from its other end only. */
function hears(file: OpenFile, sender: OpenFile): 'connected' | 'any' | 'maybe' | 'no' {
  if (file.state !== 'connected' || !isInternet(file)) {
    return 'any';
  }
  const remote = certainRemote(file) ?? file.remote;
  const from = sender.local && unmapped(sender.local);
  if (!remote || !isInternetAddress(remote) || !from || !isInternetAddress(from)) {
    return 'maybe';
  }
  if (remote.port !== from.port) {
    return 'no';
  }
  return isSameEnd(remote, from) ? 'connected' : isAnyHost(from.address) ? 'maybe' : 'no';
}

function onlyOf(files: readonly OpenFile[]): OpenFile | undefined {
  return files.length === 1 ? files[0] : undefined;
}

/** Whether two addresses reach the same: an IPv6 socket sees an IPv4 one as `::ffff:127.0.0.1`. */
function isSameEnd(a: SocketAddress, b: SocketAddress): boolean {
  return isSame(unmapped(a), unmapped(b));
}

function unmapped(address: SocketAddress): SocketAddress {
  const mapped = address.family === 'AF_INET6' ? /^::ffff:([\d.]+)$/i.exec(address.address)?.[1] : undefined;
  return address.family === 'AF_INET6' && mapped !== undefined
    ? { family: 'AF_INET', address: mapped, port: address.port }
    : address;
}

function addressKey(address: SocketAddress): string {
  if (address.family === 'AF_INET') {
    return `${address.address}:${address.port}`;
  }
  return JSON.stringify(address, (_key, value: unknown) =>
    value instanceof Uint8Array ? [...value] : value,
  );
}

/** The port of the internet; of another family all that is known. Who finds something there compares the rest. */
function placeOf({ domain, type }: OpenFile, address: SocketAddress): string | number {
  return 'port' in address && address.family !== 'AF_VSOCK'
    ? address.port
    : `${domain}/${type}/${addressKey(address)}`;
}

function canPair({ isConnectionBased, state }: OpenFile): boolean {
  return isConnectionBased && state === 'connected';
}

function couldPair(other: OpenFile, { local, sample }: OpenFile): boolean {
  const target = other.remote ?? other.connectedTo;
  if (!canPair(other) || other.peer !== null) {
    return false;
  }
  // Of a connection that is over nothing more will be told.
  return local === null || target === null ? sample.tcpState !== 'CLOSE' : isSameEnd(target, local);
}

/** AF_UNIX ends without a name are all alike. */
function isNamed(address: SocketAddress): boolean {
  return address.family !== 'AF_UNIX' || address.name.length > 0 || address.isAbstract;
}

/**
 * The other end by the address that `connect(2)` was given; null where the kernel may have made another one of it: it puts
 * this machine in the place of no address, drops what an address does not need, and names a file as it was bound.
 */
export function certainRemote({ connectedTo, names, state }: OpenFile): SocketAddress | null {
  if (state === 'connecting' || connectedTo?.family !== names.domain) {
    return null;
  }
  switch (connectedTo.family) {
    case 'AF_INET':
      return isWhole(connectedTo) ? connectedTo : null;
    case 'AF_INET6':
      return isWhole(connectedTo) && !connectedTo.flowinfo && !connectedTo.scopeId ? connectedTo : null;
    case 'AF_UNIX':
      return connectedTo.isAbstract ? connectedTo : null;
    default:
      return null;
  }
}

/** The address of what a listener accepts, by its own; null where it listens at every address, or nobody has asked where. */
export function certainAccepted({ local }: OpenFile): SocketAddress | null {
  switch (local?.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return isWhole(local) ? local : null;
    case 'AF_UNIX':
      return local;
    default:
      return null;
  }
}

function isWhole({ address, port }: { address: string; port: number }): boolean {
  return port !== 0 && !isAnyHost(plainHost(address));
}
