import { t } from '../../common/l10n.js';
import { printAddress } from '../../common/notation/printer.js';
import type { SocketAddress } from '../../common/socket.js';
import { endpointText, numberedTitle } from '../../common/socketText.js';
import { isConnectable, processText } from '../../common/system/systemSocketText.js';
import { parseEndpoint, reachable, usualListen } from '../../common/tap/endpoint.js';
import { FaultTextError, type TapKind } from '../../common/tap/faults.js';
import type { Playground } from '../../playground/playground.js';
import { resolveHost } from '../../playground/resolve.js';
import { escapeIcons } from '../icons.js';
import { platform } from '../platform.js';
import { type Answers, type Choice, type Question, separator } from './flow.js';

/** The answer that stands for an address that is typed. */
const typed = 'typed';

/** What listens on this machine, as choices. */
export async function listeners(playground: Playground): Promise<Choice[]> {
  const { sockets, processes } = await playground.system.list({
    kinds: ['tcp', 'udp', 'unix'],
    withOwners: true,
  });
  const byPid = new Map(processes.map((info) => [info.pid, info]));
  const servers = sockets.filter((socket) => isConnectable(socket) && socket.type !== 'SOCK_SEQPACKET');
  const own = new Map(
    playground.openSockets.flatMap((socket) =>
      // An accepted socket has the address of its listener.
      socket.local && socket.role !== 'accepted' ? [[endpointText(socket.local), socket] as const] : [],
    ),
  );
  return servers.flatMap((socket) => {
    const { local, holders, kind, type } = socket;
    const holder = holders[0] && byPid.get(holders[0].pid);
    const ours = local && own.get(endpointText(local));
    return local
      ? [
          {
            label: escapeIcons(endpointText(reachable(local))),
            description: [
              kind === 'unix' ? 'Unix' : kind.toUpperCase(),
              ours
                ? t('{0}, a socket of yours', escapeIcons(numberedTitle(ours)))
                : holder
                  ? escapeIcons(processText(holder))
                  : '',
            ]
              .filter((text) => text !== '')
              .join(' · '),
            answer: `${kindOfType(type)} ${printAddress(reachable(local), 'short')}`,
          },
        ]
      : [];
  });
}

function kindOfType(type: unknown): TapKind {
  return type === 'SOCK_DGRAM' ? 'datagram' : 'stream';
}

/** The answers of somebody who has chosen a socket of this address and type. */
export function targetAnswers(address: SocketAddress, type: unknown): Record<string, string> {
  return { target: `${kindOfType(type)} ${printAddress(reachable(address), 'short')}` };
}

/** A chosen target says its kind; of a typed one it is asked. */
export function chosenTarget(answers: Answers): { kind: TapKind; target: string } {
  const target = answers.get('target') ?? '';
  const [, kind, rest] = /^(stream|datagram) (.*)$/s.exec(target) ?? [];
  return kind
    ? { kind: kind as TapKind, target: rest! }
    : {
        kind: answers.get('protocol') === 'UDP' ? 'datagram' : 'stream',
        target: target === typed ? (answers.get('address') ?? '') : target,
      };
}

/** What is asked until a tap can start: its server, what is relayed, and where clients connect to. */
export function questions(answers: Answers, listeners: Choice[]): Question[] {
  const { target } = chosenTarget(answers);
  const endpoint = parseEndpoint(target, platform);
  const family =
    'address' in endpoint ? endpoint.address : ({ family: 'AF_INET', address: '', port: 0 } as const);
  const usual = usualListen(family);
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
            isDetail: true,
            prompt: t(
              'Address of the server, for example {0}',
              '127.0.0.1:8080, localhost:8080, /tmp/server.sock',
            ),
            initial: '',
            validate: complaintOf,
          },
        ]
      : []),
    ...(isChosen || !answers.has('target')
      ? []
      : [
          {
            kind: 'choice' as const,
            key: 'protocol',
            isDetail: true,
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
      prompt:
        'port' in usual
          ? t('Where clients connect to; with port 0 the kernel chooses one')
          : t('Where clients connect to'),
      initial: printAddress(usual, 'short'),
      validate: complaintOf,
    },
  ];
}

function complaintOf(text: string): { message: string } | undefined {
  const endpoint = parseEndpoint(text, platform);
  return 'message' in endpoint ? { message: endpoint.message } : undefined;
}

/** @param family That of the other address, which a host name is to fit. */
export async function addressOf(text: string, family?: string): Promise<SocketAddress> {
  const endpoint = parseEndpoint(text, platform);
  if ('message' in endpoint) {
    throw new FaultTextError(endpoint.message);
  }
  if ('address' in endpoint) {
    return endpoint.address;
  }
  return (await resolveHost(endpoint.hostName.host, endpoint.hostName.port, family)).address;
}
