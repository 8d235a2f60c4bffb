import { restMs } from '../state/overview.js';
import type { PanelModel } from '../state/panelModel.js';

/** Width of the strip, as in the style sheet. */
const width = 14;

/** Draws the overview: what is known of all records now and then, and which of them are in view at once. */
export class OverviewPainter {
  private readonly background = document.createElement('canvas');
  private height = 0;
  private drawnAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private shown: { from: number; to: number } | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly panel: PanelModel,
  ) {}

  /** The strip has another height, or another device pixel ratio. */
  resize(height: number): void {
    this.height = height;
    this.drawnAt = -Infinity;
    this.follow();
  }

  /** What is in view has changed. */
  show(shown: { from: number; to: number } | null): void {
    this.shown = shown;
    this.draw();
  }

  /** More is known of the records, or the filter fits others. */
  follow(): void {
    if (this.timer === undefined) {
      const rest = Math.max(0, this.drawnAt + restMs - performance.now());
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.drawBackground();
        this.draw();
      }, rest);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private draw(): void {
    const context = this.canvas.getContext('2d');
    // The background, and with it the colours, follow another height only after a while; a canvas without a height cannot be drawn.
    if (!context || this.drawnAt === -Infinity || this.background.height === 0) {
      return;
    }
    const ratio = this.fit(this.canvas);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.background, 0, 0);
    const { firstSeq, lastSeq } = this.panel.records;
    const { shown } = this;
    if (shown !== null && (shown.from > firstSeq || shown.to < lastSeq)) {
      const scale = this.height / (lastSeq - firstSeq + 1);
      const top = (shown.from - firstSeq) * scale;
      const bottom = (shown.to + 1 - firstSeq) * scale;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.fillStyle = this.colors.view;
      context.fillRect(0, Math.min(top, this.height - 4), width, Math.max(4, bottom - top));
      context.setTransform(1, 0, 0, 1, 0, 0);
    }
  }

  private colors = { match: '', bytes: '', failed: '', view: '' };

  private drawBackground(): void {
    this.drawnAt = performance.now();
    const { records, overview, filter } = this.panel;
    const { firstSeq, lastSeq } = records;
    const { height, background } = this;
    const ratio = this.fit(background);
    const context = background.getContext('2d');
    if (!context || height === 0) {
      return;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, background.width, background.height);
    context.scale(ratio, ratio);
    if (lastSeq < firstSeq) {
      return;
    }
    const style = getComputedStyle(this.canvas);
    const color = (name: string) => style.getPropertyValue(name);
    this.colors = {
      match: color('--c-match'),
      bytes: color('--c-bytes'),
      failed: color('--c-failed'),
      view: color('--c-view'),
    };
    const scale = height / (lastSeq - firstSeq + 1);
    // What is summed up by rows of two pixels.
    const rows = Array.from({ length: Math.max(1, Math.ceil(height / 2)) }, () => 0);
    const failed = new Set<number>();
    let most = 0;
    overview.forEach((from, failures, bytes) => {
      const row = Math.min(rows.length - 1, Math.max(0, Math.floor(((from - firstSeq) * scale) / 2)));
      rows[row]! += bytes;
      most = Math.max(most, rows[row]!);
      if (failures > 0) {
        failed.add(row);
      }
    });
    if (filter.isActive) {
      context.fillStyle = this.colors.match;
      rows.forEach((_, row) => {
        const from = firstSeq + (2 * row) / scale;
        if (filter.rowFrom(from + 2 / scale) > filter.rowFrom(from)) {
          context.fillRect(2, 2 * row, 6, 2);
        }
      });
    } else if (most > 0) {
      context.fillStyle = this.colors.bytes;
      rows.forEach((bytes, row) => {
        if (bytes > 0) {
          context.fillRect(2, 2 * row, 2 + (8 * Math.log1p(bytes)) / Math.log1p(most), 1);
        }
      });
    }
    context.fillStyle = this.colors.failed;
    for (const row of failed) {
      context.fillRect(0, 2 * row, width, 2);
    }
  }

  /** Gives a canvas the strip's size. */
  private fit(canvas: HTMLCanvasElement): number {
    const ratio = window.devicePixelRatio;
    const [wide, high] = [Math.round(width * ratio), Math.round(this.height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
    }
    return ratio;
  }
}
