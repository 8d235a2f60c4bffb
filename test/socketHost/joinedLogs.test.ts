import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { LinePlace } from '../../src/common/strace/straceLog.js';
import { JoinedLogs, ProcessLogs } from '../../src/socketHost/joinedLogs.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

/** The lines that are told when a log is opened beside others. */
async function joined(
  opened: string,
  logs: Readonly<Record<string, readonly string[]>>,
  didPlace: (place: LinePlace | undefined) => void = () => {},
) {
  const folder = untilTestEnds(await tempDir()).path;
  for (const [name, lines] of Object.entries(logs)) {
    writeFileSync(path.join(folder, name), lines.map((line) => `${line}\n`).join(''));
  }
  const told: string[] = [];
  await new Promise<void>((resolve, reject) => {
    new JoinedLogs(ProcessLogs.of(path.join(folder, opened)).open(), {
      line: (text, place) => {
        told.push(text);
        didPlace(place);
      },
      beginning: () => {},
      didReachEnd: resolve,
      didFail: reject,
    }).start();
  });
  return told;
}

test('a process is made before it does something, also where times are of a second', async () => {
  const told = await joined('a.12', {
    'a.10': ['12:00:00 clone(flags=SIGCHLD) = 12', '12:00:00 close(3) = 0', '12:00:01 close(4) = 0'],
    'a.12': ['12:00:00 listen(3, 5) = 0', '12:00:00 close(3) = 0'],
  });
  expect(told).toEqual([
    '10 12:00:00 clone(flags=SIGCHLD) = 12',
    '10 12:00:00 close(3) = 0',
    '12 12:00:00 listen(3, 5) = 0',
    '12 12:00:00 close(3) = 0',
    '10 12:00:01 close(4) = 0',
  ]);
});

test.each(['a.10', 'a.12'])(
  'processes on both sides of midnight are in order, whichever is opened: %s',
  async (opened) => {
    const told = await joined(opened, {
      'a.10': ['23:59:59 clone(flags=SIGCHLD) = 12', '00:00:01 close(4) = 0'],
      'a.12': ['00:00:00 listen(3, 5) = 0', '00:00:02 close(3) = 0'],
    });
    expect(told).toEqual([
      '10 23:59:59 clone(flags=SIGCHLD) = 12',
      '12 00:00:00 listen(3, 5) = 0',
      '10 00:00:01 close(4) = 0',
      '12 00:00:02 close(3) = 0',
    ]);
  },
);

test('a time that is earlier by hours is of the next day, also less than half a day later', async () => {
  const told = await joined('a.10', {
    'a.10': ['20:00:00 clone(flags=SIGCHLD) = 12', '12:00:00 close(4) = 0'],
    'a.12': ['11:00:00 listen(3, 5) = 0', '08:00:00 close(3) = 0'],
    // A clock that is set back makes no day.
    'a.13': ['19:59:59 close(5) = 0', '19:00:00 close(6) = 0'],
  });
  expect(told).toEqual([
    '13 19:59:59 close(5) = 0',
    '13 19:00:00 close(6) = 0',
    '10 20:00:00 clone(flags=SIGCHLD) = 12',
    '12 11:00:00 listen(3, 5) = 0',
    '10 12:00:00 close(4) = 0',
    '12 08:00:00 close(3) = 0',
  ]);
});

test('each line is told with the file that it is in', async () => {
  const places: string[] = [];
  await joined(
    'a.12',
    {
      'a.10': ['12:00:00 close(3) = 0', '12:00:02 close(4) = 0'],
      'a.12': ['', '12:00:01 listen(3, 5) = 0'],
    },
    (place) => places.push(`${place?.file}:${place?.line}`),
  );
  expect(places).toEqual(['a.10:1', 'a.12:2', 'a.10:2']);
});

test('a name with a longer number than processes have is none of such a log', async () => {
  const line = ['12:00:00 close(3) = 0'];
  const folder = untilTestEnds(await tempDir()).path;
  for (const name of ['a.1', 'a.2', 'a.12345678']) {
    writeFileSync(path.join(folder, name), line.join(''));
  }
  expect(ProcessLogs.of(path.join(folder, 'a.12345678')).others).toBe(0);
  expect(ProcessLogs.of(path.join(folder, 'a.1')).others).toBe(1);
});
