import * as vscode from 'vscode';
import { refusalOf } from '../../common/errors.js';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import type { SystemSocket } from '../../common/system/systemSocket.js';
import { FaultTextError, parseFaults } from '../../common/tap/faults.js';
import type { SocketTap, TapInfo, TapRequest } from '../../common/tap/tap.js';
import type { Playground } from '../../playground/playground.js';
import { ResolutionError } from '../../playground/resolve.js';
import { escapeIcons } from '../icons.js';
import type { Panels } from '../panel/panels.js';
import type { OpenSocketsView } from '../views/openSocketsView.js';
import type { Calls } from './calls.js';
import { type Answers, choose, runFlow, sayNothingToDo } from './flow.js';
import { addressOf, chosenTarget, listeners, questions, targetAnswers } from './tapQuestions.js';
import { targetOf } from './target.js';

export interface TapCommandsContext {
  playground: Playground;
  calls: Calls;
  panels: Panels;
  view: OpenSocketsView;
}

type Register = (name: string, run: (argument: unknown) => unknown) => void;

/** The commands that relay a program and its server, and that disturb what is relayed. */
export function registerTapCommands(register: Register, context: TapCommandsContext): void {
  const commands = new TapCommands(context);
  register('tap', (argument) => commands.start(argument));
  register('tapFaults', (argument) => commands.editFaults(argument));
  register('stopTap', (argument) => commands.stop(argument));
  register('copyTapAddress', (argument) => commands.copyAddress(argument));
}

class TapCommands {
  constructor(private readonly context: TapCommandsContext) {}

  /** Asks what to tap and where to listen, as far as the command was not told. */
  async start(argument: unknown): Promise<TapInfo | undefined> {
    const answers = this.answersOf(argument);
    const choices = answers.has('target') ? [] : await listeners(this.context.playground);
    const title = t('Tap a Server');
    const isDone = await runFlow(
      {
        title: () => title,
        questions: (given) => questions(given, choices),
        draftName: (key) => `tap/${key}`,
      },
      answers,
    );
    return isDone ? this.startWith(answers) : undefined;
  }

  /** Shows the form of a tap's faults; with faults as an argument, has the tap use them at once. */
  async editFaults(argument: unknown): Promise<void> {
    const { playground, panels } = this.context;
    const listener = await this.chooseTap(argument, t('Faults of a Tap'));
    if (!listener?.tap) {
      return;
    }
    const text = targetOf(argument).answers.get('faults');
    if (text === undefined) {
      await panels.show().request({ kind: 'editTapFaults', socketId: listener.id });
      return;
    }
    const { id, kind } = listener.tap;
    try {
      await playground.setTapFaults(id, parseFaults(text, kind));
    } catch (error) {
      sayRefused(error);
    }
  }

  async stop(argument: unknown): Promise<void> {
    const listener = await this.chooseTap(argument, t('Stop a Tap'));
    if (listener) {
      await this.context.playground.stopTap(listener.tap!.id);
    }
  }

  async copyAddress(argument: unknown): Promise<void> {
    const listener = await this.chooseTap(argument, t('Copy the Address of a Tap'));
    if (listener?.local) {
      await vscode.env.clipboard.writeText(endpointText(listener.local));
    }
  }

  /** What is known of the target: a row of System Sockets, a socket of ours, or arguments by name. */
  private answersOf(argument: unknown): Answers {
    const system = argument as { kind?: unknown; socket?: SystemSocket } | undefined;
    if (system?.kind === 'systemSocket' && system.socket?.local) {
      return new Map(Object.entries(targetAnswers(system.socket.local, system.socket.type)));
    }
    const { answers, socketId } = targetOf(argument);
    const own = socketId === undefined ? undefined : this.context.playground.sockets.get(socketId);
    if (own?.local) {
      return new Map(Object.entries(targetAnswers(own.local, own.type)));
    }
    return answers;
  }

  private async startWith(answers: Answers): Promise<TapInfo | undefined> {
    const { kind, target: text } = chosenTarget(answers);
    try {
      const target = await addressOf(text);
      const listen = await addressOf(answers.get('listen') ?? '', target.family);
      const faults = parseFaults(answers.get('faults') ?? '', kind);
      const info = await this.request({ kind, listen, target, faults });
      if (info) {
        this.show(info);
      }
      return info;
    } catch (error) {
      sayRefused(error);
      return undefined;
    }
  }

  /** Addresses that others can reach are asked about, as those of calls are. */
  private async request(request: TapRequest): Promise<TapInfo | undefined> {
    const { playground, calls } = this.context;
    try {
      return await playground.startTap({ ...request, loopbackOnly: !calls.isAllowed });
    } catch (error) {
      if (refusalOf(error)?.reason !== 'not-loopback') {
        throw error;
      }
    }
    const { listen, target } = request;
    const isAllowed = await calls.confirm(t('Tap: {0} → {1}', endpointText(listen), endpointText(target)));
    return isAllowed ? playground.startTap(request) : undefined;
  }

  /** The panel says where clients connect to, with the address to copy. */
  private show(tap: TapInfo): void {
    const { panels, playground } = this.context;
    const panel = panels.show({ preserveFocus: true });
    // The page selects only what it has been told of.
    void playground
      .whenListed(tap.listenerId)
      .then((isListed) => (isListed ? panel.request({ kind: 'showTap', tap }) : undefined));
  }

  /** The listening socket of a tap: of the given socket, of the only tap, or of one that is chosen. */
  private async chooseTap(
    argument: unknown,
    title: string,
  ): Promise<(SocketInfo & { tap?: SocketTap }) | undefined> {
    const { playground, view } = this.context;
    const open = playground.openSockets.filter(({ tap, local }) => tap?.side === 'listener' && local);
    const socketId = targetOf(argument).socketId ?? view.selectedIds[0];
    const tapId = socketId === undefined ? undefined : playground.sockets.get(socketId)?.tap?.id;
    const given = open.find(({ tap }) => tap!.id === tapId);
    if (given ?? open.length < 2) {
      if (open.length === 0) {
        sayNothingToDo(t('There is no tap.'), { title: t('Tap a Server'), command: 'socketPlayground.tap' });
      }
      return given ?? open[0];
    }
    const answer = await choose(
      title,
      t('Which tap?'),
      open.map(({ id, local, tap }) => ({
        label: escapeIcons(`${endpointText(local!)} → ${endpointText(tap!.target)}`),
        answer: String(id),
      })),
    );
    return open.find(({ id }) => String(id) === answer);
  }
}

/** Says why something was not done; what is no reason for people is thrown on. */
function sayRefused(error: unknown): void {
  const message = refusalOf(error)?.message;
  if (message === undefined && !(error instanceof ResolutionError) && !(error instanceof FaultTextError)) {
    throw error;
  }
  sayNothingToDo(message ?? (error as Error).message);
}
