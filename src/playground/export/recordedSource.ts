import { t } from '../../common/l10n.js';
import { isObserved } from '../../common/observed.js';
import type { SocketId } from '../../common/socket.js';
import { ObservedReplay } from './observedReplay.js';
import { withData } from './recordData.js';
import { type FullRecord, type RecordScope, RecordSource, type RecordModel } from './recordSource.js';
import { scenarioOfRecords, TooManyRecords } from './recordedScenario.js';

export { TooManyRecords } from './recordedScenario.js';

/** A longer scenario nobody reads, and its data is in memory. */
const mostRecords = 20_000;

/** Makes a scenario of the records of a model. @throws {TooManyRecords} */
export async function recordedScenario(
  model: RecordModel,
  scope: RecordScope,
  options: { title: string; hasExpectations: boolean },
): Promise<string> {
  const source = new RecordSource(model);
  const all: FullRecord[] = [];
  for await (const full of source.withPayload(source.read(scope))) {
    if (all.length === mostRecords) {
      throw new TooManyRecords(
        t('A scenario is made of at most {0} records: choose fewer with a filter.', mostRecords),
      );
    }
    all.push(full);
  }
  if (all.some(({ record }) => isObserved(record))) {
    const { records: played, notes } = new ObservedReplay(all, model.sockets).make();
    return scenarioOfRecords(played, { ...options, notes, platform: model.platform });
  }
  const records = all.map(({ record, payload }) => withData(record, payload));
  const nameOf = (id: SocketId) => model.sockets.get(id)?.name ?? null;
  return scenarioOfRecords(records, { ...options, platform: model.platform, nameOf });
}
