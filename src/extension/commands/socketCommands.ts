import * as vscode from 'vscode';
import type { CallRecord } from '../../common/call.js';
import { once } from '../../common/event.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { type CallName, signatures } from '../../common/tables/signatures.js';
import { describeFailure, HostGivenUpError } from '../../playground/callHandle.js';
import type { Playground } from '../../playground/playground.js';
import { showError } from '../notify.js';
import type { Panels } from '../panel/panels.js';
import type { OpenSocketsView } from '../views/openSocketsView.js';
import { fiveTupleText, numberedTitle } from '../../common/socketText.js';
import { socketLabel } from '../views/socketText.js';
import { registerAutomaticCommands } from './automaticCommands.js';
import { CallFlow } from './callFlow.js';
import { partKeys } from './composed.js';
import { descriptorChoice } from './descriptorQuestions.js';
import type { CallOutcome, Calls } from './calls.js';
import { type Answers, choose, runFlow, sayNothingToDo } from './flow.js';
import { newTcpClient, newTcpServer, newUdpSocket } from './presets.js';
import type { Reporter } from './reporter.js';
import { registerTapCommands } from './tapCommands.js';
import { sendSelection } from './sendSelection.js';
import { RowPresses } from './rowPresses.js';
import { isRow, targetOf } from './target.js';

export interface SocketCommandsContext {
  playground: Playground;
  calls: Calls;
  panels: Panels;
  view: OpenSocketsView;
  reporter: Reporter;
  /** Ends the socket host, whether it answers or not. */
  stopHost: () => void;
  log: vscode.LogOutputChannel;
}

/** What a command that makes a call returns: its record, as far as it is known when the call has started. */
export interface StartedCall {
  seq: number;
  record: CallRecord | undefined;
  /** The record once the call has returned. */
  returned: Promise<CallRecord>;
}

/** The commands that make calls, and those about a socket. */
export class SocketCommands implements Disposable {
  private readonly store = new DisposableStore();
  private readonly flow: CallFlow;
  private readonly presses = new RowPresses();

  constructor(private readonly context: SocketCommandsContext) {
    this.flow = new CallFlow(context.playground, context.calls);
    for (const { name } of [...signatures.values()].filter(({ name }) => name !== 'close')) {
      this.register(name, (argument) => {
        const { answers, isShown } = targetOf(argument);
        if (isShown) {
          context.panels.show({ preserveFocus: true });
        }
        return this.call(name, answers);
      });
    }
    this.register('close', (argument, ids) => {
      if (ids.length > 1) {
        return this.closeMany(ids);
      }
      // The menu may be that of a group that is selected, too.
      const subject = isRow(argument) || ids[0] === undefined ? argument : { socketId: ids[0] };
      const { answers, socketId } = targetOf(subject);
      return isRow(argument) && this.presses.isSecond(socketId) ? undefined : this.call('close', answers);
    });
    this.register('passDescriptor', (argument) => this.passDescriptor(targetOf(argument).answers));
    this.register('newTcpServer', () => this.preset(() => newTcpServer(context)));
    this.register('newTcpClient', (argument) =>
      this.preset(() => newTcpClient(context, targetOf(argument).answers)),
    );
    this.register('newUdpSocket', () => this.preset(() => newUdpSocket(context)));
    registerAutomaticCommands((name, run) => this.register(name, run), { ...context, flow: this.flow });
    registerTapCommands((name, run) => this.register(name, run), context);
    this.register('sendSelection', async (argument) => {
      const { calls } = context;
      const { answers } = targetOf(argument instanceof vscode.Uri ? undefined : argument);
      const outcome = await sendSelection(this.flow, calls, answers, this.selectedId);
      return outcome && this.tell(outcome);
    });
    this.register('inspect', (argument) => this.inspect(targetOf(argument).answers));
    this.register('rename', (argument) => this.rename(targetOf(argument).answers));
    this.register('copyFiveTuple', (argument, ids) => this.copyFiveTuple(argument, ids));
    this.register('revealInSocketsView', (argument) => this.reveal(argument));
    this.register('groupByProtocol', () => context.view.groupBy('protocol'));
    this.register('groupByScenario', () => context.view.groupBy('scenario'));
    this.register('cancel', (argument) => this.cancel(targetOf(argument).answers));
    this.register('closeAll', () => this.closeAll());
    this.register('stopHost', () => context.stopHost());
    this.register('restart', () => context.playground.restart());
    this.register('showLog', () => context.log.show());
  }

  dispose(): void {
    this.store.dispose();
  }

