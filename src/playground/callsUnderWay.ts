import type { Call, CallRecord } from '../common/call.js';
import type { HostChange } from '../common/protocol/socketHost.js';
import type { Named, SocketInfo } from '../common/socket.js';
import { parameterIndex } from '../common/tables/signatures.js';
import { type CallHandle, type CallOptions, type CallStart, explainFailure } from './callHandle.js';
import { lostRecord, type OpenCall } from './openCall.js';
import { resolveHost } from './resolve.js';
import type { SocketHostService } from './socketHostService.js';

/** What making calls needs of the model around it. */
export interface CallsSurroundings {
  /** The domain of the open socket behind a descriptor. */
  domainOf(fd: number): Promise<Named | undefined>;
  now(): number;
  didWait(seq: number, call: Call): void;
  didReturn(record: CallRecord): void;
}

/** The calls that the host was asked for: until they have returned, and until it has told what came of them. */
export class CallsUnderWay {
  private readonly open = new Map<number, OpenCall>();
  /** Calls that have returned and that no change has told of yet. */
  private readonly untold = new Set<number>();
  private lastToken = 0;
  /** The last `seq` that a change has told of. */
  private toldSeq = 0;

  constructor(
    private readonly host: SocketHostService,
    private readonly model: CallsSurroundings,
  ) {}

  call(call: Call, options: CallOptions): CallHandle {
    let onDidWait!: (seq: number) => void;
    const waits = new Promise<CallStart>((resolve) => {
      onDidWait = (seq) => resolve({ kind: 'waiting', seq });
    });
    const returned = this.perform({
      call,
      options,
      seq: null,
      waitingSinceNs: null,
      isTold: false,
      lost: null,
      onDidWait,
    });
    const started = Promise.race([
      waits,
      returned.then((record): CallStart => ({ kind: 'returned', record })),
    ]);
    // A caller may look at one of the two only.
    returned.catch(() => {});
    started.catch(() => {});
    return { started, returned };
  }

  isUntold(seq: number): boolean {
    return this.untold.has(seq);
  }

  get allUntold(): number[] {
    return [...this.untold];
  }

  /** The calls that wait on a socket, those of a moment ago too. */
  waitsOn({ fd, waiting, openedSeq }: SocketInfo): number[] {
    const open = [...this.open.values()]
      .filter(({ call }) => call.args[parameterIndex(call.name, 'fd')] === fd)
      .flatMap(({ seq }) => seq ?? [])
      // Earlier ones wait on a socket that had the number before.
      .filter((seq) => seq > openedSeq);
    return [...new Set([...waiting.map(({ seq }) => seq), ...open])];
  }

  noteWait(token: number | null, seq: number): void {
    const open = token === null ? undefined : this.open.get(token);
    if (open) {
      open.seq = seq;
      open.waitingSinceNs = this.model.now();
      open.onDidWait(seq);
      this.model.didWait(seq, open.call);
    }
  }

  /** The host has told of a change. */
  noteTold({ lastSeq, changedSeqs }: HostChange): void {
    this.untold.clear();
    this.toldSeq = Math.max(this.toldSeq, lastSeq);
    for (const open of this.open.values()) {
      open.isTold ||= open.seq !== null && changedSeqs.includes(open.seq);
    }
  }

  /** The host has ended: the records of the calls that wait. */
  lose(sockets: ReadonlyMap<number, SocketInfo>): CallRecord[] {
    this.untold.clear();
    return [...this.open.values()].flatMap((open) => {
      if (open.seq === null) {
        return [];
      }
      open.lost = lostRecord(open, open.seq, sockets.values(), this.model.now());
      return [open.lost];
    });
  }

  private async perform(open: OpenCall): Promise<CallRecord> {
    const { hostName, ...request } = open.options;
    if (hostName) {
      open.call = await this.resolve(open.call, hostName);
    }
    const token = ++this.lastToken;
    this.open.set(token, open);
    try {
      const record = await this.host.call({ ...request, call: open.call, token });
      if (open.seq === null ? record.seq > this.toldSeq : !open.isTold) {
        this.untold.add(record.seq);
      }
      this.model.didReturn(record);
      return record;
    } catch (error) {
      throw explainFailure(error, this.host.status, open.lost);
    } finally {
      this.open.delete(token);
    }
  }

  private async resolve(call: Call, { host, port }: { host: string; port: number }): Promise<Call> {
    const index = parameterIndex(call.name, 'sockaddr');
    const fd = call.args[parameterIndex(call.name, 'fd')];
    const domain = typeof fd === 'number' ? await this.model.domainOf(fd) : undefined;
    const { address, resolution } = await resolveHost(host, port, domain);
    const args = [...call.args];
    args[index] = address;
    return { ...call, args, resolution };
  }
}
