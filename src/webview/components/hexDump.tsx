import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { PayloadModel } from '../state/payload.js';
import { contentTop, type ScrollGeometry, spacerHeight, visibleRows } from '../state/scrollGeometry.js';
import type { Marks } from '../text/byteMarks.js';
import { hexLine, lineWidth, offsetDigits, type Run } from '../text/bytes.js';

const lineHeight = 18;
/** Characters of the ruler that tells how wide one is. */
const rulerLength = 20;

/** Bytes as a hex dump of which only the lines in view are in the document. */
export function HexDump({
  payload,
  marks,
}: {
  payload: PayloadModel;
  version: number;
  /** By kind. */
  marks: readonly Marks[];
}) {
  const area = useRef<HTMLDivElement>(null);
  const ruler = useRef<HTMLSpanElement>(null);
  const viewport = useSignal(0);
  /** Characters that fit side by side. */
  const columns = useSignal(0);
  const scrollTop = useSignal(0);
  useLayoutEffect(() => {
    const element = area.current!;
    const measure = () => {
      viewport.value = element.clientHeight;
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      const width = element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      columns.value = Math.floor((width / ruler.current!.getBoundingClientRect().width) * rulerLength);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [viewport, columns]);
  useLayoutEffect(() => {
    area.current!.scrollTop = 0;
  }, [payload.record.seq]);

  const digits = offsetDigits(payload.length);
  const bytesPerLine = columns.value >= lineWidth(digits, 16) ? 16 : 8;
  const geometry: ScrollGeometry = {
    rowHeight: lineHeight,
    count: Math.ceil(payload.length / bytesPerLine),
    viewport: viewport.value,
  };
  const top = contentTop(geometry, scrollTop.value);
  const { from, to } = visibleRows(geometry, top);
  const lines = [];
  for (let line = from; line < to; line++) {
    const offset = line * bytesPerLine;
    const wanted = Math.min(bytesPerLine, payload.length - offset);
    lines.push({ line, ...hexLine(payload.slice(offset, wanted), offset, digits, bytesPerLine, marks) });
  }
  return (
    <div
      ref={area}
      class="hex scroll"
      role="group"
      aria-label={t('Hex dump')}
      tabIndex={0}
      onScroll={() => {
        scrollTop.value = area.current!.scrollTop;
      }}
    >
      <div class="spacer" style={{ height: `${spacerHeight(geometry)}px` }} />
      <span ref={ruler} class="ruler" aria-hidden="true">
        {'0'.repeat(rulerLength)}
      </span>
      <pre class="lines" style={{ transform: `translateY(${scrollTop.value - top + from * lineHeight}px)` }}>
        {lines.map(({ line, offset, hex, text }) => (
          <div key={line}>
            <span class="o">{offset}</span>
            {'  '}
            <Runs runs={hex} />
            {'  '}
            <span class="a">
              <Runs runs={text} />
            </span>
          </div>
        ))}
      </pre>
    </div>
  );
}

function Runs({ runs }: { runs: readonly Run[] }) {
  return (
    <>
      {runs.map(({ text, className }, index) =>
        className === '' ? (
          text
        ) : (
          <span key={index} class={className}>
            {text}
          </span>
        ),
      )}
    </>
  );
}
