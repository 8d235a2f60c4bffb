import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { languageFileOf } from './languageFiles.js';

/** Marks the blanks of scenarios that are still open. */
export class BlankMarks implements Disposable {
  private readonly store = new DisposableStore();
  private readonly type = this.store.add(
    vscode.window.createTextEditorDecorationType({
      backgroundColor: new vscode.ThemeColor('editor.wordHighlightStrongBackground'),
      borderColor: new vscode.ThemeColor('focusBorder'),
      borderStyle: 'dashed',
      borderWidth: '1px',
      overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.infoForeground'),
    }),
  );

  constructor() {
    const { window, workspace } = vscode;
    this.store.add(
      window.onDidChangeVisibleTextEditors((editors) => editors.forEach((each) => this.mark(each))),
    );
    this.store.add(
      workspace.onDidChangeTextDocument(({ document }) =>
        window.visibleTextEditors
          .filter((each) => each.document === document)
          .forEach((each) => this.mark(each)),
      ),
    );
    window.visibleTextEditors.forEach((each) => this.mark(each));
  }

  dispose(): void {
    this.store.dispose();
  }

  private mark(editor: vscode.TextEditor): void {
    editor.setDecorations(this.type, blanksOf(editor.document));
  }
}

/** Selects the first open blank behind the cursor, else the first one, to be typed over. */
export function selectNextBlank(editor: vscode.TextEditor): void {
  const blanks = blanksOf(editor.document);
  const next = blanks.find(({ start }) => start.isAfterOrEqual(editor.selection.end)) ?? blanks[0];
  if (next) {
    editor.selection = new vscode.Selection(next.start, next.end);
    editor.revealRange(next, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

/** How many are to be filled in. */
export function blanksText(count: number): string {
  return count === 1 ? t('1 blank to fill') : t('{0} blanks to fill', count);
}

function blanksOf(document: vscode.TextDocument): vscode.Range[] {
  return document.languageId === 'sockets'
    ? languageFileOf(document).scenario.blanks.map(
        ({ start, end }) => new vscode.Range(document.positionAt(start), document.positionAt(end)),
      )
    : [];
}
