import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { PanelModel } from '../state/panelModel.js';
import { contentTop, type ScrollGeometry, spacerHeight, visibleRows } from '../state/scrollGeometry.js';
import { decodeText, hexLine, lineWidth, offsetDigits, prettyJson } from '../text/bytes.js';
import { dataOf } from '../../common/messageText.js';
import { formatBytes } from '../text/format.js';
import { toHexText } from '../../common/payloadText.js';
import { CopyButton, Segments } from './basics.js';
import { usePanel } from './context.js';

type Form = 'hex' | 'text' | 'json';

const pieceSize = 64 * 1024;
/** Text and JSON are shown as a whole, so not of any size. */
const wholeSize = 1024 * 1024;
const lineHeight = 18;
/** Characters of the ruler that tells how wide one is. */
const rulerLength = 20;

/** The payload of a record, read from the host in pieces as they come into view. */
class PayloadModel {
  private readonly pieces = new Map<number, Uint8Array | 'reading'>();

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

/** The bytes that a call moved, as a hex dump, as text, or as JSON where they are. */
export function PayloadView({ record }: { record: CallRecord }) {
  const panel = usePanel();
  const form = useSignal<Form>('hex');
  const pieces = useSignal(0);
  const model = useRef<PayloadModel | null>(null);
  const data = dataOf(record);
  const captured = record.payload?.captured ?? 0;
  const length = Math.max(captured, Math.min(data?.bytes.length ?? 0, record.payload?.length ?? 0));
  if (model.current?.record !== record) {
    const preview = data?.bytes.subarray(0, length) ?? new Uint8Array();
    model.current = new PayloadModel(panel, record, preview, length, () => pieces.value++);
  }
  const payload = model.current;
  if (!record.payload || length === 0) {
    return (
      <div class="bytes">
        <div class="dhead">
          <h2 class="ttl">{t('Data')}</h2>
          <span class="lbl">{t('This call moved no bytes.')}</span>
        </div>
      </div>
    );
  }
  // What is drawn changes when a piece arrives.
  const version = pieces.value;
  const whole = length <= wholeSize ? payload.whole(length) : undefined;
  const json = whole && prettyJson(whole);
  const choices = [
    { value: 'hex' as const, label: t('Hex') },
    { value: 'text' as const, label: t('Text') },
    ...(json === undefined ? [] : [{ value: 'json' as const, label: 'JSON' }]),
  ];
  const shown = form.value === 'json' && json === undefined ? 'hex' : form.value;
  return (
    <div class="bytes">
      <div class="dhead">
        <h2 class="ttl">{t('Data')}</h2>
        <span class="lbl">
          {formatBytes(record.payload.length)}
          {record.payload.captured < record.payload.length &&
            ` · ${t('{0} captured', formatBytes(record.payload.captured))}`}
        </span>
        <span class="grow" />
        <Segments
          label={t('Show the data as')}
          choices={choices}
          value={shown}
          onChange={(value) => (form.value = value)}
          isSmall
        />
        <CopyButton
          label={t('Copy the data')}
          onCopy={() => void copyPayload(panel, record, length, shown)}
        />
      </div>
      {shown === 'hex' && <HexDump payload={payload} version={version} />}
      {shown === 'text' && <TextDump payload={payload} version={version} />}
      {shown === 'json' && (
        <pre class="hex wrap" tabIndex={0}>
          {json}
        </pre>
      )}
    </div>
  );
}

async function copyPayload(panel: PanelModel, record: CallRecord, length: number, form: Form): Promise<void> {
  try {
    const bytes = await panel.remote.readData({
      seq: record.seq,
      offset: 0,
      length: Math.min(length, wholeSize),
    });
    const text = form === 'hex' ? undefined : decodeText(bytes);
    panel.copy((form === 'json' ? prettyJson(bytes) : text) ?? toHexText(bytes));
  } catch (error) {
    panel.forget(Promise.reject(error instanceof Error ? error : new Error(String(error))));
  }
}

function HexDump({ payload }: { payload: PayloadModel; version: number }) {
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
    lines.push({ line, ...hexLine(payload.slice(offset, wanted), offset, digits, bytesPerLine) });
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
            {`  ${hex}  `}
            <span class="a">{text}</span>
          </div>
        ))}
      </pre>
    </div>
  );
}

function TextDump({ payload }: { payload: PayloadModel; version: number }) {
  const limit = useSignal(pieceSize);
  const bytes = payload.whole(limit.value);
  const isCut = payload.length > limit.value;
  const text = bytes && decodeText(bytes, isCut);
  return (
    <div class="hex scroll wrap" tabIndex={0} role="group" aria-label={t('Text')}>
      {bytes && text === undefined && (
        <p class="dim note">{t('These bytes are no UTF-8 text; what cannot be shown is “\uFFFD”.')}</p>
      )}
      <pre>{bytes ? (text ?? new TextDecoder().decode(bytes)) : t('Reading…')}</pre>
      {isCut && (
        <button type="button" class="btn" onClick={() => (limit.value *= 4)}>
          {t('Show more of {0}', formatBytes(payload.length))}
        </button>
      )}
    </div>
  );
}
