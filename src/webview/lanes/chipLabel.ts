import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { recordFd } from '../../common/recordText.js';
import { formatCount } from '../text/format.js';

/**
 * A chip as a sentence for screen readers: `Record 11, fd 5, recv returned 14 bytes.`
 * @param isPending The answer stands elsewhere, at its own time, or has not come.
 */
export function chipLabel(record: CallRecord, isPending: boolean, note?: string): string {
  const { seq, name, result, payload, errno, status } = record;
  const fd = recordFd(record) ?? t('none');
  if (status === 'waiting') {
    return t('Record {0}, fd {1}, {2} waits', seq, fd, name);
  }
  if (isPending) {
    return t('Record {0}, fd {1}, {2} waited', seq, fd, name);
  }
  if (status !== 'returned') {
    return t('Record {0}, fd {1}, {2} ended without an answer', seq, fd, name);
  }
  if (errno !== null) {
    return t('Record {0}, fd {1}, {2} failed with {3}. {4}', seq, fd, name, String(errno), note ?? '').trim();
  }
  const said =
    payload === null
      ? t('Record {0}, fd {1}, {2} returned {3}', seq, fd, name, String(result))
      : result === 1
        ? t('Record {0}, fd {1}, {2} returned 1 byte', seq, fd, name)
        : t('Record {0}, fd {1}, {2} returned {3} bytes', seq, fd, name, formatCount(result ?? 0));
  return note === undefined ? said : `${said}. ${note}`;
}
