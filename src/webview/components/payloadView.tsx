import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { PayloadForm } from '../connection.js';
import type { PanelModel } from '../state/panelModel.js';
import { PayloadModel, pieceSize } from '../state/payload.js';
import { linesOf, prettyJson, validText } from '../text/bytes.js';
import { dataOf } from '../../common/messageText.js';
import { formatBytes } from '../text/format.js';
import { frameMarks, originMarks, originsOf } from '../text/payloadMarks.js';
import { toHexText } from '../../common/payloadText.js';
import { CopyButton, Segments } from './basics.js';
import { usePanel } from './context.js';
import { Decoded, JsonText } from './decoded.js';
import { FramingBar, FramingMenu } from './framing.js';
import { HexDump } from './hexDump.js';
import { OriginLegend } from './originLegend.js';

/** Text and JSON are shown as a whole, so not of any size. */
const wholeSize = 1024 * 1024;

/** The bytes that a call moved, as a hex dump, as text, or as JSON where they are. */
export function PayloadView({ record }: { record: CallRecord }) {
  const panel = usePanel();
  const { framing, records, ribbon } = panel;
  const form = panel.view.payloadForm;
  const read = useSignal(0);
  const model = useRef<PayloadModel | null>(null);
  const data = dataOf(record);
  const captured = record.payload?.captured ?? 0;
  const length = Math.max(captured, Math.min(data?.bytes.length ?? 0, record.payload?.length ?? 0));
  if (model.current?.record !== record) {
    const preview = data?.bytes.subarray(0, length) ?? new Uint8Array();
    model.current = new PayloadModel(panel, record, preview, length, () => read.value++);
  }
  const payload = model.current;
  // It may be found only after the record was shown.
  const otherId = panel.steadySockets.value.get(record.socketId ?? 0)?.peerId ?? null;
  useEffect(() => {
    panel.forget(panel.streams.readOtherEnd(record));
  }, [record, otherId]);
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
  const version = read.value;
  const json = payload.json(wholeSize);
  const choices = [
    { value: 'hex' as const, label: t('Hex') },
    { value: 'text' as const, label: t('Text') },
    ...(json === undefined ? [] : [{ value: 'json' as const, label: 'JSON' }]),
  ];
  const frames = framing.version.value >= 0 ? framing.framesOf(record) : null;
  // The other calls are found as their records are read.
  const origins = records.version.value >= 0 ? originsOf(record, ribbon) : [];
  const marks = [originMarks(origins), frameMarks(frames, record, framing.of(record.socketId))];
  const shown = form.value === 'json' && json === undefined ? 'hex' : form.value;
  return (
    <>
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
          <FramingMenu record={record} />
          <CopyButton
            label={t('Copy the data')}
            onCopy={() => void copyPayload(panel, record, length, shown)}
          />
        </div>
        <FramingBar record={record} />
        {shown === 'hex' && <HexDump payload={payload} version={version} marks={marks} />}
        {shown === 'text' && <TextDump payload={payload} version={version} />}
        {shown === 'json' && <JsonText json={json!} />}
        {shown === 'hex' && <OriginLegend origins={origins} />}
      </div>
      {json !== undefined && <Decoded json={json} />}
    </>
  );
}

async function copyPayload(
  panel: PanelModel,
  record: CallRecord,
  length: number,
  form: PayloadForm,
): Promise<void> {
  try {
    const bytes = await panel.remote.readData({
      seq: record.seq,
      offset: 0,
      length: Math.min(length, wholeSize),
    });
    const text = form === 'hex' ? undefined : validText(bytes);
    panel.copy((form === 'json' ? prettyJson(bytes) : text) ?? toHexText(bytes));
  } catch (error) {
    panel.forget(Promise.reject(error instanceof Error ? error : new Error(String(error))));
  }
}

function TextDump({ payload, version }: { payload: PayloadModel; version: number }) {
  const limit = useSignal(pieceSize);
  const isCut = payload.length > limit.value;
  // The detail is drawn anew with every record that comes.
  const lines = useMemo(() => {
    const bytes = payload.whole(limit.value);
    return bytes && linesOf(bytes, isCut);
  }, [payload, version, limit.value]);
  return (
    <div class="hex scroll wrap" tabIndex={0} role="group" aria-label={t('Text')}>
      {lines?.isUtf8 === false && (
        <p class="dim note">
          {t('These bytes are not valid UTF-8: each that is no character stands as \\377 does.')}
        </p>
      )}
      <pre>{lines?.text ?? t('Reading…')}</pre>
      {isCut && (
        <button type="button" class="btn" onClick={() => (limit.value *= 4)}>
          {t('Show more of {0}', formatBytes(payload.length))}
        </button>
      )}
    </div>
  );
}
