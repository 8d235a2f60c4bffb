import path from 'node:path';
import { CallRefusedError } from '../common/errors.js';
import { t } from '../common/l10n.js';
import type { SocketId, SocketInfo } from '../common/socket.js';
import { endpointText, socketTitle } from '../common/socketText.js';
import {
  connectionOf,
  exportRecords,
  exportStream,
  leftOutText,
  packetCountText,
  type Sink,
} from '../playground/export/exportRecords.js';
import { writeFileWhole } from '../playground/export/fileSink.js';
import { RecordSource } from '../playground/export/recordSource.js';
import { Playground } from '../playground/playground.js';
import { Recording } from '../playground/recording.js';
import { type Command, type OptionValues, UsageError } from './command.js';
import type { Terminal } from './terminal.js';
import { filterOf } from './filterOption.js';
import { visible } from './visible.js';

const formats = ['transcript', 'jsonl', 'pcapng', 'raw'] as const;
type Format = (typeof formats)[number];

/** A file cannot be read or written. */
const fileStatus = 2;
const stoppedStatus = 3;

interface ExportOptions {
  format: Format;
  output: string;
  filter: string;
  socketId: SocketId | undefined;
  direction: 'in' | 'out';
}

export const exportCommand: Command = {
  name: 'export',
  synopsis: '[OPTION…] RECORDING',
  summary: () => t('Writes the records of a recording as a capture, JSON lines, a transcript or raw bytes.'),
  options: {
    format: { type: 'string', short: 'f' },
    output: { type: 'string', short: 'o' },
    filter: { type: 'string' },
    socket: { type: 'string' },
    direction: { type: 'string' },
  },
  help: () => [
    {
      term: '-f, --format F',
      text: t('pcapng, jsonl, transcript, or raw: the bytes of one direction of a socket.'),
    },
    {
      term: '-o, --output FILE',
      text: t('The file that is written. Without it, lines go to the standard output.'),
    },
    { term: '--filter TEXT', text: t('Only records that fit a filter of the panel.') },
    { term: '--socket N', text: t('Only records of this socket, by its number, and of its other end.') },
    { term: '--direction D', text: t('Of raw bytes: in (received, the default) or out (sent).') },
  ],
  notes: () => [
    t('A pcapng file opens in Wireshark. Its headers are synthetic; each comment is the call that was made.'),
    t('Exit status: 0 written; 2 a file cannot be read or written; 3 ended by a signal.'),
  ],

  async run({ terminal, socketHostPath }, operands, values) {
    const options = readOptions(values);
    const [file, ...others] = operands;
    if (file === undefined || others.length > 0) {
      throw new UsageError(t('Exactly one recording is needed.'));
    }
    let recording: Recording;
    try {
      recording = await Recording.open(socketHostPath, path.resolve(file));
    } catch (error) {
      const reason = error instanceof CallRefusedError ? error.refusal.message : (error as Error).message;
      terminal.warn(visible(t('{0} cannot be opened: {1}', file, reason)));
      return fileStatus;
    }
    const playground = new Playground(recording);
    try {
      await playground.start();
      return await write(playground, options, terminal);
    } finally {
      playground.dispose();
    }
  },
};

function readOptions(values: OptionValues): ExportOptions {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const output = text('output') ?? '';
  const format = text('format') ?? formatOf(output);
  if (!formats.some((each) => each === format)) {
    throw new UsageError(t('There is no format {0}.', JSON.stringify(format)));
  }
  if (output === '' && (format === 'pcapng' || format === 'raw')) {
    throw new UsageError(t('{0} needs a file: --output FILE.', format));
  }
  const filter = filterOf(values);
  const number = text('socket');
  if (number !== undefined && !/^\d+$/.test(number)) {
    throw new UsageError(t('{0} takes the number of a socket.', '--socket'));
  }
  const direction = text('direction') ?? 'in';
  if (direction !== 'in' && direction !== 'out') {
    throw new UsageError(t('{0} takes in or out.', '--direction'));
  }
  if (format === 'raw' && number === undefined) {
    throw new UsageError(t('Raw bytes are of one socket: --socket N.'));
  }
  const socketId = number === undefined ? undefined : Number(number);
  return { format: format as Format, output, filter, socketId, direction };
}

function formatOf(output: string): Format {
  const byEnding: Readonly<Record<string, Format>> = {
    '.pcapng': 'pcapng',
    '.jsonl': 'jsonl',
    '.json': 'jsonl',
    '.bin': 'raw',
  };
  return byEnding[path.extname(output)] ?? 'transcript';
}

async function write(playground: Playground, options: ExportOptions, terminal: Terminal): Promise<number> {
  const { socketId, output } = options;
  const socket = socketId === undefined ? undefined : playground.sockets.get(socketId);
  if (socketId !== undefined && !socket) {
    terminal.warn(t('There is no socket {0} in this recording. It has:', socketId));
    for (const each of playground.sockets.values()) {
      const address = each.local ? ` ${endpointText(each.local)}` : '';
      terminal.warn(visible(`  ${each.id} ${socketTitle(each)}${address}`));
    }
    return fileStatus;
  }
  const source = new RecordSource(playground, { signal: terminal.signal });
  const writeInto = (sink: Sink) => writeFormat(source, options, socket, sink, terminal);
  try {
    await (output === ''
      ? writeInto(linesOf(terminal))
      : writeFileWhole(path.resolve(output), writeInto, terminal.signal));
    return 0;
  } catch (error) {
    if (terminal.signal.aborted) {
      return stoppedStatus;
    }
    terminal.warn(visible(t('{0} cannot be written: {1}', output, (error as Error).message)));
    return fileStatus;
  }
}

async function writeFormat(
  source: RecordSource,
  { format, filter, direction }: ExportOptions,
  socket: SocketInfo | undefined,
  sink: Sink,
  terminal: Terminal,
): Promise<void> {
  if (format === 'raw') {
    const { missingBytes } = await exportStream(source, socket!.id, direction, sink);
    if (missingBytes > 0) {
      terminal.warn(t('{0} bytes of data were no longer kept.', missingBytes));
    }
    return;
  }
  const scope = { filter, ...(socket ? { socketIds: connectionOf(socket) } : {}) };
  const summary = await exportRecords(source, scope, format, sink);
  if (format === 'pcapng') {
    terminal.warn(packetCountText(summary));
    terminal.warn(leftOutText(summary));
  }
}

/** The terminal writes lines. */
function linesOf(terminal: Terminal): Sink {
  let rest = '';
  const decoder = new TextDecoder();
  return {
    write(bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop()!;
      lines.forEach((line) => terminal.print(line));
      return Promise.resolve();
    },
  };
}
