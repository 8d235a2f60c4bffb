import { Emitter } from '../common/event.js';
import type { Disposable } from '../common/lifecycle.js';
import type {
  EndProcessRequest,
  EndProcessResult,
  ProcessInfo,
  SystemSocket,
  SystemSocketLook,
  SystemSocketQuestion,
  SystemSocketsAnswer,
  SystemSocketsRequest,
} from '../common/system/systemSocket.js';
import type { SocketHostService } from './socketHostService.js';

/** A process with the sockets of a port that it holds; no process stands for those whose none can be seen. */
export interface PortHolder {
  process: ProcessInfo | null;
  sockets: SystemSocket[];
}

export interface PortHolders {
  holders: PortHolder[];
  answer: SystemSocketsAnswer;
}

/** The sockets of the machine, asked for by the user or by a view that is shown; starts the host. */
export class SystemSockets implements Disposable {
  private readonly changeEmitter = new Emitter<void>();

  /** A process was ended: what was listed is old. */
  readonly onDidChange = this.changeEmitter.event;

  constructor(private readonly host: SocketHostService) {}

  /** All pages in one answer. */
  async list(request: SystemSocketsRequest): Promise<SystemSocketsAnswer> {
    const answer = await this.host.systemSockets(request);
    const processes = new Map(answer.processes.map((info) => [info.pid, info]));
    let { snapshot } = answer;
    while (snapshot !== null) {
      const page = await this.host.systemSockets({ ...request, snapshot, from: answer.sockets.length });
      for (const socket of page.sockets) {
        answer.sockets.push(socket);
      }
      page.processes.forEach((info) => processes.set(info.pid, info));
      snapshot = page.sockets.length === 0 ? null : page.snapshot;
    }
    return { ...answer, snapshot: null, processes: [...processes.values()] };
  }

  look(which: SystemSocketQuestion): Promise<SystemSocketLook> {
    return this.host.lookAtSystemSocket(which);
  }

  async endProcess(request: EndProcessRequest): Promise<EndProcessResult> {
    const result = await this.host.endProcess(request);
    this.changeEmitter.fire();
    return result;
  }

  /** The processes that hold a port of this machine: listeners first. */
  async whoUses(port: number): Promise<PortHolders> {
    const answer = await this.list({
      kinds: ['tcp', 'mptcp', 'sctp', 'udp', 'udplite'],
      filter: `sport = :${port}`,
      withOwners: true,
    });
    return { holders: holdersOf(answer), answer };
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

function holdersOf({ sockets, processes }: SystemSocketsAnswer): PortHolder[] {
  const byPid = new Map<number | string, PortHolder>();
  const rank = ({ state }: SystemSocket) => (state === 'LISTEN' ? 0 : state === 'TIME_WAIT' ? 2 : 1);
  for (const socket of [...sockets].sort((a, b) => rank(a) - rank(b))) {
    const pids = [...new Set(socket.holders.map(({ pid }) => pid))];
    const known = pids.map((pid) => processes.find((info) => info.pid === pid) ?? null);
    for (const process of known.length > 0 ? known : [null]) {
      const key = process?.pid ?? unseenKey(socket);
      const holder = byPid.get(key);
      if (holder) {
        holder.sockets.push(socket);
      } else {
        byPid.set(key, { process, sockets: [socket] });
      }
    }
  }
  return [...byPid.values()];
}

/** What nobody can be seen to hold stands together, apart by the reason and by the user who made it. */
function unseenKey({ inode, state, uid }: SystemSocket): string {
  return inode === null ? (state === 'TIME_WAIT' ? 'closed' : 'unheld') : `hidden/${uid}`;
}
