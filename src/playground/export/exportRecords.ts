import { endOf } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { OwnDatagrams } from './ownDatagrams.js';
import { packetComment, PacketMaker } from './packets.js';
import { pcapng } from './pcapng.js';
import { jsonPieces, transcriptPieces } from './recordLines.js';
import type { FullRecord, RecordScope, RecordSource } from './recordSource.js';
import { SocketBookOfFacts } from './socketFacts.js';
import { TimeQueue } from './timeQueue.js';

/** Where the bytes of a file go. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
}

export type ExportFormat = 'transcript' | 'jsonl' | 'pcapng';

/** What has become of the records. */
export interface ExportSummary {
  /** Records that are in the file. */
  written: number;
  packets: number;
  /** Records that are no packets: of sockets other than TCP and UDP over IP, and calls that moved nothing. */
  otherSockets: number;
  otherCalls: number;
  /** Payload that is no longer kept. */
  missingBytes: number;
}

/**
 * Writes records in a format, each when its call returned. Nothing is kept that is not waiting for an earlier end; for packets,
 * some that come next, which tell which datagrams are the same.
 */
export async function exportRecords(
  source: RecordSource,
  scope: RecordScope,
  format: ExportFormat,
  sink: Sink,
): Promise<ExportSummary> {
  const summary: ExportSummary = { written: 0, packets: 0, otherSockets: 0, otherCalls: 0, missingBytes: 0 };
  const file = new Buffered(sink, source);
  if (format === 'pcapng') {
    await writePackets(source, scope, file, summary);
  } else {
    await writeLines(source, scope, format === 'jsonl' ? jsonPieces : transcriptPieces, file, summary);
  }
  await file.flush();
  return summary;
}

/**
 * Writes the bytes of one direction of a socket, as far as they are kept.
 * @param direction `in` is what it received.
 */
export async function exportStream(
  source: RecordSource,
  socketId: SocketId,
  direction: 'in' | 'out',
  sink: Sink,
): Promise<{ bytes: number; missingBytes: number }> {
  const file = new Buffered(sink, source);
  let bytes = 0;
  let missingBytes = 0;
  const queue = new TimeQueue<FullRecord>();
  /** Where the stream goes on; of datagrams and peeks there is no place. */
  let end = 0;
  const write = async ({ record, payload = new Uint8Array() }: FullRecord) => {
    const { offset, length } = record.payload!;
    if (offset !== null) {
      // What comes before the first record that is kept, or between two, is gone.
      missingBytes += Math.max(0, offset - end);
      end = Math.max(end, offset + length);
    }
    missingBytes += length - payload.length;
    bytes += payload.length;
    await file.write(payload);
  };
  const socket = source.model.sockets.get(socketId);
  const isStream = (socket?.type ?? 'SOCK_STREAM') === 'SOCK_STREAM';
  // Calls on a duplicate move bytes of the same stream.
  const ids = new Set([socketId, ...(socket?.sharedWith ?? [])]);
  for await (const full of source.withPayload(source.read({ socketIds: ids }))) {
    const { payload, socketId: id, startNs, endNs } = full.record;
    for (const next of queue.take(startNs)) {
      await write(next);
    }
    if (payload?.direction === direction && ids.has(id ?? 0) && !(isStream && payload.offset === null)) {
      queue.push(direction === 'out' ? startNs : (endNs ?? startNs), full);
    }
  }
  for (const next of queue.take(Infinity)) {
    await write(next);
  }
  await file.flush();
  return { bytes, missingBytes };
}

async function writeLines(
  source: RecordSource,
  scope: RecordScope,
  piecesOf: typeof jsonPieces,
  file: Buffered,
  summary: ExportSummary,
): Promise<void> {
  const encoder = new TextEncoder();
  const lineEnd = encoder.encode('\n');
  const queue = new TimeQueue<FullRecord>();
  const write = async (full: FullRecord) => {
    summary.written++;
    countMissing(full, summary);
    let isBegun = false;
    for (const piece of piecesOf(full, source.model.platform)) {
      if (isBegun) {
        await source.rest();
      }
      isBegun = true;
      await file.write(encoder.encode(piece));
    }
    await file.write(lineEnd);
  };
  for await (const full of source.withPayload(source.read(scope))) {
    // Nothing that is still to come has returned before this one began.
    for (const next of queue.take(full.record.startNs)) {
      await write(next);
    }
    queue.push(endOf(full.record), full);
  }
  for (const next of queue.take(Infinity)) {
    await write(next);
  }
}

