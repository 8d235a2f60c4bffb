import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, readInput } from '../../src/cli/input.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sp-input-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Uint8Array | string) {
  const file = path.join(folder, 'a.sockets');
  await writeFile(file, bytes);
  return readInput(file);
}

async function failure(promise: Promise<unknown>): Promise<InputError> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe('a file', () => {
  it('is UTF-8, without its byte order mark', async () => {
    expect((await read('\uFEFFsend(s, "안녕")\n')).text).toBe('send(s, "안녕")\n');
    expect((await read('')).text).toBe('');
  });

  it('names its folder', async () => {
    expect((await read('x')).folder).toBe(folder);
  });

  it.each([
    ['an invalid byte', [0x61, 0x0a, 0x62, 0xff, 0x63], { line: 2, column: 2 }, '0xff'],
    ['a character cut off', [0xec, 0x95], { line: 1, column: 1 }, '0xec'],
    [
      'one after a replacement character of its own',
      [0xef, 0xbf, 0xbd, 0x80],
      { line: 1, column: 2 },
      '0x80',
    ],
    ['one after a byte order mark', [0xef, 0xbb, 0xbf, 0x0a, 0xfe], { line: 2, column: 1 }, '0xfe'],
  ])('with %s is refused at that place', async (_name, bytes, place, byte) => {
    const error = await failure(read(Uint8Array.from(bytes)));
    expect(error.place).toEqual(place);
    expect(error.message).toBe(`The file is not UTF-8: byte ${byte} has no meaning here.`);
  });

  it('of more than 16 MiB is refused', async () => {
    const error = await failure(read(new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20)));
    expect(error.message).toBe('The file is larger than 16 MiB.');
  });
});

/** Whether a thread of ours is in open(2): its number on x86-64 and on arm64. */
function isOpening(): boolean {
  const threads = readdirSync('/proc/self/task');
  return threads.some((thread) =>
    /^(?:257|56) /.test(readFileSync(`/proc/self/task/${thread}/syscall`, 'utf8')),
  );
}

it('is no longer waited for when that is ended: a named pipe that nobody writes to', async () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const abort = new AbortController();
  const reading = failure(readInput(pipe, abort.signal));
  await expect.poll(isOpening).toBe(true);
  abort.abort();
  expect((await reading).message).toContain('aborted');
});

it('says that there is no such file, or that it is a folder', async () => {
  expect((await failure(readInput(path.join(folder, 'none')))).message).toBe('There is no such file.');
  expect((await failure(readInput(folder))).message).toBe('This is a folder.');
});
