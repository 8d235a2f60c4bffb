import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { asNobody } from '../support/sourceProcess.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cliPath = `${root}dist/cli.js`;

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  stdin?: string | Uint8Array;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Runs as `nobody` where this is root. */
  isOrdinaryUser?: boolean;
  /** A program that runs it with less: `prlimit` and its arguments. */
  under?: readonly string[];
}

const isRoot = process.geteuid?.() === 0;

/** Starts the command line in English. */
export function startCli(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
  const command = [...(options.under ?? []), process.execPath, cliPath, ...args];
  const [program, ...rest] = options.isOrdinaryUser && isRoot ? [...asNobody, ...command] : command;
  return spawn(program!, rest, {
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** Whether the command line can be run as another user: by root, where that user may read it. */
export const canOrdinaryUserRun =
  isRoot &&
  spawnSync(asNobody[0]!, [...asNobody.slice(1), process.execPath, cliPath, '--version']).status === 0;

/** Whether an ordinary user runs the command line, by {@link RunOptions.isOrdinaryUser} or anyway. */
export const hasOrdinaryUser = !isRoot || canOrdinaryUserRun;

/** Runs the command line to its end. */
export async function cli(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = startCli(args, options);
  child.stdin.on('error', () => {
    // It has ended without reading all.
  });
  child.stdin.end(options.stdin ?? '');
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await closed) as [number | null];
  return { status, stdout, stderr };
}

/** Runs a scenario given as text. */
export function run(
  scenario: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Outcome> {
  return cli(['run', ...args, '-'], { ...options, stdin: scenario });
}

/** The process ids of the children of a process. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
