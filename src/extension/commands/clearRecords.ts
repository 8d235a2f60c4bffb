import { t } from '../../common/l10n.js';
import type { Playground } from '../../playground/playground.js';
import { askModal } from '../notify.js';

/** Forgets the records, which nothing brings back: so it asks, where there are any. Tells whether it was done. */
export async function askAndClear(
  playground: Pick<Playground, 'firstSeq' | 'lastSeq' | 'clear'>,
): Promise<boolean> {
  // How many they are only the host knows: the range goes on from a call that still waits, also from before the last time.
  if (playground.lastSeq >= playground.firstSeq) {
    const clear = t('Clear Records');
    const answer = await askModal(
      t('Clear the records?'),
      t(
        'This cannot be undone. To keep them, cancel and choose Save Recording… in the “…” menu of the panel. Sockets stay open, and calls that wait go on.',
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
