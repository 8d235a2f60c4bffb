import { describe, expect, it } from 'vitest';
import {
  exerciseOf,
  type HandIn,
  handInFileName,
  handInObstacle,
  parseHandIn,
  printHandIn,
} from '../../src/common/handIn.js';

const handIn: HandIn = {
  student: '김민지',
  course: 'Networks, week 3',
  handedIn: '2026-11-28T07:00:00.000Z',
  exercises: [
    {
      exercise: 'first-server',
      text: 's = socket(AF_INET, SOCK_STREAM, 0)\n# "안녕"\n',
      result: { isPassed: false, held: 1, checks: 3, why: 'Line 1: \u0000' },
      checkedAt: '2026-11-28T06:59:58.000Z',
      tookMs: 312,
    },
  ],
};

it('reads what it has written', () => {
  expect(parseHandIn(printHandIn(handIn))).toEqual(handIn);
});

it('reads the longest name that the file of an exercise may have', () => {
  const long = { ...handIn, exercises: [{ ...handIn.exercises[0]!, exercise: 'x'.repeat(247) }] };
  expect(parseHandIn(printHandIn(long))).toEqual(long);
});

describe('what is too much', () => {
  const exercise = handIn.exercises[0]!;
  const longest = 'x'.repeat(2 ** 20);

  it('is said before it is written, and what is not can be read', () => {
    const fits = { ...handIn, exercises: [{ ...exercise, text: longest }] };
    expect(handInObstacle(fits.exercises)).toBeUndefined();
    expect(parseHandIn(printHandIn(fits))).toEqual(fits);
    const large = [exercise, { ...exercise, exercise: 'say-goodbye', text: `${longest}x` }];
    expect(handInObstacle(large)).toBe(
      'say-goodbye is too long to be handed in: at most 1048576 characters.',
    );
    expect(() => printHandIn({ ...handIn, exercises: large })).toThrow('say-goodbye is too long');
    expect(handInObstacle(Array.from({ length: 201 }, () => exercise))).toContain('these are 201');
  });

  it('is not written where the file as a whole would not be read', () => {
    const exercises = Array.from({ length: 17 }, () => ({ ...exercise, text: longest }));
    expect(() => printHandIn({ ...handIn, exercises })).toThrow('larger than 16 MiB');
  });

  it('is cut where it is only told', () => {
    const result = { ...exercise.result, why: longest };
    const written = parseHandIn(
      printHandIn({ ...handIn, course: longest, exercises: [{ ...exercise, result }] }),
    );
    expect(written?.course).toHaveLength(200);
    expect(written?.exercises[0]!.result.why).toHaveLength(10_000);
  });
});

describe('what is no hand-in', () => {
  const value = JSON.parse(printHandIn(handIn)) as Record<string, unknown>;
  const exercise = handIn.exercises[0]!;
  it.each<[string, unknown]>([
    ['no object', []],
    ['another format', { ...value, format: 'socket-playground hand-in 2' }],
    ['no student', { ...value, student: '' }],
    ['no exercise', { ...value, exercises: [] }],
    ['an exercise without a text', { ...value, exercises: [{ ...exercise, text: null }] }],
    ['too long a text', { ...value, exercises: [{ ...exercise, text: 'x'.repeat(2 ** 20 + 1) }] }],
    ['too many exercises', { ...value, exercises: Array(201).fill(exercise) }],
  ])('is refused: %s', (_name, content) => {
    expect(parseHandIn(JSON.stringify(content))).toBeUndefined();
  });

  it('is refused: no JSON', () => {
    expect(parseHandIn('s = socket(AF_INET, SOCK_STREAM, 0)\n')).toBeUndefined();
  });
});

it.each([
  ['kim-first-server', 'first-server'],
  ['server-kim', 'server'],
  ['kim', undefined],
])('knows which exercise a file is of: %s', (file, exercise) => {
  expect(exerciseOf(file, ['server', 'first-server'])).toBe(exercise);
});

it.each([
  [{ student: '김민지', course: 'Networks, week 3' }, '김민지_Networks-week-3.handin'],
  [{ student: '../../etc/passwd', course: '' }, 'etc-passwd.handin'],
  [{ student: '\u202e?', course: '..' }, 'hand-in.handin'],
])('names the file by student and course: %o', (names, file) => {
  expect(handInFileName(names)).toBe(file);
});
