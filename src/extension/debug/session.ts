import type { DebugProtocol } from '@vscode/debugprotocol';
import { Emitter } from '../../common/event.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { t } from '../../common/l10n.js';
import type { ScenarioDebugger, ScenarioStop, StopFilters } from '../../playground/scenarioDebugger.js';
import { BreakpointList } from './breakpointList.js';
import { completions } from './completions.js';
import { DebuggedRun, type DebugOutput } from './debuggedRun.js';
import { chosenFilters, exceptionFilters } from './exceptionFilters.js';
import { stopTexts } from './frames.js';
import { evaluate, scopesOf } from './inspection.js';
import type { DebugContext } from './program.js';
import { exceptionOf, fillIn, stoppedReason } from './stops.js';

/** What a configuration of the type `sockets` says. */
export interface LaunchArguments extends DebugProtocol.LaunchRequestArguments {
  /** A path, or the URI of a document that has none. */
  program: string;
  stopOnEntry?: boolean;
  /** Stops before the first line at this one or below, counted from 1. */
  stopAtLine?: number;
}

/** What a request is answered with, and what is done after the answer has gone out. */
interface Answer {
  body?: object;
  after?: () => void;
}

type Handler = (args: never) => Answer | Promise<Answer>;

const capabilities = (): DebugProtocol.Capabilities => ({
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsEvaluateForHovers: true,
  supportsSetVariable: true,
  supportsCompletionsRequest: true,
  supportsExceptionInfoRequest: true,
  supportsExceptionFilterOptions: true,
  supportsTerminateRequest: true,
  supportsRestartRequest: true,
  exceptionBreakpointFilters: exceptionFilters(),
});

/**
 * One debug session, as the Debug Adapter Protocol has it: the threads of a scenario are threads, a call that waits is
 * the frame of its thread, and names are variables. Knows nothing of the editor.
 */
export class DebugSession implements Disposable {
  private readonly store = new DisposableStore();
  private readonly messageEmitter = this.store.add(new Emitter<DebugProtocol.ProtocolMessage>());
  private readonly breakpoints = new BreakpointList();
  private readonly threadIds = new Map<string, number>();
  private filters: StopFilters = { unexpected: false, failed: null };
  private launch: LaunchArguments | undefined;
  private run: DebuggedRun | undefined;
  /** Resolves when the run and all that belongs to it has ended. */
  private done: Promise<void> | undefined;
  private isRestarting = false;
  private hasTerminated = false;
  private canInvalidate = false;
  private lastSeq = 0;

  readonly onDidSendMessage = this.messageEmitter.event;

  constructor(private readonly context: DebugContext) {}

  /** A request of the client. */
  handleMessage(message: object): void {
    const request = message as DebugProtocol.Request;
    if (request.type === 'request') {
      void this.answer(request);
    }
  }

  dispose(): void {
    this.run?.cancel();
    this.store.dispose();
  }

