import { useLayoutEffect } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import { explanationOf } from '../text/record.js';
import { usePanel } from './context.js';
import { Section } from './section.js';

/** The failed calls of a socket, the latest first: each leads to its record. No section where none failed. */
export function Errors({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  const { errors, filter } = panel;
  useLayoutEffect(() => {
    errors.follow(socket.id);
    return () => errors.follow(null);
  }, [errors, socket.id]);
  const seqs = errors.seqs.value;
  if (seqs.length === 0) {
    return null;
  }
  return (
    <Section id="errors" title={t('Errors')} extra={t('latest first')}>
      <ul class="errors">
        {seqs.map((seq) => (
          <Failure key={seq} seq={seq} />
        ))}
      </ul>
      <div class="in">
        <button type="button" class="link" onClick={() => filter.set(errors.filter)}>
          {t('Show them all in the records')}
        </button>
      </div>
    </Section>
  );
}

function Failure({ seq }: { seq: number }) {
  const panel = usePanel();
  const { records, steadySockets } = panel;
  // It changes when the record has been read.
  const version = records.version.value;
  const record = records.get(seq);
  useLayoutEffect(() => {
    if (!record) {
      void records.load(seq).catch(() => undefined);
    }
  }, [records, seq, record, version]);
  const sentence = record && explanationOf(record, steadySockets.value);
  return (
    <li title={sentence}>
      <button
        type="button"
        class="link"
        onClick={() => {
          panel.selectRecord(seq);
          panel.view.isDetailVisible.value = true;
        }}
      >
        #{seq} {record?.name}
      </button>{' '}
      <span class="err">{record?.errno}</span>
      <span class="why">{sentence}</span>
    </li>
  );
}
