import { lstatSync, type Stats, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { portOf, type SocketAddress, type SocketId, type SocketInfo } from '../../common/socket.js';
import { addressOfCall, type CallQuestion, overlaps } from '../../common/system/errorFacts.js';
import type {
  CallFacts,
  ErrorFacts,
  FoundFile,
  FoundSocket,
  SystemSocket,
  SystemSocketKind,
} from '../../common/system/systemSocket.js';
import { isAnyHost, plainHost } from '../../common/system/systemSocketText.js';
import type { Socket } from '../socket.js';
import { type GroupSources, lookUpGroup } from './groupFacts.js';
import { describeProcesses } from './processes.js';
import { acceptedWith } from './reuse.js';
import type { SystemSockets } from './systemSockets.js';

/** Sockets of the address, listeners elsewhere, and processes of one socket, that are told of at most. */
const [mostThere, mostElsewhere, mostProcesses] = [3, 20, 3];

type InternetAddress = SocketAddress & { family: 'AF_INET' | 'AF_INET6' };
type UnixAddress = SocketAddress & { family: 'AF_UNIX' };

export interface FactSources extends GroupSources {
  system: SystemSockets;
  socketOfId: (id: SocketId) => Socket | undefined;
}

/**
 * Asks the kernel, right after a call failed, who holds its address, or who listens in its place. Null when there is
 * nothing on this machine to be asked about. Nothing is inferred: what is not found is not there.
 */
export async function lookUpFacts(question: CallQuestion, sources: FactSources): Promise<CallFacts | null> {
  if (question.errno === null) {
    return lookUpGroup(question, sources);
  }
  const socket = question.socketId === null ? undefined : sources.socketOfId(question.socketId);
  const address = addressOf(question, socket, sources);
  if (!address) {
    return null;
  }
  const kind = question.errno === 'EADDRINUSE' ? 'holders' : 'listeners';
  const facts: ErrorFacts = {
    kind,
    address,
    there: [],
    more: 0,
    elsewhere: [],
    file: null,
    reuse: null,
    problem: null,
  };
  const isOther = ({ ownId }: SystemSocket) => ownId === null || ownId !== question.socketId;
  switch (address.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return lookUpInternet(facts, address, { question, socket, isOther, sources });
    case 'AF_UNIX':
      return lookUpUnix(facts, address, isOther, sources);
    default:
      return null;
  }
}

/** The address of the call; of one without, what its socket is bound or connected to. */
function addressOf(
  question: CallQuestion,
  socket: Socket | undefined,
  sources: FactSources,
): SocketAddress | null {
  if (question.name === 'connect' && question.errno === 'EADDRINUSE') {
    return socket ? sources.localOf(socket) : null;
  }
  const said = addressOfCall(question);
  if (said) {
    return said;
  }
  if (!socket) {
    return null;
  }
  return question.errno === 'EADDRINUSE'
    ? sources.localOf(socket)
    : (socket.info.remote ?? socket.file.connectedTo);
}

/** Where the socket is closed already, a stream is the likelier: both are looked at. */
function kindsOf(socket: Socket | undefined): SystemSocketKind[] {
  switch (socket?.info.type) {
    case 'SOCK_STREAM':
      return ['tcp', 'mptcp'];
    case 'SOCK_DGRAM':
      return ['udp'];
    case undefined:
      return ['tcp', 'mptcp', 'udp'];
    default:
      return [];
  }
}

interface Wanted {
  question: CallQuestion;
  /** That of the call, unless it is gone. */
  socket: Socket | undefined;
  isOther: (socket: SystemSocket) => boolean;
  sources: FactSources;
}

async function lookUpInternet(
  facts: ErrorFacts,
  address: InternetAddress,
  { question, socket, isOther, sources }: Wanted,
): Promise<ErrorFacts | null> {
  const kinds = kindsOf(socket);
  if (kinds.length === 0 || address.port === 0) {
    return null;
  }
  const isListening = facts.kind === 'listeners';
  const wanted = isListening ? reachedBy(address) : address;
  if (isListening && !isOfThisMachine(wanted.address)) {
    return null;
  }
  const { sockets, problems } = await sources.system.collect(
    ({ kind, domain }) => kinds.includes(kind) && String(domain).startsWith('AF_INET'),
    false,
  );
  const refused = problems.find(({ errno }) => errno !== 'ENOENT');
  if (refused) {
    return { ...facts, problem: refused.errno };
  }
  const candidates = sockets.filter(
    (other) =>
      isOther(other) && portOf(other.local) === address.port && (!isListening || takesNewcomers(other)),
  );
  const isThere = (other: SystemSocket) =>
    overlaps(wanted, {
      address: (other.local as InternetAddress).address,
      isV6Only: other.isV6Only,
    });
  const there = candidates.filter(isThere);
  const elsewhere = isListening ? candidates.filter((other) => !isThere(other)) : [];
  // Where it is bound already, listen(2) or connect(2) has found it in use: no option helps any more.
  const reuse = question.name === 'bind' ? acceptedWith(there, sources) : null;
  return withHolders({ ...facts, address: wanted, reuse }, mostTelling(there), elsewhere, sources);
}

async function lookUpUnix(
  facts: ErrorFacts,
  address: UnixAddress,
  isOther: (socket: SystemSocket) => boolean,
  sources: FactSources,
): Promise<ErrorFacts | null> {
  const other = address.isAbstract ? null : noSocketAt(address, facts.kind === 'listeners');
  if (other) {
    return { ...facts, file: other };
  }
  const { sockets, problems } = await sources.system.collect(({ kind }) => kind === 'unix', false);
  const [problem] = problems;
  if (problem) {
    return { ...facts, problem: problem.errno };
  }
  const file = address.isAbstract ? undefined : fileOf(address);
  const isThere = ({ local, file: bound }: SystemSocket) =>
    (local?.family === 'AF_UNIX' &&
      local.isAbstract === address.isAbstract &&
      Buffer.compare(local.name, toFirstNul(address)) === 0) ||
    (file !== undefined && bound?.inode === file.inode && bound.device === file.device);
  // An accepted socket has the name of its listener.
  const there = sockets.filter((socket) => isOther(socket) && isThere(socket));
  const named = there.filter(({ state }) => state !== 'ESTABLISHED');
  if (there.length === 0 && file === undefined) {
    return address.isAbstract ? facts : null;
  }
  const found = named.length > 0 ? named : there;
  // Under a relative name, or where files have other numbers inside the kernel, it may still be one of these.
  const mayBe = sockets.some(
    ({ local }) => local?.family === 'AF_UNIX' && lastPart(local) === lastPart(address),
  );
  const isStale = found.length === 0 && !mayBe;
  return withHolders({ ...facts, file: isStale ? 'stale' : null }, found, [], sources);
}

async function withHolders(
  facts: ErrorFacts,
  there: readonly SystemSocket[],
  elsewhere: readonly SystemSocket[],
  sources: FactSources,
): Promise<ErrorFacts> {
  const [firstThere, firstElsewhere] = [there.slice(0, mostThere), elsewhere.slice(0, mostElsewhere)];
  const told = [...firstThere, ...firstElsewhere];
  // Whose it is need not be looked for where it is ours.
  const strangers = told.filter(({ ownId }) => ownId === null);
  const { holders } =
    strangers.length > 0 ? await sources.system.addHolders(strangers) : { holders: new Set<number>() };
  const processes = new Map((await describeProcesses(holders)).map((info) => [info.pid, info]));
  const found = (socket: SystemSocket): FoundSocket => {
    const info = ownInfo(socket, sources);
    const pids = [...new Set(socket.holders.map(({ pid }) => pid))];
    const seen = pids.flatMap((pid) => processes.get(pid) ?? []);
    return {
      socket,
      processes: seen.slice(0, mostProcesses),
      moreProcesses: Math.max(0, seen.length - mostProcesses),
      own: info ? { fd: info.fd, name: info.name } : null,
    };
  };
  return {
    ...facts,
    there: firstThere.map(found),
    more: there.length - firstThere.length,
    elsewhere: firstElsewhere.map(found),
  };
}

function ownInfo({ ownId }: SystemSocket, sources: FactSources): SocketInfo | undefined {
  return ownId === null ? undefined : sources.socketOfId(ownId)?.info;
}

/** Who listens or is bound tells more than who was accepted there, and that more than who has gone. */
function mostTelling(sockets: readonly SystemSocket[]): SystemSocket[] {
  const rank = (socket: SystemSocket) =>
    takesNewcomers(socket) || socket.state === 'BOUND_INACTIVE' ? 0 : socket.state === 'TIME_WAIT' ? 2 : 1;
  const lowest = Math.min(...sockets.map(rank));
  const expiry = ({ timer }: SystemSocket) => timer?.expiresMs ?? 0;
  return sockets.filter((socket) => rank(socket) === lowest).sort((a, b) => expiry(b) - expiry(a));
}

function takesNewcomers({ state, kind }: SystemSocket): boolean {
  return state === 'LISTEN' || (kind === 'udp' && state === 'CLOSE');
}

/** To connect to no address in particular reaches this machine. */
function reachedBy(address: InternetAddress): InternetAddress {
  const host = plainHost(address.address);
  return isAnyHost(host) ? { ...address, address: host === '::' ? '::1' : '127.0.0.1' } : address;
}

function isOfThisMachine(host: string): boolean {
  const plain = plainHost(host);
  return (
    plain === '::1' ||
    plain.startsWith('127.') ||
    Object.values(networkInterfaces()).some((list) =>
      list?.some(({ address }) => plainHost(address) === plain),
    )
  );
}

function fileOf(address: UnixAddress): { inode: number; device: number } | undefined {
  try {
    const { ino, dev } = statSync(Buffer.from(toFirstNul(address)), { bigint: true });
    return { inode: Number(ino & 0xffffffffn), device: kernelDevice(dev) };
  } catch {
    return undefined;
  }
}

/** What is at the path, where that is no socket; null where it is one, or cannot be looked at. connect follows links, bind not. */
function noSocketAt(address: UnixAddress, isFollowed: boolean): Exclude<FoundFile, 'stale'> | null {
  let stats: Stats;
  try {
    const path = Buffer.from(toFirstNul(address));
    stats = isFollowed ? statSync(path) : lstatSync(path);
  } catch {
    return null;
  }
  return stats.isSymbolicLink()
    ? 'link'
    : stats.isFile()
      ? 'regular'
      : stats.isDirectory()
        ? 'directory'
        : stats.isFIFO()
          ? 'fifo'
          : stats.isSocket()
            ? null
            : 'device';
}

/** As the kernel has it inside: 12 bits of the major number, 20 of the minor one. */
function kernelDevice(device: bigint): number {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return Number(((major << 20n) | minor) & 0xffffffffn);
}

function lastPart(address: UnixAddress): string {
  return Buffer.from(toFirstNul(address)).toString('latin1').replace(/.*\//s, '');
}

function toFirstNul({ name, isAbstract }: UnixAddress): Uint8Array {
  const end = isAbstract ? -1 : name.indexOf(0);
  return end < 0 ? name : name.subarray(0, end);
}
