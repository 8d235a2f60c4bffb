import { execFile, spawnSync } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Held, tempDir, untilTestEnds } from '../support/disposal.js';
import { Capture } from '../../src/socketHost/capture.js';
import { newMeta } from '../../src/socketHost/store/fileFormat.js';
import { RecordingFile } from '../../src/socketHost/store/recordingFile.js';
import { StoredRecording } from '../../src/socketHost/store/storedRecording.js';
import { any, data, n, TestHost } from './testHost.js';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const canMount = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;
if (!canMount) {
  process.stderr.write('No recording on a full disk: mount is not permitted here.\n');
}

/** A file system of its own. */
async function mounted(options: string): Promise<Held & { readonly path: string }> {
  const folder = untilTestEnds(await tempDir());
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder.path]);
  return untilTestEnds({
    path: folder.path,
    dispose: async () => {
      await run('umount', ['--lazy', folder.path]);
    },
  });
}

/** A folder in which nothing can be made, and what the kernel says of it. */
async function unwritable(): Promise<{ folder: string; says: string }> {
  if (canMount) {
    return { folder: (await mounted('ro')).path, says: 'EROFS: read-only file system' };
  }
  if (isRoot) {
    return { folder: '/dev/null', says: 'ENOTDIR: not a directory' };
  }
  const folder = untilTestEnds(await tempDir());
  await chmod(folder.path, 0o500);
  return { folder: folder.path, says: 'EACCES: permission denied' };
}

/** A host that writes its recording into a folder, and each thing that it says of the recording. */
function recordingInto(folder: string): { host: TestHost; file: string; faults: (string | null)[] } {
  const file = path.join(folder, 'recordings', 'a.sockrec');
  const host = TestHost.start({ memory: 8 << 20, disk: 64 << 20, file });
  const faults: (string | null)[] = [];
  host.process.onDidChange(({ recordingFault }) => {
    if (recordingFault !== faults.at(-1)) {
      faults.push(recordingFault);
    }
  });
  return { host, file, faults };
}

/** Sends blocks from one socket of ours to another; the number of the last record. */
async function move(host: TestHost, fds: { a: number; b: number }, blocks: number): Promise<number> {
  let seq = 0;
  for (let i = 0; i < blocks; i++) {
    await host.ok('send', fds.a, data(new Uint8Array(size).fill(i)));
    ({ seq } = await host.call('recv', fds.b, any, size, n('MSG_WAITALL')));
  }
  return seq;
}
const size = 128 << 10;

async function pair(host: TestHost): Promise<{ a: number; b: number }> {
  const { client: a, peer: b } = await host.unixPair('SOCK_STREAM');
  return { a, b };
}

describe('a recording', () => {
  test('in a folder that cannot be written stays in memory, which is said once and counted', async () => {
    const { folder, says } = await unwritable();
    const { host, faults } = recordingInto(folder);
    const fds = await pair(host);
    const seq = await move(host, fds, 80);
    expect(faults).toEqual([`${says}, mkdir '${folder}/recordings'`]);
    const [last] = await host.readRecords({ from: seq, count: 1 });
    expect(last!.payload).toMatchObject({ length: size, captured: size });
    await checkCounts(host, 2 * 80 * size);
    await host.process.clearRecords();
    // It was tried once more, to no other end, and the calls go on.
    await move(host, fds, 1);
    expect(faults).toHaveLength(1);
  });

  test.skipIf(!canMount)('on a full disk goes on in memory, which is said once and counted', async () => {
    const { path: folder } = await mounted('size=3m');
    const { host, file, faults } = recordingInto(folder);
    const fds = await pair(host);
    const seq = await move(host, fds, 120);
    // It is told when the write has failed, which the calls do not wait for.
    await expect
      .poll(() => faults.filter((fault) => fault !== null))
      .toEqual(['ENOSPC: no space left on device, write']);
    const [last] = await host.readRecords({ from: seq, count: 1 });
    expect(last!.payload).toMatchObject({ length: size, captured: size });
    expect([...new Set(await host.process.readData({ seq, offset: 0, length: size }))]).toEqual([119]);
    await checkCounts(host, 2 * 120 * size);
    // What is cleared makes room, and the next is written again.
    await host.process.clearRecords();
    await move(host, fds, 1);
    await expect.poll(() => faults.at(-1)).toBeNull();
    await expect.poll(async () => (await stat(file)).size).toBeGreaterThan(2 * size);
  });
});

test.skipIf(!canMount)(
  'a recording that ends on a full disk tells of nothing that is not there',
  async () => {
    const { path: folder } = await mounted('size=2500k');
    const file = path.join(folder, 'a.sockrec');
    const disk = 64 << 20;
    const meta = newMeta({ pid: 1, platform: 'linux', kernel: 'test', isRoot: false }, 5);
    const openFile = () => new RecordingFile(file, meta, disk);
    const capture = new Capture(1, { limits: { memory: 8 << 20, disk }, openFile });
    for (let seq = 1; seq <= 35; seq++) {
      capture.appendPayload(new Uint8Array(100_000).fill(seq), 1, seq);
    }
    // All of it is written at the end, which is now.
    await capture.end();
    const recording = new StoredRecording(file);
    expect(recording.damagedBytes).toBe(0);
    recording.dispose();
  },
);

/** What is kept and what is dropped are all bytes that were moved. */
async function checkCounts(host: TestHost, moved: number): Promise<void> {
  let dropped = 0;
  let last = 0;
  host.process.onDidChange(({ droppedBytes, lastSeq }) => {
    dropped = droppedBytes;
    last = lastSeq;
  });
  // A change tells what there is.
  await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
  await expect.poll(() => last).toBeGreaterThan(0);
  let kept = 0;
  const counted = async () => {
    const records = await host.readRecords({ from: 1, count: last });
    kept = records.reduce((sum, { payload }) => sum + (payload?.captured ?? 0), 0);
    return kept + dropped;
  };
  // What a write that fails had to give up is told of a moment later.
  await expect.poll(counted).toBe(moved);
  expect(kept).toBeGreaterThan(1 << 20);
  expect(dropped).toBeGreaterThan(0);
}
