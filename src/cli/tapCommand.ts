import { access, constants as accessMode } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import type { CallRecord } from '../common/call.js';
import { refusalOf } from '../common/errors.js';
import { t } from '../common/l10n.js';
import type { Disposable } from '../common/lifecycle.js';
import { printAddress } from '../common/notation/printer.js';
import type { SocketAddress } from '../common/socket.js';
import { parseEndpoint, usualListen } from '../common/tap/endpoint.js';
import {
  faultRows,
  FaultTextError,
  parseFaults,
  type TapFaults,
  type TapKind,
} from '../common/tap/faults.js';
import { injectedMark } from '../common/tap/maker.js';
import { jsonLine, transcriptLine } from '../playground/export/recordLines.js';
import { RecordSource } from '../playground/export/recordSource.js';
import { Playground } from '../playground/playground.js';
import { ResolutionError, resolveHost } from '../playground/resolve.js';
import { SocketHostProcess } from '../playground/socketHostProcess.js';
import { type Command, UsageError } from './command.js';
import type { Terminal } from './terminal.js';
import { visible } from './visible.js';

/** It could not begin. */
const failedStatus = 3;
/** Its recording cannot be written. */
const fileStatus = 2;

export const tapCommand: Command = {
  name: 'tap',
  synopsis: '[OPTION…] LISTEN TARGET [FAULT…]',
  summary: () => t('Listens at one address, passes everything on to another, and prints each call.'),
  options: {
    datagram: { type: 'boolean', short: 'u' },
    json: { type: 'boolean' },
    output: { type: 'string', short: 'o' },
  },
  help: () => [
    { term: '-u, --datagram', text: t('UDP, or datagrams of Unix sockets.') },
    { term: '--json', text: t('Print one JSON object a line for each call.') },
    { term: '-o, --output FILE', text: t('Save a recording at the end, which export reads.') },
    ...faultRows.map((row) => ({ term: `${row.name}=N`, text: `${row.description()} (${row.unit})` })),
    { term: 'seed=N', text: t('What is random is the same for the same seed.') },
  ],
  notes: () => [
    t(
      'An address is 127.0.0.1:8080, [::1]:8080, localhost:8080, a port of this machine, a path, or @NAME. LISTEN may be -: then the kernel chooses the port.',
    ),
    t(
      'A fault is of both directions, or of one: to-server.delay=20, to-client.drop=10. Ctrl+C ends the tap.',
    ),
  ],

  async run({ terminal, socketHostPath }, operands, values) {
    const kind = values['datagram'] === true ? 'datagram' : 'stream';
    const [listenText, targetText, ...faultTexts] = operands;
    if (listenText === undefined || targetText === undefined) {
      throw new UsageError(t('A tap needs an address to listen at and one to connect to.'));
    }
    const faults = faultsOf(faultTexts.join(' '), kind);
    const output = typeof values['output'] === 'string' ? path.resolve(values['output']) : undefined;
    if (output !== undefined && !(await isWritable(output, terminal))) {
      return fileStatus;
    }
    const host = new SocketHostProcess(socketHostPath);
    const playground = new Playground(host);
    try {
      const target = await addressOf(targetText);
      const listen = listenText === '-' ? usualListen(target) : await addressOf(listenText, target.family);
      const follower = new Follower(playground, terminal, values['json'] === true);
      const tap = await playground.startTap({ kind, listen, target, faults });
      const from = printAddress(tap.listen, 'short');
      terminal.warn(visible(t('Tap: {0} → {1}. Ctrl+C ends it.', from, printAddress(target, 'short'))));
      const status = await ended(terminal);
      await playground.stopTap(tap.id);
      await follower.end();
      return (await save(host, output, terminal)) ? status : fileStatus;
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal && !(error instanceof ResolutionError)) {
        throw error;
      }
      terminal.warn(visible(refusal?.message ?? (error as Error).message));
      return failedStatus;
    } finally {
      await host.end();
      playground.dispose();
    }
  },
};

