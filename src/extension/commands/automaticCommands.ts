import * as vscode from 'vscode';
import { CallRefusedError } from '../../common/errors.js';
import { t } from '../../common/l10n.js';
import type { Automation, AutomaticMode, SocketInfo } from '../../common/socket.js';
import type { Playground } from '../../playground/playground.js';
import type { Replies } from '../../common/replyRules.js';
import type { Panels } from '../panel/panels.js';
import type { OpenSocketsView } from '../views/openSocketsView.js';
import type { CallFlow } from './callFlow.js';
import { sayNothingToDo } from './flow.js';
import { targetOf } from './target.js';

export interface AutomaticCommandsContext {
  playground: Playground;
  flow: CallFlow;
  view: OpenSocketsView;
  panels: Panels;
}

/** The commands by the mode that they switch on, with the question for the socket. */
const modes: readonly { command: string; mode: AutomaticMode; title: () => string }[] = [
  { command: 'acceptAutomatically', mode: 'accept', title: () => t('Accept Automatically') },
  { command: 'receiveAutomatically', mode: 'receive', title: () => t('Receive Automatically') },
  { command: 'echo', mode: 'echo', title: () => t('Echo') },
  { command: 'discard', mode: 'discard', title: () => t('Discard') },
];

/** What runs when a command of this name is called. */
type Register = (name: string, run: (argument: unknown) => unknown) => void;

/** The commands that let the host make calls by itself. */
export function registerAutomaticCommands(register: Register, context: AutomaticCommandsContext): void {
  for (const { command, mode, title } of modes) {
    register(command, (argument) =>
      automate(context, argument, title(), (socket) => automationOf(socket, mode)),
    );
  }
  register('replyByRule', async (argument) => {
    const { flow, view, panels } = context;
    const socket = await flow.chooseSocket(
      t('Reply by Rule'),
      targetOf(argument).answers,
      view.selectedIds[0],
    );
    if (socket) {
      await panels.show().request({ kind: 'editReplies', socketId: socket.id });
    }
  });
  register('stopAutomatic', (argument) => automate(context, argument, t('Stop Automatic'), () => null));
}

async function automate(
  { playground, flow, view }: AutomaticCommandsContext,
  argument: unknown,
  title: string,
  automation: (socket: SocketInfo) => Automation | null,
): Promise<void> {
  const socket = await flow.chooseSocket(title, targetOf(argument).answers, view.selectedIds[0]);
  if (!socket) {
    return;
  }
  try {
    await playground.automate(socket.id, automation(socket));
  } catch (error) {
    if (!(error instanceof CallRefusedError)) {
      throw error;
    }
    sayNothingToDo(error.message);
  }
}

/** On a listener a mode is that of the sockets that it accepts: an echo server by one act. */
export function automationOf({ state }: SocketInfo, mode: AutomaticMode, replies?: Replies): Automation {
  const settings = vscode.workspace.getConfiguration('socketPlayground');
  const isOfAccepted = state === 'listening' && mode !== 'accept';
  return {
    mode: isOfAccepted ? 'accept' : mode,
    accepted: isOfAccepted ? mode : null,
    isRecorded: settings.get('automatic.record', true),
    isBatched: settings.get('automatic.batchDatagrams', false),
    ...(replies ? { replies } : {}),
  };
}
