import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError, readInput } from '../../src/cli/input.js';
import { expandOperand } from '../../src/cli/scenarioFiles.js';

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

  it.each([
    ['little-endian, with a mark', [0xff, 0xfe, 0x61, 0]],
    ['big-endian, with a mark', [0xfe, 0xff, 0, 0x61]],
    ['little-endian', [0x61, 0, 0x0a, 0]],
    ['big-endian', [0, 0x61, 0, 0x0a]],
  ])('in UTF-16, %s, is refused as what it is', async (_name, bytes) => {
    const error = await failure(read(Uint8Array.from(bytes)));
    expect(error).toMatchObject({
      place: { line: 1, column: 1 },
      message: 'The file is UTF-16: save it as UTF-8.',
    });
  });

  it('of more than 16 MiB is refused', async () => {
    const error = await failure(read(new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20)));
    expect(error.message).toBe('The file is larger than 16 MiB.');
  });
});

function targetOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

describe('a named pipe', () => {
  let pipe: string;

  beforeEach(() => {
    pipe = path.join(mkdtempSync(path.join(folder, 'a-')), 'pipe');
    execFileSync('mkfifo', [pipe]);
  });

  /** How often this process has it open. */
  const opened = () => readdirSync('/proc/self/fd').filter((fd) => targetOf(fd) === pipe).length;

  it.each([
    ['nobody writes to it', false],
    ['somebody who does not write has it open', true],
  ])('is no longer waited for when that is ended, where %s', async (_name, hasWriter) => {
    const writer = hasWriter ? openSync(pipe, 'r+') : undefined;
    const abort = new AbortController();
    const reading = failure(readInput(pipe, abort.signal));
    await expect.poll(opened).toBe(hasWriter ? 2 : 1);
    abort.abort();
    expect((await reading).message).toContain('aborted');
    if (writer !== undefined) {
      closeSync(writer);
    }
  });

  it('is read until all who write to it have closed it', async () => {
    const reading = readInput(pipe);
    const file = await open(pipe, 'w');
    await file.write('socket(');
    await file.write('AF_INET)\n');
    await file.close();
    expect((await reading).text).toBe('socket(AF_INET)\n');
  });
});

it('says that there is no such file, or that it is a folder', async () => {
  expect((await failure(readInput(path.join(folder, '\uFFFD')))).message).toBe(
    'There is no such file. One whose name is not UTF-8 cannot be given here.',
  );
  expect((await failure(readInput(path.join(folder, 'none')))).message).toBe('There is no such file.');
  expect((await failure(readInput(folder))).message).toBe('This is a folder.');
});

describe('a folder', () => {
  it('stands for the scenarios in it and below', async () => {
    const below = path.join(folder, 'below', 'further');
    await mkdir(below, { recursive: true });
    await mkdir(path.join(folder, 'no.sockets'));
    await writeFile(path.join(below, 'b.sockets'), '');
    const { signal } = new AbortController();
    expect(await expandOperand(path.join(folder, 'below'), signal)).toEqual([path.join(below, 'b.sockets')]);
    expect((await failure(expandOperand(path.join(folder, 'no.sockets'), signal))).message).toContain(
      '.sockets',
    );
  });

  it('is searched no further once the command is to end', async () => {
    const deep = path.join(folder, 'deep');
    await mkdir(path.join(deep, 'one', 'two'), { recursive: true });
    await writeFile(path.join(deep, 'one', 'two', 'c.sockets'), '');
    const controller = new AbortController();
    const files = expandOperand(deep, controller.signal);
    controller.abort();
    expect((await failure(files)).message).toContain('.sockets');
  });
});
