import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { reserveAddresses } from '../support/addresses.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { differences } from './comparison.js';
import { cliPath, root } from './commandLine.js';
import { conformanceFiles, isRunnable, scenarioFiles } from './conformanceFiles.js';
import { callsOnOwnSockets, readTrace, readTranscript } from './kernelView.js';

const run = promisify(execFile);
/** Files in one run of strace. */
const batchSize = 10;
const lanes = 3;

interface Traced {
  file: string;
  differences: string[];
  calls: number;
}

/** Runs files one after the other under strace and compares what the kernel did with what the transcript says. */
async function trace(files: readonly string[]): Promise<Traced[]> {
  const output = path.join(untilTestEnds(await tempDir()).path, 'trace');
  // `process` tells which threads belong together.
  const strace = [
    '-f',
    '--seccomp-bpf',
    '-o',
    output,
    '-s',
    '1000000',
    '-e',
    'trace=network,desc,process,unlink',
  ];
  const { stdout } = await run(
    'strace',
    [...strace, process.execPath, cliPath, 'run', '--strace', 'missing.sockets', ...files],
    { maxBuffer: 256 * 1024 * 1024 },
  ).catch((error: { stdout: string }) => error);
  const transcripts = stdout.split(/^# (?=.*\.sockets$)/m).slice(1);
  expect(transcripts.map((text) => text.slice(0, text.indexOf('\n')))).toEqual(files);
  const hosts = callsOnOwnSockets(readTrace(await readFile(output, 'utf8')));
  expect(hosts).toHaveLength(files.length);
  return files.map((file, index) => {
    const kernel = hosts[index]!;
    return {
      file: path.relative(root, file),
      calls: kernel.length,
      differences: differences(kernel, readTranscript(transcripts[index]!)),
    };
  });
}

it('shows neither more nor less than the transcript', { timeout: 600_000 }, async () => {
  untilTestEnds(await reserveAddresses());
  const vocabulary = path.join(root, 'test/cli/vocabulary.sockets');
  const files = [...scenarioFiles().filter(isRunnable), vocabulary, ...conformanceFiles().filter(isRunnable)];
  const batches = Array.from({ length: Math.ceil(files.length / batchSize) }, (_, index) =>
    files.slice(index * batchSize, (index + 1) * batchSize),
  );
  const traced: Traced[] = [];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        traced.push(...(await trace(batch)));
      }
    }),
  );
  expect(traced.filter(({ differences }) => differences.length > 0)).toEqual([]);
  expect(traced.length).toBe(files.length);
  expect(traced.every(({ calls }) => calls > 0)).toBe(true);
  console.log(`${traced.length} files compared with strace`);
});
