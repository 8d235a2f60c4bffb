// Starting other programs.
import { spawn } from 'node:child_process';

/**
 * Runs a program to its end without input.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, signal?: AbortSignal }} [options] `show` lets its output through to stderr, `signal` ends it.
 * @returns {Promise<string>} What it wrote to stdout, unless shown.
 * @throws {Error} When it cannot be started or fails; the message holds what it said.
 */
export function run(command, args, { cwd, env = process.env, show = false, signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
      env,
      stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (stderr += chunk));
    /** @type {Error | undefined} */
    let failure;
    // Of one that is ended by its signal this comes at once: it is over when it has closed.
    child.on('error', (error) => (failure = error));
    child.on('close', (code, signal) => {
      if (failure) {
        reject(failure);
      } else if (code === 0) {
        resolve(stdout);
      } else {
        reject(
          new Error(
            `${[command, ...args].join(' ')} ended with ${code ?? signal}:\n${stdout}${stderr}`.trim(),
          ),
        );
      }
    });
  });
}
