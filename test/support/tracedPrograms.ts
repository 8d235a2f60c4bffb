import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Playground } from '../../src/playground/playground.js';
import { Recording } from '../../src/playground/recording.js';
import { straceArguments } from '../../src/playground/trace/strace.js';
import { TraceFolder } from '../../src/playground/trace/traceFolder.js';
import { modulePath } from '../socketHost/testHost.js';

const source = (name: string) => fileURLToPath(new URL(`../common/strace/${name}`, import.meta.url));

/** Compiles a program of this folder's. */
export async function compile(name: string, folder: string): Promise<string> {
  const program = path.join(folder, path.basename(name, '.c'));
  await promisify(execFile)('gcc', ['-Wall', '-Wextra', '-Werror', '-o', program, source(name)]);
  return program;
}

/** A program under strace, and what is seen of it. */
export interface Traced {
  child: ChildProcess;
  recording: Recording;
  playground: Playground;
  log: string;
  dispose(): void;
}

/** Starts a program under strace, and follows the log. */
export async function traceLive(
  command: readonly string[],
  folder: string,
  { bytes = 65_536, limit }: { bytes?: number; limit?: number } = {},
): Promise<Traced> {
  const log = new TraceFolder(path.join(folder, 'traces')).newLog();
  const recording = await Recording.openTrace(modulePath, {
    file: log,
    of: command.join(' '),
    isLive: true,
    ...(limit === undefined ? {} : { limit }),
    originTime: Date.now(),
  });
  const playground = new Playground(recording);
  await playground.start();
  const child = spawn('strace', straceArguments({ kind: 'program', command }, { log, bytes }), {
    cwd: folder,
    // A pipe of Node's is a socket, whose life would be seen too.
    stdio: 'ignore',
  });
  void once(child, 'exit').then(() => recording.endTrace().catch(() => {}));
  return { child, recording, playground, log, dispose: () => playground.dispose() };
}
