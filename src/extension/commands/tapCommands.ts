import * as vscode from 'vscode';
import { refusalOf } from '../../common/errors.js';
import { t } from '../../common/l10n.js';
import { printAddress } from '../../common/notation/printer.js';
import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import { parseEndpoint, reachable, usualListen } from '../../common/tap/endpoint.js';
import {
  type DirectionFaults,
  type FaultRow,
  faultComplaint,
  faultRows,
  FaultTextError,
  noFaults,
  parseFaults,
  type TapDirection,
  type TapFaults,
  type TapKind,
} from '../../common/tap/faults.js';
import type { SocketTap, TapInfo, TapRequest } from '../../common/tap/tap.js';
import type { SystemSocket } from '../../common/system/systemSocket.js';
import { isConnectable, processText } from '../../common/system/systemSocketText.js';
import type { Playground } from '../../playground/playground.js';
import { ResolutionError, resolveHost } from '../../playground/resolve.js';
import { escapeIcons } from '../icons.js';
import { showInformation } from '../notify.js';
import type { Panels } from '../panel/panels.js';
import { platform } from '../platform.js';
import type { OpenSocketsView } from '../views/openSocketsView.js';
import type { Calls } from './calls.js';
import { type Answers, type Choice, choose, runFlow, sayNothingToDo, separator } from './flow.js';
import { targetOf } from './target.js';

export interface TapCommandsContext {
  playground: Playground;
  calls: Calls;
  panels: Panels;
  view: OpenSocketsView;
}

type Register = (name: string, run: (argument: unknown) => unknown) => void;

