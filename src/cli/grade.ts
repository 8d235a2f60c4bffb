import { availableParallelism } from 'node:os';
import path from 'node:path';
import { handInExtension, parseHandIn } from '../common/handIn.js';
import { t } from '../common/l10n.js';
import { type CourseEntry, readCourseFolder } from '../playground/courseFolder.js';
import { type Grade, gradeHandIn } from '../playground/grading.js';
import { type Command, type CommandContext, UsageError } from './command.js';
import { attribute, type GradeFormat, gradeFormats, type HandIn, printGrades } from './gradeTable.js';
import { InputError, readInput } from './input.js';
import { expandOperand } from './scenarioFiles.js';
import { visible } from './visible.js';

/** The exit statuses: all passed, some did not, something cannot be read. */
const exitStatus = { passed: 0, failed: 1, unreadable: 2 } as const;

/** Runs what was handed in and tells for each student and exercise whether it passed. */
export const gradeCommand: Command = {
  name: 'grade',
  synopsis: '[OPTION…] FOLDER…|FILE…',
  summary: () => t('Runs exercises that were handed in, and tells who passed which.'),
  options: { course: { type: 'string' }, format: { type: 'string' } },
  help: () => [
    {
      term: '--course FOLDER',
      text: t('The exercises, with a course.md; without it those that are built in.'),
    },
    { term: '--format csv|json', text: t('Print a table for a spreadsheet, or one JSON object a line.') },
  ],
  notes: () => [
    t(
      'What is handed in is a .handin file, or a scenario whose name holds the exercise’s name; what else is in its name, or the folder it is in, is the student’s. All of it is run again, and only the # check: lines of the exercise as it was given out count.',
    ),
    t('Exit status: 0 all passed; 1 some did not; 2 a file or the course cannot be read.'),
  ],
  async run(context, operands, values) {
    const { format = 'text' } = values;
    if (!isFormat(format)) {
      throw new UsageError(t('{0} takes one of: {1}.', '--format', gradeFormats.join(', ')));
    }
    if (operands.length === 0) {
      throw new UsageError(t('A folder or a file is missing.'));
    }
    const folder = typeof values['course'] === 'string' ? values['course'] : context.exercisesPath;
    const exercises = await readExercises(folder);
    return gradeAll(operands, exercises, format, context);
  },
};

function isFormat(format: unknown): format is GradeFormat {
  return gradeFormats.includes(format as GradeFormat);
}

/** The exercises of a course by their names. */
async function readExercises(folder: string): Promise<Map<string, CourseEntry>> {
  let read;
  try {
    read = await readCourseFolder(folder);
  } catch (error) {
    throw new UsageError(t('The course cannot be read: {0}', (error as Error).message));
  }
  const [problem] = read.course.problems;
  if (problem) {
    throw new UsageError(`${path.join(folder, 'course.md')}:${problem.line}: ${problem.message}`);
  }
  const exercises = read.entries.filter(({ lesson }) => lesson.checks.length > 0);
  if (exercises.length === 0) {
    throw new UsageError(t('There is no exercise in {0}: none of its files has a # check: line.', folder));
  }
  return new Map(exercises.map((entry) => [path.posix.basename(entry.file, '.sockets'), entry]));
}

async function gradeAll(
  operands: readonly string[],
  exercises: ReadonlyMap<string, CourseEntry>,
  format: GradeFormat,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  let status: number = exitStatus.passed;
  const complain = (file: string, message: string) => {
    terminal.warn(visible(`${file}: ${message}`));
    status = exitStatus.unreadable;
  };
  const handIns: HandIn[] = [];
  for (const operand of operands) {
    try {
      for (const file of await expandOperand(operand, terminal.signal, ['.sockets', handInExtension])) {
        if (path.extname(file) === handInExtension) {
          handIns.push(...(await readHandIn(file, exercises, context, complain)));
          continue;
        }
        const found = attribute(file, [...exercises.keys()]);
        if (found) {
          handIns.push(found);
        } else {
          complain(file, t('Its name holds no exercise’s name: {0}.', [...exercises.keys()].join(', ')));
        }
      }
    } catch (error) {
      if (!(error instanceof InputError)) {
        throw error;
      }
      complain(operand, error.message);
    }
  }
  const grades = await inLanes(handIns, async (handIn) => {
    const { file, exercise } = handIn;
    try {
      return await grade(handIn, exercises.get(exercise)!, context);
    } catch (error) {
      if (!(error instanceof InputError)) {
        throw error;
      }
      complain(file, error.message);
      return {
        isPassed: false,
        held: 0,
        checks: exercises.get(exercise)!.lesson.checks.length,
        why: error.message,
      };
    }
  });
  const rows = handIns.map((handIn, index) => ({ ...handIn, grade: grades[index]! }));
  printGrades(rows, [...exercises.keys()], format, (line) => terminal.print(line));
  return rows.every(({ grade: { isPassed } }) => isPassed) ? status : Math.max(status, exitStatus.failed);
}

/** What a file of *Hand In* holds; of its results nothing is believed. */
async function readHandIn(
  file: string,
  exercises: ReadonlyMap<string, CourseEntry>,
  { terminal }: CommandContext,
  complain: (file: string, message: string) => void,
): Promise<HandIn[]> {
  const { text: content } = await readInput(file, terminal.signal);
  const found = parseHandIn(content);
  if (!found) {
    complain(file, t('It is no file that Hand In has written.'));
    return [];
  }
  return found.exercises.flatMap(({ exercise, text }) => {
    if (!exercises.has(exercise)) {
      complain(file, t('The course has no exercise {0}.', exercise));
      return [];
    }
    return [{ student: found.student, exercise, file, text }];
  });
}

async function grade(
  { file, text: own }: HandIn,
  { lesson }: CourseEntry,
  { terminal, socketHostPath }: CommandContext,
): Promise<Grade> {
  const { text, folder } =
    own === undefined
      ? await readInput(file, terminal.signal)
      : { text: own, folder: path.dirname(path.resolve(file)) };
  return gradeHandIn({
    text,
    checks: lesson.checks,
    folder,
    hostPath: socketHostPath,
    signal: terminal.signal,
  });
}

/** Does the same for each item, several at a time: most of a run is waiting. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(16, availableParallelism() * 3) }, lane));
  return results;
}
