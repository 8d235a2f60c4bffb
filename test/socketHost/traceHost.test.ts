import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { StoredRecording } from '../../src/socketHost/store/storedRecording.js';
import { TraceHost } from '../../src/socketHost/traceHost.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

test('what is saved has the sockets that were not told of yet', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const [log, saved] = [path.join(folder, 'a.log'), path.join(folder, 'a.sockrec')];
  writeFileSync(log, '1 10:00:00.000001 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3 <0.000010>\n');
  const told: string[] = [];
  // The frame in which they would be told does not come.
  vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const opening = { file: log, of: 'a.log', isLive: false, messages: {} };
  const host = await TraceHost.open(opening, (name) => told.push(name));
  untilTestEnds({ dispose: () => host.end().then(() => {}) });
  await host.saveRecording({ file: saved });
  expect(told).toEqual([]);
  const recording = new StoredRecording(saved);
  untilTestEnds({ dispose: async () => recording.dispose() });
  expect(recording.reader.socket(1)).toMatchObject({ fd: 3, type: 'SOCK_STREAM' });
});
