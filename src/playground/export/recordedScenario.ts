import { type CallRecord, isData, isOfKind, type Value } from '../../common/call.js';
import { mostInputMiB } from '../../common/fileLimits.js';
import { t } from '../../common/l10n.js';
import { printAddress, printResult, printTokens } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';
import { findOption } from '../../common/tables/options.js';
import { findPointerRequest, passedPart, type PointerRequest } from '../../common/tables/pointerRequests.js';
import type { SocketId } from '../../common/socket.js';
import { signatureOf } from '../../common/tables/signatures.js';
import { commentText } from './code.js';
import { isCut } from './recordData.js';
import { passedAddress, RecordedNames } from './recordedNames.js';
import { threadsOf } from './recordedThreads.js';

export interface RecordedOptions {
  platform: Platform;
  /** The first line. */
  title: string;
  /** Whether results, and what came, stand in the lines as expectations. */
  hasExpectations: boolean;
  /** The name that a socket has for the user. */
  nameOf?: (id: SocketId) => string | null;
  /** What is to be known of it, each a comment below the title. */
  notes?: readonly string[];
}

/** Records that are too many for a scenario, or too long; the message is a sentence. */
export class TooManyRecords extends Error {}

/**
 * What was done by hand as a scenario that does it again: sockets have names by what they do, a call that waited while
 * others were made has a thread of its own, and a port that the kernel chose is asked for. Records are in the order of
 * `seq`, with all of their data. What cannot be done again is told in its place.
 * @throws {TooManyRecords} once it is larger than what is read.
 */
export function scenarioOfRecords(records: readonly CallRecord[], options: RecordedOptions): string {
  const kept = records.filter((record) => reasonToLeave(record) === undefined);
  const printer = new RecordPrinter(kept, options);
  const threads = threadsOf(kept, (id) => printer.names.roleOf(id));
  const lines = new ScenarioLines();
  let last: CallRecord | undefined;
  for (const record of records) {
    const reason = reasonToLeave(record);
    if (reason !== undefined) {
      lines.push(`# ${reason}: ${printer.plain(record)}`);
      continue;
    }
    const unknown = printer.unknownSocket(record);
    if (unknown) {
      lines.push(`# ${t('its socket was made before')}: ${printer.plain(record)}`);
      continue;
    }
    if (makers.has(record.name) && last && !makers.has(last.name)) {
      lines.push('');
    }
    const thread = threads.get(record.seq) ?? 'main';
    const start = thread === 'main' ? '' : `[${thread}] `;
    const kept = printer.names.keptBy(record);
    if (kept) {
      lines.push(`${start}${kept.name} = getsockname(${kept.socket})`);
    }
    lines.push(`${start}${printer.line(record)}`);
    last = record;
  }
  const comments = [options.title, ...(options.notes ?? [])].map((text) => `# ${commentText(text)}`);
  return `${comments.join('\n')}\n\n${lines.text}\n`;
}

/** Lines of a scenario, no more than are read. */
class ScenarioLines {
  private readonly lines: string[] = [];
  private size = 0;

  push(line: string): void {
    this.size += Buffer.byteLength(line) + 1;
    if (this.size > mostInputMiB * 2 ** 20) {
      throw new TooManyRecords(
        t(
          'The scenario would have more than {0} MiB, the most that is read: choose fewer records with a filter.',
          mostInputMiB,
        ),
      );
    }
    this.lines.push(line);
  }

  get text(): string {
    return this.lines.join('\n');
  }
}

const makers: ReadonlySet<string> = new Set(['socket', 'socketpair', 'pipe']);

/** Why a record is no call that can be made again. */
function reasonToLeave({ status, args }: CallRecord): string | undefined {
  if (status !== 'returned') {
    return {
      waiting: t('still waiting'),
      cancelled: t('cancelled'),
      lost: t('the host ended before it returned'),
    }[status];
  }
  return args.some(isCut) ? t('its data is no longer kept') : undefined;
}

class RecordPrinter {
  readonly names: RecordedNames;

