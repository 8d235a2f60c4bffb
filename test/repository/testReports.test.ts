import { describe, expect, it } from 'vitest';
import { failureText, judge, readMocha, readVitest, splitFailed } from '../../scripts/testReports.mjs';

const vitest = (...files: { status: string; message?: string; tests: string[] }[]) =>
  JSON.stringify({
    testResults: files.map(({ status, message = '', tests }) => ({
      name: '/repository/test/file.test.ts',
      status,
      message,
      assertionResults: tests.map((test, index) => ({
        fullName: `test ${index}`,
        status: test,
        failureMessages: test === 'failed' ? ['expected 1 to be 2'] : [],
      })),
    })),
  });

describe('a report of vitest', () => {
  it('is counted by test', () => {
    const report = vitest({ status: 'passed', tests: ['passed', 'passed', 'skipped', 'todo'] });
    expect(readVitest(report)).toEqual({ passed: 2, skipped: 2, failures: [] });
  });

  it('names the tests that failed, and says why', () => {
    const report = vitest({ status: 'failed', tests: ['passed', 'failed'] });
    const failures = [{ name: 'test 1', message: 'expected 1 to be 2' }];
    expect(readVitest(report)).toEqual({ passed: 1, skipped: 0, failures });
  });

  it('counts a file that failed outside its tests', () => {
    const report = vitest({ status: 'failed', message: 'Cannot find module\nmore', tests: [] });
    expect(readVitest(report).failures).toMatchObject([{ message: 'Cannot find module\nmore' }]);
  });

  it('is split into the files that failed and the report of the others', () => {
    const report = vitest(
      { status: 'passed', tests: ['passed', 'passed'] },
      { status: 'failed', tests: ['passed', 'failed'] },
    );
    const { files, rest } = splitFailed(report);
    expect(files).toEqual(['/repository/test/file.test.ts']);
    expect(readVitest(rest)).toEqual({ passed: 2, skipped: 0, failures: [] });
  });
});

describe('a report of mocha', () => {
  it('is counted, failures with what went wrong', () => {
    const report = JSON.stringify({
      passes: [{}, {}],
      pending: [{}],
      failures: [{ fullTitle: 'a test', err: { message: 'no', stack: 'Error: no' } }],
    });
    expect(readMocha(report)).toEqual({
      passed: 2,
      skipped: 1,
      failures: [{ name: 'a test', message: 'Error: no' }],
    });
  });
});

describe('a suite', () => {
  const one = { passed: 1, skipped: 0, failures: [] };
  const run = { end: 0, report: '', read: () => structuredClone(one), leftovers: [] };

  it('passes with a test that passed', () => {
    expect(judge(run)).toEqual(one);
  });

  it.each([
    ['that left no report', { report: undefined }],
    ['that crashed', { end: 1 }],
    ['that a signal ended', { end: 'SIGSEGV' }],
    ['that ran no test', { read: () => ({ passed: 0, skipped: 3, failures: [] }) }],
    ['that left a process', { leftovers: ['node dist/socketHost.js'] }],
  ])('%s has failed', (_, difference) => {
    expect(judge({ ...run, ...difference }).failures).toHaveLength(1);
  });

  it('has failed once for a failed test, not again for its exit code', () => {
    const read = () => ({ passed: 1, skipped: 0, failures: [{ name: 'a test' }] });
    expect(judge({ ...run, end: 1, read }).failures).toEqual([{ name: 'a test' }]);
  });
});

describe('a failure', () => {
  it('is told with what went wrong, of which only what is our own', () => {
    const message =
      '\x1b[31mexpected 1 to be 2\x1b[39m\n\n    at test/a.test.ts:1:1\n    at node_modules/x.js:1:1';
    expect(failureText({ name: 'a test', message })).toBe(
      'a test\n  expected 1 to be 2\n      at test/a.test.ts:1:1',
    );
    expect(failureText({ name: 'ran no test' })).toBe('ran no test');
  });

  it('is cut where it is long', () => {
    const lines = failureText({ name: 'a test', message: `${'x'.repeat(1000)}\n`.repeat(100) }).split('\n');
    expect(lines).toHaveLength(42);
    expect(lines[1]).toHaveLength(403);
    expect(lines.at(-1)).toBe('  (60 lines more)');
  });
});
