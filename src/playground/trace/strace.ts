import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { t } from '../../common/l10n.js';
import type { KnownProcess } from '../../common/protocol/trace.js';
import { tracedCalls } from '../../common/strace/calls.js';
import { tracerOf } from './processes.js';

/** What is traced: a program that strace starts, or a process that runs. */
export type TraceTarget = { kind: 'program'; command: readonly string[] } | { kind: 'process'; pid: number };

export interface TraceOutput {
  /** The log that strace writes. */
  log: string;
  /** Bytes of a payload that are kept, at most. */
  bytes: number;
}

/** How strace is called, so that its log shows all that can be drawn. */
export function straceArguments(target: TraceTarget, { log, bytes }: TraceOutput): string[] {
  const what = target.kind === 'program' ? ['--', ...target.command] : ['-p', String(target.pid)];
  return ['-f', '-ttt', '-T', '-yy', '-s', String(bytes), '-e', `trace=${tracedCalls}`, '-o', log, ...what];
}

/**
 * strace for a terminal of its own. It ignores the SIGHUP of a terminal that closes, and a program gets that only at the
 * end of the process that leads the terminal: that is a shell. Ctrl+C is for the program alone.
 */
export function straceInTerminal(args: readonly string[]): { program: string; args: string[] } {
  return { program: '/bin/sh', args: ['-c', 'trap : INT QUIT; strace "$@"; exit $?', 'strace', ...args] };
}

/** The packages' programs, and how each installs one. */
const installers: readonly (readonly [program: string, command: string])[] = [
  ['/usr/bin/apt-get', 'sudo apt-get install strace'],
  ['/usr/bin/dnf', 'sudo dnf install strace'],
  ['/usr/bin/pacman', 'sudo pacman -S strace'],
  ['/sbin/apk', 'sudo apk add strace'],
  ['/usr/bin/zypper', 'sudo zypper install strace'],
];

/** Why nothing can be traced here, with what helps; undefined where it can. */
export async function straceObstacle(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return t(
      'strace is a program of Linux, and this is {0}. Logs of it can be opened everywhere.',
      process.platform,
    );
  }
  const { code, stderr, isMissing } = await run('strace', ['-o', '/dev/null', 'true'], env);
  if (isMissing) {
    const install = installers.find(([program]) => existsSync(program))?.[1];
    return install
      ? t('strace is not installed. This installs it: {0}', install)
      : t('strace is not installed. Install the package strace of your system.');
  }
  if (code === 0) {
    return undefined;
  }
  return /not permitted|denied/i.test(stderr)
    ? t(
        'No process may trace another one here: ptrace is not permitted. A container has to be started with --cap-add=SYS_PTRACE.',
      )
    : t('strace cannot trace here: {0}', stderr.trim().split('\n')[0] ?? '');
}

const scopeFile = '/proc/sys/kernel/yama/ptrace_scope';

/** Why strace may not attach to a process, with what helps; undefined where it may. */
export function attachObstacle(pid: number): string | undefined {
  let owner: number;
  try {
    owner = statSync(`/proc/${pid}`).uid;
  } catch {
    return t('There is no process {0}.', pid);
  }
  if (tracerOf(pid) !== 0) {
    return t('Process {0} is traced already: only one tracer at a time is possible.', pid);
  }
  if (process.getuid?.() === 0) {
    return undefined;
  }
  if (owner !== process.getuid?.()) {
    return t('Process {0} belongs to another user. Only root may trace it: sudo strace -p {0}', pid);
  }
  const scope = existsSync(scopeFile) ? Number(readFileSync(scopeFile, 'latin1')) : 0;
  if (scope === 0) {
    return undefined;
  }
  return scope >= 3
    ? t(
        'This kernel lets nobody attach to a process (ptrace_scope is {0}). Start the program with Trace Program.',
        scope,
      )
    : t(
        'This kernel lets a process trace only its own children (ptrace_scope is {0}). Start the program with Trace Program, or allow it until the next start: {1}',
        scope,
        'sudo sysctl kernel.yama.ptrace_scope=0',
      );
}

/** What can be seen of a process before strace is attached to it. */
export function knownProcess(pid: number): KnownProcess {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trim() || null;
    return { pid, name, threads: readdirSync(`/proc/${pid}/task`).map(Number) };
  } catch {
    return { pid, name: null, threads: [pid] };
  }
}

function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; stderr: string; isMissing: boolean }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('latin1')));
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ code: null, stderr: error.message, isMissing: error.code === 'ENOENT' }),
    );
    child.once('close', (code) => resolve({ code, stderr, isMissing: false }));
  });
}
