import * as vscode from 'vscode';
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
  private pid: number | undefined;
  private isOver = false;
  private execution: vscode.TaskExecution | undefined;

  /** Resolves when strace has ended, or its terminal was closed. */
  readonly ended: Promise<void>;

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
    this.ended = new Promise((resolve) => {
      const end = ({ execution: other }: vscode.TaskEndEvent) => {
        if (isOurs(other)) {
          this.isOver = true;
          this.store.dispose();
          resolve();
        }
      };
      this.store.add(vscode.tasks.onDidEndTaskProcess(end));
      // A task whose program could not be started has no process.
      this.store.add(vscode.tasks.onDidEndTask(end));
    });
  }

  /** Starts strace in a terminal of its own. @throws what VS Code says where it starts no task. */
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
    try {
      trace.execution = await vscode.tasks.executeTask(task);
    } catch (error) {
      trace.store.dispose();
      throw error;
    }
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
      await endTraced(pid, this.ended);
      return;
    }
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended.
    }
  }
}
