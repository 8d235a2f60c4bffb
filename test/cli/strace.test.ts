import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Terminal } from '../../src/cli/terminal.js';
import { TranscriptWriter } from '../../src/cli/transcript.js';
import type { Playground } from '../../src/playground/playground.js';
import { attachObstacle } from '../../src/playground/trace/strace.js';
import { ScenarioRun } from '../../src/playground/scenarioRunner.js';
import { reserveAddresses } from '../support/addresses.js';
import { type Held, tempDir } from '../support/disposal.js';
import { nobodyHostPath, scenarioHosts } from '../support/scenarioHosts.js';
import { differences } from './comparison.js';
import { canOrdinaryUserRun, cliPath, root } from './commandLine.js';
import {
  conformanceFiles,
  isForOrdinaryUser,
  isRunnable,
  readScenario,
  scenarioFiles,
} from './conformanceFiles.js';
import { callsOfHost, callsOnOwnSockets, readTrace, readTranscript } from './kernelView.js';

const execute = promisify(execFile);
/** Files in one run of the command line. */
const batchSize = 10;

let reserved: Held;
let folder: Held & { path: string };
beforeAll(async () => {
  reserved = await reserveAddresses();
  folder = await tempDir();
}, 600_000);
afterAll(async () => {
  await folder.dispose();
  await reserved.dispose();
});

const relative = (file: string) => path.relative(root, file);
/** Whether it runs as somebody else. As root each runs without strace too: here whatever can is an ordinary user's. */
const isAsOther = (file: string) => canOrdinaryUserRun && isForOrdinaryUser(file);
const isTraceable = (file: string) => isAsOther(file) || isRunnable(file);
/** Where a process may trace its own children only, strace has to start what it is to watch. */
const canAttach = attachObstacle(process.pid) === undefined;

/** `process` tells which threads belong together. */
const filter = ['-f', '-e', 'trace=network,desc,process,unlink'];

/**
 * No call of a file moves more bytes than a number in it says, or a line of text. Strace is to show no more: it would write
 * all of the programs that Node reads, megabytes for each process.
 */
function longestData(file: string): number {
  const numbers = readFileSync(file, 'utf8').match(/\d+/g) ?? [];
  return Math.min(1_000_000, Math.max(8192, ...numbers.map(Number)));
}

describe('the command line shows neither more nor less than strace', () => {
  /** Runs files one after the other, each of which has to pass; gives what the kernel did and what the transcript says of each. */
  async function trace(files: readonly string[], asOther: boolean) {
    const output = path.join(folder.path, path.basename(files[0]!, '.sockets'));
    const most = Math.max(...files.map(longestData));
    const { stdout, stderr } = await execute(
      'strace',
      [
        ...[...filter, '--seccomp-bpf', '-o', output, '-s', String(most)],
        ...(asOther ? ['-u', 'nobody'] : []),
        ...[process.execPath, cliPath, 'run', '--strace', 'missing.sockets', ...files],
      ],
      { maxBuffer: 256 * 1024 * 1024 },
    ).catch((error: { stdout: string; stderr: string }) => error);
    expect(stderr).toMatch(/^missing\.sockets: .*\n$/);
    const transcripts = stdout.split(/^# (?=.*\.sockets$)/m).slice(1);
    expect(transcripts.map((told) => told.slice(0, told.indexOf('\n')))).toEqual(files);
    const hosts = callsOnOwnSockets(readTrace(await readFile(output, 'utf8')));
    expect(hosts).toHaveLength(files.length);
    return files.map((file, index) => ({ file, kernel: hosts[index]!, transcript: transcripts[index]! }));
  }

  const files = [
    path.join(root, 'test/cli/vocabulary.sockets'),
    ...[...scenarioFiles(), ...(canAttach ? [] : conformanceFiles())].filter(isTraceable),
  ];
  const groups = [true, false].flatMap((asOther) => {
    const of = files.filter((file) => isAsOther(file) === asOther);
    return Array.from({ length: Math.ceil(of.length / batchSize) }, (_, index) => ({
      asOther,
      batch: of.slice(index * batchSize, (index + 1) * batchSize),
    }));
  });

  describe.concurrent.each(groups)('of files (as an ordinary user: $asOther)', ({ asOther, batch }) => {
    let traced: ReturnType<typeof trace>;

    it.each(batch.map(relative))('%s', { timeout: 300_000 }, async (name) => {
      traced ??= trace(batch, asOther);
      const { kernel, transcript } = (await traced).find(({ file }) => relative(file) === name)!;
      expect(kernel.length).toBeGreaterThan(0);
      expect(differences(kernel, readTranscript(transcript))).toEqual([]);
    });
  });
});

describe.runIf(canAttach)(
  'a transcript shows neither more nor less than strace',
  { concurrent: true },
  () => {
    const withOwn = scenarioHosts();
    const withOther = scenarioHosts(nobodyHostPath);

    /** Has strace watch a process, until it is told to end and has let go of it. */
    async function attach(pid: number, most: number, output: string) {
      const strace = spawn('strace', [...filter, '-o', output, '-s', String(most), '-p', String(pid)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const exit = once(strace, 'exit');
      const told = text(strace.stderr);
      await once(strace.stderr, 'data');
      return async () => {
        strace.kill('SIGINT');
        await exit;
        expect(await told).toMatch(/attached/);
      };
    }

    function pidOf({ status }: Playground): number {
      if (status.kind !== 'running') {
        throw new Error(`The socket host is ${status.kind}.`);
      }
      return status.host.pid;
    }

    it.each(conformanceFiles().filter(isTraceable).map(relative))('%s', async (name) => {
      const file = path.join(root, name);
      const output = path.join(folder.path, path.basename(file, '.sockets'));
      const withHost = isAsOther(file) ? withOther : withOwn;
      await withHost(async (playground) => {
        const lines: string[] = [];
        const print = (line: string) => lines.push(line);
        const terminal: Terminal = {
          print,
          printDone: print,
          warn: print,
          signal: new AbortController().signal,
          takeSignals: () => ({ dispose() {} }),
        };
        const writer = new TranscriptWriter(terminal, { style: 'strace', isJson: false }, undefined);
        // What the file needs is what the host's user has, and not this process's.
        const scenario = { ...readScenario(file), needs: [] };
        const run = new ScenarioRun(playground, scenario, {
          name: 'test',
          folder: path.dirname(file),
          keepSockets: true,
        });
        run.onDidRecord((record) => writer.add(record, playground));
        await playground.start();
        const detach = await attach(pidOf(playground), longestData(file), output);
        const { outcome } = await run.run();
        await writer.end();
        await detach();
        await playground.closeAll();
        expect(outcome).toBe('passed');
        const kernel = callsOfHost(readTrace(await readFile(output, 'utf8')));
        expect(kernel.length).toBeGreaterThan(0);
        expect(differences(kernel, readTranscript(lines.join('\n')))).toEqual([]);
      });
    });
  },
);
