import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Campaign } from './campaign.js';
import { fuzzReaders, readerCount } from './readers.js';
import type { Pairs } from './run.js';

/** `npm run fuzz`: see scripts/fuzz.mjs. */
const { values } = parseArgs({
  options: {
    root: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    path: { type: 'string' },
    'update-pairs': { type: 'boolean', default: false },
  },
});

const root = values.root ?? process.cwd();
const pairsFile = path.join(root, 'test/socketHost/fuzzPairs.json');
const scenarioFile = path.join(root, 'test-results/fuzz.sockets');

function numberOf(name: 'seconds' | 'seed', fallback: number): number {
  const number = values[name] === undefined ? fallback : Number(values[name]);
  if (!Number.isInteger(number) || number < 0) {
    throw new Error(`--${name} is a whole number, not ${values[name]}.`);
  }
  return number;
}

/** The pairs of a file and new ones, by call. */
function merge(known: Record<string, string[]>, pairs: Pairs): Record<string, string[]> {
  const all = new Map(Object.entries(known).map(([call, errnos]) => [call, new Set(errnos)]));
  for (const [call, errnos] of pairs) {
    all.set(call, new Set([...(all.get(call) ?? []), ...errnos]));
  }
  return Object.fromEntries([...all].sort(byKey).map(([call, errnos]) => [call, [...errnos].sort()]));
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function newPairs(known: Record<string, string[]>, pairs: Pairs): string[] {
  return [...pairs].flatMap(([call, errnos]) =>
    [...errnos].filter((errno) => !known[call]?.includes(errno)).map((errno) => `${call} ${errno}`),
  );
}

const seconds = numberOf('seconds', 60);
const seed = numberOf('seed', Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);

const readerMs = values.path === undefined ? seconds * 200 : 0;
const read = fuzzReaders(seed, { inputs: 2 ** 31 - 1, ms: readerMs / readerCount });
console.log(`${read.count} texts and messages read`);
for (const text of read.failures) {
  console.log(`\nFAILED ${text}`);
}

const campaign = new Campaign();
const failure = await campaign.start({
  modulePath: path.join(root, 'dist/socketHost.js'),
  seed,
  runs: 2 ** 31 - 1,
  ms: seconds * 1000 - readerMs,
  ...(values.path === undefined ? {} : { path: values.path }),
});
const { runs, returned, refused, cancelled } = campaign.counts;
console.log(`${runs} runs: ${returned} calls returned, ${refused} were refused, ${cancelled} cancelled`);

const known = JSON.parse(readFileSync(pairsFile, 'utf8')) as Record<string, string[]>;
const added = newPairs(known, campaign.pairs);
if (added.length > 0) {
  console.log(`${added.length} new pairs of a call and an errno: ${added.join(', ')}`);
}
if (values['update-pairs']) {
  writeFileSync(pairsFile, `${JSON.stringify(merge(known, campaign.pairs), null, 2)}\n`);
}
if (failure) {
  mkdirSync(path.dirname(scenarioFile), { recursive: true });
  writeFileSync(scenarioFile, failure.scenario);
  console.log(`\nFAILED ${failure.message}\n\n${failure.scenario}`);
  console.log(`The calls are in ${path.relative(root, scenarioFile)}.`);
  console.log(`Again: npm run fuzz -- --seed ${seed} --path ${failure.path}`);
}
process.exitCode = failure || read.failures.length > 0 ? 1 : 0;
