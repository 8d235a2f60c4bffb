import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { cli } from './commandLine.js';

/** Runs a scenario as a program of Python. */
async function runProgram(...lines: string[]) {
  const { path: folder } = untilTestEnds(await tempDir());
  const scenario = path.join(folder, 'a.sockets');
  await writeFile(scenario, `${lines.join('\n')}\n`);
  const program = path.join(folder, 'a.py');
  await writeFile(program, (await cli(['code', '--lang', 'python', scenario])).stdout);
  return spawnSync('python3', [program], { encoding: 'utf8', timeout: 20_000 });
}

it('says EBADF of calls on what could not be made, as on -1 in C', async () => {
  const { status, stdout, stderr } = await runProgram(
    'a, b = socketpair(AF_INET, SOCK_STREAM, 0) = ?',
    's = socket(AF_UNIX, 77, 0) = ?',
    'send(a, "x") = -1 EBADF',
    'bind(s, 127.0.0.1:0) = -1 EBADF',
    'getsockname(s) = -1 EBADF',
    'c = accept(s) = ?',
    '[t] recv(c, 10) = -1 EBADF',
    'd = dup(s) = ?',
    'close(d) = -1 EBADF',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.match(/Bad file descriptor/g)).toHaveLength(7);
});

it('ends by an error of Python’s own in any thread', async () => {
  const { status, stderr } = await runProgram(
    't = socket(AF_INET, SOCK_STREAM, 0)',
    '[t] sleep(0.1)',
    // Python takes no larger number there than the field holds.
    '[t] poll([{fd=t, events=100000}], 1, 0) = ?',
    'listen(t, 1) = 0',
  );
  expect(status).toBe(1);
  expect(stderr).toContain('OverflowError');
});
