import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Lesson } from '../../src/common/notation/lesson.js';
import { scanLine } from '../../src/common/notation/scanner.js';
import {
  courseLessons,
  lessonFolder,
  lessonNames,
  type LessonFile,
  readCourse,
  readLesson,
} from '../support/lessons.js';

const koreanFolder = path.join(lessonFolder, 'ko');
const lessons = courseLessons();
const isKorean = (text: string) => /\p{Script=Hangul}/u.test(text);

/** All that a lesson says, in order. */
function textsOf({ title, description, before, after, questions, keys }: Lesson): string[] {
  return [
    title,
    description,
    before,
    after,
    ...questions.flatMap(({ text, choices }) => [text, ...choices.map((choice) => choice.text)]),
    ...keys.map(({ text }) => text),
  ];
}

/** The lines without their comments, and the comments. */
function linesOf({ text }: LessonFile): { calls: string[]; comments: string[] } {
  const comments: string[] = [];
  const calls = text.split('\n').map((line) => {
    const { comment } = scanLine(line, 0, line.length, () => {});
    comments.push(comment ? line.slice(comment.start) : '');
    return comment ? line.slice(0, comment.start) : line;
  });
  return { calls, comments };
}

describe('the course', () => {
  it('lists every lesson once', () => {
    expect(readCourse().problems).toEqual([]);
    expect(lessons.map(({ name }) => name).sort()).toEqual(lessonNames());
  });

  it('is the same in Korean', () => {
    const [english, korean] = [readCourse(), readCourse(koreanFolder)];
    expect(korean.problems).toEqual([]);
    expect(korean.groups.map((group) => group.lessons)).toEqual(english.groups.map((group) => group.lessons));
    for (const { title } of [korean, ...korean.groups]) {
      expect(title).toSatisfy(isKorean);
    }
    expect(lessonNames(koreanFolder)).toEqual(lessonNames());
  });
});

/** The errors that a lesson provokes, in the order of its lines. */
function errnosOf({ scenario }: LessonFile): string[] {
  const found = scenario.statements.flatMap((statement) =>
    statement.kind === 'call' && statement.result
      ? statement.result.outcomes.flatMap((outcome) =>
          outcome.kind === 'error' ? (outcome.errno ?? []) : [],
        )
      : [],
  );
  return [...new Set(found)];
}

/** What a program meets often. */
const commonErrnos = [
  'EACCES',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EAGAIN',
  'EALREADY',
  'EBADF',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDESTADDRREQ',
  'EINPROGRESS',
  'EINVAL',
  'EISCONN',
  'EMSGSIZE',
  'ENETUNREACH',
  'ENOENT',
  'ENOPROTOOPT',
  'ENOTCONN',
  'ENOTSOCK',
  'EOPNOTSUPP',
  'EPIPE',
  'EPROTONOSUPPORT',
  'EPROTOTYPE',
  'ESOCKTNOSUPPORT',
  'ETIMEDOUT',
];

it('every common error is provoked by a lesson', () => {
  const provoked = new Set(lessons.flatMap(errnosOf));
  expect(commonErrnos.filter((errno) => !provoked.has(errno))).toEqual([]);
});

describe('docs/lessons.md', () => {
  it('is made from the lessons; vitest -u writes it', async () => {
    await expect(documentText()).toMatchFileSnapshot(path.join(lessonFolder, '../docs/lessons.md'));
  });
});

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

function documentText(): string {
  const { groups } = readCourse();
  const byErrno = commonErrnos.map((errno) => {
    const found = lessons.filter((file) => errnosOf(file).includes(errno));
    return row(`\`${errno}\``, found.map(linkTo).join(', '));
  });
  return [
    '# Lessons',
    '',
    'The built-in scenarios, a course from `socket()` to the hard parts. Made from the files in `scenarios`, in the order of',
    '`scenarios/course.md`; each is there in Korean too, in `scenarios/ko`. [For teachers](teachers.md) tells how to make a',
    'course of your own.',
    '',
    '✓ is run by the tests, root as said; – does not run there; ? was not tried there.',
    ...groups.flatMap(({ title, lessons: listed }) => [
      '',
      `## ${title}`,
      '',
      row('lesson', 'what it shows', 'errors', 'Linux', 'macOS', 'Windows', 'needs'),
      row(...Array<string>(7).fill('---')),
      ...listed.map(({ file }) => lessonRow(readLesson(file))),
    ]),
    '',
    '## Errors',
    '',
    row('errno', 'lessons that provoke it'),
    row('---', '---'),
    ...byErrno,
    '',
  ].join('\n');
}

function linkTo({ name, lesson }: LessonFile): string {
  return `[${lesson.title}](../scenarios/${name})`;
}

function lessonRow(file: LessonFile): string {
  const { needs } = file.scenario;
  const platforms = needs.filter((need) => need === 'linux' || need === 'darwin' || need === 'win32');
  const mark = (platform: 'linux' | 'darwin' | 'win32') =>
    platforms.length > 0 && !platforms.includes(platform) ? '–' : platform === 'linux' ? '✓' : '?';
  return row(
    linkTo(file),
    file.lesson.description,
    errnosOf(file)
      .map((errno) => `\`${errno}\``)
      .join(', '),
    mark('linux'),
    mark('darwin'),
    mark('win32'),
    needs.filter((need) => !platforms.includes(need as 'linux')).join(', '),
  );
}

describe.each(lessons)('$name', (file) => {
  const { lesson, scenario, name } = file;

  it('says what it shows, before and after, and asks', () => {
    expect(scenario.diagnostics).toEqual([]);
    expect(lesson.problems).toEqual([]);
    expect(lesson.title).toMatch(/^\S.{3,40}$/);
    expect(lesson.description).toMatch(/^\S.{10,80}\.$/);
    expect(lesson.before).toMatch(/^\S.{40,500}[.:?"]$/);
    expect(lesson.after).toMatch(/^\S.{40,500}\.$/);
    expect(lesson.questions.length).toBeGreaterThanOrEqual(1);
    expect(lesson.questions.filter(({ choices }) => choices.length < 2)).toEqual([]);
    expect(lesson.keys.length).toBeGreaterThanOrEqual(1);
  });

  it('is complete in Korean, and makes the same calls in the same lines', () => {
    expect(existsSync(path.join(koreanFolder, name))).toBe(true);
    const korean = readLesson(name, koreanFolder);
    expect(korean.lesson.problems).toEqual([]);
    const [ours, theirs] = [linesOf(file), linesOf(korean)];
    expect(theirs.calls).toEqual(ours.calls);
    const structure = ({ questions, keys, atOnce }: Lesson) => ({
      atOnce,
      questions: questions.map(({ line, choices }) => [line, choices.map(({ isRight }) => isRight)]),
      keys: keys.map(({ line }) => line),
    });
    expect(structure(korean.lesson)).toEqual(structure(lesson));
    expect(korean.scenario.needs).toEqual(scenario.needs);
    const isWritten = (text: string, original: string) => isKorean(text) || !/[a-z]{2}/.test(original);
    const texts = textsOf(lesson);
    expect(textsOf(korean.lesson).filter((text, index) => !isWritten(text, texts[index]!))).toEqual([]);
    const isWord = (comment: string) => /^# ?(?:key|at once|needs: .*|check: .*|)$/.test(comment);
    const missing = theirs.comments.filter(
      (comment, index) => !isWord(comment) && !isWritten(comment, ours.comments[index]!),
    );
    expect(missing).toEqual([]);
  });
});
