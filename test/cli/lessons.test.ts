import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Scenario } from '../../src/common/notation/ast.js';
import { type Expectation, expectations } from '../../src/common/notation/match.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import { unmetNeed } from '../../src/playground/needs.js';
import type { ScenarioResult } from '../../src/playground/scenarioResult.js';
import { ScenarioRun } from '../../src/playground/scenarioRunner.js';
import { reserveAddresses } from '../support/addresses.js';
import { type Held, tempDir, untilTestEnds } from '../support/disposal.js';
import { courseLessons, lessonFolder, type LessonFile } from '../support/lessons.js';
import { scenarioHosts } from '../support/scenarioHosts.js';

const lessons = courseLessons();
const withHost = scenarioHosts();

function run(scenario: Scenario, folder: string): Promise<ScenarioResult> {
  return withHost((playground) => new ScenarioRun(playground, scenario, { name: 'test', folder }).run());
}

// Some lessons bind names that stand in them: one run of them at a time has this machine.
let reserved: Held;
beforeAll(async () => {
  reserved = await reserveAddresses();
}, 600_000);
afterAll(() => reserved.dispose());

// Under strace, the command line runs them as an ordinary user.
it.each(lessons)('$name passes', async ({ scenario }) => {
  const need = unmetNeed(scenario.needs);
  expect(scenario.notes).toEqual([]);
  const expected = need ? { outcome: 'skipped', need } : { outcome: 'passed' };
  expect(await run(scenario, lessonFolder)).toMatchObject(expected);
});

/** What else stands in the place of an expectation; undefined where nothing simple does. */
function otherwise({ kind, range }: Expectation, text: string): string | undefined {
  const written = text.slice(range.start, range.end);
  if (kind === 'result') {
    // With the sign before it.
    return written.startsWith('= -1') ? '= 0' : '= -1 EINTR';
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
    const changed = found.flatMap((expectation) => {
      const other = otherwise(expectation, text);
      const { start, end } = expectation.range;
      return other === undefined ? [] : { line, text: text.slice(0, start) + other + text.slice(end) };
    });
    expect(changed, `${name}:${line} expects nothing that can be changed`).not.toEqual([]);
    return changed;
  });
}

const runnable = lessons.filter(({ scenario }) => unmetNeed(scenario.needs) === undefined);

it.each(runnable)('$name fails at its key when the key says something else', async (lesson) => {
  const folder = untilTestEnds(await tempDir()).path;
  const changed = changedKeys(lesson);
  expect(changed).not.toEqual([]);
  for (const { line, text } of changed) {
    const result = await run(parseScenario(text), folder);
    const problems = 'problems' in result ? result.problems : [];
    expect(result.outcome, text).toBe('failed');
    expect(problems.map((problem) => problem.line)).toContain(line);
  }
});
