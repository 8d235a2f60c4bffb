import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { untilFilesAreYounger } from '../support/files.js';
import { n, TestHost, unixPath } from './testHost.js';

test('at its end the host removes its socket files, and no later one of the same number', async () => {
  const folder = untilTestEnds(await tempDir());
  const host = TestHost.start();
  const bind = async (file: string) => {
    const fd = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', fd, unixPath(file));
    return fd;
  };
  const own = path.join(folder.path, 'own.sock');
  const theirs = path.join(folder.path, 'theirs.sock');
  await bind(own);
  const fd = await bind(theirs);
  await untilFilesAreYounger(theirs);
  await unlink(theirs);
  // With the socket the number becomes free.
  await host.ok('close', fd);
  const server = createServer().listen(theirs);
  await once(server, 'listening');
  untilTestEnds({ dispose: () => new Promise<void>((resolve) => server.close(() => resolve())) });
  await host.process.end();
  expect(existsSync(own)).toBe(false);
  expect(existsSync(theirs)).toBe(true);
});
