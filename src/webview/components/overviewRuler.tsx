import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { usePanel } from './context.js';
import { OverviewPainter } from './overviewPainter.js';

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
  // Not with each page of records that is read: it says nothing of their texts.
  const version = overview.version.value + filter.version.value + records.count.value;

  const painter = useRef<OverviewPainter>(undefined);
  useLayoutEffect(() => {
    const element = canvas.current!;
    const own = new OverviewPainter(element, panel);
    painter.current = own;
    const observer = new ResizeObserver(([entry]) => own.resize(entry!.contentRect.height));
    observer.observe(element);
    return () => {
      observer.disconnect();
      own.dispose();
    };
  }, [panel]);
  useEffect(() => overview.show(), [overview]);
  // Behind the frame: it says nothing that has to be there with the rows.
  useEffect(() => painter.current?.follow(), [version]);
  useEffect(() => painter.current?.show(shown), [shown?.from, shown?.to]);

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
