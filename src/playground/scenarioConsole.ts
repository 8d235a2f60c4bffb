import type { Call, CallRecord, Value } from '../common/call.js';
import { refusalOf } from '../common/errors.js';
import { t } from '../common/l10n.js';
import type { CallStatement, Diagnostic, Expression, Scenario } from '../common/notation/ast.js';
import { asksSomething, EvaluationError } from '../common/notation/evaluate.js';
import { parseExpression, parseScenario } from '../common/notation/parser.js';
import { type CallHandle, describeFailure } from './callHandle.js';
import type { Playground } from './playground.js';
import { socketName } from './runCalls.js';
import { type ScenarioMemory, ScenarioScope } from './scenarioScope.js';

/** The thread that calls of a console are recorded in. */
const consoleThread = 'console';

export interface ConsoleOptions {
  /** What the records call their maker. */
  name: string;
  /** The folder that file names are relative to. */
  folder: string;
  loopbackOnly: boolean;
  /** Asked about a call that is refused for an address that others can reach. */
  allowOutside: (text: string) => Promise<boolean>;
}

/** What a line of a console has come to. */
export type ConsoleAnswer =
  | { kind: 'value'; node: Expression; value: Value }
  | { kind: 'returned'; record: CallRecord }
  /** The call waits; its record comes later, undefined where it is cancelled or lost. */
  | { kind: 'waiting'; call: Call; returned: Promise<CallRecord | undefined> };

/** Makes calls and evaluates expressions between the lines of a run, with the names of the run. */
export class ScenarioConsole {
  private readonly scope: ScenarioScope;
  /** The scenario with the lines that were entered so far: what they gave can be used. */
  private text: string;
  private readonly waiting = new Set<number>();
  /** Calls that have not returned. */
  private readonly open = new Set<Promise<unknown>>();
  private isEnded = false;

  constructor(
    private readonly playground: Playground,
    scenario: Scenario,
    private readonly memory: ScenarioMemory,
    private readonly options: ConsoleOptions,
  ) {
    this.text = `${scenario.text}\n`;
    this.scope = new ScenarioScope(memory, options.folder, playground, async (call) => {
      const { returned } = await this.make(call, {});
      return returned;
    });
  }

  /** The text that a line is added to, for what completes it. */
  get before(): string {
    return this.text;
  }

  /**
   * Makes the call of a line, or evaluates an expression. Rejects with an error whose message is for a person.
   * @param mayCall Whether calls may be made; otherwise only what is known is looked up.
   */
  async evaluate(line: string, mayCall: boolean): Promise<ConsoleAnswer> {
    if (this.isEnded) {
      throw runHasEnded();
    }
    const { statement, problem } = this.read(line);
    if (statement) {
      if (!mayCall) {
        throw onlyInConsole();
      }
      return this.perform(statement, line);
    }
    const node = parseExpression(line);
    if (!('kind' in node)) {
      throw new Error(isLikeCall(line) && problem ? problem.message : node.message);
    }
    if (problem && node.kind === 'call') {
      throw new Error(problem.message);
    }
    if (!mayCall && asksSomething(node)) {
      throw onlyInConsole();
    }
    return { kind: 'value', node, value: await explained(this.scope.evaluateExpression(node)) };
  }

  /** Gives a name of the run another value: that of an expression. Rejects with an error whose message is for a person. */
  async assign(name: string, text: string): Promise<void> {
    if (this.isEnded) {
      throw runHasEnded();
    }
    const node = parseExpression(text);
    if (!('kind' in node)) {
      throw new Error(node.message);
    }
    const { variables, named } = this.memory;
    variables.set(name, await explained(this.scope.evaluateExpression(node)));
    const socket = node.kind === 'variable' ? named.get(node.name) : undefined;
    if (socket === undefined) {
      named.delete(name);
    } else {
      named.set(name, socket);
    }
  }

  /** Ends the calls that wait, and closes what the last ones have opened. Nothing can be asked any more. */
  async end(): Promise<void> {
    this.isEnded = true;
    await Promise.all([...this.waiting].map((seq) => this.playground.cancel(seq)));
    await Promise.allSettled(this.open);
    await this.playground.close(this.memory.sockets, { madeBy: this.options.name });
  }

  private read(line: string): { statement?: CallStatement; problem?: Diagnostic | undefined } {
    const { statements, diagnostics, notes } = parseScenario(this.text + line, this.playground.platform);
    const isHere = ({ range }: { range: { start: number } }) => range.start >= this.text.length;
    const problem = [...diagnostics, ...notes].find(isHere);
    const found = statements.filter(isHere);
    const [statement] = found;
    return !problem && found.length === 1 && statement?.kind === 'call' ? { statement } : { problem };
  }

  private async perform(statement: CallStatement, line: string): Promise<ConsoleAnswer> {
    const call = await explained(this.scope.evaluate(statement));
    const { started, returned } = await this.make(call, socketName(call, statement), line);
    const taken = returned.then(async (record) => {
      if (record.status === 'returned') {
        await this.scope.take(statement, record);
      }
      return record;
    });
    taken.catch(() => {
      // Told by whoever waits for it.
    });
    if (statement.targets.length > 0) {
      this.text += `${line}\n`;
    }
    if (started.kind === 'returned') {
      return { kind: 'returned', record: await explained(taken) };
    }
    const { seq } = started;
    this.waiting.add(seq);
    return {
      kind: 'waiting',
      call,
      returned: taken.catch(() => undefined).finally(() => this.waiting.delete(seq)),
    };
  }

  private async make(
    call: Call,
    names: ReturnType<typeof socketName>,
    line?: string,
  ): Promise<{ started: Awaited<CallHandle['started']>; returned: Promise<CallRecord> }> {
    const options = { thread: consoleThread, madeBy: this.options.name, ...names };
    const first = this.playground.call(call, { ...options, loopbackOnly: this.options.loopbackOnly });
    try {
      const returned = this.note(first.returned);
      return { started: await first.started, returned };
    } catch (error) {
      if (
        refusalOf(error)?.reason !== 'not-loopback' ||
        !(await this.options.allowOutside(line ?? call.name))
      ) {
        throw new Error(describeFailure(error), { cause: error });
      }
    }
    const second = this.playground.call(call, options);
    const returned = this.note(second.returned);
    return { started: await explained(second.started), returned };
  }

  /** Notes what a call makes once it has returned. */
  private note(returned: Promise<CallRecord>): Promise<CallRecord> {
    const noted = returned.then(async (record) => {
      record.createdIds.forEach((id) => this.memory.sockets.add(id));
      await this.memory.files.note(record);
      return record;
    });
    this.open.add(noted);
    noted
      .catch(() => {
        // Told by whoever has made the call.
      })
      .finally(() => this.open.delete(noted));
    return noted;
  }
}

/** Whether somebody has meant a call rather than a value. */
function isLikeCall(line: string): boolean {
  return /^\s*(\[[^\]]*\]\s*)?([a-z]\w*(\s*,\s*[a-z]\w*)?\s*=\s*)?[a-z_]\w*\s*\(/.test(line);
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof EvaluationError ? error : new Error(describeFailure(error), { cause: error });
  }
}

function runHasEnded(): Error {
  return new Error(t('The run has ended.'));
}

function onlyInConsole(): Error {
  return new Error(t('Calls are made in the debug console only: here they would be made at every stop.'));
}