function faultsOf(text: string, kind: TapKind): TapFaults {
  try {
    return parseFaults(text, kind);
  } catch (error) {
    throw error instanceof FaultTextError ? new UsageError(error.message) : error;
  }
}

/** @param family That of the other address, which a host name is to fit. */
async function addressOf(text: string, family?: string): Promise<SocketAddress> {
  const endpoint = parseEndpoint(text, 'linux');
  if ('message' in endpoint) {
    throw new UsageError(`${JSON.stringify(text)}: ${endpoint.message}`);
  }
  if ('address' in endpoint) {
    return endpoint.address;
  }
  const { host, port } = endpoint.hostName;
  return (await resolveHost(host, port, family)).address;
}

/**
 * Until a signal ends the tap, whose last calls and faults can be told then; another one ends the command. The status is
 * that which a shell gives for the signal.
 */
async function ended(terminal: Terminal): Promise<number> {
  const { signal } = terminal;
  let signals: Disposable | undefined;
  const status = await new Promise<number>((resolve) => {
    signals = terminal.takeSignals((name) => resolve(128 + constants.signals[name]));
    // Nobody reads any more.
    const give = () => resolve(0);
    signal.addEventListener('abort', give);
    if (signal.aborted) {
      give();
    }
  });
  signals?.dispose();
  return status;
}

/** Whether a recording can be made there, as far as that is known before: a tap may go on for hours. */
async function isWritable(file: string, terminal: Terminal): Promise<boolean> {
  try {
    await access(path.dirname(file), accessMode.W_OK);
    return true;
  } catch (error) {
    tellUnwritten(file, error as Error, terminal);
    return false;
  }
}

async function save(host: SocketHostProcess, file: string | undefined, terminal: Terminal): Promise<boolean> {
  try {
    if (file !== undefined) {
      await host.saveRecording({ file });
    }
    return true;
  } catch (error) {
    tellUnwritten(file!, error as Error, terminal);
    return false;
  }
}

function tellUnwritten(file: string, { message }: Error, terminal: Terminal): void {
  terminal.warn(visible(t('{0} cannot be written: {1}', file, message)));
}

/** Prints records as their calls return. */
export class Follower {
  private readonly source: RecordSource;
  private readonly waiting = new Set<number>();
  private next = 1;
  private reading: Promise<void> = Promise.resolve();
  private readonly following: Disposable;

  constructor(
    private readonly playground: Playground,
    private readonly terminal: Terminal,
    private readonly isJson: boolean,
  ) {
    this.source = new RecordSource(playground);
    this.following = playground.onDidChange(({ changedSeqs }) => {
      this.reading = this.reading.then(() => this.read(changedSeqs));
    });
  }

  /** Resolves when everything is printed, what was not told of yet too. What is told later is read no second time. */
  end(): Promise<void> {
    this.following.dispose();
    return this.reading.then(() => this.read([...this.waiting]));
  }

  private async read(changedSeqs: readonly number[]): Promise<void> {
    const ended = changedSeqs.filter((seq) => this.waiting.has(seq));
    for (const seq of ended) {
      this.waiting.delete(seq);
      const record = await this.playground.readRecord(seq);
      await this.print(record ? [record] : []);
    }
    for (;;) {
      const page = await this.playground.readRecords(this.next, pageSize);
      const last = page.at(-1);
      if (!last) {
        return;
      }
      this.next = last.seq + 1;
      await this.print(page);
    }
  }

  private async print(page: CallRecord[]): Promise<void> {
    const ended = page.filter(({ status, seq }) => {
      if (status === 'waiting') {
        this.waiting.add(seq);
      }
      return status !== 'waiting';
    });
    for (const full of await this.source.readPayloads(ended)) {
      const mark = injectedMark(full.record.madeBy);
      this.terminal.print(
        this.isJson
          ? jsonLine(full, this.playground.platform)
          : transcriptLine(full, this.playground.platform) + (mark === '' ? '' : `  # ${mark}`),
      );
    }
  }
}

/** Records that are read at a time. */
const pageSize = 200;
