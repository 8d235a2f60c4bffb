import path from 'node:path';
import { expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { canOrdinaryUserRun, cli, root, type RunOptions } from './commandLine.js';
import { unmetNeed } from '../../src/playground/needs.js';
import { conformanceFiles, readScenario, reserveAddresses, scenarioFiles } from './conformanceFiles.js';

/** As many cases there are: more of them is progress, fewer is a loss. */
const caseCount = 227;
/** Runs at the same time, each of several files. */
const lanes = 6;

/** Runs all files, several at a time; names those that did not pass, with what was said. */
async function runAll(files: readonly string[], options: RunOptions = {}) {
  const batches = Array.from({ length: lanes }, (_, lane) =>
    files.filter((_file, index) => index % lanes === lane),
  );
  const outcomes = await Promise.all(batches.map((batch) => cli(['run', ...batch], options)));
  const messages = outcomes.flatMap(({ stderr }) => stderr.split('\n').filter((line) => line !== ''));
  const skipped = messages.filter((message) => message.includes(': skipped, because it needs: '));
  return {
    statuses: outcomes.map(({ status }) => status),
    failures: messages.filter((message) => !skipped.includes(message)),
    skipped: skipped.map((message) => path.relative(root, message.split(': ')[0]!)).sort(),
    ran: outcomes
      .flatMap(({ stdout }) => stdout.split(/^# (?=.*\.sockets$)/m).slice(1))
      .filter((transcript) => transcript.trimEnd().includes('\n')).length,
  };
}

const passed = { statuses: Array<number>(lanes).fill(0), failures: [] };

it('runs every case', { timeout: 600_000 }, async () => {
  untilTestEnds(await reserveAddresses());
  const files = conformanceFiles();
  expect(files.length).toBeGreaterThanOrEqual(caseCount);
  const { ran, skipped, ...outcome } = await runAll(files);
  expect(outcome).toEqual(passed);
  expect(skipped.every((file) => readScenario(path.join(root, file)).needs.length > 0)).toBe(true);
  expect(ran + skipped.length).toBe(files.length);
  console.log(`${ran} conformance cases passed, ${skipped.length} skipped`);
});

it.runIf(canOrdinaryUserRun)('runs them as an ordinary user too', { timeout: 600_000 }, async () => {
  untilTestEnds(await reserveAddresses());
  const files = conformanceFiles();
  const { ran, skipped, ...outcome } = await runAll(files, { isOrdinaryUser: true });
  expect(outcome).toEqual(passed);
  expect(skipped).toEqual(
    files
      .filter((file) => {
        const { needs } = readScenario(file);
        return needs.includes('root') || unmetNeed(needs.filter((need) => need !== 'not root')) !== undefined;
      })
      .map((file) => path.relative(root, file)),
  );
  expect(ran + skipped.length).toBe(files.length);
  console.log(`${ran} conformance cases passed as an ordinary user, ${skipped.length} skipped`);
});

it.each([false, ...(canOrdinaryUserRun ? [true] : [])])(
  'runs the built-in scenarios (as an ordinary user: %s)',
  { timeout: 120_000 },
  async (isOrdinaryUser) => {
    const files = scenarioFiles();
    expect(files.length).toBeGreaterThanOrEqual(7);
    expect(await cli(['run', ...files], { isOrdinaryUser })).toMatchObject({ status: 0, stderr: '' });
    for (const file of files) {
      const { title, description } = readScenario(file);
      expect(title).toMatch(/^\S.{3,40}$/);
      expect(description).toMatch(/^\S.{10,80}\.$/);
    }
  },
);
