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
    const structure = ({ questions, keys }: Lesson) => ({
      questions: questions.map(({ line, choices }) => [line, choices.map(({ isRight }) => isRight)]),
      keys: keys.map(({ line }) => line),
    });
    expect(structure(korean.lesson)).toEqual(structure(lesson));
    expect(korean.scenario.needs).toEqual(scenario.needs);
    const isWritten = (text: string, original: string) => isKorean(text) || !/[a-z]{2}/.test(original);
    const texts = textsOf(lesson);
    expect(textsOf(korean.lesson).filter((text, index) => !isWritten(text, texts[index]!))).toEqual([]);
    const isWord = (comment: string) => /^# ?(?:key|needs: .*|check: .*|)$/.test(comment);
    const missing = theirs.comments.filter(
      (comment, index) => !isWord(comment) && !isWritten(comment, ours.comments[index]!),
    );
    expect(missing).toEqual([]);
  });
});
