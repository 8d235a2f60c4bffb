import path from 'node:path';
import * as vscode from 'vscode';
import { type Course, courseFile, parseCourse, withoutTranslations } from '../../common/course.js';

/** A scenario's place among the others. */
export interface PlacedFile {
  uri: vscode.Uri;
  /** What is read, run and opened in its place: the same lesson in the user's language. */
  shown: vscode.Uri;
  /** The title of its group in a course. */
  group: string | undefined;
  /** The title of the course. */
  course: string | undefined;
}

/**
 * Puts scenario files in the order of the courses that their folders hold; files of no course come last. The folder `ko`
 * beside them holds the same files in Korean, and so for other languages: those stand in for the originals.
 */
export async function placeFiles(
  uris: readonly vscode.Uri[],
  language: string,
  readText: (uri: vscode.Uri) => Promise<string | undefined>,
): Promise<PlacedFile[]> {
  const byPath = new Map(uris.map((uri) => [uri.path, uri]));
  const originalPaths = new Set(withoutTranslations([...byPath.keys()]));
  const originals = uris.filter(({ path: each }) => originalPaths.has(each));
  const placed = new Map<string, PlacedFile>();
  const place = (uri: vscode.Uri, group?: string, course?: string) => {
    if (!placed.has(uri.path)) {
      const translation = path.posix.join(folderOf(uri), language, path.posix.basename(uri.path));
      placed.set(uri.path, { uri, shown: byPath.get(translation) ?? uri, group, course });
    }
  };
  const folders = new Map(originals.map((uri) => [folderOf(uri), vscode.Uri.joinPath(uri, '..')]));
  for (const [folder, folderUri] of folders) {
    const course = await readCourse(folderUri, language, readText);
    for (const { title, lessons } of course?.groups ?? []) {
      for (const { file } of lessons) {
        const uri = byPath.get(path.posix.join(folder, file));
        if (uri && originalPaths.has(uri.path)) {
          place(uri, title, course?.title);
        }
      }
    }
  }
  originals.forEach((uri) => place(uri));
  const all = [...placed.values()];
  return [
    ...all.filter(({ group }) => group !== undefined),
    ...all.filter(({ group }) => group === undefined),
  ];
}

async function readCourse(
  folder: vscode.Uri,
  language: string,
  readText: (uri: vscode.Uri) => Promise<string | undefined>,
): Promise<Course | undefined> {
  const text =
    (await readText(vscode.Uri.joinPath(folder, `${language}/${courseFile}`))) ??
    (await readText(vscode.Uri.joinPath(folder, courseFile)));
  return text === undefined ? undefined : parseCourse(text);
}

function folderOf(uri: vscode.Uri): string {
  return path.posix.dirname(uri.path);
}
