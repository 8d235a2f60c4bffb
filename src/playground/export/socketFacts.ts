import { type CallRecord, isAddress, type Value } from '../../common/call.js';
import type { Named, SocketId, SocketInfo } from '../../common/socket.js';
import { constantName, type Platform } from '../../common/tables/constants.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { type End, isIPv4, unmappedEnd } from './packet.js';
import type { RecordSource } from './recordSource.js';

/** What is known of one open socket, under whichever of its descriptors. */
export interface SocketFacts {
  /** The descriptor that was there first. */
  id: SocketId;
  protocol: 'tcp' | 'udp' | null;
  listener: SocketFacts | null;
  local: End | null;
  /** Of a TCP socket. */
  remote: End | null;
  /** Of a datagram socket: where it was connected to, from which record on. */
  remotes: { seq: number; end: End | null }[];
  /** The other end, where it is ours; `isPeerInferred` when the order of the connections alone says so. */
  peer: SocketFacts | null;
  isPeerInferred: boolean;
  /** The record of a `connect(2)` that may have made the connection. */
  connect: CallRecord | null;
  /** That of the `accept(2)` that made the socket. */
  accept: CallRecord | null;
  /** Descriptors that hold it open. */
  descriptors: number;
}

/** The calls that tell what a socket is and what its addresses are. */
const tellingCalls = 'socket accept accept4 bind connect getsockname getpeername dup fcntl';

/** `SOCK_NONBLOCK`, `SOCK_CLOEXEC`. */
const typeMask = 0xf;

/**
 * The sockets of a model as far as packets need them: what the kernel told while a view showed them, and what the
 * records of calls say, whichever of them are exported.
 */
export class SocketBookOfFacts {
  private readonly byId = new Map<SocketId, SocketFacts>();

  static async read(source: RecordSource): Promise<SocketBookOfFacts> {
    const { model } = source;
    const facts = new SocketBookOfFacts(model.platform);
    for await (const page of source.read({ filter: `call in {${tellingCalls}}` })) {
      page.forEach((record) => facts.take(record));
    }
    for (const info of model.sockets.values()) {
      facts.addInfo(info);
    }
    facts.pair(model.sockets);
    return facts;
  }

  constructor(private readonly platform: Platform) {}

  get(id: SocketId | null): SocketFacts | undefined {
    return id === null ? undefined : this.byId.get(id);
  }

  /** Whether one of them moves datagrams. */
  get hasDatagrams(): boolean {
    return [...this.byId.values()].some(({ protocol }) => protocol === 'udp');
  }

  /** Whether a record is about a socket that has no packets of TCP or UDP. */
  isOther({ socketId, createdIds }: CallRecord): boolean {
    return (this.get(socketId) ?? this.get(createdIds[0] ?? null))?.protocol == null;
  }

  private take(record: CallRecord): void {
    const { name, args, socketId, createdIds, errno, status } = record;
    const [madeId] = createdIds;
    const socket = this.get(socketId);
    if (
      name === 'connect' &&
      socket &&
      (status !== 'returned' || errno === null || errno === 'EINPROGRESS')
    ) {
      const end = endOf(args[1]);
      if (socket.protocol === 'tcp') {
        socket.remote ??= end;
        socket.connect ??= record;
      } else {
        socket.remotes.push({ seq: record.seq, end });
      }
      return;
    }
    if (errno !== null || status !== 'returned') {
      return;
    }
    const address = endOf(
      args[Math.max(parameterIndex(name, 'sockaddr'), parameterIndex(name, 'sockaddrOut'))],
    );
    switch (name) {
      case 'socket':
        if (madeId !== undefined) {
          this.add(madeId, this.protocolOf(args[0], args[1], args[2] ?? 0));
        }
        break;
      case 'accept':
      case 'accept4':
        if (madeId !== undefined) {
          const made = this.add(
            madeId,
            socket ? socket.protocol : isAddress(args[1]) && !address ? null : 'tcp',
          );
          made.listener = socket ?? null;
          made.remote = address;
          made.accept = record;
        }
        break;
      case 'dup':
      case 'fcntl':
        if (madeId !== undefined && socket) {
          socket.descriptors++;
          this.byId.set(madeId, socket);
        }
        break;
      case 'bind':
      case 'getsockname':
        if (socket && address && !(name === 'bind' && socket.local && socket.local.port !== 0)) {
          socket.local = address;
        }
        break;
      case 'getpeername':
        if (socket) {
          socket.remote = address ?? socket.remote;
        }
        break;
      default:
      // Others tell nothing that is needed.
    }
  }

