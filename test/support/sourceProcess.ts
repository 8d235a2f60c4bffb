import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { untilTestEnds } from './disposal.js';

const root = path.resolve(import.meta.dirname, '../..');
/** The program of the socket host. */
const hostProgram = path.join(root, 'dist/socketHost.js');

/** Starts a program as `nobody`. */
export const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** Whether that may be done, and `nobody` may read the host's program. */
export const canBeNobody =
  process.geteuid?.() === 0 &&
  spawnSync(asNobody[0]!, [...asNobody.slice(1), process.execPath, '--check', hostProgram]).status === 0;

/**
 * Runs TypeScript that imports as a file in the repository's root does, in a process of its own, until the test ends. The
 * host's program is `process.argv[2]`.
 * @param under A program that runs it with less: `prlimit` and its arguments.
 * @param args What stands behind the host's program.
 * @returns The message that it has sent.
 */
export async function spawnSource(
  source: string,
  { under = [], args = [] }: { under?: readonly string[]; args?: readonly string[] } = {},
) {
  const format = ['--bundle', '--loader=ts', '--platform=node', '--format=cjs', '--log-level=error'];
  const program = execFileSync(path.join(root, 'node_modules/.bin/esbuild'), format, {
    cwd: root,
    input: source,
    maxBuffer: 64 << 20,
  });
  const [command, ...rest] = [...under, process.execPath, '-', hostProgram, ...args];
  const child = spawn(command!, rest, { cwd: '/', stdio: ['pipe', 'inherit', 'inherit', 'ipc'] });
  untilTestEnds({
    dispose: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }
    },
  });
  child.stdin!.end(program);
  const message = once(child, 'message');
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The process ended with ${String(code)} and has sent nothing.`);
  });
  const [sent] = (await Promise.race([message, failed])) as [unknown];
  failed.catch(() => {});
  return { child, message: sent };
}
