import { expect, test } from 'vitest';
import { hasOwnExplanation } from '../../src/common/tables/explanations.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { Campaign } from '../fuzz/campaign.js';
import { modulePath } from './testHost.js';

// The long form is `npm run fuzz`. The seed is fixed: what a submission did not cause must not stop it.
const seed = 20_261_128;

test('whatever is called, host, kernel and calls agree on what there is, and nothing is left', async () => {
  const campaign = new Campaign();
  const failure = await campaign.start({ modulePath, seed, runs: 50, ms: 60_000 });
  expect(failure && `${failure.message}\n\n${failure.scenario}`).toBeUndefined();
  const { returned, refused, cancelled } = campaign.counts;
  expect(returned).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(10);
  expect(cancelled).toBeGreaterThan(0);
  expect(campaign.pairs.size).toBeGreaterThan(5);
  const silent = [...campaign.pairs].flatMap(([call, errnos]) =>
    [...errnos]
      .filter((errno) => !hasOwnExplanation(call as CallName, errno))
      .map((errno) => `${call} ${errno}`),
  );
  expect(silent).toEqual([]);
}, 90_000);
