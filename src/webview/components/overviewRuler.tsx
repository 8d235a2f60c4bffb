import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { PanelModel } from '../state/panelModel.js';
import { usePanel } from './context.js';

/** Width of the strip, as in the style sheet. */
const width = 14;

/**
 * All records from top to bottom in a narrow strip: failed calls, bytes or what the filter fits, and which part is in
 * view. A press goes there. It says nothing that the table does not say: screen readers pass it over.
 */
export function OverviewRuler({
  shown,
  onJump,
}: {
  shown: { from: number; to: number } | null;
  onJump: (seq: number) => void;
}) {
  const panel = usePanel();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { records, overview, filter } = panel;
  const version = overview.version.value + filter.version.value + records.version.value;

  useLayoutEffect(() => {
    const element = canvas.current!;
    const observer = new ResizeObserver(() => draw(element, panel, shownNow.current));
    observer.observe(element);
    return () => observer.disconnect();
  }, [panel]);
  const shownNow = useRef(shown);
  shownNow.current = shown;
  // Behind the frame: before it, to ask for the height and the colours would lay out all rows once more.
  useEffect(() => draw(canvas.current!, panel, shownNow.current), [version, shown?.from, shown?.to]);

  const jump = (event: PointerEvent) => {
    const { top, height } = canvas.current!.getBoundingClientRect();
    const { firstSeq, lastSeq } = records;
    const share = Math.min(1, Math.max(0, (event.clientY - top) / height));
    onJump(Math.min(lastSeq, firstSeq + Math.floor(share * (lastSeq - firstSeq + 1))));
  };
  return (
    <canvas
      ref={canvas}
      class="ruler"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        jump(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) {
          jump(event);
        }
      }}
    />
  );
}

function draw(
  canvas: HTMLCanvasElement,
  { records, overview, filter }: PanelModel,
  shown: { from: number; to: number } | null,
): void {
  const ratio = window.devicePixelRatio;
  const height = canvas.clientHeight;
  const context = canvas.getContext('2d');
  const { firstSeq, lastSeq } = records;
  if (!context || height === 0) {
    return;
  }
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  if (lastSeq < firstSeq) {
    return;
  }
  const style = getComputedStyle(canvas);
  const color = (name: string) => style.getPropertyValue(name);
  const scale = height / (lastSeq - firstSeq + 1);
  const yOf = (seq: number) => (seq - firstSeq) * scale;
  // What is summed up by rows of two pixels.
  const rows = Array.from({ length: Math.max(1, Math.ceil(height / 2)) }, () => 0);
  const failed = new Set<number>();
  let most = 0;
  for (const { from, failures, bytes } of overview.all()) {
    const row = Math.min(rows.length - 1, Math.max(0, Math.floor(yOf(from) / 2)));
    rows[row]! += bytes;
    most = Math.max(most, rows[row]!);
    if (failures > 0) {
      failed.add(row);
    }
  }
  if (filter.isActive) {
    context.fillStyle = color('--c-match');
    rows.forEach((_, row) => {
      const from = firstSeq + (2 * row) / scale;
      if (filter.rowFrom(from + 2 / scale) > filter.rowFrom(from)) {
        context.fillRect(2, 2 * row, 6, 2);
      }
    });
  } else if (most > 0) {
    context.fillStyle = color('--c-bytes');
    rows.forEach((bytes, row) => {
      if (bytes > 0) {
        context.fillRect(2, 2 * row, 2 + (8 * Math.log1p(bytes)) / Math.log1p(most), 1);
      }
    });
  }
  context.fillStyle = color('--c-failed');
  for (const row of failed) {
    context.fillRect(0, 2 * row, width, 2);
  }
  const isPart = shown !== null && (shown.from > firstSeq || shown.to < lastSeq);
  if (isPart) {
    const top = yOf(shown.from);
    context.fillStyle = color('--c-view');
    context.fillRect(0, Math.min(top, height - 4), width, Math.max(4, yOf(shown.to + 1) - top));
  }
}
