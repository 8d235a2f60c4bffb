import path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { t } from '../../common/l10n.js';
import { isCallName } from '../../common/tables/signatures.js';
import type { BreakpointRequest } from '../../playground/breakpoints.js';
import type { ScenarioDebugger } from '../../playground/scenarioDebugger.js';
import type { DebuggedRun } from './debuggedRun.js';

interface Wanted {
  id: number;
  condition: string | undefined;
  hitCondition: string | undefined;
  logMessage: string | undefined;
}

interface WantedLine extends Wanted {
  line: number;
}

interface WantedCall extends Wanted {
  call: string;
}

/** The breakpoints that a client has set, which outlive a run: after a restart the text may be another. */
export class BreakpointList {
  private lastId = 0;
  private lines: WantedLine[] = [];
  private calls: WantedCall[] = [];

  /** Takes over those of a file. */
  setLines(
    run: DebuggedRun,
    { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
  ): DebugProtocol.Breakpoint[] {
    if (!isSameFile(source.path ?? '', run.program.path)) {
      return breakpoints.map(() => ({
        verified: false,
        message: t('This file does not run in this session.'),
      }));
    }
    this.lines = breakpoints.map(({ line, condition, hitCondition, logMessage }) => ({
      id: ++this.lastId,
      line,
      condition,
      hitCondition,
      logMessage,
    }));
    return this.apply(run).slice(0, this.lines.length);
  }

  /** Takes over those at the names of calls. */
  setCalls(
    run: DebuggedRun,
    { breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments,
  ): DebugProtocol.Breakpoint[] {
    this.calls = breakpoints.map(({ name, condition, hitCondition }) => ({
      id: ++this.lastId,
      call: name.trim(),
      condition,
      hitCondition,
      logMessage: undefined,
    }));
    return this.apply(run).slice(this.lines.length);
  }

  /** Gives a run all of them; tells what has become of each, first those of lines. */
  apply(run: DebuggedRun): DebugProtocol.Breakpoint[] {
    const placed = [
      ...this.lines.map((each) => placeLine(each, run)),
      ...this.calls.map((each) => placeCall(each)),
    ];
    const problems = problemsOf(
      run.control,
      placed.flatMap(({ request }) => request ?? []),
    );
    return placed.map(({ answer }) => {
      const problem = problems.get(answer.id);
      return problem === undefined ? answer : { ...answer, verified: false, message: problem };
    });
  }
}

interface Placed {
  request?: BreakpointRequest;
  answer: DebugProtocol.Breakpoint & { id: number };
}

/** A line without a call stops at the next one. */
function placeLine({ line, ...wanted }: WantedLine, run: DebuggedRun): Placed {
  const { id } = wanted;
  const statement = run.statementFrom(line);
  const now = statement && run.lineNow(statement.line);
  if (!statement || now === undefined) {
    const message = run.isTextChanged
      ? t('The file was changed here since it began to run. Restart to run what it says now.')
      : t('No call follows here.');
    return { answer: { id, verified: false, message } };
  }
  return {
    request: { ...wanted, at: { line: statement.line } },
    answer: { id, verified: true, line: now, source: run.source },
  };
}

function placeCall({ call, ...wanted }: WantedCall): Placed {
  const { id } = wanted;
  return isCallName(call)
    ? { request: { ...wanted, at: { call } }, answer: { id, verified: true } }
    : { answer: { id, verified: false, message: t('There is no call {0} in the notation.', call) } };
}

function problemsOf(control: ScenarioDebugger, requests: BreakpointRequest[]): Map<number, string> {
  const read = control.setBreakpoints(requests);
  return new Map(read.flatMap(({ id, problem }) => (problem === undefined ? [] : [[id, problem] as const])));
}

function isSameFile(a: string, b: string): boolean {
  const key = (file: string) => {
    const normal = path.normalize(file);
    return process.platform === 'win32' ? normal.toLowerCase() : normal;
  };
  return key(a) === key(b);
}
