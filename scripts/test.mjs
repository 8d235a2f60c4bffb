// `npm test`: sets up, builds, checks, runs every suite, and ends with the line `N passed, N failed`.
// `npm test -- unit host` runs only those suites. Each suite's output is kept in test-results/.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { endLeftovers, markVariable } from './leaks.mjs';
import { stopGroup } from './serve.mjs';
import { ensureTestSetup } from './setup.mjs';
import { failureText, judge, readMocha, readVitest, splitFailed } from './testReports.mjs';
import { whyUnavailable } from './vscodeServer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = path.join(root, 'test-results');

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[]} command
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} isLogged Its output goes to a file only; what failed is told from the report.
 * @property {(report: string) => import('./testReports.mjs').Outcome} read
 * @property {(report: string) => Again} [again] Where it waits for programs that are not ours: see {@link runSuite}.
 */

/**
 * What of a suite is run once more.
 * @typedef {object} Again
 * @property {number} failed How many files, or tests.
 * @property {string[]} files Only these; the whole suite where there are none.
 * @property {import('./testReports.mjs').Outcome} others Of what is not run again.
 */

const nothing = { passed: 0, skipped: 0, failures: [] };

/** @param {string} report @returns {Again} */
function failedFiles(report) {
  const { files, rest } = splitFailed(report);
  return { failed: files.length, files, others: readVitest(rest) };
}

/** Of mocha's report, which does not tell the files. @param {string} report @returns {Again} */
function wholeSuite(report) {
  return { failed: readMocha(report).failures.length, files: [], others: nothing };
}

/** @param {string} name */
const reportFile = (name) => path.join(results, `${name}.json`);

/** Their files wait for the kernel, for processes, for frames: two at a time leave a fifth of two cores idle, or more. */
const waiting = ['unit', 'host', 'cli', 'page'];

