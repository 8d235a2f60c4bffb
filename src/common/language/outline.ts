import type { LanguageFile, SourceLine } from './file.js';

/** Lines that belong together: a comment that stands alone, and the calls up to the next one. */
export interface Section {
  /** The first line of the comment, without its `#`; the first call where there is none. */
  title: string;
  /** First and last line, both counted from 0. */
  first: number;
  last: number;
  /** The first line with a call; undefined where the section has none. */
  firstCall: number | undefined;
}

/** One call in the outline. */
export interface OutlineCall {
  /** `server = socket(…)`: the names that it gives, or the call itself. */
  name: string;
  detail: string;
  line: number;
  givesNames: boolean;
}

/** The sections of a file: each begins with a comment of its own behind an empty line, or at the top. */
export function findSections({ lines, text }: LanguageFile): Section[] {
  const sections: Section[] = [];
  let isAfterGap = true;
  let isInComment = false;
  for (const line of lines) {
    const isEmpty = line.tokens.length === 0;
    const isComment = isEmpty && line.comment !== null;
    if (isComment && !isInComment && isAfterGap) {
      sections.push({ title: '', first: line.index, last: line.index, firstCall: undefined });
    }
    const section = sections.at(-1);
    if (isComment && section) {
      section.title ||= text.slice(line.comment!.start + 1, line.comment!.end).trim();
      section.last = line.index;
    } else if (!isEmpty) {
      const own = section ?? openSection(sections, line, text);
      own.firstCall ??= line.index;
      own.last = line.index;
    }
    isInComment = isComment;
    isAfterGap = isEmpty && !isComment;
  }
  return sections;
}

function openSection(sections: Section[], { index, start, end }: SourceLine, text: string): Section {
  const section = { title: text.slice(start, end).trim(), first: index, last: index, firstCall: index };
  sections.push(section);
  return section;
}

/** The calls of some lines, as an outline shows them. */
export function outlineCalls({ lines, text }: LanguageFile, first: number, last: number): OutlineCall[] {
  return lines.slice(first, last + 1).flatMap(({ index, words, end, comment }) => {
    const call = words.find(({ kind }) => kind === 'call' || kind === 'pause');
    if (!call) {
      return [];
    }
    const names = words.filter(({ isGiven }) => isGiven).map((word) => word.text);
    const written = text.slice(call.start, comment ? comment.start : end).trim();
    return [
      {
        name: names.length > 0 ? names.join(', ') : call.text,
        detail: names.length > 0 ? written : written.slice(call.text.length),
        line: index,
        givesNames: names.length > 0,
      },
    ];
  });
}
