import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { courseFile, parseCourse } from '../../src/common/course.js';
import type { Scenario } from '../../src/common/notation/ast.js';
import { type Lesson, parseLesson } from '../../src/common/notation/lesson.js';
import { parseScenario } from '../../src/common/notation/parser.js';

/** The folder of the built-in lessons. */
export const lessonFolder = path.resolve(import.meta.dirname, '../../scenarios');

export interface LessonFile {
  /** Relative to the folder of the lessons. */
  name: string;
  path: string;
  text: string;
  scenario: Scenario;
  lesson: Lesson;
}

export function readLesson(name: string, folder = lessonFolder): LessonFile {
  const file = path.join(folder, name);
  const text = readFileSync(file, 'utf8');
  const scenario = parseScenario(text);
  return { name, path: file, text, scenario, lesson: parseLesson(scenario) };
}

/** Those of a folder, by name. */
export function lessonNames(folder = lessonFolder): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sockets'))
    .sort();
}

export function readCourse(folder = lessonFolder) {
  return parseCourse(readFileSync(path.join(folder, courseFile), 'utf8'));
}

/** The lessons in the order of the course. */
export function courseLessons(): LessonFile[] {
  return readCourse().groups.flatMap(({ lessons }) => lessons.map(({ file }) => readLesson(file)));
}
