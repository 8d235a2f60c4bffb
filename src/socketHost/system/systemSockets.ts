import type { Named, SocketId } from '../../common/socket.js';
import { parseSocketFilter, type SocketFilter } from '../../common/system/socketFilter.js';
import {
  type AcceptQueueLook,
  type ProcessInfo,
  type SystemSocket,
  systemSocketGroups,
  type SystemSocketGroup,
  type SystemSocketLook,
  type SystemSocketProblem,
  type SystemSocketsAnswer,
  type SystemSocketsRequest,
} from '../../common/system/systemSocket.js';
import { groupOf } from '../../common/system/systemSocketText.js';
import { errnoName } from '../../common/tables/errnos.js';
import { Descriptors } from '../descriptors.js';
import { Memory } from '../sys/memory.js';
import { SockDiag } from '../sys/sockDiag.js';
import { interfaceName } from '../sys/syscall.js';
import { kindOfClients, waitingAt } from './acceptQueue.js';
import { type DiagList, diagLists, readMessage } from './diagKinds.js';
import { describeProcesses, findHolders } from './processes.js';

/** Sockets in one answer, where the request says nothing else. */
const pageSize = 250;
/** Answers that can be gone on with; who asks anew does not go on with the oldest. */
const snapshotsKept = 4;
/** A list that changed while it was read is read again so many times. */
const attempts = 3;

const ENOENT = 2;

interface Snapshot {
  sockets: SystemSocket[];
  processes: ReadonlyMap<number, ProcessInfo>;
  answer: Omit<SystemSocketsAnswer, 'sockets' | 'processes' | 'snapshot'>;
}

/** All sockets that the kernel tells of in this network namespace. Nothing is asked until somebody asks. */
export class SystemSockets {
  private diag: SockDiag | undefined;
  private readonly scratch = new Memory(16);
  private readonly snapshots = new Map<number, Snapshot>();
  private lastSnapshot = 0;

  /** @param ownSockets The playground's own sockets by their inodes. */
  constructor(private readonly ownSockets: () => ReadonlyMap<number, SocketId>) {}

  async list(request: SystemSocketsRequest): Promise<SystemSocketsAnswer> {
    const known = request.snapshot === undefined ? undefined : this.snapshots.get(request.snapshot);
    const snapshot = known ?? (await this.take(request));
    const from = known ? (request.from ?? 0) : 0;
    const sockets = snapshot.sockets.slice(from, from + (request.count ?? pageSize));
    const isWhole = from + sockets.length >= snapshot.sockets.length;
    const number = known ? request.snapshot! : isWhole ? null : this.keep(snapshot);
    if (isWhole && number !== null) {
      this.snapshots.delete(number);
    }
    return {
      ...snapshot.answer,
      snapshot: isWhole ? null : number,
      sockets,
      processes: processesOf(sockets, snapshot.processes),
    };
  }

  /**
   * Looks at one socket again, with everything that can be told of it. Null when it is gone.
   * @param isOurs Of one of ours nobody looks through all processes for who holds it.
   */
  async look(socket: SystemSocket, isOurs = false): Promise<SystemSocketLook> {
    const list = diagLists.find(
      ({ kind, domain }) => kind === socket.kind && String(domain) === String(socket.domain),
    );
    const diag = this.open();
    if (!list || !(diag instanceof SockDiag)) {
      return null;
    }
    const found =
      (list.canAskOne ? await this.askOne(diag, list, socket) : undefined) ??
      (await this.listAll(diag, list, true)).sockets.find(({ key }) => key === socket.key);
    if (!found) {
      return null;
    }
    // Before the accept a connection of SCTP is told as its listener's own.
    const waiting = found.state === 'LISTEN' && found.kind !== 'sctp' ? await this.waitingFor(found) : null;
    const others = waiting?.clients.flatMap(({ client }) => client ?? []) ?? [];
    const { holders } = await this.addHolders(isOurs ? others : [found, ...others]);
    return { socket: found, processes: await describeProcesses(holders), waiting };
  }

  /** The sockets of these lists, without their holders. */
  async collect(
    isWanted: (list: DiagList) => boolean,
    withDetails: boolean,
  ): Promise<{ sockets: SystemSocket[]; problems: SystemSocketProblem[]; isInterrupted: boolean }> {
    const sockets: SystemSocket[] = [];
    const problems: SystemSocketProblem[] = [];
    let isInterrupted = false;
    const diag = this.open();
    for (const list of diagLists.filter(isWanted)) {
      const { kind, domain } = list;
      const listed =
        diag instanceof SockDiag
          ? await this.listAll(diag, list, withDetails)
          : { sockets: [], errno: diag.errno, isInterrupted: false };
      if (listed.errno !== 0) {
        problems.push({ kind, domain, errno: errnoName(listed.errno, 'linux') });
      }
      isInterrupted ||= listed.isInterrupted;
      for (const socket of listed.sockets) {
        sockets.push(socket);
      }
    }
    this.markOwn(sockets);
    return { sockets, problems, isInterrupted };
  }

  /** Finds the processes that hold these sockets. */
  async addHolders(
    sockets: readonly SystemSocket[],
  ): Promise<{ holders: Set<number>; hiddenProcesses: number }> {
    const wanted = new Set(sockets.flatMap(({ inode }) => (inode === null ? [] : [inode])));
    const found = await findHolders(wanted);
    const holders = new Set<number>();
    for (const socket of sockets) {
      socket.holders = (socket.inode === null ? undefined : found.holders.get(socket.inode)) ?? [];
      socket.holders.forEach(({ pid }) => holders.add(pid));
    }
    return { holders, hiddenProcesses: found.hiddenProcesses };
  }

