import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unmetNeed } from '../../src/playground/needs.js';
import type { Playground } from '../../src/playground/playground.js';
import { ScenarioRun } from '../../src/playground/scenarioRunner.js';
import { reserveAddresses } from '../support/addresses.js';
import type { Held } from '../support/disposal.js';
import { scenarioHosts } from '../support/scenarioHosts.js';
import { canOrdinaryUserRun, cli, type RunOptions, root } from './commandLine.js';
import {
  caseFiles,
  conformanceFiles,
  conformanceFolder,
  isForOrdinaryUser,
  isRunnable,
  readScenario,
  scenarioFiles,
} from './conformanceFiles.js';

/** As many cases there are: more of them is progress, fewer is a loss. */
const caseCount = 227;
const relative = (file: string) => path.relative(root, file);

let reserved: Held;
beforeAll(async () => {
  reserved = await reserveAddresses();
}, 600_000);
afterAll(() => reserved.dispose());

describe.concurrent('a case holds', () => {
  const withHost = scenarioHosts();

  it.each([...conformanceFiles(), ...caseFiles()].map(relative))('%s', async (name) => {
    const file = path.join(root, name);
    const scenario = readScenario(file);
    const need = unmetNeed(scenario.needs);
    expect(scenario.notes).toEqual([]);
    const run = (playground: Playground) =>
      new ScenarioRun(playground, scenario, { name: 'test', folder: path.dirname(file) }).run();
    const expected = need ? { outcome: 'skipped', need } : { outcome: 'passed' };
    expect(await withHost(run)).toMatchObject(expected);
  });
});

it('none is missing', () => {
  expect(conformanceFiles().length).toBeGreaterThanOrEqual(caseCount);
});

/** Runs cases by one command, several at a time; tells of those that did not pass what was said. */
async function runAll(operands: string[], options: RunOptions = {}) {
  const { status, stdout, stderr } = await cli(['run', '--format', 'tap', ...operands], options);
  const points = stdout.split(/^(?=(?:not )?ok \d+ - )/m).slice(1);
  const skipped = points.filter((point) => / # SKIP needs /.test(point));
  return {
    status,
    stderr,
    failures: points.filter((point) => !point.startsWith('ok ')),
    skipped: skipped.map((point) => relative(/- (.*) # SKIP/.exec(point)![1]!)),
    ran: points.length - skipped.length,
  };
}

const passed = { status: 0, stderr: '', failures: [] };

it('one command runs a folder of them, several at a time', async () => {
  const folder = path.join(conformanceFolder, 'programs');
  const files = conformanceFiles().filter((file) => path.dirname(file) === folder);
  expect(await runAll([folder])).toEqual({
    ...passed,
    ran: files.filter(isRunnable).length,
    skipped: files.filter((file) => !isRunnable(file)).map(relative),
  });
});

// What such a user can run does so under strace.
it.runIf(canOrdinaryUserRun)('says to an ordinary user what needs another one', async () => {
  const files = [...conformanceFiles(), ...scenarioFiles()].filter((file) => !isForOrdinaryUser(file));
  const { ran, skipped, ...outcome } = await runAll(files, { isOrdinaryUser: true });
  expect(outcome).toEqual(passed);
  expect(ran).toBe(0);
  expect(skipped).toEqual(files.map(relative));
});
