import * as vscode from 'vscode';
import { courseFile, parseCourse } from '../../common/course.js';
import { t } from '../../common/l10n.js';
import type { Disposable } from '../../common/lifecycle.js';

/** In the index of a course each file is a link that opens the lesson, or the exercise to fill in. */
export function linkCourses(): Disposable {
  return vscode.languages.registerDocumentLinkProvider(
    { pattern: `**/${courseFile}` },
    { provideDocumentLinks: linksOf },
  );
}

function linksOf(document: vscode.TextDocument): vscode.DocumentLink[] {
  const { groups } = parseCourse(document.getText());
  return groups
    .flatMap(({ lessons }) => lessons)
    .map(({ file, line }) => {
      const { text, range } = document.lineAt(line - 1);
      const start = range.start.translate(0, text.lastIndexOf(file));
      const scenarioId = vscode.Uri.joinPath(document.uri, '..', file).toString();
      const link = new vscode.DocumentLink(
        new vscode.Range(start, start.translate(0, file.length)),
        vscode.Uri.parse(
          `command:socketPlayground.openLesson?${encodeURIComponent(JSON.stringify([{ scenarioId }]))}`,
        ),
      );
      link.tooltip = t('Open Lesson');
      return link;
    });
}
