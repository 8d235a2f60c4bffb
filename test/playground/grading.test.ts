import { expect, it } from 'vitest';
import { gradeHandIn } from '../../src/playground/grading.js';
import { modulePath } from '../socketHost/testHost.js';

const made = 'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\n';

/** What a hand-in comes to: `2 of 3`, and why it has not passed. */
async function grade(text: string, ...checks: string[]): Promise<[string, string]> {
  const {
    isPassed,
    held,
    checks: count,
    why,
  } = await gradeHandIn({
    text,
    checks: checks.map((call, index) => ({ call, line: index + 1 })),
    folder: '/',
    hostPath: modulePath,
    signal: new AbortController().signal,
  });
  expect(isPassed).toBe(why === '');
  return [`${held} of ${count}`, why];
}

const fine = 'getsockname(a) = 0';

it('a check that waits for ever is the reason, and those before it have held all the same', async () => {
  // What it expects of itself is no reason.
  const own = `${made}send(a, "hi", 2, 0) = 3\n`;
  expect(await grade(own, fine, 'recv(a, _, 10) = 2', fine)).toEqual([
    '1 of 3',
    'Check recv(a, _, 10) = 2: recv in thread main has not returned within 1 s.',
  ]);
});

it('a check that does not hold is the reason where only expectations of its own failed before', async () => {
  const own = `${made}send(a, "hi", 2, 0) = 3\n`;
  expect(await grade(own, 'getsockname(a) = -1 EBADF', fine)).toEqual([
    '1 of 2',
    'Check getsockname(a) = -1 EBADF: Expected -1 EBADF, got 0',
  ]);
  expect(await grade(own, fine, fine)).toEqual(['2 of 2', '']);
});

it('checks that were not made have not held', async () => {
  expect(await grade(`${made}timeout(0.1)\nrecv(a, 10)\n`, fine)).toEqual([
    '0 of 1',
    'Line 3: recv in thread main has not returned within 0.1 s.',
  ]);
  expect(await grade('', 'close(9) = 0')).toEqual(['0 of 1', expect.stringContaining('close(9)')]);
});
