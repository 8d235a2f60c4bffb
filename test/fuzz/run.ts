import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Call, type CallRecord, dataValue, type Value } from '../../src/common/call.js';
import { printCall, printRecord } from '../../src/common/notation/printer.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { unpack } from '../../src/common/rows/packedRows.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { parameterIndex, signatureOf } from '../../src/common/tables/signatures.js';
import { checkKernel, checkRecord, checkTold } from './checks.js';
import { type Answer, Finding, type FuzzHost, inTime, type MadeCall } from './host.js';
import { addressIn, type Entry, Model, shortened } from './model.js';
import type { Argument, CallStep, Step } from './steps.js';

const n = (name: string): number => constantValue(name, 'linux')!;
const loopback: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 0 };
const loopback6: SocketAddress = { family: 'AF_INET6', address: '::1', port: 0 };
const unnamed: SocketAddress = { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false };

interface Waiting extends MadeCall {
  entry: Entry | undefined;
  isAnswered: boolean;
}

/** What calls have given: of every pair of a call and an errno one. */
export type Pairs = Map<string, Set<string>>;

/** One run: steps against a host, what must come of them, and what came. */
export class Run {
  private readonly model = new Model();
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'sp-fuzz-'));
  private readonly waiting: Waiting[] = [];
  private readonly lines: string[] = [];
  private readonly faults: Error[] = [];
  private threads = 0;
  readonly counts = { returned: 0, refused: 0, cancelled: 0 };

  constructor(
    private readonly host: FuzzHost,
    private readonly pairs: Pairs,
    /** How long something that must hold may take to do so. */
    private readonly patienceMs: number,
  ) {}

  /** The calls as a scenario file that makes them again. */
  get scenario(): string {
    return `${this.lines.join('\n')}\n`;
  }

  /** @throws {Finding} */
  async execute(steps: readonly Step[]): Promise<void> {
    try {
      for (const step of steps) {
        await this.take(step);
      }
      await this.check();
      await this.end();
      await this.checkEnd();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'call':
        await this.make(await this.resolve(step));
        break;
      case 'together': {
        const calls = await Promise.all(step.calls.map((each) => this.resolve(each)));
        await Promise.all(calls.map((call) => this.make(call)));
        break;
      }
      case 'pair':
        await this.makePair(step.of);
        break;
      case 'cancel': {
        const open = this.stillWaiting;
        await this.cancel(open[step.index % Math.max(1, open.length)]);
        break;
      }
    }
    this.throwFaults();
  }

  /** Makes a call, and takes over what came of it as soon as it is known. */
  private async make(call: Call): Promise<CallRecord | undefined> {
    const made = await this.host.make(call);
    if (made.seq === null) {
      return this.settle(made, await made.answer, '');
    }
    const fd = call.args[parameterIndex(call.name, 'fd')];
    const entry = this.model.open.find((each) => each.fd === fd);
    const waiting: Waiting = { ...made, entry, isAnswered: false };
    this.waiting.push(waiting);
    const line = this.lines.length;
    const thread = `[w${++this.threads}] `;
    this.lines.push(`${thread}${printCall(shortened(call))}`);
    waiting.answer = made.answer.then((answer) => {
      waiting.isAnswered = true;
      try {
        this.settle(made, answer, thread, line);
      } catch (error) {
        this.faults.push(error as Error);
      }
      return answer;
    });
    return undefined;
  }

  private settle(
    { call }: MadeCall,
    answer: Answer,
    thread: string,
    line = this.lines.length,
  ): CallRecord | undefined {
    switch (answer.kind) {
      case 'refused':
        this.counts.refused++;
        this.lines[line] = `# refused: ${printCall(shortened(call))}: ${answer.refusal.message}`;
        return undefined;
      case 'fault':
        this.lines[line] = `${thread}${printCall(shortened(call))} # ${String(answer.error)}`;
        throw new Finding(`${call.name} was rejected: ${String(answer.error)}`);
      case 'returned': {
        const { record } = answer;
        this.lines[line] = `${thread}${printRecord(record)}`;
        this.counts[record.status === 'cancelled' ? 'cancelled' : 'returned']++;
        this.note(record);
        this.model.apply(call, record);
        return record;
      }
    }
  }

  private note({ name, errno }: CallRecord): void {
    if (typeof errno === 'string') {
      const seen = this.pairs.get(name) ?? new Set();
      this.pairs.set(name, seen.add(errno));
    }
  }

  private get stillWaiting(): Waiting[] {
    return this.waiting.filter(({ isAnswered }) => !isAnswered);
  }

  private throwFaults(): void {
    const [first] = this.faults.splice(0);
    if (first !== undefined) {
      throw first;
    }
  }

  /** Everything that must hold now; what the host has yet to tell is waited for. */
  private async check(): Promise<void> {
    const { host, model } = this;
    await this.untilHolds(async () => {
      await inTime(host.process.ping(), 'an answer to ping');
      this.throwFaults();
      const waits = this.stillWaiting.map(({ seq, call }) => ({
        seq: seq!,
        isOnSocket: call.name !== 'poll',
      }));
      return checkTold(host, model, waits) ?? (await checkKernel(host, model));
    });
  }

  private async untilHolds(check: () => Promise<string | undefined>): Promise<void> {
    const deadline = performance.now() + this.patienceMs;
    for (;;) {
      const problem = await check();
      if (problem === undefined) {
        return;
      }
      if (performance.now() > deadline) {
        throw new Finding(problem);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private async cancel(waiting: Waiting | undefined): Promise<void> {
    if (waiting) {
      await inTime(this.host.process.cancel({ seq: waiting.seq! }), 'an answer to cancel');
      // A close that lingers cannot be cancelled.
      await inTime(waiting.answer, `the end of ${waiting.call.name} after it was cancelled`);
    }
  }

  /** Ends what waits, closes what is open: nothing may be left. */
  private async end(): Promise<void> {
    const { model } = this;
    for (const waiting of this.stillWaiting) {
      await this.cancel(waiting);
    }
    await this.check();
    for (const { fd } of model.open) {
      await this.make({ name: 'close', args: [fd] });
    }
    for (const waiting of this.stillWaiting) {
      await inTime(waiting.answer, `the end of ${waiting.call.name}`);
    }
    this.throwFaults();
  }

  /** What is left when all is closed: nothing but the records. */
  private async checkEnd(): Promise<void> {
    const { host, model } = this;
    await this.checkRecords();
    host.keepOwn();
    await this.untilHolds(async () => {
      await host.process.ping();
      const [left] = host.descriptors;
      const open = [...host.told.values()].find(
        ({ id, state }) => model.entries.has(id) && state !== 'closed',
      );
      return left !== undefined
        ? `Descriptor ${left} is left open.`
        : open && `Socket ${open.id} is told as ${open.state} after the end.`;
    });
    if (host.process.status.kind !== 'running' || host.process.status.host.pid !== host.pid) {
      throw new Finding('The host has ended.');
    }
    await host.process.clearRecords();
  }

  private async checkRecords(): Promise<void> {
    const { host } = this;
    const records: CallRecord[] = [];
    for (let from = 1; ;) {
      const page = unpack(await host.process.readRows({ from, count: 500 }));
      if (page.length === 0) {
        break;
      }
      records.push(...page);
      from = page.at(-1)!.seq + 1;
    }
    const { returned, cancelled } = this.counts;
    if (records.length !== returned + cancelled) {
      throw new Finding(`${records.length} records of ${returned + cancelled} calls.`);
    }
    for (const record of records) {
      const problem = await checkRecord(record, (seq, length) =>
        host.process.readData({ seq, offset: 0, length }),
      );
      if (problem !== undefined) {
        throw new Finding(problem);
      }
    }
  }

  private async makePair(of: (Step & { kind: 'pair' })['of']): Promise<void> {
    const [domain, type, address] = {
      tcp: [n('AF_INET'), n('SOCK_STREAM'), loopback],
      tcp6: [n('AF_INET6'), n('SOCK_STREAM'), loopback6],
      udp: [n('AF_INET'), n('SOCK_DGRAM'), loopback],
      unix: [n('AF_UNIX'), n('SOCK_STREAM'), unnamed],
      seqpacket: [n('AF_UNIX'), n('SOCK_SEQPACKET'), unnamed],
      dgram: [n('AF_UNIX'), n('SOCK_DGRAM'), unnamed],
    }[of] as [number, number, SocketAddress];
    const server = (await this.make({ name: 'socket', args: [domain, type, 0] }))?.result;
    if (typeof server !== 'number' || server < 0) {
      return;
    }
    await this.make({ name: 'bind', args: [server, address] });
    const isListener = type !== n('SOCK_DGRAM');
    if (isListener) {
      await this.make({ name: 'listen', args: [server, 5] });
    }
    const name = await this.make({ name: 'getsockname', args: [server] });
    const client = (await this.make({ name: 'socket', args: [domain, type, 0] }))?.result;
    const local = name && addressIn(name);
    if (local && typeof client === 'number' && client >= 0) {
      await this.make({ name: 'connect', args: [client, local] });
      if (isListener) {
        await this.make({ name: 'accept', args: [server] });
      }
    }
  }

  private async resolve({ name, args }: CallStep): Promise<Call> {
    const { parameters } = signatureOf(name);
    const values: Value[] = [];
    for (const [index, argument] of args.entries()) {
      values.push(await this.valueOf(argument, parameters[index]?.type === 'path'));
    }
    return { name, args: values };
  }

  private async valueOf(argument: Argument, isPath = false): Promise<Value> {
    switch (argument.kind) {
      case 'value':
        return argument.value;
      case 'fd': {
        const { open } = this.model;
        return open[argument.index % Math.max(1, open.length)]?.fd ?? -1;
      }
      case 'addressOf': {
        const { open } = this.model;
        const entry = open[argument.index % Math.max(1, open.length)];
        const record = entry && (await this.make({ name: 'getsockname', args: [entry.fd] }));
        return (record?.result === 0 ? addressIn(record) : undefined) ?? loopback;
      }
      case 'path': {
        const bytes = new TextEncoder().encode(path.join(this.folder, argument.name));
        return isPath ? dataValue(bytes) : { family: 'AF_UNIX', name: bytes, isAbstract: false };
      }
      case 'struct': {
        const fields = [];
        for (const [name, each] of argument.fields) {
          fields.push({ name, value: await this.valueOf(each) });
        }
        return { kind: 'struct', fields };
      }
      case 'list': {
        const items = [];
        for (const each of argument.items) {
          items.push(await this.valueOf(each));
        }
        return { kind: 'list', items };
      }
    }
  }
}
