import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LogReader } from '../../src/socketHost/logReader.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

test('nothing is read beyond the limit of a file that grows, and what is there is counted with the line that it cuts', async () => {
  const file = path.join(untilTestEnds(await tempDir()).path, 'a.log');
  writeFileSync(file, 'one\ntwo\nthree\n');
  const told: string[] = [];
  const lines = {
    line: (text: string) => told.push(text),
    beginning: () => {},
    didReachEnd: () => told.push(''),
    didFail: (error: Error) => told.push(error.message),
  };
  const reader = new LogReader(file, true, lines, 10);
  untilTestEnds({
    dispose: async () => {
      reader.dispose();
    },
  });
  reader.start();
  await expect.poll(() => reader.unkept).toBe(6);
  appendFileSync(file, 'four');
  reader.finish();
  expect(reader.unkept).toBe(10);
  expect(told.filter((text) => text !== '')).toEqual(['one', 'two']);
});

test('a line without an end is told when nothing was added to it between two looks, however long the one before it was', async () => {
  const file = path.join(untilTestEnds(await tempDir()).path, 'a.log');
  writeFileSync(file, 'recv');
  const told: string[] = [];
  const reader = new LogReader(file, true, {
    line: (text) => told.push(`line ${text}`),
    beginning: (text) => told.push(`beginning ${text}`),
    didReachEnd: () => told.push('end'),
    didFail: (error) => told.push(error.message),
  });
  untilTestEnds({
    dispose: async () => {
      reader.dispose();
    },
  });
  reader.start();
  await expect.poll(() => told.slice(0, 3)).toEqual(['end', 'beginning recv', 'end']);
  const seen = () => told.slice(told.indexOf('line recv(4)'));
  appendFileSync(file, '(4)\nsend');
  await expect.poll(() => seen().slice(0, 4)).toEqual(['line recv(4)', 'end', 'beginning send', 'end']);
  reader.finish();
  await expect.poll(() => told.slice(-2)).toEqual(['line send', 'end']);
});

test('a byte order mark is no part of the first line', async () => {
  const file = path.join(untilTestEnds(await tempDir()).path, 'a.log');
  writeFileSync(file, '\uFEFFone\n\uFEFFtwo\n');
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    const reader = new LogReader(file, false, {
      line: (text) => told.push(text),
      beginning: () => {},
      didReachEnd: resolve,
      didFail: (error) => told.push(error.message),
    });
    untilTestEnds({ dispose: async () => reader.dispose() });
    reader.start();
  });
  expect(told).toEqual(['one', '\xef\xbb\xbftwo']);
});
