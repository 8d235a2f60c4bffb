import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { printHandIn } from '../../src/common/handIn.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { lessonNames, readCourse, readLesson } from '../support/lessons.js';
import { cli, root } from './commandLine.js';

const exerciseFolder = path.join(root, 'exercises');
const solutionFolder = path.join(root, 'test/exercises');

async function handIns(files: Record<string, string>): Promise<string> {
  const folder = untilTestEnds(await tempDir()).path;
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return folder;
}

interface Row {
  student: string;
  exercise: string;
  result: string;
  checks: string;
  why: string;
}

async function gradeJson(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = await cli(['grade', '--format', 'json', ...args, folder]);
  const rows = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
  return { status, stderr, rows };
}

const solution = (name: string) => readFile(path.join(solutionFolder, name), 'utf8');

it('the exercises are listed, open, checked, and in Korean', () => {
  const { groups, problems } = readCourse(exerciseFolder);
  expect(problems).toEqual([]);
  expect(groups.flatMap(({ lessons }) => lessons.map(({ file }) => file)).sort()).toEqual(
    lessonNames(exerciseFolder),
  );
  for (const name of lessonNames(exerciseFolder)) {
    const { scenario, lesson } = readLesson(name, exerciseFolder);
    expect([scenario.diagnostics, lesson.problems]).toEqual([[], []]);
    expect(scenario.blanks.length).toBeGreaterThan(2);
    expect(lesson.checks.length).toBeGreaterThan(1);
    const korean = readLesson(`ko/${name}`, exerciseFolder);
    expect(korean.lesson.checks).toEqual(lesson.checks);
    for (const text of [korean.lesson.title, korean.lesson.before, korean.lesson.after]) {
      expect(text).toMatch(/\p{Script=Hangul}/u);
    }
  }
});

it('passes who gets to the end, in whatever way', { timeout: 120_000 }, async () => {
  const names = lessonNames(exerciseFolder);
  const files = await Promise.all(names.map(async (name) => [`kim-${name}`, await solution(name)] as const));
  const other = `server = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
bind(server, 127.0.0.5:0) = 0
listen(server, 1) = 0
client = socket(AF_INET, SOCK_STREAM, 0)
[waiting] peer = accept(server)
connect(client, getsockname(server)) = 0
write(client, "hi") = 2
[waiting] read(peer, "hi", 10) = 2
# Its own expectations do not count.
getpeername(server) = 0
`;
  const folder = await handIns({ ...Object.fromEntries(files), 'lee/first-server.sockets': other });
  const { status, stderr, rows } = await gradeJson(folder);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(rows.filter(({ student }) => student === 'kim').map(({ result }) => result)).toEqual(
    names.map(() => 'passed'),
  );
  expect(rows.filter(({ student }) => student === 'lee')).toMatchObject([
    { exercise: 'first-server', result: 'passed', checks: '3/3', why: '' },
    ...names.slice(1).map(() => ({ result: 'missing' })),
  ]);
});

it('says why who does not', { timeout: 120_000 }, async () => {
  const open = await readFile(path.join(exerciseFolder, 'first-server.sockets'), 'utf8');
  const done = await solution('first-server.sockets');
  const folder = await handIns({
    'open-first-server.sockets': open,
    'wrong_first-server.sockets': done.replace('listen(server, 5) = 0', '').replace(/^peer.*$/m, ''),
    'unread-first-server.sockets': done.replace(/^recv.*$/m, ''),
    // What the hand-in itself checks does not count.
    'sly-first-server.sockets': `${done.replace(/^recv.*$/m, '')}\n# check: close(server) = 0\n`,
    'broken-first-server.sockets': 'server = socket(\n',
    'stuck-first-server.sockets': `${done}timeout(0.2)\nrecv(peer, _, 10)\n`,
    'empty-first-server.sockets': '',
  });
  const { status, rows } = await gradeJson(folder);
  expect(status).toBe(1);
  const of = (student: string) =>
    rows.find((row) => row.student === student && row.exercise === 'first-server')!;
  expect(of('open')).toMatchObject({
    result: 'failed',
    checks: '0/3',
    why: expect.stringMatching(/^Line \d+: This blank/) as string,
  });
  expect(of('wrong').result).toBe('failed');
  expect(of('unread')).toMatchObject({
    checks: '2/3',
    why: 'Check recv(peer, _, 100, MSG_DONTWAIT) = -1 EAGAIN: Expected -1 EAGAIN, got 5',
  });
  expect(of('sly').checks).toBe('2/3');
  expect(of('broken').why).toMatch(/^Line 1: /);
  expect(of('stuck').why).toMatch(/^Line \d+: recv in thread main has not returned within 0\.2 s\.$/);
  expect(of('empty').result).toBe('failed');
});

