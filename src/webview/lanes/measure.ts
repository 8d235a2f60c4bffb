import type { Line } from './blocks.js';
import { isLongWait } from './blocks.js';
import { chipPadding, chipX } from './columns.js';
import type { ChipText } from './chipText.js';
import type { BoxSegment } from './sceneParts.js';

/** Widths of what is written in the font of the calls: a character is as wide as another. */
export class TextMeasure {
  /** @param charWidth Of a call's character, in px. */
  constructor(readonly charWidth: number) {}

  /** Of counters and of what waits in a queue, which are written smaller. */
  get smallWidth(): number {
    return (this.charWidth * 11) / 12;
  }

  /** Where a chip ends, from its lane's edge. */
  chipEnd(line: Line, text: ChipText, laneWidth: number): number {
    const { isPending } = line;
    const result = isPending ? 0 : text.result.length + 3;
    const call = text.length - (text.result === '' ? 0 : text.result.length + 3);
    const wait = line.kind === 'call' && (isPending || isLongWait(line.record)) ? 100 : 0;
    const width = (call + result) * this.charWidth + chipPadding + wait;
    const received = isPending || text.received === null ? 0 : text.received.length * this.smallWidth + 20;
    return Math.min(chipX + width + received, laneWidth);
  }

  /** Characters of what was received that fit behind the answer; 0 where too few would. */
  receivedRoom(text: ChipText, laneWidth: number): number {
    const left = laneWidth - chipX - chipPadding - text.length * this.charWidth - 20;
    const chars = Math.floor(left / this.smallWidth);
    return chars < Math.min(4, text.received?.length ?? 0) ? 0 : chars;
  }

  boxWidth(segments: readonly BoxSegment[], total: string): number {
    const text = segments.reduce((sum, segment) => sum + segment.text.length * this.smallWidth + 11, 0);
    return text + 6 + total.length * this.smallWidth;
  }
}
