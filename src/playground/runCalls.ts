import { setTimeout as delay } from 'node:timers/promises';
import type { Call, CallRecord } from '../common/call.js';
import { refusalOf } from '../common/errors.js';
import { Emitter } from '../common/event.js';
import { t } from '../common/l10n.js';
import type { CallStatement, Scenario } from '../common/notation/ast.js';
import type { LineMap } from '../common/notation/lineMap.js';
import { receivedNames } from '../common/notation/variables.js';
import type { SocketId } from '../common/socket.js';
import type { CallHandle, CallOptions } from './callHandle.js';
import type { Clocks } from './clocks.js';
import type { Playground } from './playground.js';
import { RunEnded, type RunEnding } from './runEnding.js';
import { type CallLimits, defaultLimits } from './scenarioLimits.js';
import type { ScenarioMemory } from './scenarioScope.js';

/** A record of the run, and the statement that it belongs to; calls inside its expressions belong to it too. */
export interface ScenarioRecord {
  record: CallRecord;
  /** The call as it was made, its data whole. */
  call: Call;
  statement: CallStatement;
}

/** The call of a line, or one inside its expressions, waits. */
export interface ScenarioWait {
  seq: number;
  call: Call;
  statement: CallStatement;
}

/** Which addresses the calls of a run may reach, and who they are said to be of. */
export interface RunCallsOptions {
  /** What the records call their maker. */
  name: string;
  /** Refuse addresses that are not on this machine's loopback. */
  loopbackOnly?: boolean;
  /**
   * Asked about the first call that is refused for such an address, with its text: true makes it and those that follow,
   * false ends the run and closes the sockets that it has made. The time until the answer is not the run's.
   */
  allowOutside?: (text: string) => Promise<boolean>;
}

/** What a run shares with its calls. */
export interface RunParts {
  scenario: Scenario;
  lines: LineMap;
  memory: ScenarioMemory;
  limits: CallLimits;
  clocks: Clocks;
  ending: RunEnding;
}

/** A call that was made elsewhere, and waits. */
export interface CallElsewhere {
  seq: number;
  call: Call;
  /** Resolves with its record, rejects when nobody knows what came of it. */
  returned: Promise<CallRecord>;
}

/** A call that has been started. Neither promise rejects. */
export interface StartedCall {
  isWaiting: boolean;
  /** Resolves as soon as its answer has come. */
  answered: Promise<unknown>;
  /** Resolves with the record once that is taken over, with undefined when the run ends before it. */
  returned: Promise<CallRecord | undefined>;
}

/** How long the end of a run waits for answers, in ms. */
const patience = 1000;

/** The calls of one run: starts them, knows those that wait, and takes over what they have made. */
export class RunCalls {
  private readonly recordEmitter = new Emitter<ScenarioRecord>();
  private readonly startEmitter = new Emitter<CallStatement>();
  private readonly waitEmitter = new Emitter<ScenarioWait>();
  private readonly waitingCalls = new Map<number, CallStatement>();
  private readonly returns = new Set<Promise<unknown>>();
  private isOutsideAllowed: boolean;
  /** The sockets that they have made. */
  readonly made = new Set<SocketId>();
  /** Whether addresses that others can reach were asked for in vain. */
  isOutsideDenied = false;

  /** A call has returned or was cancelled. */
  readonly onDidRecord = this.recordEmitter.event;
  /** A call is started. */
  readonly onDidStart = this.startEmitter.event;
  readonly onDidWait = this.waitEmitter.event;

  constructor(
    private readonly playground: Playground,
    private readonly options: RunCallsOptions,
    private readonly run: RunParts,
  ) {
    this.isOutsideAllowed = !options.loopbackOnly;
  }

  /** The lines whose calls wait. */
  get waiting(): CallStatement[] {
    return [...this.waitingCalls.values()];
  }

  /** Makes a call of the file, or one inside its expressions. */
  async perform(call: Call, statement: CallStatement): Promise<StartedCall> {
    const { limits, lines, clocks, ending } = this.run;
    const excess = limits.add(call, this.playground.platform);
    if (excess !== undefined) {
      ending.stop({ kind: 'limit', ...lines.diagnostic(excess, statement.nameRange) });
      const nothing = Promise.resolve(undefined);
      return { isWaiting: false, answered: nothing, returned: nothing };
    }
    this.startEmitter.fire(statement);
    const handle = this.make(call, statement);
    const limit = this.timeoutOf(statement);
    const startClock = (ms: number) => clocks.start(ms, () => this.stopLate(statement, ms));
    // The limit is one of waiting: what is slow before that is this machine, or a host that does not answer any more.
    let stopClock = startClock(Math.max(limit, defaultLimits.callMs));
    let isOver = false;
    const over = handle.returned.finally(() => {
      isOver = true;
      stopClock();
    });
    const { answered, returned } = this.take(over, call, statement);
    const start = await handle.started.catch(() => undefined);
    if (start?.kind !== 'waiting') {
      return { isWaiting: false, answered, returned };
    }
    if (!isOver) {
      stopClock();
      stopClock = startClock(limit);
      this.waitingCalls.set(start.seq, statement);
      this.waitEmitter.fire({ seq: start.seq, call, statement });
      if (ending.signal.aborted) {
        await this.playground.cancel(start.seq);
      }
    }
    return { isWaiting: true, answered, returned };
  }

