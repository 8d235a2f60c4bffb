import type { DebugProtocol } from '@vscode/debugprotocol';
import { type CallRecord, isAddress, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printAddress, printCall, printResult, printValue } from '../../common/notation/printer.js';
import { numberText, readingText, unitText } from '../../common/optionText.js';
import type { SocketAddress, SocketId, SocketInfo } from '../../common/socket.js';
import {
  endpointText,
  fiveTupleText,
  pairText,
  protocolName,
  roleText,
  stateText,
} from '../../common/socketText.js';
import { constantValue, type Platform } from '../../common/tables/constants.js';
import { findOption, type SocketOption } from '../../common/tables/options.js';
import { tcpInfoField, tcpInfoValueName } from '../../common/tables/tcpInfo.js';
import type { Playground } from '../../playground/playground.js';
import type { ScenarioConsole } from '../../playground/scenarioConsole.js';
import type { ScenarioMemory } from '../../playground/scenarioScope.js';

type Variable = DebugProtocol.Variable;
type Children = () => Variable[] | Promise<Variable[]>;
/** Gives something that is unfolded another value, as somebody has typed it. */
type Setter = (name: string, text: string) => Promise<Variable | undefined>;

const longestData = 256;

/** What can be unfolded while the run is held: each is looked at only when somebody unfolds it. */
export class Variables {
  private readonly children = new Map<number, { children: Children; set: Setter | undefined }>();
  private last = 0;

  /** @param noteCall Told of calls that are made to set something. */
  constructor(
    private readonly playground: Playground,
    private readonly memory: ScenarioMemory,
    private readonly console: ScenarioConsole,
    private readonly noteCall: (record: CallRecord) => void,
  ) {}

  /** Forgets what was told of: the run goes on. */
  clear(): void {
    this.children.clear();
  }

  /** A number under which something can be unfolded, and perhaps set. */
  reference(children: Children, set?: Setter): number {
    // Numbers are not used again: an answer to an old one would be of something else.
    this.last++;
    this.children.set(this.last, { children, set });
    return this.last;
  }

  /** What is behind a number; nothing where it has been forgotten. */
  async unfold(reference: number): Promise<Variable[]> {
    return (await this.children.get(reference)?.children()) ?? [];
  }

  /** Sets one of those behind a number. Rejects with an error whose message is for a person. */
  async set(reference: number, name: string, text: string): Promise<Variable> {
    const variable = await this.children.get(reference)?.set?.(name, text.trim());
    if (!variable) {
      throw new Error(t('This cannot be set: {0}', name));
    }
    return variable;
  }

  /** A number under which the names of the run are. */
  names(): number {
    return this.reference(
      () => this.all(),
      async (name, text) => {
        await this.console.assign(name, text);
        return this.all().find((each) => each.name === name);
      },
    );
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
        inspection.levels.map(({ level }) => this.level(id, level)),
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

  /** The options of a level: setting one is a real call. */
  private level(id: SocketId, level: string): Variable {
    const nameNow = () => [...this.memory.named].find(([, each]) => each === id)?.[0];
    const set: Setter = async (name, text) => {
      // A name may be another socket's by now.
      const socket = nameNow();
      if (socket === undefined) {
        return undefined;
      }
      const value = optionValueText(this.option(level, name), text);
      const line = `setsockopt(${socket}, ${level}, ${name}, ${value})`;
      const answer = await this.console.evaluate(line, true);
      if (answer.kind === 'returned') {
        const { record } = answer;
        this.noteCall(record);
        if (record.errno !== null) {
          throw new Error(printResult(record, { platform: this.playground.platform }).replace(/^= /, ''));
        }
      }
      return (await this.optionsOf(id, level)).find((each) => each.name === name);
    };
    return this.group(level, '', () => this.optionsOf(id, level), nameNow() === undefined ? undefined : set);
  }

  private async optionsOf(id: SocketId, level: string): Promise<Variable[]> {
    const inspection = await this.playground.inspect(id, [level]);
    const readings = inspection?.levels.find((each) => each.level === level)?.options ?? [];
    return readings.map((reading) => {
      const option = this.option(level, reading.name);
      return {
        name: reading.name,
        value: option ? readingText(option, reading) : (reading.text ?? String(reading.errno)),
        variablesReference: 0,
        ...(option?.canSet ? {} : readOnly),
      };
    });
  }

  private option(level: string, name: string): SocketOption | undefined {
    const { platform } = this.playground;
    const [levelNumber, number] = [constantValue(level, platform), constantValue(name, platform)];
    return levelNumber === undefined || number === undefined
      ? undefined
      : findOption(levelNumber, number, platform);
  }

  private group(name: string, value: string, children: Children, set?: Setter): Variable {
    return { name, value, variablesReference: this.reference(children, set), ...readOnly };
  }
}

/** Facts that are known; those that are null are left out. */
function rows(facts: readonly (readonly [name: string, value: string | null])[]): Variable[] {
  return facts.flatMap(([name, value]) =>
    value === null ? [] : [{ name, value, variablesReference: 0, ...readOnly }],
  );
}

const readOnly: Pick<Variable, 'presentationHint'> = { presentationHint: { attributes: ['readOnly'] } };

/** What somebody has typed for an option, as the notation has it: a word that readings have, a number with its unit. */
function optionValueText(option: SocketOption | undefined, text: string): string {
  if (option?.layout === 'bool' && (text === t('on') || text === t('off'))) {
    return text === t('on') ? '[1]' : '[0]';
  }
  if (option?.layout === 'string') {
    return text.startsWith('"') ? text : JSON.stringify(text);
  }
  const [, number, unit] = /^(-?\d+)(?: (\S+))?$/.exec(text) ?? [];
  // A number of another unit would be another number.
  const isOfOption =
    unit === undefined || (option?.unit && [option.unit, unitText(option.unit)].includes(unit));
  return number !== undefined && isOfOption ? `[${number}]` : text;
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
function valueText(value: Value, platform: Platform): string {
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