  private readonly handlers: Readonly<Record<string, Handler>> = {
    initialize: ({ supportsInvalidatedEvent }: DebugProtocol.InitializeRequestArguments) => {
      this.canInvalidate = supportsInvalidatedEvent ?? false;
      return { body: capabilities() };
    },
    launch: async (args: LaunchArguments) => {
      this.launch = args;
      this.run = await this.open(args);
      return { after: () => this.send('initialized') };
    },
    setBreakpoints: (args: DebugProtocol.SetBreakpointsArguments) => ({
      body: { breakpoints: this.place((run) => this.breakpoints.setLines(run, args)) },
    }),
    setFunctionBreakpoints: (args: DebugProtocol.SetFunctionBreakpointsArguments) => ({
      body: { breakpoints: this.place((run) => this.breakpoints.setCalls(run, args)) },
    }),
    setExceptionBreakpoints: (args: DebugProtocol.SetExceptionBreakpointsArguments) => ({
      body: { breakpoints: this.setFilters(args) },
    }),
    configurationDone: () => {
      const run = this.current;
      return { after: () => this.begin(run) };
    },
    threads: () => ({
      body: {
        threads: this.current.control.threads
          .filter((name) => this.current.control.placeOf(name).kind !== 'ended')
          .map((name) => ({ id: this.idOf(name), name })),
      },
    }),
    stackTrace: ({ threadId }: DebugProtocol.StackTraceArguments) => {
      const frame = this.current.frameOf(this.threadOf(threadId), threadId);
      const stackFrames = frame ? [frame] : [];
      return { body: { stackFrames, totalFrames: stackFrames.length } };
    },
    scopes: ({ frameId }: DebugProtocol.ScopesArguments) => ({
      body: { scopes: scopesOf(this.current, this.threadOf(frameId)) },
    }),
    variables: async ({ variablesReference }: DebugProtocol.VariablesArguments) => {
      await this.current.whenKnown();
      return { body: { variables: await this.current.variables.unfold(variablesReference) } };
    },
    setVariable: async ({ variablesReference, name, value }: DebugProtocol.SetVariableArguments) => {
      const run = this.current;
      const variable = await run.variables.set(variablesReference, name, value);
      return { body: variable, after: () => this.invalidate(run) };
    },
    continue: () => ({
      ...this.go((control) => control.continue()),
      body: { allThreadsContinued: true },
    }),
    next: ({ threadId }: DebugProtocol.NextArguments) => {
      const thread = this.threadOf(threadId);
      return this.go((control) => control.next(thread));
    },
    stepIn: () => this.go((control) => control.stepIn()),
    stepOut: ({ threadId }: DebugProtocol.StepOutArguments) => {
      const thread = this.threadOf(threadId);
      return this.go((control) => control.stepOut(thread));
    },
    pause: () => {
      const { control } = this.current;
      return { after: () => control.pause() };
    },
    exceptionInfo: ({ threadId }: DebugProtocol.ExceptionInfoArguments) => {
      const reason = this.current.stops.get(this.threadOf(threadId));
      return { body: reason ? exceptionOf(reason, this.context.playground.platform) : {} };
    },
    evaluate: async ({ expression, context, frameId }: DebugProtocol.EvaluateArguments) => {
      const run = this.current;
      const thread = frameId === undefined ? undefined : this.threadOf(frameId);
      const changed = () => this.invalidate(run);
      return { body: await evaluate(run, { expression, mayCall: context === 'repl', thread, changed }) };
    },
    completions: ({ text, column }: DebugProtocol.CompletionsArguments) => ({
      body: {
        targets: completions(this.current.console.before, text, column - 1, this.context.playground.platform),
      },
    }),
    restart: async ({ arguments: args }: DebugProtocol.RestartArguments) => {
      const run = await this.restart((args as LaunchArguments | undefined) ?? this.launch!);
      return { after: () => this.begin(run) };
    },
    terminate: () => ({ after: () => void this.end() }),
    disconnect: async () => {
      await this.end();
      return {};
    },
  };

  private async answer(request: DebugProtocol.Request): Promise<void> {
    const { command, seq } = request;
    const response = { type: 'response', request_seq: seq, command };
    const handler = this.handlers[command];
    let answer: Answer;
    try {
      if (!handler) {
        throw new Error(t('The debugger of scenarios does not know {0}.', command));
      }
      answer = await handler((request.arguments ?? {}) as never);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const showUser = command === 'launch' || command === 'restart';
      const shown = { id: 1, format: '{message}', variables: { message }, showUser };
      this.post({ ...response, success: false, message, body: { error: shown } });
      return;
    }
    const { body, after } = answer;
    this.post({ ...response, success: true, ...(body && { body }) });
    after?.();
  }

  private get current(): DebuggedRun {
    if (!this.run) {
      throw new Error(t('No scenario runs in this session.'));
    }
    return this.run;
  }

  private async open({ program }: LaunchArguments): Promise<DebuggedRun> {
    if (typeof program !== 'string' || program === '') {
      throw new Error(t('The configuration names no scenario: "program" is missing.'));
    }
    const opened = await this.context.open(program);
    const run = new DebuggedRun(this.context.playground, opened, (output) => this.print(output));
    run.control.onDidStop((stop) => void this.tellStop(run, stop));
    run.control.onDidMove(() => this.refresh(run));
    run.control.onDidEndThread((name) =>
      this.send('thread', { reason: 'exited', threadId: this.idOf(name) }),
    );
    run.control.onDidLog(({ message, statement, record }) => {
      this.print({ category: 'console', text: fillIn(message, record, run), line: statement.line });
    });
    return run;
  }

  /** Starts the run that was opened. */
  private begin(run: DebuggedRun): void {
    const { noDebug, stopOnEntry, stopAtLine } = this.launch ?? {};
    if (!noDebug) {
      run.control.setFilters(this.filters);
      if (stopOnEntry) {
        run.control.stopAtEntry();
      } else if (stopAtLine !== undefined) {
        run.control.stopFrom(stopAtLine);
      }
    }
    run.control.threads.forEach((name) =>
      this.send('thread', { reason: 'started', threadId: this.idOf(name) }),
    );
    this.done = run.perform().then(
      (exitCode) => this.noteEnd(run, exitCode),
      (error: unknown) => {
        this.print({ category: 'stderr', text: error instanceof Error ? error.message : String(error) });
        this.noteEnd(run, 3);
      },
    );
  }

