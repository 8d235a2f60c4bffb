import { copyFileSync } from 'node:fs';
import { packChange } from '../common/protocol/packedChange.js';
import type { RecordingInfo, SocketHostEvents, SocketHostMethods } from '../common/protocol/socketHost.js';
import type { SocketLookup } from '../common/recordText.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import type { Handlers } from '../common/rpc.js';
import { RecordAnswers, RecordQueries } from './recordQueries.js';
import { RowCursor } from './store/rowCursor.js';
import { RowPacker } from './store/rowPacker.js';
import { StoredRecording } from './store/storedRecording.js';

/** Records in one answer, at most. */
const largestPage = 10_000;

/** What can be asked of records that others have made. */
export type Served = Pick<
  Handlers<SocketHostMethods>,
  | 'readRows'
  | 'readData'
  | 'filterRecords'
  | 'cancelFilter'
  | 'sortRecords'
  | 'surveyRecords'
  | 'frameStream'
  | 'saveRecording'
>;
type Fire = <K extends keyof SocketHostEvents>(name: K, value: SocketHostEvents[K]) => void;

/** Serves a recording: what it holds can be read and filtered, and that is all. */
export class RecordingHost extends RecordAnswers implements Served {
  private readonly recording: StoredRecording;
  protected readonly queries: RecordQueries;
  private readonly packer: RowPacker;

  constructor(
    private readonly file: string,
    fire: Fire,
  ) {
    super();
    this.recording = new StoredRecording(file);
    this.packer = new RowPacker(this.recording.meta.host.platform);
    const { reader } = this;
    const { firstSeq, lastSeq } = reader;
    const byId: SocketLookup = { get: (id) => reader.socket(id) };
    this.queries = new RecordQueries({
      reader,
      cursor: new RowCursor(reader, this.recording.rowReader, byId),
      sockets: byId,
      platform: this.recording.meta.host.platform,
      firstSeq,
      lastSeq,
      running: () => undefined,
      waitingFrom: () => [],
    });
    const sockets = [...this.reader.allSockets()].map((socket) => ({
      ...socket,
      isLost: socket.state !== 'closed',
    }));
    const change = {
      sockets,
      firstSeq,
      lastSeq,
      changedSeqs: [],
      droppedBytes: 0,
      droppedRecords: 0,
      drops: [],
      recordingFault: null,
    };
    fire('didChange', packChange(change));
  }

  get info(): RecordingInfo {
    const { meta, count, damagedBytes } = this.recording;
    const { firstSeq, lastSeq } = this.reader;
    return {
      created: meta.created,
      originTime: meta.originTime,
      host: meta.host,
      records: count,
      missing: lastSeq - firstSeq + 1 - count,
      damagedBytes,
      observed: meta.observed ?? null,
    };
  }

  /** Written anew: whatever the file holds is read in this process, and who gets the rows can read them. */
  readRows({ from, count }: { from: number; count: number }): PackedRows {
    const packer = this.packer.begin();
    const limit = Math.min(count, largestPage);
    let next = this.reader.next(from);
    while (next !== undefined && packer.count < limit) {
      const record = this.reader.read(next);
      if (record) {
        packer.add(record);
      }
      next = this.reader.next(next + 1);
    }
    return packer.take();
  }

  readData({ seq, offset, length }: { seq: number; offset: number; length: number }): Uint8Array {
    return this.reader.readData(seq, offset, length);
  }

  saveRecording({ file }: { file: string }): void {
    copyFileSync(this.file, file);
  }

  async end(): Promise<{ isLingering: boolean }> {
    this.recording.dispose();
    return { isLingering: false };
  }

  private get reader() {
    return this.recording.reader;
  }
}
