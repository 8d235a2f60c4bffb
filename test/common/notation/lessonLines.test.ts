import { expect, it } from 'vitest';
import { parseLesson } from '../../../src/common/notation/lesson.js';
import { lessonLines } from '../../../src/common/notation/lessonLines.js';
import { parseScenario } from '../../../src/common/notation/parser.js';

const read = (text: string) => {
  const scenario = parseScenario(text);
  expect(scenario.diagnostics).toEqual([]);
  return lessonLines(scenario, parseLesson(scenario), 'linux');
};

it('tells a call without anything that the kernel answers', () => {
  const lines = read(`a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)
[b]   recv(b,  "hi",10, MSG_DONTWAIT) = -1 EAGAIN  # nothing yet
recv(b, _, 10)
recv(b, 10)
ioctl(b, FIONREAD, [0]) = 0
ioctl(b, FIONBIO, [1]) = 0
fcntl(b, F_SETFL, O_NONBLOCK) = 0
getsockopt(a, SOL_SOCKET, SO_TYPE, [1], [4]) = 0
setsockopt(a, SOL_SOCKET, SO_SNDBUF, 4096) = 0
getpeername(a, getsockname(b)) = 0
sleep(0.1)
poll([{fd=a, events=POLLIN}], 1, 0) = 0
`);
  expect(lines.map(({ call }) => call)).toEqual([
    'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)',
    'recv(b, …, 10, MSG_DONTWAIT)',
    'recv(b, _, 10)',
    'recv(b, _, 10)',
    'ioctl(b, FIONREAD, …)',
    'ioctl(b, FIONBIO, [1])',
    'fcntl(b, F_SETFL, O_NONBLOCK)',
    'getsockopt(a, SOL_SOCKET, SO_TYPE, …, …)',
    'setsockopt(a, SOL_SOCKET, SO_SNDBUF, 4096)',
    'getpeername(a, …)',
    'poll([{fd=a, events=POLLIN}], 1, 0)',
  ]);
  expect(lines[1]).toMatchObject({
    line: 2,
    statement: 1,
    thread: 'b',
    written: 'recv(b, "hi", 10, MSG_DONTWAIT)',
    answerNote: 'nothing yet',
  });
});

it('takes a mark behind a call for no text', () => {
  const lines = read(`s = socket(AF_INET, SOCK_STREAM, 0) # key
close(s) = 0 # key: for good
close(s) = -1 EBADF # at once
`);
  expect(lines.map(({ answerNote, isAtOnce }) => [answerNote, isAtOnce])).toEqual([
    ['', false],
    ['for good', false],
    ['', true],
  ]);
});
