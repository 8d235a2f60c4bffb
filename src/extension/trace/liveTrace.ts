import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { DisposableStore } from '../../common/lifecycle.js';
import { endTraced, leaveTraced } from '../../playground/trace/endTraced.js';
import { LogLimit } from '../../playground/trace/logLimit.js';
import { straceOf } from '../../playground/trace/processes.js';
import { straceInTerminal } from '../../playground/trace/strace.js';

/** What a task of ours is known by. */
const taskType = 'socketPlayground.trace';

export interface TraceStart {
  /** For people: the command, or the process. */
  of: string;
  args: string[];
  /** Where the program runs. */
  folder: string | undefined;
  /** Whether strace has started the program: its end is then the program's. */
  isOwn: boolean;
}

/** strace at work in a terminal, where the program has its input and output. */
export class LiveTrace {
  private readonly store = new DisposableStore();
  private readonly limit: LogLimit;
  private isOver = false;
  private execution: vscode.TaskExecution | undefined;

  /** Resolves when the task has begun; rejects with what VS Code says where it starts none. */
  readonly started: Promise<void>;
  /** Resolves when strace has ended. With its terminal it does, and so does a program that it has started. */
  readonly ended: Promise<void>;

  /** Starts strace in a terminal of its own. */
  constructor(
    readonly log: string,
    private readonly start: TraceStart,
  ) {
    this.limit = new LogLimit(log);
    this.store.add(this.limit);
    // The execution is known only when the process may have begun, and ended.
    const isOurs = ({ task }: vscode.TaskExecution) => task.definition.log === log;
    const closed = new Promise<void>((resolve) => {
      const end = ({ execution: other }: vscode.TaskEndEvent) => isOurs(other) && resolve();
      this.store.add(vscode.tasks.onDidEndTaskProcess(end));
      // A task whose program could not be started has no process.
      this.store.add(vscode.tasks.onDidEndTask(end));
    });
    this.ended = closed.then(async () => {
      this.store.dispose();
      // A terminal that was closed leaves what does not end with it.
      await this.endStrace();
      this.isOver = true;
    });
    this.started = this.begin();
  }

  private async begin(): Promise<void> {
    const { of, args, folder } = this.start;
    const strace = straceInTerminal(args);
    const options = folder === undefined ? {} : { cwd: folder };
    const process = new vscode.ProcessExecution(strace.program, strace.args, options);
    const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Global;
    const definition = { type: taskType, command: of, log: this.log };
    const task = new vscode.Task(definition, scope, of, t('Trace'), process, []);
    task.presentationOptions = {
      reveal: vscode.TaskRevealKind.Always,
      panel: vscode.TaskPanelKind.New,
      focus: true,
      echo: false,
      showReuseMessage: false,
    };
    try {
      this.execution = await vscode.tasks.executeTask(task);
    } catch (error) {
      this.store.dispose();
      this.isOver = true;
      throw error;
    }
  }

  get isRunning(): boolean {
    return !this.isOver;
  }

  /** Ends a program that strace has started; leaves one that it was attached to. Resolves when strace has ended. */
  async stop(): Promise<void> {
    if (await this.endStrace()) {
      return;
    }
    // VS Code may be about to start it.
    await this.started.catch(() => {});
    if (!(await this.endStrace()) && !this.isOver) {
      this.execution?.terminate();
    }
  }

  /** False where there is no strace: not yet, or not any more. */
  private async endStrace(): Promise<boolean> {
    const strace = straceOf(this.log);
    if (strace === undefined) {
      return false;
    }
    await (this.start.isOwn ? endTraced(strace) : leaveTraced(strace));
    return true;
  }

  /** All that there was of the log was read: what is beyond its limit goes. */
  finish(): void {
    this.limit.finish();
  }
}
