import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printRecord } from '../../common/notation/printer.js';

/** What stands for a byte that strace did not print. */
const filler = 0x2e;
/** Calls that are told of one by one. */
const mostTold = 12;

/** What is not in a replay as it was, and why. */
export class ReplayNotes {
  private readonly skipped = new Map<string, number>();
  private readonly peers = new Set<string>();
  private readonly told: string[] = [];
  private untold = 0;
  private cutBytes = 0;

  /** A sentence each. */
  get sentences(): string[] {
    const skipped = [...this.skipped].map(([name, count]) => `${name} ${count}`).join(', ');
    return [
      t(
        'It is played again on loopback, at ports that the kernel chooses, with sockets that block; a stream is received in the same parts.',
      ),
      skipped === '' ? '' : t('Left out, because nothing depends on it here: {0}.', skipped),
      ...this.peers,
      this.cutBytes === 0
        ? ''
        : t(
            '{0} bytes were not in the log: dots stand in their place, and what came is not compared.',
            this.cutBytes,
          ),
      ...this.told,
      this.untold === 0 ? '' : t('And {0} more calls.', this.untold),
    ].filter(Boolean);
  }

  /** A call is left out, and nothing depends on it. */
  count({ name }: CallRecord): void {
    this.skipped.set(name, (this.skipped.get(name) ?? 0) + 1);
  }

  /** A call is left out that was more than a look. */
  leave(record: CallRecord, reason: string): void {
    if (this.told.length >= mostTold) {
      this.untold += 1;
      return;
    }
    const text = printRecord(record, { style: 'short', platform: 'linux', maxData: 40 });
    this.told.push(t('Left out, {0}: {1}', reason, text.replace(/\s+# .*$/, '')));
  }

  /** Somebody who was not traced has a part here. */
  notePeer(sentence: string): void {
    this.peers.add(sentence);
  }

  /** Bytes that moved are not in the log. */
  noteCut(bytes: number): void {
    this.cutBytes += bytes;
  }
}

/** What is known of some bytes, with dots for the rest. */
export function padded(known: Uint8Array, length: number): Uint8Array {
  if (known.length >= length) {
    return known.subarray(0, length);
  }
  const bytes = new Uint8Array(length).fill(filler);
  bytes.set(known);
  return bytes;
}
