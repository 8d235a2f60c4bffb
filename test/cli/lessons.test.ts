import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Expectation, expectations } from '../../src/common/notation/match.js';
import { unmetNeed } from '../../src/playground/needs.js';
import { reserveAddresses } from '../support/addresses.js';
import { type Held, tempDir, untilTestEnds } from '../support/disposal.js';
import { courseLessons, type LessonFile } from '../support/lessons.js';
import { canOrdinaryUserRun, cli, type Outcome, type RunOptions } from './commandLine.js';

/** Command lines at the same time. */
const lanes = 8;
const lessons = courseLessons();

// Some lessons bind names that stand in them: one run of them at a time has this machine.
let reserved: Held;
beforeAll(async () => {
  reserved = await reserveAddresses();
}, 600_000);
afterAll(() => reserved.dispose());

/** Runs files, several at a time. */
async function runFiles(files: readonly string[], options: RunOptions = {}): Promise<Outcome[]> {
  const batches = Array.from({ length: lanes }, (_, lane) =>
    files.filter((_file, index) => index % lanes === lane),
  );
  return Promise.all(batches.map((batch) => cli(['run', ...batch], options)));
}

it.each([false, ...(canOrdinaryUserRun ? [true] : [])])(
  'each lesson passes (as an ordinary user: %s)',
  { timeout: 120_000 },
  async (isOrdinaryUser) => {
    const outcomes = await runFiles(
      lessons.map((file) => file.path),
      { isOrdinaryUser },
    );
    const messages = outcomes.flatMap(({ stderr }) => stderr.split('\n').filter((line) => line !== ''));
    const isSkip = (message: string) => message.includes(': skipped, because it needs: ');
    expect(messages.filter((message) => !isSkip(message))).toEqual([]);
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 0));
    const skipped = lessons.filter(({ scenario: { needs } }) =>
      isOrdinaryUser ? needs.includes('root') : unmetNeed(needs) !== undefined,
    );
    expect(
      messages
        .filter(isSkip)
        .map((message) => path.basename(message.split(': ')[0]!))
        .sort(),
    ).toEqual(skipped.map(({ name }) => name).sort());
  },
);

/** What else stands in the place of an expectation; undefined where nothing simple does. */
function otherwise({ kind, range }: Expectation, text: string): string | undefined {
  const written = text.slice(range.start, range.end);
  if (kind === 'result') {
    return written.startsWith('-1') ? '0' : '-1 EINTR';
  }
  if (kind === 'time') {
    return '<100..200>';
  }
  if (kind !== 'argument') {
    return undefined;
  }
  if (/^(?:"|hex\()/.test(written)) {
    return '"something else"';
  }
  if (/^\[[^{]*\]$/.test(written)) {
    return '[987654]';
  }
  return /^(?:get(?:sock|peer)name\(|[\d.]+:\d+$)/.test(written) ? '127.9.9.9:9' : undefined;
}

/** The lesson with one of its key expectations changed, and each in its turn. */
function changedKeys({ name, text, scenario, lesson }: LessonFile) {
  return lesson.keys.flatMap(({ statement: index, line }) => {
    const statement = scenario.statements[index]!;
    const found = statement.kind === 'call' ? expectations(statement, 'linux') : [];
    const changed = found.flatMap((expectation, at) => {
      const other = otherwise(expectation, text);
      const { start, end } = expectation.range;
      return other === undefined
        ? []
        : { name: `${line}-${at}-${name}`, line, text: text.slice(0, start) + other + text.slice(end) };
    });
    expect(changed, `${name}:${line} expects nothing that can be changed`).not.toEqual([]);
    return changed;
  });
}

it('a lesson fails at its key when the key says something else', { timeout: 120_000 }, async () => {
  const folder = untilTestEnds(await tempDir()).path;
  const runnable = lessons.filter(({ scenario }) => unmetNeed(scenario.needs) === undefined);
  const changed = runnable.flatMap(changedKeys);
  const files = changed.map(({ name }) => path.join(folder, name));
  await Promise.all(changed.map(({ text }, index) => writeFile(files[index]!, text)));
  const messages = (await runFiles(files)).map(({ stderr }) => stderr).join('');
  const missing = changed.filter(({ line }, index) => !messages.includes(`${files[index]}:${line}:`));
  expect(missing.map(({ name }) => name)).toEqual([]);
  expect(changed.length).toBeGreaterThanOrEqual(runnable.length);
});
