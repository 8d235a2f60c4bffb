import { once } from '../../common/event.js';
import { t } from '../../common/l10n.js';
import { printAddress } from '../../common/notation/printer.js';
import { type Preset, presetCall, presets } from '../../common/presets.js';
import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import { isOpenSocket, reachableAddress } from '../../common/usualArguments.js';
import { constantValue } from '../../common/tables/constants.js';
import { signatureOf } from '../../common/tables/signatures.js';
import type { Playground } from '../../playground/playground.js';
import type { Panels } from '../panel/panels.js';
import { platform } from '../platform.js';
import { readArgument } from './arguments.js';
import type { CallOutcome, Calls } from './calls.js';
import { type Answers, atColumn, runFlow, sayNothingToDo } from './flow.js';

export interface PresetContext {
  playground: Playground;
  calls: Calls;
  panels: Panels;
}

type Started = CallOutcome & { kind: 'started' };

const addressParameter = signatureOf('connect').parameters[1]!;

/** `socket`, `bind`, `listen` on a free port of this machine, and an `accept` that waits for a client. */
export function newTcpServer(context: PresetContext): Promise<Started | undefined> {
  return runPreset('tcpServer', context);
}

/** A UDP socket with a free port of this machine: the first half of a pair. */
export function newUdpSocket(context: PresetContext): Promise<Started | undefined> {
  return runPreset('udpPair', context, 2);
}

/** Asks where to, then `socket` of that family and `connect`. */
export async function newTcpClient(context: PresetContext, answers: Answers): Promise<Started | undefined> {
  const { playground, calls, panels } = context;
  const title = t('New TCP Client');
  const question = {
    kind: 'text',
    key: 'addr',
    prompt: t('Address of the server, for example {0}', '127.0.0.1:8080, [::1]:8080, localhost:8080'),
    initial: printAddress(listeningAddress(playground), 'short'),
    validate: (text: string) => {
      const reading = readArgument(text, addressParameter);
      return 'message' in reading ? { message: atColumn(reading.column, reading.message) } : undefined;
    },
  } as const;
  if (!(await runFlow({ title: () => title, questions: () => [question] }, answers))) {
    return undefined;
  }
  const reading = readArgument(answers.get('addr') ?? '', addressParameter);
  if ('message' in reading) {
    return undefined;
  }
  const family = (reading.value as SocketAddress | null)?.family;
  const domain = reading.hostName || family === undefined || family === 'raw' ? 'AF_INET' : family;
  const panel = panels.show({ preserveFocus: true });
  const before = panel.selection.socketId;
  const socket = await make(
    context,
    calls.make(
      { name: 'socket', args: [number(domain), number('SOCK_STREAM'), 0] },
      { socketName: 'client' },
    ),
  );
  const [made] = socket ? await madeSockets(context, socket) : [];
  if (!made) {
    return socket;
  }
  const connected = await make(
    context,
    calls.make(
      { name: 'connect', args: [made.fd, reading.value] },
      reading.hostName ? { hostName: reading.hostName } : {},
    ),
  );
  void connected?.returned.then(
    async ({ errno, name, args }) => {
      if (errno === null) {
        return;
      }
      // The page may tell a little later that it has taken the new socket.
      const { socketId } = panel.selection;
      const selected = socketId === before ? await once(panel.onDidSelect, (id) => id !== before) : socketId;
      if (selected === made.id) {
        // To be corrected, and made again.
        await panel.request({ kind: 'prepare', call: { name, args } });
      }
    },
    () => {
      // Told by whoever reports the call.
    },
  );
  return connected;
}

/** Makes the steps of a preset one after the other, until one waits or fails. A part of one needs no names. */
async function runPreset(
  id: Preset['id'],
  context: PresetContext,
  stepCount?: number,
): Promise<Started | undefined> {
  const { playground, calls, panels } = context;
  const preset = presets({ peer: listeningAddress(playground), path: '/tmp/playground.sock' }).find(
    (each) => each.id === id,
  );
  panels.show({ preserveFocus: true });
  const made: SocketInfo[][] = [];
  let last: Started | undefined;
  for (const step of preset?.steps.slice(0, stepCount) ?? []) {
    const current = made.map((sockets) =>
      sockets.map((socket) => playground.sockets.get(socket.id) ?? socket),
    );
    const next = presetCall(step, current, platform);
    if (next.kind !== 'call') {
      return last;
    }
    last = await make(
      context,
      calls.make(
        next.call,
        next.socketName === null || stepCount !== undefined ? {} : { socketName: next.socketName },
      ),
    );
    if (last?.start.kind !== 'returned' || last.start.record.errno !== null) {
      return last;
    }
    made.push(await madeSockets(context, last));
  }
  return last;
}

async function make({ playground }: PresetContext, call: Promise<CallOutcome>): Promise<Started | undefined> {
  const outcome = await call;
  if (outcome.kind === 'started') {
    if (outcome.start.kind === 'returned') {
      await playground.whenKnown(outcome.start.record.seq);
    }
    return outcome;
  }
  if (outcome.kind === 'refused') {
    sayNothingToDo(outcome.message);
  }
  return undefined;
}

/** What a call has made. The panel goes on with it. */
async function madeSockets({ playground, panels }: PresetContext, { start }: Started): Promise<SocketInfo[]> {
  if (start.kind !== 'returned') {
    return [];
  }
  await playground.whenKnown(start.record.seq);
  const made = start.record.createdIds
    .map((id) => playground.sockets.get(id))
    .filter((socket) => socket !== undefined);
  if (made[0]) {
    panels.select(made[0].id);
  }
  return made;
}

/** The newest TCP listener of ours, or a port where servers often are. */
function listeningAddress(playground: Playground): SocketAddress {
  const listener = [...playground.sockets.values()].findLast(
    (socket) =>
      isOpenSocket(socket) &&
      socket.state === 'listening' &&
      socket.type === 'SOCK_STREAM' &&
      (socket.domain === 'AF_INET' || socket.domain === 'AF_INET6') &&
      reachableAddress(socket) !== null,
  );
  return (listener && reachableAddress(listener)) ?? { family: 'AF_INET', address: '127.0.0.1', port: 8080 };
}

function number(name: string): number {
  return constantValue(name, platform) ?? 0;
}
