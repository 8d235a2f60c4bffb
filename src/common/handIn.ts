import * as v from 'valibot';
import { mostInputMiB } from './fileLimits.js';
import { t } from './l10n.js';
import { encodeUtf8 } from './utf8.js';

/** How the file of a hand-in ends. */
export const handInExtension = '.handin';

/** What a student hands in: one file with everything of a course. What it says of results is not to be trusted. */
export interface HandIn {
  student: string;
  /** The course's title. */
  course: string;
  /** When it was written, as `2026-11-28T07:00:00.000Z`. */
  handedIn: string;
  exercises: HandInExercise[];
}

export interface HandInExercise {
  /** Its name: that of its file without `.sockets`. */
  exercise: string;
  /** The scenario that the student wrote. */
  text: string;
  result: { isPassed: boolean; held: number; checks: number; why: string };
  /** When the checks were run, and how long that took. */
  checkedAt: string;
  tookMs: number;
}

/** The exercise that a file is of: its name holds that of the exercise. Of two names the longer one: one may hold the other. */
export function exerciseOf(fileName: string, exercises: readonly string[]): string | undefined {
  return exercises
    .filter((each) => fileName.includes(each))
    .sort((a, b) => b.length - a.length)
    .at(0);
}

/** The format of the file, by a name that nothing else has. */
const mark = 'socket-playground hand-in 1';
const mostExercises = 200;
/** Characters of an exercise's text. */
const mostText = 1024 * 1024;
const mostName = 200;
/** As long as the name of a file may be. */
const mostExerciseName = 255;
const mostWhy = 10_000;

const shortText = v.pipe(v.string(), v.maxLength(mostName));
const time = v.pipe(v.string(), v.maxLength(40));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const schema = v.object({
  format: v.literal(mark),
  student: v.pipe(shortText, v.minLength(1)),
  course: shortText,
  handedIn: time,
  exercises: v.pipe(
    v.array(
      v.object({
        exercise: v.pipe(v.string(), v.minLength(1), v.maxLength(mostExerciseName)),
        text: v.pipe(v.string(), v.maxLength(mostText)),
        result: v.object({
          isPassed: v.boolean(),
          held: count,
          checks: count,
          why: v.pipe(v.string(), v.maxLength(mostWhy)),
        }),
        checkedAt: time,
        tookMs: v.pipe(v.number(), v.minValue(0)),
      }),
    ),
    v.minLength(1),
    v.maxLength(mostExercises),
  ),
});

/** Why texts cannot be handed in: more than {@link parseHandIn} takes. Undefined where they can. */
export function handInObstacle(
  exercises: readonly Pick<HandInExercise, 'exercise' | 'text'>[],
): string | undefined {
  if (exercises.length > mostExercises) {
    return t(
      'At most {0} exercises can be handed in at once, and these are {1}.',
      mostExercises,
      exercises.length,
    );
  }
  const large = exercises.find(({ text }) => text.length > mostText);
  return large && t('{0} is too long to be handed in: at most {1} characters.', large.exercise, mostText);
}

/**
 * The text of the file: JSON that people can read too.
 * @throws {RangeError} With a sentence where `grade` would not read it.
 */
export function printHandIn(handIn: HandIn): string {
  const exercises = handIn.exercises.map((each) => ({
    ...each,
    result: { ...each.result, why: each.result.why.slice(0, mostWhy) },
  }));
  const written = { format: mark, ...handIn, course: handIn.course.slice(0, mostName), exercises };
  const text = `${JSON.stringify(written, null, 2)}\n`;
  const obstacle = handInObstacle(exercises) ?? sizeObstacle(text);
  if (obstacle !== undefined) {
    throw new RangeError(obstacle);
  }
  return text;
}

function sizeObstacle(text: string): string | undefined {
  return encodeUtf8(text).length > mostInputMiB * 1024 * 1024
    ? t('The file would be larger than {0} MiB: hand in fewer exercises at once.', mostInputMiB)
    : undefined;
}

/** Reads the text of such a file; undefined when it is none. */
export function parseHandIn(text: string): HandIn | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    return undefined;
  }
  const { format: _format, ...handIn } = parsed.output;
  return handIn;
}

/** A file name that holds the student and the course, and nothing that a file system dislikes. */
export function handInFileName({ student, course }: Pick<HandIn, 'student' | 'course'>): string {
  const plain = (text: string) =>
    text
      .normalize('NFC')
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60);
  return `${[student, course].map(plain).filter(Boolean).join('_') || 'hand-in'}${handInExtension}`;
}