  /** @param run Is given the sockets of all rows that are selected, where the command is about rows of the tree. */
  private register(name: string, run: (argument: unknown, ids: SocketId[]) => unknown): void {
    this.store.add(
      vscode.commands.registerCommand(`socketPlayground.${name}`, async (given: unknown, rows: unknown) => {
        try {
          const subjects = this.subjects(given, rows);
          if (subjects) {
            return await run(...subjects);
          }
          sayNothingToDo(t('The row with the focus is no socket.'));
          return undefined;
        } catch (error) {
          this.context.log.error(error instanceof Error ? error : String(error));
          if (!(error instanceof HostGivenUpError)) {
            void showError(describeFailure(error));
          }
          return undefined;
        }
      }),
    );
  }

  /**
   * What a command is about: the row or the arguments that it was given, and the sockets of all selected rows where that
   * is one of them. A menu gives both. A key of the tree gives in an array what `$focusedTreeItem` in its `args` stands
   * for, as VS Code's own menus of a view do: the row with the focus, which need not be selected.
   */
  private subjects(given: unknown, rows: unknown): [argument: unknown, ids: SocketId[]] | undefined {
    const [argument] = Array.isArray(given) ? (given as unknown[]) : [given];
    if (Array.isArray(given) && !isRow(argument)) {
      return undefined;
    }
    const { socketId } = targetOf(argument);
    const { selectedIds } = this.context.view;
    const ids = Array.isArray(rows)
      ? rows.map((row) => targetOf(row).socketId).filter((id) => id !== undefined)
      : Array.isArray(given) && socketId !== undefined && selectedIds.includes(socketId)
        ? selectedIds
        : [];
    return [argument, ids];
  }

  private async call(name: CallName, answers: Answers): Promise<StartedCall | undefined> {
    const outcome = await this.flow.run(name, answers, this.selectedId);
    return outcome && this.tell(outcome);
  }

  /** `sendmsg` with SCM_RIGHTS: which Unix socket carries the descriptors, and which ones. */
  private async passDescriptor(answers: Answers): Promise<StartedCall | undefined> {
    const title = t('Pass a Descriptor');
    const carrier = await this.flow.chooseSocket(title, answers, this.selectedId, {
      fits: ({ domain }) => domain === 'AF_UNIX',
      missing: t('A Unix socket carries descriptors, and none is open. Create a pair first.'),
      command: 'socketPlayground.socketpair',
    });
    if (!carrier) {
      return undefined;
    }
    const choices = this.context.playground.openSockets
      .filter(({ id }) => id !== carrier.id)
      .toReversed()
      .map(descriptorChoice);
    const question = {
      kind: 'flags',
      key: partKeys.passed,
      prompt: t('Which descriptors to pass'),
      choices,
    } as const;
    if (choices.length === 0 || answers.get(partKeys.passed) === '0') {
      sayNothingToDo(t('There is no other descriptor to pass.'));
      return undefined;
    }
    if (!(await runFlow({ title: () => title, questions: () => [question] }, answers))) {
      return undefined;
    }
    // At least one byte of data has to go with them.
    answers.set(partKeys.data, answers.get(partKeys.data) ?? 'fd\\n');
    return this.call('sendmsg', answers);
  }

  private async preset(
    run: () => Promise<(CallOutcome & { kind: 'started' }) | undefined>,
  ): Promise<StartedCall | undefined> {
    const outcome = await run();
    return outcome && this.tell(outcome);
  }

  /** Reports, and resolves when the model shows what the call did: the next command may be about it. */
  private async tell({
    start,
    returned,
    ...outcome
  }: CallOutcome & { kind: 'started' }): Promise<StartedCall> {
    const { playground, reporter } = this.context;
    const known = returned.then(async (record) => {
      await playground.whenKnown(record.seq);
      return record;
    });
    known.catch(() => {
      // The reporter tells of it.
    });
    reporter.report({ ...outcome, start, returned: known });
    if (start.kind === 'returned') {
      return { seq: start.record.seq, record: await known, returned: known };
    }
    await this.waitIsKnown(start.seq, known);
    return { seq: start.seq, record: undefined, returned: known };
  }

  private async waitIsKnown(seq: number, returned: Promise<unknown>): Promise<void> {
    const { playground } = this.context;
    let hasEnded = false;
    const end = returned.catch(() => {}).then(() => (hasEnded = true));
    const isKnown = () =>
      hasEnded || playground.openSockets.some(({ waiting }) => waiting.some((call) => call.seq === seq));
    if (!isKnown()) {
      await Promise.race([once(playground.onDidChange, isKnown), end]);
    }
  }

