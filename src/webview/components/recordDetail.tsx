import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { CallRecord } from '../../common/call.js';
import { printRecord } from '../../common/notation/printer.js';
import { errnoMessage } from '../../common/tables/errnos.js';
import { explainError } from '../../common/tables/explanations.js';
import { formatPlace, formatTime, formatTook } from '../text/format.js';
import { controlTexts, flagWarnings, readyTexts } from '../../common/messageText.js';
import { resultText, subjectOf, subjectThen } from '../../common/recordText.js';
import { explanationOf } from '../text/record.js';
import { makerText, pairText, protocolName, socketTitle } from '../../common/socketText.js';
import { memo } from '../memo.js';
import { CopyButton, IconButton, StatePill } from './basics.js';
import { CallText } from './callText.js';
import { usePanel } from './context.js';
import { PayloadView } from './payloadView.js';

/** Everything about the selected record: the exact call, the answer, and the bytes that it moved. */
export function RecordDetail() {
  const panel = usePanel();
  const { view, records } = panel;
  const seq = view.selectedSeq.value;
  // The record may be read, or change, while it is shown.
  const version = records.version.value;
  const record = seq === null ? undefined : records.get(seq);
  useEffect(() => {
    if (seq !== null && !record) {
      void records.load(seq).catch(() => undefined);
    }
  }, [seq, record, version]);
  return view.isDetailVisible.value && seq !== null ? <Detail seq={seq} record={record} /> : null;
}

/** Drawn again when the record is another, not with all that come while it is looked at. */
const Detail = memo(function Detail({ seq, record }: { seq: number; record: CallRecord | undefined }) {
  const { view } = usePanel();
  return (
    <section class="dpane" aria-label={t('Record detail')} data-region="detail">
      <div class="about">
        <div class="dhead">
          <IconButton
            icon="chevron-down"
            label={t('Close the detail')}
            isSmall
            isExpanded
            onClick={() => {
              view.isDetailVisible.value = false;
              document.getElementById(`record-${seq}`)?.focus();
            }}
          />
          <h2 class="ttl">{t('Record {0}', seq)}</h2>
          <span class="grow" />
          {record && <CopyRecord record={record} />}
        </div>
        {record && <About record={record} />}
      </div>
      {record && <PayloadView key={seq} record={record} />}
    </section>
  );
});

function CopyRecord({ record }: { record: CallRecord }) {
  const panel = usePanel();
  const { platform } = panel;
  return (
    <CopyButton
      label={t('Copy the call and its result')}
      onCopy={() => panel.copy(printRecord(record, { style: 'short', platform: platform.value }))}
    />
  );
}

function About({ record }: { record: CallRecord }) {
  const panel = usePanel();
  const sockets = panel.steadySockets.value;
  const socket = subjectOf(record, sockets);
  const platform = panel.platform.value;
  const explanation = explanationOf(record, sockets);
  const parts = explainError({ record, socket: subjectThen(record, sockets) });
  const warnings = flagWarnings(record, platform).filter((warning) => warning !== explanation);
  const ready = readyTexts(record, sockets, platform);
  const { resolution } = record;
  return (
    <dl class="facts-list">
      <Fact label={t('call')}>
        <CallText call={record} platform={platform} />
      </Fact>
      <Fact label={t('result')}>
        {record.status === 'waiting' ? (
          <span class="dim">{t('waiting')}</span>
        ) : (
          <span class={record.errno === null ? '' : 'err'}>
            {resultText(record)}
            {record.errno !== null && <span class="dim"> {errnoMessage(record.errno)}</span>}
          </span>
        )}
      </Fact>
      {explanation !== undefined && <Sentence label="" text={explanation} />}
      {parts?.cause !== undefined && <Sentence label={t('cause')} text={parts.cause} />}
      {parts?.remedy !== undefined && <Sentence label={t('try')} text={parts.remedy} />}
      {warnings.map((warning) => (
        <Sentence label="" key={warning} text={warning} />
      ))}
      {controlTexts(record, sockets, platform).map(({ type, text }, index) => (
        <Fact label={type} key={`${type}${index}`}>
          {text}
        </Fact>
      ))}
      {ready.length > 0 && <Fact label={t('ready')}>{ready.join(', ')}</Fact>}
      <Fact label={t('at')}>{t('{0} s', formatTime(record.startNs))}</Fact>
      {record.endNs !== null && (
        <Fact label={t('took')}>
          {formatTook(record.startNs, record.endNs)}
          {record.hasWaited && <span class="dim"> {t('waited')}</span>}
        </Fact>
      )}
      {socket && (
        <>
          <Fact label={t('socket')}>
            <button
              type="button"
              class="link"
              onClick={() => {
                panel.selectSocket(socket.id);
                panel.view.isInspectorVisible.value = true;
              }}
            >
              {socketTitle(socket)} fd {socket.fd}
            </button>
            <span class="dim">
              {' '}
              {protocolName(socket)} {pairText(socket)}
            </span>
          </Fact>
          <Fact label={t('state now')}>
            <StatePill socket={socket} />
          </Fact>
        </>
      )}
      {record.payload?.offset != null && record.payload.length > 0 && (
        <Fact label={t('stream')}>{formatPlace(record.payload.offset, record.payload.length)}</Fact>
      )}
      {resolution && (
        <Fact label={t('resolved')}>{t('{0} is {1}', resolution.host, resolution.addresses.join(', '))}</Fact>
      )}
      {record.madeBy !== null && (
        <Fact label={panel.recording?.observed ? t('observed by') : t('made by')}>
          {makerText(record.madeBy)}
        </Fact>
      )}
      {record.thread !== null && <Fact label={t('thread')}>{record.thread}</Fact>}
    </dl>
  );
}

function Sentence({ label, text }: { label: string; text: string }) {
  return (
    <Fact label={label}>
      <span class="why">{text}</span>
    </Fact>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="kv">
      <dt class="k">{label}</dt>
      <dd class="v">{children}</dd>
    </div>
  );
}
