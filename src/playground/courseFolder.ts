import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Course, courseFile, parseCourse } from '../common/course.js';
import type { Scenario } from '../common/notation/ast.js';
import { type Lesson, parseLesson } from '../common/notation/lesson.js';
import { parseScenario } from '../common/notation/parser.js';

/** A lesson of a course, read. */
export interface CourseEntry {
  /** As the index names it. */
  file: string;
  group: string;
  scenario: Scenario;
  lesson: Lesson;
}

export interface CourseFolder {
  course: Course;
  entries: CourseEntry[];
}

/** Reads a course and all its lessons. Rejects when its index or one of its files cannot be read. */
export async function readCourseFolder(folder: string): Promise<CourseFolder> {
  const course = parseCourse(await readFile(path.join(folder, courseFile), 'utf8'));
  const entries = await Promise.all(
    course.groups.flatMap(({ title, lessons }) =>
      lessons.map(async ({ file }) => {
        const scenario = parseScenario(await readFile(path.join(folder, file), 'utf8'));
        return { file, group: title, scenario, lesson: parseLesson(scenario) };
      }),
    ),
  );
  return { course, entries };
}
