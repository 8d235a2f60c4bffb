import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { parseSocketFilter } from '../../common/system/socketFilter.js';
import { SocketFilterError } from '../../common/system/socketFilterWords.js';
import type { EndProcessResult, ProcessInfo, SystemSocket } from '../../common/system/systemSocket.js';
import {
  commandLineText,
  holderText,
  processText,
  roleName,
  stateNames,
  systemTupleText,
} from '../../common/system/systemSocketText.js';
import type { Playground } from '../../playground/playground.js';
import type { PortHolder } from '../../playground/systemSockets.js';
import { escapeIcons } from '../icons.js';
import { askModal, showInformation, showWarning } from '../notify.js';
import type { Panels } from '../panel/panels.js';
import type { SystemSocketNode } from '../views/systemSocketTree.js';
import type { SystemSocketsView } from '../views/systemSocketsView.js';
import { type Answers, type Choice, runFlow } from './flow.js';

/** Sockets of one holder that are told of, at most. */
const toldSockets = 20;

export interface SystemCommandsContext {
  playground: Playground;
  panels: Panels;
  view: SystemSocketsView;
}

/** The commands about the sockets of the machine. */
export class SystemCommands implements Disposable {
  private readonly store = new DisposableStore();

  constructor(private readonly context: SystemCommandsContext) {
    const { view } = context;
    this.register('refreshSystemSockets', () => view.refresh());
    this.register('filterSystemSockets', () => this.filter());
    this.register('clearSystemFilter', () => view.setFilter(''));
    this.register('whoUsesPort', (argument) => this.whoUses(argument));
    this.onSocket('inspectSystemSocket', ({ socket }) => this.inspect(socket));
    this.onSocket('copySystemTuple', ({ socket }) => vscode.env.clipboard.writeText(systemTupleText(socket)));
    this.onSocket(
      'copySystemPid',
      ({ process }) => process && vscode.env.clipboard.writeText(String(process.pid)),
    );
    this.onSocket('endProcess', ({ process, socket }) => process && this.endProcess(process, [socket]));
    this.onSocket('connectToSystemSocket', ({ socket }) => this.connectTo(socket));
  }

  dispose(): void {
    this.store.dispose();
  }

  private register(name: string, run: (argument: unknown) => unknown): void {
    this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
  }

  /** Commands of a row; a key binding without one does nothing. */
  private onSocket(name: string, run: (node: SystemSocketNode) => unknown): void {
    this.register(name, (argument) => {
      const node = argument as SystemSocketNode | undefined;
      return node?.kind === 'systemSocket' ? run(node) : undefined;
    });
  }

  private async filter(): Promise<void> {
    const { view } = this.context;
    const answers: Answers = new Map();
    const isDone = await runFlow(
      {
        title: () => t('Filter System Sockets'),
        questions: () => [
          {
            kind: 'text',
            key: 'filter',
            prompt: t('A filter as ss has it, or :3000; empty for all'),
            placeholder: 'state established and dport = :443',
            initial: view.filter,
            validate: complaintOf,
          },
        ],
      },
      answers,
    );
    if (isDone) {
      await view.setFilter(answers.get('filter')?.trim() ?? '');
    }
  }

  /** Asks for a port, unless the command was given one, and shows who holds it. */
  private async whoUses(argument: unknown): Promise<void> {
    const port = portOf(argument) ?? (await this.askPort());
    if (port === undefined) {
      return;
    }
    const { holders } = await this.context.playground.system.whoUses(port);
    if (holders.length === 0) {
      void showInformation(t('Nobody uses port {0}.', port));
      return;
    }
    const answers: Answers = new Map();
    const isDone = await runFlow(
      {
        title: () => t('Who Uses Port {0}?', port),
        questions: (given) => {
          const holder = holders[Number(given.get('holder') ?? -1)];
          return [
            {
              kind: 'choice',
              key: 'holder',
              prompt: t('Choose one to see what can be done'),
              choices: holders.map((each, index) => holderChoice(each, index)),
            },
            ...(holder
              ? [
                  {
                    kind: 'choice' as const,
                    key: 'action',
                    prompt: holderText(holder.process, holder.sockets),
                    choices: actionChoices(holder),
                  },
                ]
              : []),
          ];
        },
      },
      answers,
    );
    const holder = holders[Number(answers.get('holder'))];
    if (isDone && holder) {
      await this.act(holder, answers.get('action') ?? '');
    }
  }

  private async askPort(): Promise<number | undefined> {
    const answers: Answers = new Map();
    const isDone = await runFlow(
      {
        title: () => t('Who Uses This Port?'),
        questions: () => [
          {
            kind: 'text',
            key: 'port',
            prompt: t('A port of this machine, 1 to 65535'),
            placeholder: '3000',
            initial: '',
            validate: (text) =>
              readPort(text) === undefined
                ? { message: t('A port is a number from 1 to 65535.') }
                : undefined,
          },
        ],
      },
      answers,
    );
    return isDone ? readPort(answers.get('port') ?? '') : undefined;
  }

  private async act({ process, sockets }: PortHolder, action: string): Promise<void> {
    const [socket] = sockets;
    switch (action) {
      case 'end':
        if (process) {
          await this.endProcess(process, sockets);
        }
        break;
      case 'inspect':
        if (socket) {
          await this.inspect(socket);
        }
        break;
      case 'copy':
        await vscode.env.clipboard.writeText(reportOf(process, sockets));
        break;
      case 'trace':
        if (process) {
          await vscode.commands.executeCommand('socketPlayground.traceProcess', { pid: process.pid });
        }
        break;
      case 'pid':
        await vscode.env.clipboard.writeText(String(process?.pid));
        break;
      default:
    }
  }