  /** Takes a call that was made elsewhere for that of a line. */
  adopt({ seq, call, returned }: CallElsewhere, statement: CallStatement): StartedCall {
    this.waitingCalls.set(seq, statement);
    return { isWaiting: true, ...this.take(returned, call, statement) };
  }

  /** Cancels what waits. Resolves when everything has returned; a host that does not answer any more keeps nobody waiting. */
  async end(): Promise<void> {
    const cancelled = [...this.waitingCalls.keys()].map((seq) => this.playground.cancel(seq));
    await Promise.race([
      Promise.all([...cancelled, ...this.returns]),
      delay(patience, undefined, { ref: false }),
    ]);
  }

  /** Takes a call over once it has returned. */
  private take(
    over: Promise<CallRecord>,
    call: Call,
    statement: CallStatement,
  ): Omit<StartedCall, 'isWaiting'> {
    const returned = over
      .then((record) => this.note(record, call, statement))
      .catch((error: unknown) => {
        this.run.ending.stopBy(error, statement);
        return undefined;
      })
      .finally(() => this.returns.delete(returned));
    this.returns.add(returned);
    return { answered: over.catch(() => undefined), returned };
  }

  private make(call: Call, statement: CallStatement): CallHandle {
    const { name, allowOutside } = this.options;
    const options: CallOptions = {
      thread: statement.thread,
      madeBy: name,
      ...socketName(call, statement),
    };
    if (this.isOutsideAllowed) {
      return this.playground.call(call, options);
    }
    const first = this.playground.call(call, { ...options, loopbackOnly: true });
    if (!allowOutside) {
      return first;
    }
    const made = first.started.then(
      () => first,
      async (error: unknown) => {
        if (refusalOf(error)?.reason !== 'not-loopback') {
          return first;
        }
        const { start, end } = statement.range;
        await this.ask(allowOutside(this.run.scenario.text.slice(start, end)));
        return this.playground.call(call, options);
      },
    );
    return {
      started: made.then(({ started }) => started),
      returned: made.then(({ returned }) => returned),
    };
  }

  /** Resolves when addresses that others can reach are allowed; ends the run when they are not. */
  private async ask(answer: Promise<boolean>): Promise<void> {
    const { clocks, ending } = this.run;
    const isAllowed = await clocks.hold(Promise.race([answer, ending.whenAborted]));
    if (ending.signal.aborted) {
      throw new RunEnded();
    }
    if (!isAllowed) {
      this.isOutsideDenied = true;
      ending.cancel();
      throw new RunEnded();
    }
    this.isOutsideAllowed = true;
  }

  /** Takes a returned call over, and tells of it. */
  private async note(record: CallRecord, call: Call, statement: CallStatement): Promise<CallRecord> {
    const { limits, memory } = this.run;
    this.waitingCalls.delete(record.seq);
    limits.addDescriptors(record.createdIds.length);
    for (const id of record.createdIds) {
      this.made.add(id);
      memory.sockets.add(id);
    }
    await memory.files.note(record);
    this.recordEmitter.fire({ record, call, statement });
    return record;
  }

  private timeoutOf({ thread }: CallStatement): number {
    const { memory, limits } = this.run;
    return memory.timeouts.get(thread) ?? limits.callMs;
  }

  /** A call has waited, or was on its way, for too long. */
  private stopLate(statement: CallStatement, ms: number): void {
    const { name, nameRange, thread } = statement;
    const message = t('{0} in thread {1} has not returned within {2} s.', name, thread, ms / 1000);
    this.run.ending.stop({ kind: 'limit', ...this.run.lines.diagnostic(message, nameRange) });
  }
}

/** The names of the sockets that the call of a statement makes; calls inside its expressions make none. */
export function socketName(
  call: Call,
  statement: CallStatement,
): Pick<CallOptions, 'socketName' | 'isNameFixed'> {
  const { name, targets } = statement;
  const received = receivedNames(statement);
  const names = received.length > 0 ? received : targets;
  return call.name === name && names.length > 0
    ? { socketName: names.map((each) => each.name), isNameFixed: true }
    : {};
}