  dispose(): void {
    this.snapshots.clear();
    this.diag?.close();
    this.diag = undefined;
  }

  private async take(request: SystemSocketsRequest): Promise<Snapshot> {
    const { kinds, domains, withOwners = false, withDetails = false, limitPerGroup = Infinity } = request;
    const filter = request.filter ? parseSocketFilter(request.filter) : undefined;
    const { sockets, ...told } = await this.collect(
      ({ kind, domain }) => (kinds?.includes(kind) ?? true) && isOfDomains(domain, domains),
      withDetails,
    );
    const isLookedFor = withOwners || filter?.needsOwners === true;
    const { holders, hiddenProcesses } = isLookedFor
      ? await this.addHolders(sockets)
      : { holders: new Set<number>(), hiddenProcesses: 0 };
    const described = await describeProcesses(holders);
    const processes = new Map(described.map((info) => [info.pid, info]));
    const matching = filter ? matchingOf(sockets, filter, processes) : sockets;
    const { kept, counts } = limited(matching, limitPerGroup);
    return {
      sockets: kept,
      processes,
      answer: { ...told, hiddenProcesses, counts, total: matching.length },
    };
  }

  /** The list of all is read only where somebody waits. */
  private async waitingFor(listener: SystemSocket): Promise<AcceptQueueLook> {
    const { sockets } =
      listener.receiveQueue === 0
        ? { sockets: [] }
        : await this.collect(({ kind }) => kind === kindOfClients(listener), false);
    return waitingAt(listener, sockets);
  }

  private keep(snapshot: Snapshot): number {
    const number = ++this.lastSnapshot;
    this.snapshots.set(number, snapshot);
    for (const old of [...this.snapshots.keys()].slice(0, -snapshotsKept)) {
      this.snapshots.delete(old);
    }
    return number;
  }

  private async askOne(
    diag: SockDiag,
    list: DiagList,
    socket: SystemSocket,
  ): Promise<SystemSocket | undefined> {
    const body = list.request({ withDetails: true, only: socket });
    const found = await diag.askInTurn(body, (answer) =>
      answer instanceof DataView ? readMessage(list, answer, this.interfaceName) : undefined,
    );
    if (found) {
      this.markOwn([found]);
    }
    return found?.key === socket.key ? found : undefined;
  }

  private async listAll(
    diag: SockDiag,
    list: DiagList,
    withDetails: boolean,
  ): Promise<{ sockets: SystemSocket[]; errno: number; isInterrupted: boolean }> {
    for (let attempt = 1; ; attempt++) {
      const sockets: SystemSocket[] = [];
      const end = await diag.list(list.request({ withDetails }), (body) => {
        const socket = readMessage(list, body, this.interfaceName);
        if (socket) {
          sockets.push(socket);
        }
      });
      const file = end.errno === ENOENT ? list.readFile?.() : undefined;
      if (file) {
        return { sockets: file, errno: 0, isInterrupted: false };
      }
      if (!end.isInterrupted || attempt === attempts) {
        return { sockets, ...end };
      }
    }
  }

  private readonly interfaceName = (index: number): string | null => interfaceName(index, this.scratch);

  private markOwn(sockets: readonly SystemSocket[]): void {
    const own = this.ownSockets();
    for (const socket of sockets) {
      socket.ownId = (socket.inode === null ? undefined : own.get(socket.inode)) ?? null;
    }
  }

  private open(): SockDiag | { errno: number } {
    if (this.diag) {
      return this.diag;
    }
    const opened = SockDiag.open((fd) => Descriptors.raise(fd));
    if (opened instanceof SockDiag) {
      this.diag = opened;
    }
    return opened;
  }
}

/** Other families than those of IP have no choice. */
function isOfDomains(domain: Named, domains: SystemSocketsRequest['domains']): boolean {
  const isInternet = domain === 'AF_INET' || domain === 'AF_INET6';
  return !domains || !isInternet || domains.includes(domain);
}

function matchingOf(
  sockets: readonly SystemSocket[],
  filter: SocketFilter,
  processes: ReadonlyMap<number, ProcessInfo>,
): SystemSocket[] {
  return sockets.filter((socket) => filter.matches(socket, (pid) => processes.get(pid)));
}

function limited(
  sockets: readonly SystemSocket[],
  limit: number,
): { kept: SystemSocket[]; counts: Record<SystemSocketGroup, number> } {
  const counts = Object.fromEntries(systemSocketGroups.map((group) => [group, 0])) as Record<
    SystemSocketGroup,
    number
  >;
  // Own ones are never among those that are only counted.
  const kept = sockets.filter((socket) => ++counts[groupOf(socket)] <= limit || socket.ownId !== null);
  return { kept, counts };
}

function processesOf(
  sockets: readonly SystemSocket[],
  known: ReadonlyMap<number, ProcessInfo>,
): ProcessInfo[] {
  const pids = new Set(sockets.flatMap(({ holders }) => holders.map(({ pid }) => pid)));
  return [...pids].flatMap((pid) => known.get(pid) ?? []);
}