  /** What the user looks at: offered first. */
  private get selectedId(): number | undefined {
    return this.context.view.selectedIds[0] ?? this.context.panels.open?.selection.socketId ?? undefined;
  }

  private async inspect(answers: Answers): Promise<void> {
    const socket = await this.flow.chooseSocket(t('Inspect'), answers, this.selectedId);
    if (!socket) {
      return;
    }
    const { panels } = this.context;
    const panel = panels.show();
    await panel.request({ kind: 'select', socketId: socket.id, seq: null });
    await panel.request({ kind: 'showInspector' });
  }

  /** The socket of the page's menu, else the one that is selected in the panel. */
  private async reveal(argument: unknown): Promise<void> {
    const { panels, view } = this.context;
    const socketId = targetOf(argument).socketId ?? panels.open?.selection.socketId;
    if (socketId === undefined || socketId === null) {
      sayNothingToDo(t('No socket is selected in the panel.'));
      return;
    }
    await view.show(socketId);
  }

  private async rename(answers: Answers): Promise<void> {
    const socket = await this.flow.chooseSocket(t('Rename'), answers, this.selectedId);
    if (!socket) {
      return;
    }
    const isDone = await runFlow(
      {
        title: () => t('Rename {0}', numberedTitle(socket)),
        questions: () => [
          {
            kind: 'text',
            key: 'name',
            prompt: t('Name for people; empty for none'),
            initial: socket.name ?? '',
            validate: (text) =>
              text.length > 100 ? { message: t('A name has at most 100 characters.') } : undefined,
          },
        ],
      },
      answers,
    );
    if (isDone) {
      await this.context.playground.rename(socket.id, answers.get('name')?.trim() || null);
    }
  }

  private async copyFiveTuple(argument: unknown, ids: SocketId[]): Promise<void> {
    const { sockets } = this.context.playground;
    const { answers, socketId } = targetOf(argument);
    // A row may stand for a socket that has ended: its addresses are still known.
    const known = (ids.length > 1 ? ids : [socketId]).flatMap((id) => sockets.get(id ?? -1) ?? []);
    const chosen =
      known.length > 0
        ? undefined
        : await this.flow.chooseSocket(t('Copy 5-Tuple'), answers, this.selectedId);
    const copied = chosen ? [chosen] : known;
    if (copied.length > 0) {
      await vscode.env.clipboard.writeText(copied.map(fiveTupleText).join('\n'));
      vscode.window.setStatusBarMessage(t('Copied.'), 3000);
    }
  }

  private async cancel(answers: Answers): Promise<void> {
    const { playground } = this.context;
    const isWanted = (socket: SocketInfo) =>
      !answers.has('socketId') || String(socket.id) === answers.get('socketId');
    const waiting = playground.openSockets
      .filter(isWanted)
      .flatMap((socket) => socket.waiting.map((call) => ({ socket, call })));
    const [only] = waiting;
    if (!only) {
      sayNothingToDo(t('No call is waiting.'));
      return;
    }
    const seq =
      waiting.length === 1
        ? String(only.call.seq)
        : await choose(
            t('Cancel Waiting Call'),
            t('Which call'),
            waiting.map(({ socket, call }) => ({
              label: `${call.name}(${socket.fd})`,
              description: socketLabel(socket),
              answer: String(call.seq),
            })),
          );
    if (seq !== undefined) {
      await playground.cancel(Number(seq));
    }
  }

  private async closeAll(): Promise<void> {
    const { playground } = this.context;
    if (playground.openCount === 0) {
      sayNothingToDo(t('There is no open socket.'));
      return;
    }
    const count = playground.openCount;
    tellClosed(count, await playground.closeAll());
  }

  /** Closes each by a call of its own, the latest made first. */
  private async closeMany(ids: readonly SocketId[]): Promise<void> {
    const { playground, panels, view } = this.context;
    tellClosed(ids.length, await playground.close(ids));
    // To VS Code the rows that have gone stay selected, several of them, and a menu is about several until others are.
    const open = playground.openSockets;
    const next = open.find(({ id }) => id === panels.open?.selection.socketId) ?? open.at(-1);
    if (next) {
      await view.reveal(next.id);
    }
  }
}

function tellClosed(count: number, records: readonly CallRecord[]): void {
  const failed = records.filter(({ errno }) => errno !== null).length;
  vscode.window.setStatusBarMessage(
    failed === 0
      ? count === 1
        ? t('Closed 1 socket.')
        : t('Closed {0} sockets.', count)
      : t('Closed {0} sockets, {1} failed.', count - failed, failed),
    5000,
  );
}