/** Run one after the other, but for the windows of the two VS Codes: those wait more than they work. @type {Suite[][]} */
const stages = [
  ...['unit', 'repository', 'host', 'cli', 'page', 'workbench'].map((name) => [
    {
      name,
      command: [
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        // `unit` has two.
        `--project=${name}*`,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportFile(name)}`,
      ],
      ...(waiting.includes(name) ? { env: { VITEST_MAX_WORKERS: '3' } } : {}),
      isLogged: false,
      read: readVitest,
      ...(['unit', 'repository'].includes(name) ? {} : { again: failedFiles }),
    },
  ]),
  ['1.139.1', '1.100.3'].map((version) => ({
    name: `vscode-${version}`,
    command: [path.join(root, 'scripts/vscodeTest.mjs'), version, reportFile(`vscode-${version}`)],
    isLogged: true,
    read: readMocha,
    again: wholeSuite,
  })),
];
const suites = stages.flat();

/** What has to be stopped when this process is. @type {Map<number, string>} */
const running = new Map();

/**
 * Runs Node to its end as the leader of a group of its own.
 * @param {string[]} args
 * @param {{ mark: string, temp: string, env?: NodeJS.ProcessEnv | undefined, log?: string }} options
 * @returns {Promise<number | NodeJS.Signals | null>} How it ended.
 */
async function runNode(args, { mark, temp, env, log }) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    detached: true,
    env: { ...process.env, ...env, [markVariable]: mark, TMPDIR: temp },
    stdio: ['ignore', log === undefined ? 'inherit' : 'pipe', log === undefined ? 'inherit' : 'pipe'],
  });
  const { pid } = child;
  if (pid !== undefined) {
    running.set(pid, mark);
  }
  if (log !== undefined) {
    const file = createWriteStream(log);
    child.stdout?.pipe(file);
    child.stderr?.pipe(file);
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      running.delete(pid ?? 0);
      resolve(code ?? signal);
    });
  });
}

/**
 * @param {Suite} suite
 * @param {string[]} [files] Only these.
 * @returns {Promise<{ outcome: import('./testReports.mjs').Outcome, report: string | undefined }>}
 */
async function runOnce({ name, command, env, isLogged, read }, files = []) {
  const mark = randomUUID();
  const temp = await mkdtemp(path.join(tmpdir(), 'sp-'));
  const log = path.join(results, `${name}.log`);
  await rm(reportFile(name), { force: true });
  const end = await runNode([...command, ...files], { mark, temp, env, ...(isLogged ? { log } : {}) });
  const leftovers = await endLeftovers(mark);
  await rm(temp, { recursive: true, force: true, maxRetries: 3 });
  const report = await readFile(reportFile(name), 'utf8').catch(() => undefined);
  const outcome = judge({ end, report, read, leftovers });
  if (isLogged && outcome.failures.length > 0) {
    console.log(`${name}: its output is in ${path.relative(root, log)}`);
  }
  return { outcome, report };
}

/** With more failed files, or tests, than this something is broken, not unstable. */
const mostUnstable = 2;

/**
 * Runs a suite. Where other programs have the last word, what failed is run once more, alone, if it is little: what
 * passes then is named as unstable, to be mended, and does not hold up everything else.
 * @param {Suite} suite
 */
async function runSuite(suite) {
  const first = await runOnce(suite);
  if (suite.again === undefined || first.report === undefined) {
    return first.outcome;
  }
  const { failed, files, others } = suite.again(first.report);
  if (failed === 0 || failed > mostUnstable) {
    return first.outcome;
  }
  const what = files.map((file) => path.relative(root, file)).join(', ') || 'whole';
  console.log(`${suite.name}: runs again, ${what}`);
  const { outcome: second } = await runOnce(suite, files);
  const failedAgain = new Set(second.failures.map(({ name }) => name));
  for (const failure of first.outcome.failures.filter(({ name }) => !failedAgain.has(name))) {
    unstable.push(`${suite.name}: ${failureText(failure)}`);
  }
  return {
    passed: others.passed + second.passed,
    skipped: others.skipped + second.skipped,
    failures: second.failures,
  };
}

/** @param {number} start */
const seconds = (start) => `${((Date.now() - start) / 1000).toFixed(1)} s`;

/**
 * One step that either works or does not.
 * @param {string} name
 * @param {() => Promise<unknown>} step
 */
async function timed(name, step) {
  const start = Date.now();
  await step();
  console.log(`${name}: ${seconds(start)}`);
}

let passed = 0;
/** @type {string[]} */
const failures = [];
/** What failed and then passed. @type {string[]} */
const unstable = [];

/** @param {string[]} wanted Names of suites; all where there is none. */
async function runAll(wanted) {
  const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No suite ${unknown.join(', ')}. There are: ${suites.map(({ name }) => name).join(', ')}.`,
    );
  }
  await mkdir(results, { recursive: true });
  await timed('set-up', ensureTestSetup);
  // Where VS Code is bundled nothing is fetched from here on, and each Node that is told of further certificates reads all
  // of them as it starts: two thirds of what the start takes.
  if (!whyUnavailable()) {
    delete process.env['NODE_EXTRA_CA_CERTS'];
  }
  await timed('build', async () => {
    const { build } = await import('./build.mjs');
    await build();
  });
  const isWanted = (/** @type {Suite} */ { name }) => wanted.length === 0 || wanted.includes(name);
  if (wanted.length === 0) {
    await timed('check', async () => {
      const mark = randomUUID();
      if ((await runNode([path.join(root, 'scripts/check.mjs')], { mark, temp: tmpdir() })) !== 0) {
        failures.push('check: see above');
      }
    });
  }
  for (const stage of stages) {
    await Promise.all(stage.filter(isWanted).map(runAndTell));
  }
}

/** @param {Suite} suite */
async function runAndTell(suite) {
  const start = Date.now();
  // Of two that run at once, the other one goes on to its end.
  const outcome = await runSuite(suite).catch((error) => ({
    ...nothing,
    failures: [{ name: String(error) }],
  }));
  passed += outcome.passed;
  failures.push(...outcome.failures.map((failure) => `${suite.name}: ${failureText(failure)}`));
  const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : '';
  console.log(
    `${suite.name}: ${outcome.passed} passed, ${outcome.failures.length} failed${skipped}, ${seconds(start)}`,
  );
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  // Not once: of Ctrl+C both the terminal and npm tell.
  process.on(signal, () => {
    const stops = [...running].map(async ([pid, mark]) => {
      await stopGroup(pid);
      await endLeftovers(mark, 0);
    });
    void Promise.all(stops).finally(() => process.exit(1));
  });
}

const usage = `Usage: npm test -- [SUITE…]

Sets up what the tests need, builds, checks and runs every suite, or only these: ${suites.map(({ name }) => name).join(' ')}.`;
const { positionals } = readArguments(usage, { allowPositionals: true });
try {
  await runAll(positionals);
} catch (error) {
  failures.push(error instanceof Error ? error.message : String(error));
}
for (const name of unstable) {
  console.log(`UNSTABLE ${name}`);
}
for (const failure of failures) {
  console.log(`FAILED ${failure}`);
}
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
