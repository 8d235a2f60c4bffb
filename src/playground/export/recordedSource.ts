import { mostInputMiB } from '../../common/fileLimits.js';
import { t } from '../../common/l10n.js';
import { isObserved } from '../../common/observed.js';
import { ObservedReplay } from './observedReplay.js';
import { withData } from './recordData.js';
import { type FullRecord, type RecordScope, RecordSource, type RecordModel } from './recordSource.js';
import { scenarioOfRecords } from './recordedScenario.js';

/** A longer scenario nobody reads, and its data is in memory. */
const mostRecords = 20_000;

/** Records that are too many for a scenario, or too long; the message is a sentence. */
export class TooManyRecords extends Error {}

/** Makes a scenario of the records of a model. @throws {TooManyRecords} */
export async function recordedScenario(
  model: RecordModel,
  scope: RecordScope,
  options: { title: string; hasExpectations: boolean },
): Promise<string> {
  const text = await scenarioOf(model, scope, options);
  const size = Buffer.byteLength(text) / 2 ** 20;
  if (size > mostInputMiB) {
    throw new TooManyRecords(
      t(
        'The scenario would have {0} MiB, and {1} MiB are read at most: choose fewer records with a filter.',
        Math.ceil(size),
        mostInputMiB,
      ),
    );
  }
  return text;
}

async function scenarioOf(
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
  return scenarioOfRecords(records, { ...options, platform: model.platform });
}