  private noteEnd(run: DebuggedRun, exitCode: number): void {
    run.dispose();
    if (!this.isRestarting) {
      this.terminated(exitCode);
    }
  }

  private terminated(exitCode: number): void {
    if (!this.hasTerminated) {
      this.hasTerminated = true;
      this.send('exited', { exitCode });
      this.send('terminated');
    }
  }

  /** Ends the run; resolves when its sockets are closed. */
  private async end(): Promise<void> {
    this.run?.cancel();
    await this.done;
    this.terminated(1);
  }

  /** Ends the run and opens the program anew, as it is now. */
  private async restart(args: LaunchArguments): Promise<DebuggedRun> {
    let run: DebuggedRun;
    this.isRestarting = true;
    try {
      this.run?.cancel();
      await this.done;
      this.launch = args;
      run = await this.open(args);
    } catch (error) {
      this.terminated(2);
      throw error;
    } finally {
      this.isRestarting = false;
    }
    this.run = run;
    this.place(() => this.breakpoints.apply(run)).forEach((breakpoint) =>
      this.send('breakpoint', { reason: 'changed', breakpoint }),
    );
    return run;
  }

  /** Takes breakpoints over. A run that is not debugged stops at none. */
  private place(take: (run: DebuggedRun) => DebugProtocol.Breakpoint[]): DebugProtocol.Breakpoint[] {
    const run = this.current;
    const placed = take(run);
    if (this.launch?.noDebug) {
      run.control.setBreakpoints([]);
    }
    return placed;
  }

  private setFilters(args: DebugProtocol.SetExceptionBreakpointsArguments): DebugProtocol.Breakpoint[] {
    const { chosen, placed } = chosenFilters(args);
    this.filters = chosen;
    if (!this.launch?.noDebug) {
      this.run?.control.setFilters(chosen);
    }
    return placed;
  }

  /** Lets the run go on, after the answer. */
  private go(action: (control: ScenarioDebugger) => void): Answer {
    const run = this.current;
    return {
      after: () => {
        run.stops.clear();
        run.variables.clear();
        action(run.control);
      },
    };
  }

  private async tellStop(run: DebuggedRun, stop: ScenarioStop): Promise<void> {
    await run.whenKnown();
    if (!run.control.isStopped) {
      return;
    }
    const { reason, thread } = stop;
    // What the kernel has answered meanwhile does not take the focus from whoever looks at the first stop.
    const isFurther = run.stops.size > 0;
    run.stops.set(thread, reason);
    run.movedThreads();
    this.send('stopped', {
      reason: stoppedReason(reason),
      ...stopTexts(reason, this.context.playground.platform),
      threadId: this.idOf(thread),
      ...(isFurther ? { preserveFocusHint: true } : { allThreadsStopped: true }),
      ...(reason.kind === 'breakpoint' && { hitBreakpointIds: reason.ids }),
    });
  }

  /** The kernel goes on while a run is held: frames of threads that it has answered, and values, are asked for anew. */
  private refresh(run: DebuggedRun): void {
    if (run.stops.size === 0) {
      return;
    }
    for (const thread of run.movedThreads()) {
      const { kind } = run.control.placeOf(thread);
      // Of a thread that has ended, or stands behind a result that would have stopped it, is told elsewhere.
      if (kind !== 'ended' && kind !== 'after') {
        const threadId = this.idOf(thread);
        this.send('stopped', {
          reason: 'pause',
          description: t('Paused'),
          threadId,
          preserveFocusHint: true,
        });
      }
    }
    this.invalidate(run);
  }

  private invalidate(run: DebuggedRun): void {
    if (this.canInvalidate && run.stops.size > 0) {
      this.send('invalidated', { areas: ['variables'] });
    }
  }

  private print({ category, text, line }: DebugOutput): void {
    const now = line === undefined ? undefined : this.run?.lineNow(line);
    this.send('output', {
      category,
      output: `${text}\n`,
      ...(now !== undefined && this.run && { source: this.run.source, line: now }),
    });
  }

  private idOf(thread: string): number {
    const id = this.threadIds.get(thread) ?? this.threadIds.size + 1;
    this.threadIds.set(thread, id);
    return id;
  }

  private threadOf(id: number): string {
    const thread = [...this.threadIds].find(([, each]) => each === id)?.[0];
    if (thread === undefined) {
      throw new Error(t('There is no thread {0}.', id));
    }
    return thread;
  }

  private send(event: string, body: object = {}): void {
    this.post({ type: 'event', event, body });
  }

  private post(message: object): void {
    this.messageEmitter.fire({ seq: ++this.lastSeq, ...message } as DebugProtocol.ProtocolMessage);
  }
}
