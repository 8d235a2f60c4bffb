import * as vscode from 'vscode';
import { Emitter } from '../../common/event.js';
import { t } from '../../common/l10n.js';
import { DisposableStore } from '../../common/lifecycle.js';
import { endTraced } from '../../playground/trace/endTraced.js';

/** What a task of ours is known by. */
export const taskType = 'socketPlayground.trace';

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
  private readonly endEmitter = this.store.add(new Emitter<number | undefined>());
  private pid: number | undefined;
  private isOver = false;
  private execution: vscode.TaskExecution | undefined;

  /** strace has ended, with its exit code; undefined where the terminal was closed. */
  readonly onDidEnd = this.endEmitter.event;

  private constructor(
    readonly log: string,
    private readonly start: TraceStart,
  ) {
    // The execution is known only when the process may have begun, and ended.
    const isOurs = ({ task }: vscode.TaskExecution) => task.definition.log === log;
    this.store.add(
      vscode.tasks.onDidStartTaskProcess(({ execution: other, processId }) => {
        this.pid = isOurs(other) ? processId : this.pid;
      }),
    );
    this.store.add(
      vscode.tasks.onDidEndTaskProcess(({ execution: other, exitCode }) => {
        if (isOurs(other)) {
          this.end(exitCode);
        }
      }),
    );
    // A task whose program could not be started has no process.
    this.store.add(
      vscode.tasks.onDidEndTask(({ execution: other }) => {
        if (isOurs(other)) {
          setTimeout(() => this.end(undefined), 200);
        }
      }),
    );
  }

  /** Starts strace in a terminal of its own. */
  static async run(log: string, start: TraceStart): Promise<LiveTrace> {
    const { of, args, folder } = start;
    const process = new vscode.ProcessExecution('strace', args, folder === undefined ? {} : { cwd: folder });
    const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Global;
    const definition = { type: taskType, command: of, log };
    const task = new vscode.Task(definition, scope, of, t('Trace'), process, []);
    task.presentationOptions = {
      reveal: vscode.TaskRevealKind.Always,
      panel: vscode.TaskPanelKind.New,
      focus: true,
      echo: false,
      showReuseMessage: false,
    };
    const trace = new LiveTrace(log, start);
    trace.execution = await vscode.tasks.executeTask(task);
    return trace;
  }

  get isRunning(): boolean {
    return !this.isOver;
  }

  /** Ends a program that strace has started; leaves one that it was attached to. */
  async stop(): Promise<void> {
    const { pid } = this;
    if (this.isOver || pid === undefined) {
      this.execution?.terminate();
      return;
    }
    if (this.start.isOwn) {
      await endTraced(pid, () => this.isOver);
    } else {
      process.kill(pid, 'SIGTERM');
    }
  }

  private end(code: number | undefined): void {
    if (!this.isOver) {
      this.isOver = true;
      this.endEmitter.fire(code);
      this.store.dispose();
    }
  }
}
