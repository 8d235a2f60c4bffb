import path from 'node:path';
import { expect, it } from 'vitest';
import { reserveAddresses } from '../support/addresses.js';
import { untilTestEnds } from '../support/disposal.js';
import { canOrdinaryUserRun, cli, root, type RunOptions } from './commandLine.js';
import {
  caseFiles,
  casesFolder,
  conformanceFiles,
  conformanceFolder,
  isForOrdinaryUser,
  readScenario,
} from './conformanceFiles.js';

/** As many cases there are: more of them is progress, fewer is a loss. */
const caseCount = 227;
/** Runs all cases by one command, several at a time; names those that did not pass, with what was said. */
async function runAll(operands: string[], options: RunOptions = {}) {
  const { status, stdout, stderr } = await cli(['run', '--format', 'tap', ...operands], options);
  const points = stdout.split(/^(?=(?:not )?ok \d+ - )/m).slice(1);
  const skipped = points.filter((point) => / # SKIP needs /.test(point));
  return {
    status,
    stderr,
    failures: points.filter((point) => !point.startsWith('ok ')),
    skipped: skipped.map((point) => path.relative(root, /- (.*) # SKIP/.exec(point)![1]!)),
    ran: points.length - skipped.length,
  };
}

const passed = { status: 0, stderr: '', failures: [] };

it('runs every case', { timeout: 600_000 }, async () => {
  untilTestEnds(await reserveAddresses());
  expect(conformanceFiles().length).toBeGreaterThanOrEqual(caseCount);
  const files = [...conformanceFiles(), ...caseFiles()];
  const { ran, skipped, ...outcome } = await runAll([conformanceFolder, casesFolder]);
  expect(outcome).toEqual(passed);
  expect(skipped.every((file) => readScenario(path.join(root, file)).needs.length > 0)).toBe(true);
  expect(ran + skipped.length).toBe(files.length);
  console.log(`${ran} conformance cases passed, ${skipped.length} skipped`);
});

// What such a user can run does so under strace.
it.runIf(canOrdinaryUserRun)('says to an ordinary user what needs another one', async () => {
  const files = conformanceFiles().filter((file) => !isForOrdinaryUser(file));
  const { ran, skipped, ...outcome } = await runAll(files, { isOrdinaryUser: true });
  expect(outcome).toEqual(passed);
  expect(ran).toBe(0);
  expect(skipped).toEqual(files.map((file) => path.relative(root, file)));
});
