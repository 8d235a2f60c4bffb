import * as v from 'valibot';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { ProcessInfo } from '../../common/system/systemSocket.js';
import { processText } from '../../common/system/systemSocketText.js';
import { mostOfLog } from '../../playground/trace/logLimit.js';
import { splitCommand, withoutVariables } from '../../playground/trace/commandLine.js';
import {
  attachObstacle,
  knownProcess,
  straceArguments,
  straceObstacle,
  type TraceTarget,
} from '../../playground/trace/strace.js';
import type { TraceFolder } from '../../playground/trace/traceFolder.js';
import { runFlow } from '../commands/flow.js';
import { setContextKey } from '../contextKeys.js';
import { showError, showInformation, showWarning } from '../notify.js';
import type { Recordings, TraceSource } from '../panel/recordings.js';
import type { SystemSocketNode } from '../views/systemSocketTree.js';
import { askCommand } from './commandQuestion.js';
import { LiveTrace } from './liveTrace.js';

export interface TraceCommandsContext {
  recordings: Recordings;
  folder: TraceFolder;
  memory: vscode.Memento;
}

/** What a key binding may say. */
const givenCommand = v.object({ command: v.string() });
const givenProcess = v.object({ pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });
const givenLog = v.object({ file: v.string() });

/** The commands that let strace watch a program, whose calls then are lanes and rows. */
export class TraceCommands implements Disposable {
  private readonly store = new DisposableStore();
  /** By their logs. */
  private readonly live = new Map<string, { trace: LiveTrace; source: TraceSource }>();

  constructor(private readonly context: TraceCommandsContext) {
    this.register('traceProgram', (argument) => this.traceProgram(argument));
    this.register('traceProcess', (argument) => this.traceProcess(argument));
    this.register('stopTrace', (argument) => this.stop(argument));
    this.store.add(context.recordings.onDidClose((file) => this.didClose(file)));
  }

  dispose(): void {
    this.store.dispose();
  }

  /** The window closes, and with it the terminals: nothing that was started here stays behind. */
  async end(): Promise<void> {
    await Promise.all([...this.live.values()].map(({ trace }) => trace.stop()));
  }

  private register(name: string, run: (argument: unknown) => unknown): void {
    this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
  }

  private async traceProgram(argument: unknown): Promise<void> {
    if (!(await canTrace())) {
      return;
    }
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    const text = v.is(givenCommand, argument)
      ? argument.command
      : await askCommand(this.context.memory, folder);
    const command = text === undefined ? null : splitCommand(text);
    if (text !== undefined && command && command.length > 0) {
      // A task has variables of its own, ${file} and the like: a program's are none of them.
      await this.run({ kind: 'program', command: withoutVariables(command) }, text, folder);
    }
  }

  /** Attaches to the process of a row, else to one that is asked for. */
  private async traceProcess(argument: unknown): Promise<void> {
    if (!(await canTrace())) {
      return;
    }
    const node = argument as SystemSocketNode | undefined;
    const known = node?.kind === 'systemSocket' ? node.process : undefined;
    const pid = known?.pid ?? (v.is(givenProcess, argument) ? argument.pid : await askPid());
    if (pid === undefined) {
      return;
    }
    const obstacle = known?.role
      ? t('{0} belongs to this editor: it is not traced.', processText(known))
      : attachObstacle(pid);
    if (obstacle !== undefined) {
      void showError(obstacle);
      return;
    }
    await this.run({ kind: 'process', pid }, nameOf(pid, known ?? undefined), undefined);
  }

  private async run(target: TraceTarget, of: string, folder: string | undefined): Promise<void> {
    const { recordings } = this.context;
    const file = this.context.folder.newLog();
    const bytes = vscode.workspace.getConfiguration('socketPlayground.trace').get('bytes', 65_536);
    const process = target.kind === 'process' ? knownProcess(target.pid) : null;
    const source = { file, of, isLive: true, limit: mostOfLog, originTime: Date.now(), process };
    if (!(await recordings.showTrace(source))) {
      return;
    }
    const isOwn = target.kind === 'program';
    const args = straceArguments(target, { log: file, bytes });
    const trace = new LiveTrace(file, { of, args, folder, isOwn });
    // The window may close before the task has begun.
    this.live.set(file, { trace, source });
    this.showTracing();
    try {
      await trace.started;
    } catch (error) {
      this.live.delete(file);
      this.showTracing();
      void recordings.endTrace(file);
      void showError((error as Error).message);
      return;
    }
    // It may be over already.
    void trace.ended.then(async () => {
      this.live.delete(file);
      this.showTracing();
      await recordings.endTrace(file);
      trace.finish();
    });
  }

  private showTracing(): void {
    setContextKey('isTracing', this.live.size > 0);
  }

  /** Ends the trace of a log; with none given that of the tab in front, else the only one. */
  private async stop(argument: unknown): Promise<void> {
    const file = v.is(givenLog, argument) ? argument.file : this.context.recordings.front;
    const only = this.live.size === 1 ? [...this.live.values()][0] : undefined;
    const found = this.live.get(file ?? '') ?? only;
    if (found) {
      await found.trace.stop();
    } else {
      void showInformation(t('No program is being traced.'));
    }
  }

  /** A tab was closed whose program still runs. */
  private didClose(file: string): void {
    const found = this.live.get(file);
    if (!found) {
      return;
    }
    const { trace, source } = found;
    const [show, stop] = [t('Show Again'), t('Stop')];
    void showWarning(t('{0} still runs and is traced.', source.of), show, stop).then((chosen) => {
      if (chosen === show) {
        void this.showAgain(source, trace);
      } else if (chosen === stop) {
        void trace.stop();
      }
    });
  }

  private async showAgain(source: TraceSource, trace: LiveTrace): Promise<void> {
    const { recordings } = this.context;
    await recordings.showTrace({ ...source, isLive: trace.isRunning });
    if (!trace.isRunning) {
      await recordings.endTrace(source.file);
    }
  }
}

/** Whether programs can be traced here; why not is told. */
async function canTrace(): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    void showError(t('In a workspace that is not trusted no program is started, and none is traced.'));
    return false;
  }
  const obstacle = await straceObstacle();
  if (obstacle !== undefined) {
    void showError(obstacle);
  }
  return obstacle === undefined;
}

function nameOf(pid: number, process: ProcessInfo | undefined): string {
  const name = process?.name ?? knownProcess(pid).name;
  return name === null ? t('process {0}', pid) : `${name} (${pid})`;
}

async function askPid(): Promise<number | undefined> {
  const answers = new Map<string, string>();
  const isDone = await runFlow(
    {
      title: () => t('Trace Process'),
      questions: () => [
        {
          kind: 'text',
          key: 'pid',
          prompt: t('The number of a process'),
          placeholder: '4711',
          initial: '',
          validate: (text) =>
            /^[1-9]\d{0,9}$/.test(text.trim())
              ? undefined
              : { message: t('The number of a process is a whole number from 1.') },
        },
      ],
    },
    answers,
  );
  return isDone ? Number(answers.get('pid')) : undefined;
}
