// What the reports of the test runners say, in one form.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @typedef {object} Failure
 * @property {string} name
 * @property {string} [message] What went wrong, in any number of lines.
 */

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} skipped
 * @property {Failure[]} failures
 */

const mostLines = 40;
const longestLine = 400;

/**
 * A failure for the end of the output, which may be all that is kept of a run: with as much of what went wrong as can
 * be read there.
 * @param {Failure} failure
 * @returns {string}
 */
export function failureText({ name, message = '' }) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('node_modules'))
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line));
  const more = lines.length > mostLines ? [`(${lines.length - mostLines} lines more)`] : [];
  return [name, ...[...lines.slice(0, mostLines), ...more].map((line) => `  ${line}`)].join('\n');
}

/**
 * @param {string} report What vitest's JSON reporter wrote.
 * @returns {Outcome}
 */
export function readVitest(report) {
  /**
   * @typedef {{ fullName: string, status: string, failureMessages: string[] }} Assertion
   * @typedef {{ name: string, status: string, message: string, assertionResults: Assertion[] }} TestFile
   */
  const { testResults } = /** @type {{ testResults: TestFile[] }} */ (JSON.parse(report));
  const statuses = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ status }) => status),
  );
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((assertion) => assertion.status === 'failed');
    // A file without a failed test has failed when a hook of it did, or when it could not be loaded.
    return failed.length === 0 && status === 'failed'
      ? [{ name: path.relative(root, name), message: message || 'failed outside its tests' }]
      : failed.map(({ fullName, failureMessages }) => ({
          name: fullName,
          message: failureMessages.join('\n'),
        }));
  });
  return {
    passed: statuses.filter((status) => status === 'passed').length,
    skipped: statuses.filter((status) => status !== 'passed' && status !== 'failed').length,
    failures,
  };
}

/**
 * @param {string} report What vitest's JSON reporter wrote.
 * @returns {{ files: string[], rest: string }} The files with a failure, and the report of the others.
 */
export function splitFailed(report) {
  const { testResults, ...whole } = /** @type {{ testResults: { name: string, status: string }[] }} */ (
    JSON.parse(report)
  );
  const isFailed = (/** @type {{ status: string }} */ { status }) => status === 'failed';
  return {
    files: testResults.filter(isFailed).map(({ name }) => name),
    rest: JSON.stringify({ ...whole, testResults: testResults.filter((file) => !isFailed(file)) }),
  };
}

/**
 * @param {string} report What mocha's JSON reporter wrote.
 * @returns {Outcome}
 */
export function readMocha(report) {
  /**
   * @typedef {{ fullTitle: string, err: { stack?: string, message?: string } }} FailedTest
   * @typedef {{ passes: unknown[], pending: unknown[], failures: FailedTest[] }} MochaReport
   */
  const { passes, failures, pending } = /** @type {MochaReport} */ (JSON.parse(report));
  return {
    passed: passes.length,
    skipped: pending.length,
    failures: failures.map(({ fullTitle, err }) => ({
      name: fullTitle,
      message: err.stack ?? err.message ?? '',
    })),
  };
}

/**
 * A suite's outcome. A runner that crashed, left no report, ran nothing or left processes behind has failed, whatever
 * its report says.
 * @param {object} run
 * @param {number | string | null} run.end The exit code, or the signal that ended it.
 * @param {string | undefined} run.report
 * @param {(report: string) => Outcome} run.read
 * @param {string[]} run.leftovers Command lines of the processes that had to be ended.
 * @returns {Outcome}
 */
export function judge({ end, report, read, leftovers }) {
  const outcome = report === undefined ? { passed: 0, skipped: 0, failures: [] } : read(report);
  if (report === undefined) {
    outcome.failures.push({ name: `left no report, ended with ${end}` });
  } else if (end !== 0 && outcome.failures.length === 0) {
    outcome.failures.push({ name: `ended with ${end}` });
  } else if (outcome.passed + outcome.failures.length === 0) {
    outcome.failures.push({ name: 'ran no test' });
  }
  outcome.failures.push(
    ...leftovers.map((command) => ({ name: 'left a process running', message: command })),
  );
  return outcome;
}
