// Everything that can be said of the sources without running them: types, lint with the folders' import rules, format.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = path.join(root, 'node_modules/.bin');

/** One type check per folder: each process sees the globals that it truly has. */
const projects = [
  ...readdirSync(path.join(root, 'src')).map((folder) => `src/${folder}`),
  'scripts',
  'bench',
  'test',
  'test/vscode',
].filter((folder) => existsSync(path.join(root, folder, 'tsconfig.json')));

const steps = [
  ...projects.map((folder) => ['tsc', '--project', folder]),
  ['oxlint', '--type-aware', '--deny-warnings'],
  ['oxfmt', '--check'],
];

/**
 * @param {string[]} step
 * @returns {Promise<boolean>} Whether it passed; what it said goes out as one piece.
 */
function run([command = '', ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(bin, command), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ chunk) => output.push(chunk));
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) {
        process.stdout.write(
          `${[command, ...args].join(' ')} failed:\n${Buffer.concat(output).toString()}\n`,
        );
      }
      resolve(code === 0);
    });
  });
}

const queue = [...steps];
let failed = 0;
await Promise.all(
  [0, 1].map(async () => {
    for (let step = queue.shift(); step; step = queue.shift()) {
      // Not `failed += await …`: it would forget what another step adds meanwhile.
      if (!(await run(step))) {
        failed += 1;
      }
    }
  }),
);
console.log(`check: ${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
