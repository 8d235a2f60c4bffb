// What the reports of the test runners say, in one form.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} skipped
 * @property {string[]} failures One text each.
 */

/**
 * @param {string} report What vitest's JSON reporter wrote.
 * @returns {Outcome}
 */
export function readVitest(report) {
  /**
   * @typedef {{ fullName: string, status: string }} Assertion
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
      ? [`${path.relative(root, name)}: ${message.split('\n', 1)[0] || 'failed outside its tests'}`]
      : failed.map(({ fullName }) => fullName);
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
   * @typedef {{ fullTitle: string, err: { stack?: string, message?: string } }} Failure
   * @typedef {{ passes: unknown[], pending: unknown[], failures: Failure[] }} MochaReport
   */
  const { passes, failures, pending } = /** @type {MochaReport} */ (JSON.parse(report));
  return {
    passed: passes.length,
    skipped: pending.length,
    failures: failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.stack ?? err.message}`),
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
    outcome.failures.push(`left no report, ended with ${end}`);
  } else if (end !== 0 && outcome.failures.length === 0) {
    outcome.failures.push(`ended with ${end}`);
  } else if (outcome.passed + outcome.failures.length === 0) {
    outcome.failures.push('ran no test');
  }
  outcome.failures.push(...leftovers.map((command) => `left a process running: ${command}`));
  return outcome;
}
