// Everything that can be said of the sources without running them: types, lint with the folders' import rules, format.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = path.join(root, 'node_modules/.bin');

/** The linter checks the types too, of each file by the nearest tsconfig.json: it sees the globals that it truly has. */
const steps = [
  ['oxlint', '--type-aware', '--type-check', '--deny-warnings'],
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

const failed = (await Promise.all(steps.map(run))).filter((isPassed) => !isPassed).length;
console.log(`check: ${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