  /** Shows a socket of the machine in the panel's inspector, read only. */
  private async inspect(socket: SystemSocket): Promise<void> {
    const panel = this.context.panels.show();
    await panel.request({ kind: 'inspectSystem', socket });
  }

  private async connectTo({ local, type }: SystemSocket): Promise<void> {
    if (local) {
      const panel = this.context.panels.show();
      await panel.request({ kind: 'connectTo', address: local, type: String(type) });
    }
  }

  /** Asks, and sends SIGTERM to this process and no later one of its number. */
  private async endProcess(process: ProcessInfo, sockets: readonly SystemSocket[]): Promise<void> {
    if (process.role !== null) {
      void showWarning(refusalText(process, process.role));
      return;
    }
    const end = t('End Process');
    const answer = await askModal(t('End {0}?', processText(process)), reportOf(process, sockets), end);
    if (answer !== end) {
      return;
    }
    const { pid, startTicks } = process;
    const result = await this.context.playground.system.endProcess({ pid, startTicks });
    const text = resultText(process, result);
    void (result.kind === 'ended' ? showInformation(text) : showWarning(text));
  }
}

function complaintOf(text: string): { message: string } | undefined {
  try {
    parseSocketFilter(text);
    return undefined;
  } catch (error) {
    if (error instanceof SocketFilterError) {
      return { message: t('Column {0}: {1}', error.offset + 1, error.message) };
    }
    throw error;
  }
}

/** Of a row, or `{port: 3000}` of a key binding. */
function portOf(argument: unknown): number | undefined {
  const node = argument as (SystemSocketNode & { port?: string | number }) | undefined;
  const local = node?.kind === 'systemSocket' ? node.socket.local : undefined;
  const port = local && 'port' in local ? local.port : node?.port;
  return port === undefined ? undefined : readPort(String(port));
}

function readPort(text: string): number | undefined {
  const port = Number(text.trim().replace(/^:/, ''));
  return /^:?\d+$/.test(text.trim()) && port >= 1 && port <= 65_535 ? port : undefined;
}

function holderChoice({ process, sockets }: PortHolder, index: number): Choice {
  const [first] = sockets;
  const more = sockets.length > 1 ? ` +${sockets.length - 1}` : '';
  return {
    label: escapeIcons(holderText(process, sockets)),
    description: escapeIcons(first ? `${stateNames[first.state]} ${systemTupleText(first)}${more}` : ''),
    detail: escapeIcons(process ? detailOf(process) : ''),
    answer: String(index),
  };
}

/** Command line, directory and start time in one line. */
function detailOf(process: ProcessInfo): string {
  return [
    ...(process.role ? [roleName(process.role)] : []),
    process.commandLine ? commandLineText(process).slice(0, 300) : t('command line not visible'),
    process.directory ?? t('directory not visible'),
    process.startTime === null ? '' : t('since {0}', timeText(process.startTime)),
  ]
    .filter((text) => text !== '')
    .join(' · ');
}

function actionChoices({ process, sockets }: PortHolder): Choice[] {
  const inspect = {
    label: `$(info) ${t('Inspect')}`,
    description: escapeIcons(sockets[0] ? systemTupleText(sockets[0]) : ''),
  };
  return [
    { ...inspect, answer: 'inspect' },
    { label: `$(copy) ${t('Copy All of It')}`, answer: 'copy' },
    ...(process ? [{ label: `$(copy) ${t('Copy Process ID')}`, answer: 'pid' }] : []),
    ...(process && !process.role
      ? [
          {
            label: `$(eye) ${t('Trace Process')}`,
            description: t('its calls on sockets, by strace'),
            answer: 'trace',
          },
        ]
      : []),
    ...(process
      ? [
          {
            label: `$(debug-stop) ${t('End Process')}`,
            description: process.role ? refusalText(process, process.role) : t('asks, and sends SIGTERM'),
            answer: 'end',
          },
        ]
      : []),
  ];
}

/** Everything about a holder as lines of text. */
function reportOf(process: ProcessInfo | null, sockets: readonly SystemSocket[]): string {
  const lines = process
    ? [
        `${t('command line')}: ${process.commandLine ? commandLineText(process) : t('not visible')}`,
        `${t('directory')}: ${process.directory ?? t('not visible')}`,
        `${t('started')}: ${process.startTime === null ? t('unknown') : timeText(process.startTime)}`,
      ]
    : [];
  const told = sockets
    .slice(0, toldSockets)
    .map((socket) => `${stateNames[socket.state]} ${systemTupleText(socket)}`);
  const more = sockets.length > told.length ? [t('{0} more…', sockets.length - told.length)] : [];
  return [holderText(process, sockets), ...lines, ...told, ...more].join('\n');
}

function refusalText(process: ProcessInfo, role: NonNullable<ProcessInfo['role']>): string {
  return t('{0} is {1}: it is not ended from here.', processText(process), roleName(role));
}

function resultText(process: ProcessInfo, result: EndProcessResult): string {
  const name = processText(process);
  switch (result.kind) {
    case 'ended':
      return t('{0} has ended.', name);
    case 'signalled':
      return t('{0} has got SIGTERM and goes on.', name);
    case 'gone':
      return result.isReused
        ? t('{0} had ended before, and another process has its number now. Nothing was sent.', name)
        : t('{0} had ended before. Nothing was sent.', name);
    case 'refused':
      return refusalText(process, result.role);
    case 'failed':
      return t('{0} could not be ended: {1}.', name, String(result.errno));
  }
}

function timeText(ms: number): string {
  return new Date(ms).toLocaleString(vscode.env.language);
}