/** The answer that stands for an address that is typed. */
const typed = 'typed';
const done = 'done';
const seed = 'seed';
const allOff = 'off';

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
    const listeners = answers.has('target') ? [] : await this.listeners();
    const title = t('Tap a Server');
    const isDone = await runFlow(
      {
        title: () => title,
        questions: (given) => questions(given, listeners),
        draftName: (key) => `tap/${key}`,
      },
      answers,
    );
    return isDone ? this.startWith(answers) : undefined;
  }

  /** A form that stays until it is left: each change holds at once. */
  async editFaults(argument: unknown): Promise<void> {
    const { playground } = this.context;
    const listener = await this.chooseTap(argument, t('Faults of a Tap'));
    if (!listener) {
      return;
    }
    const { id, kind, target } = listener.tap!;
    const title = t('Faults of the Tap to {0}', endpointText(target));
    for (let current = listener.tap!.faults; ;) {
      const answer = await choose(
        title,
        t('Choose what to change. Each change holds at once.'),
        formItems(current, kind),
      );
      const changed =
        answer === undefined || answer === done ? undefined : await change(title, current, answer);
      if (answer === undefined || answer === done) {
        return;
      }
      if (changed) {
        await playground.setTapFaults(id, changed);
        current = changed;
      }
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
      return new Map(Object.entries(targetAnswers(system.socket.local, kindOfType(system.socket.type))));
    }
    const { answers, socketId } = targetOf(argument);
    const own = socketId === undefined ? undefined : this.context.playground.sockets.get(socketId);
    if (own?.local) {
      return new Map(Object.entries(targetAnswers(own.local, kindOfType(own.type))));
    }
    return answers;
  }

  /** What listens on this machine, as choices. */
  private async listeners(): Promise<Choice[]> {
    const { sockets, processes } = await this.context.playground.system.list({
      kinds: ['tcp', 'udp', 'unix'],
      withOwners: true,
    });
    const byPid = new Map(processes.map((info) => [info.pid, info]));
    const servers = sockets.filter((socket) => isConnectable(socket) && socket.type !== 'SOCK_SEQPACKET');
    return servers.flatMap((socket) => {
      const { local, holders, kind, type } = socket;
      const holder = holders[0] && byPid.get(holders[0].pid);
      return local
        ? [
            {
              label: escapeIcons(endpointText(reachable(local))),
              description: [
                kind === 'unix' ? 'Unix' : kind.toUpperCase(),
                holder ? escapeIcons(processText(holder)) : '',
              ]
                .filter((text) => text !== '')
                .join(' · '),
              answer: `${kindOfType(type)} ${printAddress(reachable(local), 'short')}`,
            },
          ]
        : [];
    });
  }

  private async startWith(answers: Answers): Promise<TapInfo | undefined> {
    const { kind, target: text } = chosenTarget(answers);
    try {
      const target = await addressOf(text);
      const listen = await addressOf(answers.get('listen') ?? '', target.family);
      const faults = parseFaults(answers.get('faults') ?? '', kind);
      const info = await this.request({ kind, listen, target, faults });
      if (info) {
        await this.tell(info);
      }
      return info;
    } catch (error) {
      const message = refusalOf(error)?.message;
      if (
        message === undefined &&
        !(error instanceof ResolutionError) &&
        !(error instanceof FaultTextError)
      ) {
        throw error;
      }
      sayNothingToDo(message ?? (error as Error).message);
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

  private async tell({ listen, target, listenerId }: TapInfo): Promise<void> {
    const { panels } = this.context;
    const panel = panels.show({ preserveFocus: true });
    void panel.request({ kind: 'select', socketId: listenerId, seq: null });
    const [copy, faults, stop] = [t('Copy Address'), t('Faults…'), t('Stop')];
    const message = t(
      'Let clients connect to {0}: everything goes on to {1} and is recorded.',
      endpointText(listen),
      endpointText(target),
    );
    // Nobody waits for the answer: the tap is there.
    void showInformation(message, copy, faults, stop).then((action) => {
      const argument = { socketId: listenerId };
      return action === copy
        ? vscode.env.clipboard.writeText(endpointText(listen))
        : action === faults
          ? this.editFaults(argument)
          : action === stop
            ? this.stop(argument)
            : undefined;
    });
    await Promise.resolve();
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
        sayNothingToDo(t('There is no tap.'), { title: t('Tap…'), command: 'socketPlayground.tap' });
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

function kindOfType(type: unknown): TapKind {
  return type === 'SOCK_DGRAM' ? 'datagram' : 'stream';
}

function targetAnswers(address: SocketAddress, kind: TapKind): Record<string, string> {
  return { target: `${kind} ${printAddress(reachable(address), 'short')}` };
}

/** A chosen target says its kind; of a typed one it is asked. */
function chosenTarget(answers: Answers): { kind: TapKind; target: string } {
  const target = answers.get('target') ?? '';
  const [, kind, rest] = /^(stream|datagram) (.*)$/s.exec(target) ?? [];
  return kind
    ? { kind: kind as TapKind, target: rest! }
    : {
        kind: answers.get('protocol') === 'UDP' ? 'datagram' : 'stream',
        target: target === typed ? (answers.get('address') ?? '') : target,
      };
}

function questions(answers: Answers, listeners: Choice[]) {
  const { target } = chosenTarget(answers);
  const endpoint = parseEndpoint(target, platform);
  const family =
    'address' in endpoint ? endpoint.address : ({ family: 'AF_INET', address: '', port: 0 } as const);
  const isChosen = /^(stream|datagram) /.test(answers.get('target') ?? '');
  return [
    {
      kind: 'choice' as const,
      key: 'target',
      prompt: t('Which server?'),
      choices: [
        { label: `$(edit) ${t('Type an Address…')}`, answer: typed },
        ...(listeners.length > 0 ? [separator(t('listening on this machine')), ...listeners] : []),
      ],
    },
    ...(answers.get('target') === typed
      ? [
          {
            kind: 'text' as const,
            key: 'address',
            prompt: t(
              'Address of the server, for example {0}',
              '127.0.0.1:8080, localhost:8080, /tmp/server.sock',
            ),
            initial: '',
            validate: complaintOf,
          },
        ]
      : []),
    ...(isChosen
      ? []
      : [
          {
            kind: 'choice' as const,
            key: 'protocol',
            prompt: t('What is relayed?'),
            choices: [
              { label: 'TCP', description: t('or a stream of Unix sockets'), answer: 'TCP' },
              { label: 'UDP', description: t('or datagrams of Unix sockets'), answer: 'UDP' },
            ],
          },
        ]),
    {
      kind: 'text' as const,
      key: 'listen',
      prompt: t('Where clients connect to; with port 0 the kernel chooses one'),
      initial: printAddress(usualListen(family), 'short'),
      validate: complaintOf,
    },
  ];
}

function complaintOf(text: string): { message: string } | undefined {
  const endpoint = parseEndpoint(text, platform);
  return 'message' in endpoint ? { message: endpoint.message } : undefined;
}

/** @param family That of the other address, which a host name is to fit. */
async function addressOf(text: string, family?: string): Promise<SocketAddress> {
  const endpoint = parseEndpoint(text, platform);
  if ('message' in endpoint) {
    throw new FaultTextError(endpoint.message);
  }
  if ('address' in endpoint) {
    return endpoint.address;
  }
  return (await resolveHost(endpoint.hostName.host, endpoint.hostName.port, family)).address;
}

const directionNames: Readonly<Record<TapDirection, string>> = {
  toServer: 'to-server',
  toClient: 'to-client',
};

const directionTitles: Readonly<Record<TapDirection, () => string>> = {
  toServer: () => t('to the server'),
  toClient: () => t('to the client'),
};

/** The faults of both directions with their values, as rows of a form. */
function formItems(faults: TapFaults, kind: TapKind): Choice[] {
  const rows = faultRows.filter(({ kinds }) => kinds.includes(kind));
  const ofDirection = (direction: TapDirection) => [
    separator(directionTitles[direction]()),
    ...rows.map((row) => ({
      label: row.name,
      description: valueText(row, faults[direction][row.name]),
      detail: row.description(),
      answer: `${direction}.${row.name}`,
    })),
  ];
  return [
    { label: `$(check) ${t('Done')}`, answer: done },
    { label: `$(circle-slash) ${t('All Off')}`, answer: allOff },
    ...ofDirection('toServer'),
    ...ofDirection('toClient'),
    separator(''),
    { label: 'seed', description: String(faults.seed), answer: seed },
  ];
}

function valueText({ unit }: FaultRow, value: number | undefined): string {
  return value === undefined ? t('off') : `${value} ${unit}`;
}

/** The faults after a row of the form was changed; undefined when the user left its question. */
async function change(title: string, faults: TapFaults, answer: string): Promise<TapFaults | undefined> {
  if (answer === allOff) {
    return { ...noFaults, seed: faults.seed };
  }
  if (answer === seed) {
    const value = await askNumber(title, t('The seed of what is random'), faults.seed, (number) =>
      Number.isInteger(number) && number >= 0 && number <= 0xffff_ffff
        ? undefined
        : t('The seed is a whole number of 32 bits.'),
    );
    return value === undefined ? undefined : { ...faults, seed: value };
  }
  const [direction, name] = answer.split('.') as [TapDirection, string];
  const row = faultRows.find((each) => each.name === name)!;
  const prompt = t('{0} in {1}; 0 is off', `${directionNames[direction]}.${row.name}`, row.unit);
  const value = await askNumber(title, prompt, faults[direction][row.name] ?? 0, (number) =>
    faultComplaint(row, number),
  );
  if (value === undefined) {
    return undefined;
  }
  const changed: DirectionFaults = { ...faults[direction], [row.name]: value };
  return { ...faults, [direction]: changed };
}

async function askNumber(
  title: string,
  prompt: string,
  initial: number,
  complain: (value: number) => string | undefined,
): Promise<number | undefined> {
  const answers: Answers = new Map();
  const validate = (text: string) => {
    const message = complain(/^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN);
    return message === undefined ? undefined : { message };
  };
  const question = { kind: 'text', key: 'value', prompt, initial: String(initial), validate } as const;
  const isDone = await runFlow({ title: () => title, questions: () => [question] }, answers);
  return isDone ? Number(answers.get('value')) : undefined;
}