  private add(id: SocketId, protocol: SocketFacts['protocol']): SocketFacts {
    const facts: SocketFacts = {
      id,
      protocol,
      listener: null,
      local: null,
      remote: null,
      remotes: [],
      peer: null,
      isPeerInferred: false,
      connect: null,
      accept: null,
      descriptors: 1,
    };
    this.byId.set(id, facts);
    return facts;
  }

  private addInfo({ id, kind, domain, type, protocol, local, remote, listenerId }: SocketInfo): void {
    const facts =
      this.get(id) ?? this.add(id, kind === 'socket' ? this.protocolOf(domain, type, protocol) : null);
    facts.local = endOf(local) ?? facts.local;
    facts.remote = endOf(remote) ?? facts.remote;
    facts.listener ??= this.get(listenerId) ?? null;
  }

  private protocolOf(domain: unknown, type: unknown, protocol: unknown): SocketFacts['protocol'] {
    const family = this.nameOf('domain', domain);
    if (family !== 'AF_INET' && family !== 'AF_INET6') {
      return null;
    }
    const kind = this.nameOf('socktype', typeof type === 'number' ? type & typeMask : type);
    const named = String(this.nameOf('protocol', protocol)).replace(/^IPPROTO_/, '');
    const isUsual = named === 'IP' || named === '0';
    if (kind === 'SOCK_STREAM' && (isUsual || named === 'TCP' || named === 'MPTCP')) {
      return 'tcp';
    }
    return kind === 'SOCK_DGRAM' && (isUsual || named === 'UDP') ? 'udp' : null;
  }

  private nameOf(group: 'domain' | 'socktype' | 'protocol', value: unknown): Named {
    return typeof value === 'number' ? (constantName(group, value, this.platform) ?? value) : String(value);
  }

  /** Finds both ends of the connections within: as the kernel said, by their addresses, else by their order. */
  private pair(sockets: ReadonlyMap<SocketId, SocketInfo>): void {
    const all = [...new Set(this.byId.values())].filter(({ protocol }) => protocol === 'tcp');
    for (const { id, peerId } of sockets.values()) {
      const [socket, peer] = [this.get(id), this.get(peerId)];
      if (socket?.protocol === 'tcp' && peer) {
        join(socket, peer, false);
      }
    }
    const clients = all.filter(({ connect, peer }) => connect && !peer);
    const named = new Map<string, SocketFacts[]>();
    for (const client of clients) {
      const name = nameOfEnd(client.local);
      named.set(name, named.get(name) ?? []);
      named.get(name)!.push(client);
    }
    const unnamed = clients.filter(({ local }) => !isWholeEnd(local));
    for (const server of all.filter(({ accept }) => accept)) {
      server.local ??= server.listener?.local ?? null;
      if (server.peer || !server.remote) {
        continue;
      }
      const isPeer = (client: SocketFacts) => client.peer === null && couldPair(client, server);
      const own = named.get(nameOfEnd(server.remote))?.find(isPeer);
      // The kernel hands out connections in the order in which they were made.
      const at = own ? -1 : unnamed.findIndex(isPeer);
      const first = own ?? unnamed.splice(at, at < 0 ? 0 : 1)[0];
      if (first) {
        join(first, server, !own);
      }
    }
  }
}

function join(one: SocketFacts, other: SocketFacts, isInferred: boolean): void {
  const [client, server] = one.accept ? [other, one] : [one, other];
  for (const [socket, peer] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.peer = peer;
    socket.isPeerInferred = isInferred;
  }
  // Each knows where the other is.
  client.local = isWholeEnd(client.local) ? client.local : server.remote;
  server.local = isWholeEnd(server.local) ? server.local : client.remote;
}

function couldPair({ connect, remote }: SocketFacts, { accept, local }: SocketFacts): boolean {
  const hasBegun = connect!.startNs <= (accept!.endNs ?? Infinity);
  const isThere = !remote || !local || local.port === 0 || local.port === remote.port;
  return hasBegun && isThere;
}

function nameOfEnd(end: End | null): string {
  return `${end?.address} ${end?.port}`;
}

/** Whether it is an address and a port, not a wildcard. */
export function isWholeEnd(end: End | null): boolean {
  return end !== null && end.port !== 0 && end.address !== '0.0.0.0' && end.address !== '::';
}

/** An IP address as an end; null for anything else. */
export function endOf(value: Value | undefined): End | null {
  return isAddress(value) && (value.family === 'AF_INET' || value.family === 'AF_INET6')
    ? unmappedEnd(value)
    : null;
}

/** The loopback address of the same family: stands where an address is not known. */
export function loopbackLike(end: End | null): string {
  return end && !isIPv4(end.address) ? '::1' : '127.0.0.1';
}
