import type { CallRecord } from '../common/call.js';
import { seqsOf } from '../common/rows/packedRows.js';
import type { RecordPage } from '../common/rows/recordPage.js';
import { hasFacts } from '../common/system/errorFacts.js';
import type { CallFacts } from '../common/system/systemSocket.js';
import { type SocketHostService, whileAlive } from './socketHostService.js';

/** Records whose facts are kept, at most; those of the oldest go first. */
const kept = 1000;

/**
 * What was found on the machine about calls, kept beside their records. Looked up only when somebody asks: never
 * in a scenario that is run from the command line.
 */
export class RecordFacts {
  private readonly bySeq = new Map<number, CallFacts>();
  private readonly open = new Map<number, Promise<CallFacts | null>>();

  /** @param onDidFind Told of a record that has facts now. */
  constructor(
    private readonly host: SocketHostService,
    private readonly onDidFind: (seq: number) => void,
  ) {}

  /** Asks why a call has just failed, or reached nobody, where there is something to ask; its result does not wait for that. */
  lookUp(record: CallRecord): void {
    const { seq, name, args, errno, socketId } = record;
    if (!hasFacts(record)) {
      return;
    }
    const looking = whileAlive(this.host.lookUpFacts({ name, args, errno, socketId }), null)
      .catch(() => null)
      .then((facts) => {
        this.open.delete(seq);
        if (facts) {
          this.keep(seq, facts);
        }
        return facts;
      });
    this.open.set(seq, looking);
  }

  /** The record with its facts, once they are found; the record itself where there are none to come. */
  async whenFound(record: CallRecord): Promise<CallRecord> {
    const facts = (await this.open.get(record.seq)) ?? this.bySeq.get(record.seq);
    return facts ? { ...record, facts } : record;
  }

  /** What was found out about the records of a page. */
  of({ lost, rows }: Omit<RecordPage, 'facts'>): RecordPage['facts'] {
    if (this.bySeq.size === 0) {
      return [];
    }
    const seqs = [...lost.map(({ seq }) => seq), ...(rows ? seqsOf(rows) : [])];
    return seqs.flatMap((seq): RecordPage['facts'] => {
      const facts = this.bySeq.get(seq);
      return facts ? [[seq, facts]] : [];
    });
  }

  clear(): void {
    this.bySeq.clear();
  }

  private keep(seq: number, facts: CallFacts): void {
    this.bySeq.set(seq, facts);
    for (const old of [...this.bySeq.keys()].slice(0, -kept)) {
      this.bySeq.delete(old);
    }
    this.onDidFind(seq);
  }
}