async function writePackets(
  source: RecordSource,
  scope: RecordScope,
  file: Buffered,
  summary: ExportSummary,
): Promise<void> {
  const { model } = source;
  const origin = BigInt(Math.round(model.originTime * 1e6));
  const timeOf = (ns: number) => origin + BigInt(Math.round(ns));
  const facts = await SocketBookOfFacts.read(source.aside);
  const own = new OwnDatagrams(source.aside, facts, (record) => packetComment(record, model.platform));
  const maker = new PacketMaker(facts, own, model.platform);
  const queue = new TimeQueue<() => Promise<void>>();
  let lastNs = 0;
  await file.write(pcapng.header(syntheticNote(), 'Socket Playground'));
  const add = (full: FullRecord) => {
    const { record } = full;
    const moments = maker.momentsOf(full);
    let isDrawn = false;
    let left = moments.length;
    const settle = () => {
      if (isDrawn) {
        summary.written++;
        countMissing(full, summary);
      } else if (facts.isOther(record)) {
        summary.otherSockets++;
      } else {
        summary.otherCalls++;
      }
    };
    for (const moment of moments) {
      const { time } = moment;
      queue.push(time, async () => {
        const packets: Uint8Array[] = [];
        isDrawn =
          moment.draw((packet, isInbound, comment) => {
            packets.push(pcapng.packet({ ...packet, time: timeOf(time), isInbound, comment }));
          }) || isDrawn;
        lastNs = time;
        summary.packets += packets.length;
        for (const packet of packets) {
          await file.write(packet);
        }
        if (--left === 0) {
          settle();
        }
      });
    }
    if (moments.length === 0) {
      settle();
    }
  };
  const drawTo = async (ns: number) => {
    await own.reach(ns);
    for (const draw of queue.take(ns)) {
      await draw();
    }
  };
  for await (const full of source.withPayload(source.read(scope))) {
    await drawTo(full.record.startNs);
    add(full);
  }
  await drawTo(Infinity);
  await file.write(pcapng.end(timeOf(lastNs), leftOutText(summary)));
}

/** A socket and, where it is ours, its other end. */
export function connectionOf({ id, peerId }: SocketInfo): ReadonlySet<SocketId> {
  return new Set(peerId === null ? [id] : [id, peerId]);
}

/** How many packets were exported, as a sentence. */
export function packetCountText({ packets }: ExportSummary): string {
  return packets === 1 ? t('1 packet.') : t('{0} packets.', packets);
}

/** What is not in the file, for people: said in it and after it was written. */
export function leftOutText({ otherSockets, otherCalls, missingBytes }: ExportSummary): string {
  return [
    t(
      'Left out: {0} records of sockets other than TCP and UDP, {1} calls that moved nothing.',
      otherSockets,
      otherCalls,
    ),
    ...(missingBytes > 0 ? [t('{0} bytes of data were no longer kept.', missingBytes)] : []),
  ].join(' ');
}

function syntheticNote(): string {
  return t(
    'Made from the records of system calls. No packet was captured: the headers are synthetic, and so are the handshakes and ends of connections, the sizes of the segments and the numbers of the acknowledgments. Each comment is the call that the packet stands for.',
  );
}

function countMissing({ record, payload }: FullRecord, summary: ExportSummary): void {
  summary.missingBytes += (record.payload?.length ?? 0) - (payload?.length ?? 0);
}

const bufferSize = 1 << 20;

/** Collects small pieces. However many come at once, as at the end of a wait, the rest of the process has its turns. */
class Buffered implements Sink {
  private pieces: Uint8Array[] = [];
  private size = 0;

  constructor(
    private readonly sink: Sink,
    private readonly source: RecordSource,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(bytes);
    this.size += bytes.length;
    if (this.size >= bufferSize) {
      await this.flush();
    }
    if (this.source.isRestDue) {
      await this.source.rest();
    }
  }

  async flush(): Promise<void> {
    const whole = Buffer.concat(this.pieces);
    this.pieces = [];
    this.size = 0;
    if (whole.length > 0) {
      await this.sink.write(whole);
    }
  }
}
