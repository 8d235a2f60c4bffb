import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import type { Playground } from '../../playground/playground.js';
import { askModal } from '../notify.js';

/** Forgets the records, which nothing brings back: so it asks, where there are any. Tells whether it was done. */
export async function askAndClear(
  playground: Pick<Playground, 'firstSeq' | 'lastSeq' | 'clear'>,
): Promise<boolean> {
  const count = playground.lastSeq - playground.firstSeq + 1;
  if (count > 0) {
    const clear = t('Clear Records');
    const answer = await askModal(
      count === 1 ? t('Clear 1 record?') : t('Clear {0} records?', count.toLocaleString(vscode.env.language)),
      t(
        'This cannot be undone. To keep them, cancel and choose Save Recording. Sockets stay open, and calls that wait go on.',
      ),
      clear,
    );
    if (answer !== clear) {
      return false;
    }
  }
  await playground.clear();
  return true;
}
