import type { CallRecord } from '../../common/call.js';
import { prettyJson } from '../text/bytes.js';
import type { PanelModel } from './panelModel.js';

/** What is read at a time. */
export const pieceSize = 64 * 1024;

/** The payload of a record, read from the host in pieces as they come into view. */
export class PayloadModel {
  private readonly pieces = new Map<number, Uint8Array | 'reading'>();
  private pretty: { text: string | undefined } | null = null;

  constructor(
    private readonly panel: PanelModel,
    readonly record: CallRecord,
    /** What the record itself holds and what the capture still has. */
    private readonly preview: Uint8Array,
    readonly length: number,
    private readonly onDidRead: () => void,
  ) {}

  /** The bytes from `offset` on as far as they are here; asks for those that are not. */
  slice(offset: number, length: number): Uint8Array {
    if (offset + length <= this.preview.length) {
      return this.preview.subarray(offset, offset + length);
    }
    const index = Math.floor(offset / pieceSize);
    const piece = this.pieces.get(index);
    if (piece === undefined) {
      void this.read(index);
    }
    return piece instanceof Uint8Array
      ? piece.subarray(offset - index * pieceSize, offset - index * pieceSize + length)
      : this.preview.subarray(offset, offset + length);
  }

  /** All of it, or undefined while it is being read. */
  whole(limit: number): Uint8Array | undefined {
    const length = Math.min(limit, this.length);
    if (length <= this.preview.length) {
      return this.preview.subarray(0, length);
    }
    const parts: Uint8Array[] = [];
    for (let index = 0; index * pieceSize < length; index++) {
      const piece = this.pieces.get(index);
      if (piece === undefined) {
        void this.read(index);
      }
      if (!(piece instanceof Uint8Array)) {
        return undefined;
      }
      parts.push(piece);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part.subarray(0, length - at), at);
      at += part.length;
    }
    return bytes;
  }

  /** All of it as JSON; undefined while it is being read, where it is none, and where it is longer than `limit`. */
  json(limit: number): string | undefined {
    if (this.pretty === null) {
      const whole = this.length <= limit ? this.whole(limit) : new Uint8Array();
      this.pretty = whole ? { text: prettyJson(whole) } : null;
    }
    return this.pretty?.text;
  }

  private async read(index: number): Promise<void> {
    this.pieces.set(index, 'reading');
    try {
      const { seq } = this.record;
      const offset = index * pieceSize;
      const length = Math.min(pieceSize, this.length - offset);
      this.pieces.set(index, await this.panel.remote.readData({ seq, offset, length }));
    } catch {
      // The host is gone: what was not read cannot be read any more.
      this.pieces.set(index, new Uint8Array());
    }
    this.onDidRead();
  }
}
