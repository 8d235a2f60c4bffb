import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { reserveAddresses } from '../support/addresses.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { differences } from './comparison.js';
import { canOrdinaryUserRun, cliPath, root } from './commandLine.js';
import { conformanceFiles, isForOrdinaryUser, isRunnable, scenarioFiles } from './conformanceFiles.js';
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

/**
 * Runs files one after the other under strace, each of which has to pass, and compares what the kernel did with what the
 * transcript says.
 */
async function trace(files: readonly string[], asOrdinaryUser: boolean): Promise<Traced[]> {
  const output = path.join(untilTestEnds(await tempDir()).path, 'trace');
  // `process` tells which threads belong together.
  const options = ['-f', '--seccomp-bpf', '-o', output, '-s', String(longestData(files.at(-1)!))];
  const filter = ['-e', 'trace=network,desc,process,unlink'];
  const user = asOrdinaryUser ? ['-u', 'nobody'] : [];
  const { stdout, stderr } = await run(
    'strace',
    [
      ...options,
      ...filter,
      ...user,
      process.execPath,
      cliPath,
      'run',
      '--strace',
      'missing.sockets',
      ...files,
    ],
    { maxBuffer: 256 * 1024 * 1024 },
  ).catch((error: { stdout: string; stderr: string }) => error);
  expect(stderr).toMatch(/^missing\.sockets: .*\n$/);
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
  // As root each case runs without strace too: here whatever can runs as somebody else.
  const asOther = canOrdinaryUserRun ? conformanceFiles().filter(isForOrdinaryUser) : [];
  const others = conformanceFiles().filter((file) => isRunnable(file) && !asOther.includes(file));
  const asSelf = [...scenarioFiles().filter(isRunnable), vocabulary, ...others];
  const batches = [...batchesOf(asSelf, false), ...batchesOf(asOther, true)];
  const traced: Traced[] = [];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        traced.push(...(await trace(batch.files, batch.asOrdinaryUser)));
      }
    }),
  );
  expect(traced.filter(({ differences }) => differences.length > 0)).toEqual([]);
  expect(traced.length).toBe(asSelf.length + asOther.length);
  expect(traced.every(({ calls }) => calls > 0)).toBe(true);
  console.log(`${traced.length} files compared with strace, ${asOther.length} of them as an ordinary user`);
});

/**
 * No call of a file moves more bytes than a number in it says, or a line of text. Strace is to show no more: it would write
 * all of the programs that Node reads, megabytes for each process.
 */
function longestData(file: string): number {
  const numbers = readFileSync(file, 'utf8').match(/\d+/g) ?? [];
  return Math.min(1_000_000, Math.max(8192, ...numbers.map(Number)));
}

/** Sorted by what is the longest in them: it is that of the last one of a batch. */
function batchesOf(of: readonly string[], asOrdinaryUser: boolean) {
  const files = [...of].sort((a, b) => longestData(a) - longestData(b));
  return Array.from({ length: Math.ceil(files.length / batchSize) }, (_, index) => ({
    files: files.slice(index * batchSize, (index + 1) * batchSize),
    asOrdinaryUser,
  }));
}
