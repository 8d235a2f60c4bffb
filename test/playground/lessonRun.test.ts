import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseLesson } from '../../src/common/notation/lesson.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import type { LessonQuestion } from '../../src/common/protocol/lesson.js';
import { LessonRun } from '../../src/playground/lessonRun.js';
import type { Playground } from '../../src/playground/playground.js';
import type { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { hostedPlayground } from './hostedPlayground.js';

let host: SocketHostProcess;
let playground: Playground;
let run: LessonRun | undefined;

beforeEach(() => {
  ({ host, playground } = hostedPlayground());
});

afterEach(() => {
  run?.dispose();
});

function open(
  text: string,
  allowOutside: (line: string) => Promise<boolean> = () => Promise.resolve(false),
): LessonRun {
  const scenario = parseScenario(text);
  expect(scenario.diagnostics).toEqual([]);
  run = new LessonRun({
    playground,
    scenario,
    lesson: parseLesson(scenario),
    name: 'lesson',
    folder: '/',
    outside: () => ({ loopbackOnly: true, allowOutside }),
  });
  return run;
}

async function builtIn(name: string): Promise<LessonRun> {
  return open(await readFile(fileURLToPath(new URL(`../../scenarios/${name}`, import.meta.url)), 'utf8'));
}

const pair = 'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\n';

/** Makes the next call, and waits until the one behind it can be made, or there is none. */
async function step(lesson: LessonRun): Promise<void> {
  const { next } = lesson;
  lesson.step();
  await expect.poll(() => lesson.phase !== 'running' && lesson.next !== next).toBe(true);
}

async function madeCalls(): Promise<string[]> {
  const records = await playground.readRecords(1, 1000);
  return records.map(({ name, result, errno }) => `${name} ${errno ?? result}`);
}

it('makes nothing before it is asked, then one call at a time', async () => {
  const lesson = await builtIn('two-sends-one-recv.sockets');
  expect([lesson.phase, lesson.next, playground.status.kind]).toEqual(['ready', 0, 'idle']);
  await step(lesson);
  expect(lesson.lines[0]).toMatchObject({
    state: 'made',
    seq: 1,
    answer: expect.stringMatching(/^= \d+$/) as string,
  });
  expect(lesson.lines[1]!.state).toBe('coming');
  expect(playground.lastSeq).toBe(1);
});

it('goes through a whole lesson, asks before the call, and judges by what the kernel said', async () => {
  const lesson = await builtIn('two-sends-one-recv.sockets');
  const asked: (LessonQuestion | null)[] = [];
  while (lesson.phase === 'ready') {
    const { question } = lesson.lines[lesson.next!]!;
    asked.push(question && { ...question });
    lesson.answer(lesson.next!, 1);
    await step(lesson);
  }
  expect(lesson.phase).toBe('done');
  expect(lesson.lines.map(({ state }) => state)).toEqual(Array(13).fill('made'));
  expect(lesson.lines.every(({ mismatch }) => mismatch === null)).toBe(true);
  expect(asked.filter((question) => question)).toMatchObject([{ given: null, verdict: null, right: null }]);
  expect(lesson.lines[9]!.question).toMatchObject({ given: 1, verdict: 'right', right: 1 });
  expect(lesson.score).toEqual({ right: 1, asked: 1 });
});

it('runs to the end, and goes back to the start with its sockets closed', async () => {
  const lesson = await builtIn('echo.sockets');
  await step(lesson);
  lesson.runToEnd();
  await expect.poll(() => lesson.phase).toBe('done');
  await lesson.restart();
  expect(playground.openSockets).toEqual([]);
  expect([lesson.phase, lesson.next]).toEqual(['ready', 0]);
  expect(lesson.lines.every(({ state, answer }) => state === 'coming' && answer === '')).toBe(true);
  await step(lesson);
  expect(lesson.lines[0]!.state).toBe('made');
});

describe('a thread that waits', () => {
  it('is shown so, and woken by the call of another', async () => {
    const lesson = open(`${pair}[r] recv(b, "hi", 10, 0) = 2\nsend(a, "hi", 2, 0) = 2\n`);
    await step(lesson);
    await step(lesson);
    await expect
      .poll(() => lesson.lines.map(({ thread, state }) => [thread, state]))
      .toEqual([
        ['main', 'made'],
        ['r', 'waiting'],
        ['main', 'coming'],
      ]);
    await expect.poll(() => lesson.next).toBe(2);
    await step(lesson);
    await expect.poll(() => lesson.phase).toBe('done');
    expect(lesson.lines[1]).toMatchObject({ state: 'made', answer: '= 2', mismatch: null });
  });

  it('is not all that there is while another call is on its way', async () => {
    const lesson = open(`${pair}[r] recv(b, "hi", 10, 0) = 2\nc = dup(a)\nsend(c, "hi", 2, 0) = 2\n`);
    const phases: string[] = [];
    lesson.onDidChange(() => phases.push(lesson.phase));
    for (let call = 0; call < 4; call++) {
      await step(lesson);
    }
    expect(lesson.phase).toBe('done');
    expect(phases).not.toContain('waiting');
  });

  it('that nobody can wake leaves the lesson waiting, until the wait is cancelled or a call is typed', async () => {
    const lesson = open(`${pair}recv(b, "hi", 10, 0) = 2\nsend(a, "hi", 2, 0) = 2\n`);
    await step(lesson);
    await step(lesson);
    expect([lesson.phase, lesson.next]).toEqual(['waiting', null]);
    await lesson.type('send(a, "hi", 2, 0)');
    await expect.poll(() => lesson.next).toBe(2);
    expect(lesson.lines[1]).toMatchObject({ state: 'made', mismatch: null });
  });
});

describe('a call that the learner types', () => {
  it('is made when it is wrong, and the lesson stays where it is', async () => {
    const lesson = await builtIn('order.sockets');
    await step(lesson);
    await lesson.type('bind(server, 127.0.0.1:0)');
    await lesson.type('listen(server, 5) = -1 EINVAL # so soon?');
    expect(lesson.attempts).toMatchObject([
      { state: 'made', answer: '= 0', message: null, seq: 2 },
      { state: 'made', answer: '= 0', message: expect.stringContaining('-1 EINVAL') as string, seq: 3 },
    ]);
    expect(lesson.next).toBe(1);
    // It has changed the socket: now accept() would wait. The lesson says what differs.
    lesson.step();
    await expect.poll(() => lesson.lines[1]!.state).toBe('waiting');
    await playground.cancel(lesson.lines[1]!.seq!);
    await expect.poll(() => lesson.lines[1]!.state).toBe('cancelled');
    await expect.poll(() => lesson.next).toBe(2);
  });

  it('stands for the lesson’s when it is that, and was answered so', async () => {
    const lesson = await builtIn('two-sends-one-recv.sockets');
    await lesson.type('s = socket(AF_INET, SOCK_STREAM, 0)');
    expect(lesson.lines[0]).toMatchObject({
      state: 'made',
      seq: 1,
      typed: 's = socket(AF_INET, SOCK_STREAM, 0)',
    });
    await expect.poll(() => lesson.next).toBe(1);
    // The learner's own name, and another port: the kernel takes it as well.
    await lesson.type('bind(s, 127.0.0.1:0)');
    await expect.poll(() => lesson.next).toBe(2);
    lesson.runToEnd();
    await expect.poll(() => lesson.phase).toBe('done');
    expect(lesson.lines.filter(({ mismatch }) => mismatch)).toEqual([]);
    expect((await madeCalls()).filter((each) => each.startsWith('bind'))).toEqual(['bind 0']);
  });

  it('is another one where it makes another socket, or sends something else', async () => {
    const lesson = open(`${pair}send(a, "hi", 2, 0) = 2\nrecv(b, "hi", 10, 0) = 2\n`);
    await lesson.type('a, b = socketpair(AF_UNIX, SOCK_DGRAM, 0)');
    expect(lesson.next).toBe(0);
    await step(lesson);
    await lesson.type('send(a, "ho", 2, 0)');
    expect([lesson.next, lesson.attempts.at(-1)!.answer]).toEqual([1, '= 2']);
    await lesson.type('send(b, "hi", 2, 0)');
    expect(lesson.next).toBe(1);
    // Without the lesson's own: what is received is what was sent.
    lesson.pass();
    await expect.poll(() => lesson.next).toBe(2);
    await step(lesson);
    expect(lesson.lines[2]!.mismatch).toMatchObject({
      expected: '"hi"',
      got: expect.stringContaining('"ho"') as string,
    });
  });

  it.each([
    ['s = socket(AF_INET, SOCK_STREAM, 0)', 's = socket(AF_INET, SOCK_STREAM)'],
    ['s = socket(AF_INET, SOCK_STREAM)', 'mine = socket(AF_INET, SOCK_STREAM, 0)'],
    ['s = socket(AF_INET, SOCK_STREAM, 0)', 'socket(2, 1, IPPROTO_TCP)'],
    ['s = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)', 's = socket(AF_INET6, SOCK_DGRAM)'],
    ['a, b = socketpair(AF_UNIX, SOCK_STREAM)', 'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0, _)'],
  ])('is the lesson’s %s where it is %s', async (own, typed) => {
    const lesson = open(`${own}\nsleep(0)\n`);
    await lesson.type(typed);
    expect(lesson.lines[0]).toMatchObject({ state: 'made', typed });
  });

  it('is the lesson’s with every argument, and without those that follow from the others', async () => {
    const lesson = open(
      `${pair}setsockopt(a, SOL_SOCKET, SO_KEEPALIVE, 1) = 0\nsend(a, "hi", 2, 0) = 2\nfcntl(a, F_GETFL)\n`,
    );
    const typed = [
      'a, b = socketpair(AF_UNIX, SOCK_STREAM)',
      'setsockopt(a, SOL_SOCKET, SO_KEEPALIVE, [1], 4)',
      'send(a, "hi")',
      'fcntl(a, F_GETFL, 0)',
    ];
    for (const [index, text] of typed.entries()) {
      await expect.poll(() => lesson.next).toBe(index);
      await lesson.type(text);
      expect(lesson.attempts).toEqual([]);
    }
    expect(lesson.lines.map((line) => line.typed)).toEqual(typed);
  });

  it('says what of it is not as in the lesson', async () => {
    const lesson = open(
      's = socket(AF_INET, SOCK_STREAM, 0)\nbind(s, 127.0.0.1:0)\nlisten(s, 5) = -1 EINVAL\n',
    );
    await lesson.type('s = socket(AF_INET, SOCK_DGRAM)');
    await lesson.type('d = dup(s)');
    const told = () => lesson.attempts.map(({ differences }) => differences);
    expect(told()).toEqual([
      [{ parameter: 'type', lesson: 'SOCK_STREAM', own: 'SOCK_DGRAM' }],
      [{ parameter: null, lesson: 'socket', own: 'dup' }],
    ]);
    await lesson.type('s = socket(AF_INET, SOCK_STREAM)');
    await expect.poll(() => lesson.next).toBe(1);
    // What the kernel takes as well stands for the lesson's; otherwise what is not the same may be why.
    await lesson.type('bind(s, 127.0.0.2:1)');
    expect(lesson.lines[1]).toMatchObject({ state: 'made', mismatch: null });
    await expect.poll(() => lesson.next).toBe(2);
    await lesson.type('listen(s, 7)');
    expect(lesson.attempts[0]!.message).toContain('EINVAL');
    expect(told()).toEqual([[{ parameter: 'backlog', lesson: '5', own: '7' }]]);
  });

  it('may be the code that is shown beside it; another method is answered with how a call is written', async () => {
    const lesson = open('s = socket(AF_INET, SOCK_STREAM, 0)\nbind(s, 127.0.0.1:0) = 0\nclose(s) = 0\n');
    await step(lesson);
    await lesson.type("s.bind(('127.0.0.1', 7))");
    expect(lesson.attempts).toMatchObject([
      {
        state: 'refused',
        message: 'A call is typed as in C here, with the socket in front: bind(sockfd, …)',
      },
    ]);
    await lesson.type('s.bind( ("127.0.0.1", 0) )');
    await expect.poll(() => lesson.next).toBe(2);
    expect(lesson.lines[1]).toMatchObject({ state: 'made', answer: '= 0' });
    expect(await madeCalls()).toEqual([expect.stringMatching(/^socket \d+$/), 'bind 0']);
  });

  it('is not what the lesson shows where its data differ in blanks', async () => {
    const lesson = open(`${pair}send(a, "a b", 3, 0) = 3\n`);
    await step(lesson);
    await lesson.type("sent = a.send(b'ab')");
    expect(lesson.attempts).toMatchObject([{ text: "sent = a.send(b'ab')", state: 'refused' }]);
    await lesson.type("sent = a.send( b'a b' )");
    await expect.poll(() => lesson.next).toBe(null);
  });

  it('that cannot be read, or has no value for a name, is not made', async () => {
    const lesson = open(`${pair}send(a, "hi", 2, 0) = 2\n`);
    await lesson.type('sned(a)');
    await lesson.type('send(nobody, "x", 1)');
    await lesson.type('send(a, "hi", 2, 0)');
    await lesson.type('sleep(1)');
    expect(lesson.attempts.map(({ state }) => state)).toEqual(Array(4).fill('refused'));
    expect(lesson.attempts[0]!.message).toContain('send');
    expect(lesson.attempts[1]!.message).toContain('nobody');
    expect(playground.lastSeq).toBeLessThanOrEqual(0);
  });
});

describe('a call that the learner types, and that waits', () => {
  const receiving = `${pair}[r] recv(b, "hi", 10, 0) = 2\nsend(a, "hi", 2, 0) = 2\n`;

  /** Types it for the second line, and waits until the lesson shows it there. */
  async function typeSecond(lesson: LessonRun, call: string): Promise<{ ended: Promise<void> }> {
    await step(lesson);
    const ended = lesson.type(call);
    await expect.poll(() => lesson.lines[1]).toMatchObject({ state: 'waiting', typed: call });
    return { ended };
  }

  it('stands for the lesson’s, which goes on with the thread that wakes it', async () => {
    const lesson = open(receiving);
    await typeSecond(lesson, 'recv(b, 10, 0)');
    await expect.poll(() => lesson.next).toBe(2);
    expect(lesson.attempts).toEqual([]);
    await step(lesson);
    await expect.poll(() => lesson.phase).toBe('done');
    expect(lesson.lines[1]).toMatchObject({ state: 'made', answer: '= 2', mismatch: null });
    expect((await madeCalls()).filter((each) => each.startsWith('recv'))).toEqual(['recv 2']);
  });

  it('gives the names of the lesson their values', async () => {
    const lesson = open(`server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 1) = 0
client = socket(AF_INET, SOCK_STREAM, 0)
[server] peer = accept(server)
connect(client, getsockname(server)) = 0
[server] send(peer, "x", 1, 0) = 1
`);
    while (lesson.next !== 4) {
      await step(lesson);
    }
    void lesson.type('mine = accept(server)');
    await expect.poll(() => lesson.next).toBe(5);
    lesson.runToEnd();
    await expect.poll(() => lesson.phase).toBe('done');
    expect(lesson.lines.filter(({ mismatch, state }) => mismatch || state !== 'made')).toEqual([]);
  });

  it('shows where it was answered otherwise than the lesson says', async () => {
    const lesson = open(receiving);
    await typeSecond(lesson, 'recv(b, 10, 0)');
    await expect.poll(() => lesson.next).toBe(2);
    await lesson.type('send(a, "ho", 2, 0)');
    await expect.poll(() => lesson.lines[1]!.state).toBe('made');
    expect(lesson.lines[1]!.mismatch).toMatchObject({
      expected: '"hi"',
      got: expect.stringContaining('"ho"') as string,
    });
    await expect.poll(() => lesson.next).toBe(2);
  });

  it('can be cancelled, and the lesson goes on without its answer', async () => {
    const lesson = open(receiving.replace('[r] ', ''));
    await typeSecond(lesson, 'recv(b, 10, 0)');
    await expect.poll(() => lesson.phase).toBe('waiting');
    await playground.cancel(lesson.lines[1]!.seq!);
    await expect.poll(() => lesson.next).toBe(2);
    expect(lesson.lines[1]!.state).toBe('cancelled');
  });

  it('ends with the lesson, and the lesson with the host', async () => {
    const lesson = open(receiving);
    const first = await typeSecond(lesson, 'recv(b, 10, 0)');
    await lesson.restart();
    expect([lesson.phase, lesson.next]).toEqual(['ready', 0]);
    await expect.poll(() => playground.openSockets).toEqual([]);
    const second = await typeSecond(lesson, 'recv(b, 10, 0)');
    host.stop();
    await expect.poll(() => lesson.phase).toBe('stopped');
    expect(lesson.problem).toContain('it was stopped');
    await Promise.all([first.ended, second.ended]);
  });
});

describe('an address that others can reach', () => {
  const text = 's = socket(AF_INET, SOCK_DGRAM, 0)\nbind(s, 0.0.0.0:0) = 0\nclose(s) = 0\n';

  it('in a call that is typed is asked about; a no makes nothing, and the lesson goes on', async () => {
    const asked: string[] = [];
    const lesson = open(text.replace('0.0.0.0', '127.0.0.1'), (line) => {
      asked.push(line);
      return Promise.resolve(false);
    });
    await step(lesson);
    await lesson.type('bind(s, 0.0.0.0:0)');
    expect(asked).toEqual(['bind(s, 0.0.0.0:0)']);
    expect(lesson.attempts).toMatchObject([
      { state: 'refused', message: 'bind(s, 0.0.0.0:0) was cancelled.', seq: null },
    ]);
    lesson.runToEnd();
    await expect.poll(() => lesson.phase).toBe('done');
    expect(await madeCalls()).toEqual([expect.stringMatching(/^socket \d+$/), 'bind 0', 'close 0']);
  });

  it('in a call of the lesson ends it where the answer is no, and it can begin anew', async () => {
    const lesson = open(text);
    await step(lesson);
    lesson.step();
    await expect.poll(() => lesson.phase).toBe('stopped');
    expect(lesson.next).toBeNull();
    await expect.poll(() => playground.openSockets).toEqual([]);
    await Promise.all([lesson.restart(), lesson.restart()]);
    expect([lesson.phase, lesson.next]).toEqual(['ready', 0]);
    await step(lesson);
    expect(lesson.lines[0]!.state).toBe('made');
  });
});

it('does not judge a prediction where the kernel said something else', async () => {
  const lesson = open(
    `${pair}send(a, "hi", 2, 0) = 2\n# predict: How many?\n#  [x] 2\n#  [ ] 9\nrecv(b, "hi", 10, 0) = 2\n# predict: And now?\nrecv(b, _, 10, MSG_DONTWAIT) = -1 EAGAIN\n`,
  );
  await step(lesson);
  await lesson.type('send(a, "oh ", 3, 0)');
  await step(lesson);
  lesson.answer(2, 0);
  lesson.answer(2, 7);
  await step(lesson);
  expect(lesson.lines[2]!.question).toMatchObject({ given: 0, verdict: 'open', right: null });
  lesson.answer(3, '= -1 eagain');
  await step(lesson);
  expect(lesson.lines[3]!.question).toMatchObject({ verdict: 'right' });
  expect(lesson.score).toEqual({ right: 1, asked: 2 });
});

it('counts the predictions that it asked for, not those that nobody was asked', async () => {
  const asking = `${pair}# predict: How many?\n#  [x] 2\n#  [ ] 9\nsend(a, "hi", 2, 0) = 2\n`;
  const done = async (lesson: LessonRun) => {
    lesson.runToEnd();
    await expect.poll(() => lesson.phase).toBe('done');
    return lesson.score;
  };
  const lesson = open(asking);
  expect(await done(lesson)).toEqual({ right: 0, asked: 0 });
  await lesson.restart();
  await step(lesson);
  expect(await done(lesson)).toEqual({ right: 0, asked: 1 });
  await lesson.restart();
  // Whoever has read ahead, and answered, was asked.
  lesson.answer(1, 0);
  expect(await done(lesson)).toEqual({ right: 1, asked: 1 });
  // What is asked before the first call is there from the start.
  const first = open(asking.replace(pair, '').replace(/send.*/, 'pipe() = 0'));
  first.answer(0, 0);
  expect((await done(first)).asked).toBe(1);
});

it('makes lines at once that are marked so: Nagle’s wait is measured, not the learner’s', async () => {
  const lesson = await builtIn('nagle.sockets');
  const at = lesson.lines.findIndex(({ question }) => question);
  while (lesson.next !== at) {
    await step(lesson);
  }
  lesson.answer(at, 1);
  lesson.step();
  await expect.poll(() => lesson.lines[at]!.question?.verdict).toBe('right');
  expect(lesson.lines[at]!.mismatch).toBeNull();
});

it('ends with its host, and begins anew with another one', async () => {
  const lesson = open(`${pair}recv(b, _, 10, 0) = 2\n`);
  await step(lesson);
  lesson.step();
  await expect.poll(() => lesson.phase).toBe('waiting');
  host.stop();
  await expect.poll(() => lesson.phase).toBe('stopped');
  expect(lesson.problem).toContain('it was stopped');
  await lesson.restart();
  await step(lesson);
  expect(lesson.lines[0]!.state).toBe('made');
});

it('leaves its sockets open where the learner keeps them, and ends what waits', async () => {
  const lesson = open(`${pair}recv(b, _, 10, 0) = 0\n`);
  await step(lesson);
  lesson.step();
  await expect.poll(() => lesson.phase).toBe('waiting');
  await lesson.leave();
  expect(await madeCalls()).toEqual(['socketpair 0', 'recv null']);
  await expect.poll(() => playground.openSockets.map(({ waiting }) => waiting.length)).toEqual([0, 0]);
});
