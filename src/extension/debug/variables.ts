import type { DebugProtocol } from '@vscode/debugprotocol';
import { type CallRecord, isAddress, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printAddress, printCall, printResult, printValue } from '../../common/notation/printer.js';
import { numberText, readingText } from '../../common/optionText.js';
import type { LevelReading, SocketAddress, SocketId, SocketInfo } from '../../common/socket.js';
import {
  endpointText,
  fiveTupleText,
  pairText,
  protocolName,
  roleText,
  stateText,
} from '../../common/socketText.js';
import { constantValue, type Platform } from '../../common/tables/constants.js';
import { findOption } from '../../common/tables/options.js';
import { tcpInfoField, tcpInfoValueName } from '../../common/tables/tcpInfo.js';
import type { Playground } from '../../playground/playground.js';
import type { ScenarioMemory } from '../../playground/scenarioScope.js';

type Variable = DebugProtocol.Variable;
type Children = () => Variable[] | Promise<Variable[]>;

const longestData = 256;

/** What can be unfolded while the run is held: each is looked at only when somebody unfolds it. */
export class Variables {
  private readonly children = new Map<number, Children>();
  private last = 0;

  constructor(
    private readonly playground: Playground,
    private readonly memory: ScenarioMemory,
  ) {}

  /** Forgets what was told of: the run goes on. */
  clear(): void {
    this.children.clear();
  }

  /** A number under which something can be unfolded. */
  reference(children: Children): number {
    // Numbers are not used again: an answer to an old one would be of something else.
    this.last++;
    this.children.set(this.last, children);
    return this.last;
  }

  /** What is behind a number; nothing where it has been forgotten. */
  async unfold(reference: number): Promise<Variable[]> {
    return (await this.children.get(reference)?.()) ?? [];
  }

  /** The names of the run, in the order in which they were given first. */
  all(): Variable[] {
    return [...this.memory.variables].map(([name, value]) => ({
      name,
      evaluateName: name,
      ...this.describe(value, name),
    }));
  }

  /** A value, which can be unfolded where the name is that of a socket. */
  describe(value: Value, name?: string): Pick<Variable, 'value' | 'type' | 'variablesReference'> {
    const id = name === undefined ? undefined : this.memory.named.get(name);
    const socket = id === undefined ? undefined : this.playground.sockets.get(id);
    return socket
      ? {
          value: socketText(socket),
          type: t('socket'),
          variablesReference: this.reference(() => this.socketChildren(socket.id)),
        }
      : {
          value: valueText(value, this.playground.platform),
          type: typeText(value),
          variablesReference: 0,
        };
  }

  /** What a thread's last call has come to. */
  recordChildren(record: CallRecord): Variable[] {
    const { platform } = this.playground;
    const took = record.endNs === null ? null : (record.endNs - record.startNs) / 1e9;
    return rows([
      [t('call'), printCall(record, { platform, maxData: longestData })],
      [t('result'), printResult(record, { platform }).replace(/^= /, '')],
      ['errno', record.errno === null ? '0' : String(record.errno)],
      [t('took'), took === null ? null : t('{0} s', took.toFixed(6))],
      [t('waited'), record.hasWaited ? t('yes') : t('no')],
      [t('record'), `#${record.seq}`],
    ]);
  }

  /** The kernel is asked here, and nowhere before. */
  private async socketChildren(id: SocketId): Promise<Variable[]> {
    const inspection = await this.playground.inspect(id);
    const socket = inspection?.socket ?? this.playground.sockets.get(id);
    if (!socket) {
      return [];
    }
    const { platform } = this.playground;
    const bytes = (value: number | null | undefined) =>
      value == null ? null : numberText(value, null, 'bytes');
    const facts = rows([
      [t('descriptor'), String(socket.fd)],
      ['5-tuple', socket.kind === 'socket' ? fiveTupleText(socket) : null],
      [t('protocol'), [protocolName(socket), ...kindOf(socket)].join(', ')],
      [t('role'), roleText(socket)],
      [t('local'), addressText(socket.local)],
      [t('remote'), addressText(socket.remote)],
      [t('state'), stateText({ ...socket, tcpState: null })],
      [t('state of TCP'), socket.tcpState],
      [
        t('accept queue'),
        socket.acceptQueue === null ? null : t('{0} of {1}', socket.acceptQueue, socket.backlog ?? '?'),
      ],
      [t('receive queue'), bytes(socket.receiveQueue)],
      [t('send queue'), bytes(socket.sendQueue)],
      [t('receive buffer'), bytes(inspection?.receiveBuffer)],
      [t('send buffer'), bytes(inspection?.sendBuffer)],
      [t('received'), bytes(socket.bytesReceived)],
      [t('sent'), bytes(socket.bytesSent)],
      [t('flags'), inspection ? inspection.flags.join('|') : null],
    ]);
    if (!inspection) {
      return facts;
    }
    const tcpInfo = inspection.tcpInfo;
    return [
      ...facts,
      this.group(t('options'), inspection.levels.map(({ level }) => level).join(', '), () =>
        inspection.levels.map(({ level }) => this.group(level, '', () => this.optionsOf(id, level))),
      ),
      ...(tcpInfo
        ? [
            this.group('TCP_INFO', inspection.congestion ?? '', () =>
              rows(
                Object.entries(tcpInfo).map(([name, value]) => [
                  name,
                  numberText(value, tcpInfoValueName(name, value, platform), tcpInfoField(name)?.unit),
                ]),
              ),
            ),
          ]
        : []),
    ];
  }

  private async optionsOf(id: SocketId, level: string): Promise<Variable[]> {
    const inspection = await this.playground.inspect(id, [level]);
    const options = inspection?.levels.find((each) => each.level === level)?.options ?? [];
    return rows(options.map((reading) => [reading.name, this.optionText(level, reading)]));
  }

  private optionText(level: string, reading: NonNullable<LevelReading['options']>[number]): string {
    const { platform } = this.playground;
    const [levelNumber, number] = [constantValue(level, platform), constantValue(reading.name, platform)];
    const option =
      levelNumber === undefined || number === undefined
        ? undefined
        : findOption(levelNumber, number, platform);
    return option ? readingText(option, reading) : (reading.text ?? String(reading.errno));
  }

  private group(name: string, value: string, children: Children): Variable {
    return { name, value, variablesReference: this.reference(children) };
  }
}

/** Facts that are known; those that are null are left out. */
function rows(facts: readonly (readonly [name: string, value: string | null])[]): Variable[] {
  return facts.flatMap(([name, value]) =>
    value === null
      ? []
      : [{ name, value, variablesReference: 0, presentationHint: { attributes: ['readOnly'] } }],
  );
}

/** A socket in a few words, as far as it is known without asking: `20 · TCP · listening`. */
function socketText(socket: SocketInfo): string {
  const parts = [String(socket.fd), protocolName(socket), stateText(socket), pairText(socket)];
  return parts.filter((part) => part !== '').join(' · ');
}

function kindOf({ domain, type, protocol }: SocketInfo): string[] {
  return [domain, type, protocol].filter((each) => each !== null).map(String);
}

function addressText(address: SocketAddress | null): string {
  return address ? endpointText(address) : '–';
}

/** A value as the notation prints it. */
export function valueText(value: Value, platform: Platform): string {
  return isAddress(value)
    ? printAddress(value, 'short')
    : printValue(value, undefined, { platform, maxData: longestData });
}

function typeText(value: Value): string {
  if (isAddress(value)) {
    return t('address');
  }
  return typeof value === 'number' || typeof value === 'bigint' ? t('number') : t('data');
}
