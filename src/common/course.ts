import { t } from './l10n.js';

/** The file that makes a folder of scenarios a course. */
export const courseFile = 'course.md';

/** Lessons in the order in which they teach. */
export interface Course {
  title: string;
  description: string;
  groups: CourseGroup[];
  problems: CourseProblem[];
}

export interface CourseGroup {
  title: string;
  description: string;
  lessons: CourseLesson[];
}

export interface CourseLesson {
  /** Relative to the course's folder, with `/`. */
  file: string;
  /** Counted from 1. */
  line: number;
}

export interface CourseProblem {
  message: string;
  line: number;
}

const heading = /^(#{1,2})\s+(.*?)\s*#*$/;
const item = /^\s*[-*]\s+(.*)$/;
const link = /^\[[^\]]*\]\(([^)]+)\)$/;
const lessonFile = /^(?:[^/\\:*?"<>|]+\/)*[^/\\:*?"<>|]+\.sockets$/;

/**
 * Reads a course's index, which is Markdown: `# Title`, `## Group`, and a list of files below each group. Other lines are
 * the description of what they stand below. Never throws: what means nothing is told in `problems`.
 */
export function parseCourse(text: string): Course {
  const course: Course = { title: '', description: '', groups: [], problems: [] };
  const files = new Set<string>();
  const complain = (message: string, line: number) => course.problems.push({ message, line });
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const words = raw.replace(/^\uFEFF/, '').trimEnd();
    const found = heading.exec(words);
    const listed = item.exec(words)?.[1];
    const group = course.groups.at(-1);
    if (found?.[1] === '##') {
      course.groups.push({ title: found[2]!, description: '', lessons: [] });
    } else if (found) {
      if (course.title === '') {
        course.title = found[2]!;
      } else {
        complain(t('A course has one title: groups begin with ##.'), line);
      }
    } else if (listed !== undefined) {
      const file = fileOf(listed);
      if (!group) {
        complain(t('A lesson stands below a group: a line such as ## First Calls.'), line);
      } else if (!lessonFile.test(file) || file.split('/').includes('..')) {
        complain(t('{0} is no .sockets file of this folder.', JSON.stringify(file)), line);
      } else if (files.has(file)) {
        complain(t('{0} is listed twice.', file), line);
      } else {
        files.add(file);
        group.lessons.push({ file, line });
      }
    } else {
      const place = group ?? course;
      place.description = [place.description, words.trim()].filter((part) => part !== '').join(' ');
    }
  });
  if (course.title === '') {
    complain(t('A course begins with its title: # Title.'), 1);
  }
  return course;
}

/** `name.sockets`, also in back-quotes or as the target of a link. */
function fileOf(listed: string): string {
  return (link.exec(listed)?.[1] ?? listed).replace(/^`(.*)`$/, '$1').replace(/^\.\//, '');
}

/** Of the paths of scenarios those that are no translation: a folder of two letters holds its parent's lessons in that language. */
export function withoutTranslations(files: readonly string[]): string[] {
  const all = new Set(files);
  return files.filter((file) => {
    const [, folder, name] = /^(.*?)[a-z]{2}[\\/]([^\\/]+)$/.exec(file) ?? [];
    return folder === undefined || !/(?:^|[\\/])$/.test(folder) || !all.has(folder + name);
  });
}