  constructor(
    records: readonly CallRecord[],
    private readonly options: RecordedOptions,
  ) {
    this.names = new RecordedNames(records, options.nameOf);
  }

  /** The call on a socket that no record made. */
  unknownSocket({ socketId }: CallRecord): boolean {
    return socketId !== null && this.names.nameOf(socketId) === undefined;
  }

  /** A record as a comment. */
  plain(record: CallRecord): string {
    return printTokens(record, { platform: this.options.platform, maxData: 40 })
      .map(({ text }) => text)
      .join('');
  }

  line(record: CallRecord): string {
    const targets = this.names.made(record).join(', ');
    const given = targets === '' ? '' : `${targets} = `;
    return `${given}${this.call(record)}${this.result(record, targets !== '')}`;
  }

  private call(record: CallRecord): string {
    const args = record.args.map((value, index) => this.passed(record, value, index));
    const nameOf = (fd: number) => this.names.descriptorAt(fd, record);
    const address = passedAddress({ name: record.name, args });
    const chosen = address && this.names.addressText(address, record);
    const addressText = address && printAddress(address, 'short', this.options.platform);
    return printTokens({ name: record.name, args }, { platform: this.options.platform, nameOf })
      .map(({ text, kind }) =>
        chosen !== undefined && kind === 'address' && text === addressText ? chosen : text,
      )
      .join('');
  }

  /** What was passed, without what the kernel wrote; with expectations also what is the same in another run. */
  private passed(record: CallRecord, value: Value, index: number): Value {
    const { type } = signatureOf(record.name).parameters[index]!;
    switch (type) {
      case 'buffer':
        return this.isExpected(record) ? value : value === null ? null : any;
      case 'sockaddrOut':
      case 'fdpair':
        return value === null ? null : any;
      case 'socklenInOut':
        // Room for every address is what is passed when nothing is said.
        return isOfKind(value, 'inout') && record.name !== 'getsockopt' && value.value >= 128
          ? any
          : passedLength(value);
      case 'optvalOut':
        return this.isExpected(record) && this.isStable(record) ? value : value === null ? null : any;
      case 'fcntlarg':
      case 'ioctlarg': {
        const row = findPointerRequest(type, Number(record.args[1]) >>> 0, this.options.platform);
        return row ? this.requestArgument(record, row, value) : passedOfUnknown(value);
      }
      case 'msghdrOut':
      default:
        return value;
    }
  }

  /** Of a lock the process that holds it is another one in another run. */
  private requestArgument(record: CallRecord, row: PointerRequest, value: Value): Value {
    if (!this.isExpected(record)) {
      return passedPart(row, value);
    }
    return isOfKind(value, 'struct')
      ? { ...value, fields: value.fields.filter(({ name }) => name !== 'l_pid') }
      : value;
  }

  private isExpected({ errno }: CallRecord): boolean {
    return this.options.hasExpectations && errno === null;
  }

  /** Whether an option's value is the same in another run. */
  private isStable({ args }: CallRecord): boolean {
    const [, level, optname] = args;
    const option =
      typeof level === 'number' && typeof optname === 'number'
        ? findOption(level, optname, this.options.platform)
        : undefined;
    return option !== undefined && option.layout !== 'tcp_info' && option.layout !== 'bytes';
  }

  private result(record: CallRecord, hasTarget: boolean): string {
    const { errno, name } = record;
    if (
      !this.options.hasExpectations ||
      (errno === null && (hasTarget || signatureOf(name).returns === 'fd'))
    ) {
      return '';
    }
    const nameOf = (fd: number) => this.names.descriptorAt(fd, record);
    const text = printResult(record, {
      platform: this.options.platform,
      nameOf,
    });
    return ` ${errno === null ? text : text.replace(/ \(.*\)$/, '')}`;
  }
}

const any: Value = { kind: 'any' };

/** What a request without a form wrote is not passed. */
function passedOfUnknown(value: Value): Value {
  return isData(value) ? any : value;
}

function passedLength(value: Value): Value {
  return isOfKind(value, 'inout') ? { ...value, result: null } : value;
}
