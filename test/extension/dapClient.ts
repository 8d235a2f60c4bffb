import type { DebugProtocol } from '@vscode/debugprotocol';
import { parseScenario } from '../../src/common/notation/parser.js';
import { DebugSession } from '../../src/extension/debug/session.js';
import type { Playground } from '../../src/playground/playground.js';
import type { ScenarioResult } from '../../src/playground/scenarioResult.js';
import { ScenarioMemory } from '../../src/playground/scenarioScope.js';

/** The path of the scenario that a client debugs. */
export const programPath = '/scenarios/debugged.sockets';

/** A client of one debug session that speaks the protocol and nothing else. */
export class DapClient {
  private readonly session: DebugSession;
  private readonly responses = new Map<number, (response: DebugProtocol.Response) => void>();
  private readonly waiters = new Set<() => void>();
  private readonly runs: Promise<void>[] = [];
  private seq = 0;
  readonly events: DebugProtocol.Event[] = [];
  readonly results: ScenarioResult[] = [];
  /** What the editor has; undefined where no editor is open. */
  editorText: string | undefined;

  /** @param text The scenario as it is stored. */
  constructor(
    playground: Playground,
    public text: string,
  ) {
    this.session = new DebugSession({
      playground,
      open: (path) => {
        if (path !== programPath) {
          return Promise.reject(new Error(`There is no ${path}.`));
        }
        const scenario = parseScenario(this.text);
        return Promise.resolve({
          path,
          title: 'debugged',
          folder: '/scenarios',
          scenario,
          loopbackOnly: true,
          allowOutside: () => Promise.resolve(false),
          memory: new ScenarioMemory(),
          follow: () => {
            let end!: () => void;
            this.runs.push(new Promise((resolve) => (end = resolve)));
            return {
              end: (result) => {
                if (!(result instanceof Error)) {
                  this.results.push(result);
                }
                end();
                return Promise.resolve();
              },
            };
          },
          currentText: () => this.editorText,
        });
      },
    });
    this.session.onDidSendMessage((message) => this.take(message));
  }

  /** The body of the answer. Rejects with its message where the request failed. */
  async request<T = Record<string, never>>(command: string, args: object = {}): Promise<T> {
    const seq = ++this.seq;
    const response = new Promise<DebugProtocol.Response>((resolve) => this.responses.set(seq, resolve));
    this.session.handleMessage({ type: 'request', seq, command, arguments: args });
    const answer = await response;
    if (!answer.success) {
      throw new Error(answer.message);
    }
    return answer.body as T;
  }

  /** The next event of a kind that nobody has waited for yet, with a body that fits. */
  async event<T = Record<string, never>>(name: string, fits: (body: T) => boolean = () => true): Promise<T> {
    for (;;) {
      const index = this.events.findIndex(({ event, body }) => event === name && fits(body as T));
      if (index >= 0) {
        const [event] = this.events.splice(index, 1);
        return event!.body as T;
      }
      await new Promise<void>((resolve) => this.waiters.add(resolve));
    }
  }

  /** Begins a session up to its first stop or its end. */
  async begin(
    configure: {
      launch?: object;
      breakpoints?: DebugProtocol.SourceBreakpoint[];
      filters?: string[];
    } = {},
  ): Promise<DebugProtocol.Breakpoint[]> {
    await this.request('initialize', { supportsInvalidatedEvent: true });
    await this.request('launch', { program: programPath, ...configure.launch });
    await this.event('initialized');
    const breakpoints = await this.setBreakpoints(configure.breakpoints ?? []);
    await this.request('setExceptionBreakpoints', { filters: configure.filters ?? [] });
    await this.request('configurationDone');
    return breakpoints;
  }

  async setBreakpoints(
    breakpoints: DebugProtocol.SourceBreakpoint[],
    more: object = {},
  ): Promise<DebugProtocol.Breakpoint[]> {
    const source = { path: programPath };
    const body = await this.request<DebugProtocol.SetBreakpointsResponse['body']>('setBreakpoints', {
      source,
      breakpoints,
      ...more,
    });
    return body.breakpoints;
  }

  /** Where the run stops next: `breakpoint main 6: connect(client, …) | server 4: waiting in accept(20) …`. */
  async stop(): Promise<{
    reason: string;
    threadId: number;
    thread: string;
    frames: string[];
    text?: string;
  }> {
    const body = await this.event<DebugProtocol.StoppedEvent['body']>(
      'stopped',
      ({ preserveFocusHint }) => preserveFocusHint !== true,
    );
    const { threads } = await this.request<DebugProtocol.ThreadsResponse['body']>('threads');
    const frames = await Promise.all(threads.map(({ id }) => this.frameOf(id)));
    const thread = threads.find(({ id }) => id === body.threadId)!.name;
    return {
      reason: body.reason,
      threadId: body.threadId!,
      thread,
      frames,
      ...(body.text !== undefined && { text: body.text }),
    };
  }

  /** A further stop of a thread while everything is held, and the frame that it has by now. */
  async further(
    fits: (body: DebugProtocol.StoppedEvent['body']) => boolean = () => true,
  ): Promise<{ body: DebugProtocol.StoppedEvent['body']; frame: string }> {
    const body = await this.event<DebugProtocol.StoppedEvent['body']>(
      'stopped',
      (each) => each.preserveFocusHint === true && fits(each),
    );
    return { body, frame: await this.frameOf(body.threadId!) };
  }

  /** What the end of the session says. */
  async end(): Promise<number> {
    const { exitCode } = await this.event<{ exitCode: number }>('exited');
    await this.event('terminated');
    return exitCode;
  }

  private async frameOf(threadId: number): Promise<string> {
    const { threads } = await this.request<DebugProtocol.ThreadsResponse['body']>('threads');
    const { stackFrames } = await this.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId,
    });
    const [frame] = stackFrames;
    return `${threads.find(({ id }) => id === threadId)?.name} ${frame!.line}: ${frame!.name}`;
  }

  /** Everything that was printed so far, without line ends. */
  get printed(): string[] {
    return this.events
      .filter(({ event }) => event === 'output')
      .map(({ body }) => (body as DebugProtocol.OutputEvent['body']).output.trimEnd());
  }

  /** The scopes of a thread's frame, unfolded. */
  async scopes(threadId: number): Promise<Record<string, DebugProtocol.Variable[]>> {
    const { scopes } = await this.request<DebugProtocol.ScopesResponse['body']>('scopes', {
      frameId: threadId,
    });
    const unfolded = await Promise.all(
      scopes.map(
        async ({ name, variablesReference }) => [name, await this.unfold(variablesReference)] as const,
      ),
    );
    return Object.fromEntries(unfolded);
  }

  async unfold(variablesReference: number): Promise<DebugProtocol.Variable[]> {
    const body = await this.request<DebugProtocol.VariablesResponse['body']>('variables', {
      variablesReference,
    });
    return body.variables;
  }

  evaluate(
    expression: string,
    context = 'repl',
    frameId?: number,
  ): Promise<DebugProtocol.EvaluateResponse['body']> {
    return this.request('evaluate', { expression, context, frameId });
  }

  /** Resolves when the runs of the session have ended. */
  get ended(): Promise<unknown> {
    return Promise.all(this.runs);
  }

  dispose(): void {
    this.session.dispose();
  }

  private take(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'response') {
      const response = message as DebugProtocol.Response;
      this.responses.get(response.request_seq)?.(response);
      this.responses.delete(response.request_seq);
    } else {
      this.events.push(message as DebugProtocol.Event);
      const waiters = [...this.waiters];
      this.waiters.clear();
      waiters.forEach((resolve) => resolve());
    }
  }
}