it('prints a table for a spreadsheet, in which nothing is a formula', async () => {
  const course = await handIns({
    'course.md': '# C\n## G\n- x.sockets\n',
    'x.sockets': 's = ___\n# check: getsockname(s) = 0\n',
  });
  const folder = await handIns({
    '=cmd, "x".sockets': 's = socket(AF_INET, SOCK_DGRAM, 0)\n',
    'readme.txt': 'not a hand-in',
  });
  const { status, stdout } = await cli(['grade', '--course', course, '--format', 'csv', folder]);
  const [head, row, rest] = stdout.split('\n');
  expect(head).toBe('student,exercise,result,checks,why,file');
  expect(row).toMatch(/^"'=cmd, "" """,x,passed,1\/1,,/);
  expect([status, rest]).toEqual([0, '']);
});

it('names what it cannot read', async () => {
  const folder = await handIns({ 'kim.sockets': 's = socket(AF_INET, SOCK_DGRAM, 0)\n' });
  const unknown = await cli(['grade', folder]);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain(
    'kim.sockets: Its name holds no exercise’s name: first-server, udp-answer',
  );
  const noCourse = await cli(['grade', '--course', folder, folder]);
  expect(noCourse.status).toBe(2);
  expect(noCourse.stderr).toContain('The course cannot be read');
  expect((await cli(['grade', '--course', path.join(root, 'scenarios'), folder])).stderr).toContain(
    'There is no exercise in',
  );
  expect((await cli(['grade'])).status).toBe(2);
});

function handInFile(student: string, exercises: Record<string, string>): string {
  return printHandIn({
    student,
    course: 'C',
    handedIn: '2026-11-28T07:00:00.000Z',
    exercises: Object.entries(exercises).map(([exercise, text]) => ({
      exercise,
      text,
      // As it is handed in, whatever is true.
      result: { isPassed: true, held: 9, checks: 9, why: '' },
      checkedAt: '2026-11-28T07:00:00.000Z',
      tookMs: 1,
    })),
  });
}

it('reads sixty files of Hand In, and believes none of them', { timeout: 120_000 }, async () => {
  const course = await handIns({
    'course.md': '# C\n## G\n- x.sockets\n- y.sockets\n',
    'x.sockets': 's = ___\n# check: getsockopt(s, SOL_SOCKET, SO_TYPE, [SOCK_DGRAM]) = 0\n',
    'y.sockets': 's = ___\n# check: getsockname(s) = 0\n',
  });
  const files = Array.from({ length: 60 }, (_each, index) => {
    const type = index % 3 === 0 ? 'SOCK_STREAM' : 'SOCK_DGRAM';
    const student = `student ${String(index).padStart(2, '0')}`;
    return [`${index}.handin`, handInFile(student, { x: `s = socket(AF_INET, ${type}, 0)\n` })] as const;
  });
  const folder = await handIns(Object.fromEntries(files));
  const { status, stdout, stderr } = await cli(['grade', '--course', course, '--format', 'csv', folder]);
  expect([status, stderr]).toEqual([1, '']);
  const rows = stdout.trimEnd().split('\n').slice(1);
  expect(rows).toHaveLength(120);
  const results = rows.filter((row) => row.includes(',x,')).map((row) => row.split(',').slice(0, 4).join());
  expect(results).toEqual(
    files.map((_file, index) => {
      const result = index % 3 === 0 ? 'failed,0/1' : 'passed,1/1';
      return `student ${String(index).padStart(2, '0')},x,${result}`;
    }),
  );
  expect(rows.filter((row) => row.includes(',y,missing,'))).toHaveLength(60);
});

it('names a file of Hand In that is none, and an exercise that the course does not have', async () => {
  const folder = await handIns({
    'a.handin': '{"format":"something else"}',
    'b.handin': handInFile('Kim', { 'no-such': 's = socket(AF_INET, SOCK_DGRAM, 0)\n' }),
  });
  const { status, stderr } = await cli(['grade', folder]);
  expect(status).toBe(2);
  expect(stderr).toContain('a.handin: It is no file that Hand In has written.');
  expect(stderr).toContain('b.handin: The course has no exercise no-such.');
});
