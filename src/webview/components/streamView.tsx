import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { toHexText } from '../../common/payloadText.js';
import type { SocketInfo } from '../../common/socket.js';
import { pairText, numberedTitle } from '../../common/socketText.js';
import type { StreamModel, StreamPart } from '../state/stream.js';
import { decodeText, previewText, visibleLines } from '../text/bytes.js';
import { formatBytes, formatTime } from '../text/format.js';
import { directionOf } from '../text/record.js';
import { CopyButton, IconButton, Segments } from './basics.js';
import { usePanel } from './context.js';

type Form = 'text' | 'hex';

/** The bytes of a connection in order, as one of its ends sent and received them. */
export function StreamView() {
  const panel = usePanel();
  const { view, records } = panel;
  const form = useSignal<Form>('text');
  const socketId = view.streamId.value;
  // A duplicate that is made while it is shown belongs to it.
  const copies = socketId === null ? '' : panel.steadySockets.value.get(socketId)?.sharedWith.join();
  const model = useMemo(() => (socketId === null ? null : panel.streams.of(socketId)), [socketId, copies]);
  useLayoutEffect(() => () => model?.dispose(), [model]);
  const version = records.version.value;
  useEffect(() => {
    model?.update();
  }, [model, version]);
  if (!model) {
    return null;
  }
  const socket = panel.steadySockets.value.get(model.socketId);
  const parts = model.parts.value;
  return (
    <section class="dpane stream" aria-label={t('Stream')} data-region="detail">
      <div>
        <div class="dhead">
          <IconButton
            icon="chevron-down"
            label={t('Close the stream')}
            isSmall
            isExpanded
            onClick={() => panel.streams.close()}
          />
          <h2 class="ttl">{t('Stream')}</h2>
          <Ends socket={socket} />
          <span class="lbl">{socket && pairText(socket)}</span>
          <span class="grow" />
          <Segments
            label={t('Show the data as')}
            choices={[
              { value: 'text', label: t('Text') },
              { value: 'hex', label: t('Hex') },
            ]}
            value={form.value}
            onChange={(value) => (form.value = value)}
            isSmall
          />
          <CopyButton
            label={t('Copy what is shown')}
            onCopy={() => panel.copy(parts.map((part) => partText(part, form.value)).join('\n'))}
          />
          <IconButton
            icon="save"
            label={t('Save the bytes of a direction…')}
            isSmall
            onClick={() => panel.forget(panel.remote.saveStream({ socketId: model.socketId }))}
          />
        </div>
        <Parts model={model} form={form.value} />
      </div>
    </section>
  );
}

/** Which end is shown, where both are ours. */
function Ends({ socket }: { socket: SocketInfo | undefined }) {
  const panel = usePanel();
  const peer = socket?.peerId == null ? undefined : panel.steadySockets.value.get(socket.peerId);
  if (!socket || !peer) {
    return socket ? <span class="lbl">{numberedTitle(socket)}</span> : null;
  }
  const ends = [socket, peer].sort((a, b) => a.id - b.id);
  return (
    <Segments
      label={t('As seen by')}
      choices={ends.map((end) => ({ value: String(end.id), label: numberedTitle(end) }))}
      value={String(socket.id)}
      onChange={(id) => {
        panel.view.streamId.value = Number(id);
      }}
      isSmall
    />
  );
}

function Parts({ model, form }: { model: StreamModel; form: Form }) {
  const panel = usePanel();
  const selectedSeq = panel.view.selectedSeq.value;
  const parts = model.parts.value;
  return (
    <div class="hex scroll wrap" tabIndex={0} role="group" aria-label={t('Bytes in order')}>
      {parts.length === 0 && <p class="dim note">{t('No bytes have gone over this socket yet.')}</p>}
      {parts.map((part) => {
        const { record } = part;
        const { seq, payload, startNs, endNs } = record;
        return (
          <div key={seq} class={`moved ${payload!.direction}`}>
            <button
              type="button"
              class="link movedhead"
              aria-current={seq === selectedSeq ? 'true' : undefined}
              onClick={() => panel.selectRecord(seq)}
            >
              <span aria-hidden="true">{directionOf(record)}</span>{' '}
              {t(
                '#{0} {1}, {2}, {3} s',
                seq,
                record.name,
                formatBytes(payload!.length),
                // Like their order: bytes are there when the call returns.
                formatTime(endNs ?? startNs),
              )}
            </button>
            <pre>{visibleLines(partText(part, form))}</pre>
            {part.bytes.length < payload!.length && (
              <p class="dim note">
                {payload!.captured < payload!.length
                  ? t('{0} of these bytes were not kept.', formatBytes(payload!.length - payload!.captured))
                  : t('{0} more: see the record.', formatBytes(payload!.length - part.bytes.length))}
              </p>
            )}
          </div>
        );
      })}
      {model.hasMore.value && (
        <button type="button" class="btn" onClick={() => model.showMore()}>
          {t('Show more calls')}
        </button>
      )}
    </div>
  );
}

/** What is no text is shown with escapes. */
function partText({ bytes, record }: StreamPart, form: Form): string {
  if (form === 'hex') {
    return toHexText(bytes);
  }
  const isCut = bytes.length < record.payload!.length;
  return decodeText(bytes, isCut) ?? previewText(bytes, bytes.length);
}
