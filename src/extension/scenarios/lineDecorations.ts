import * as vscode from 'vscode';
import { type LineEdit, type LineResult, LineResults } from '../../common/language/lineResults.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { RunEvent } from './run.js';
import type { Scenarios } from './scenarios.js';

const colors: Readonly<Record<LineResult['kind'], string>> = {
  passed: 'charts.green',
  failed: 'testing.iconFailed',
  plain: 'descriptionForeground',
};

/** Shows behind each line of an editor what its call has come to in the last run. */
export class LineDecorations implements Disposable {
  private readonly store = new DisposableStore();
  private readonly results = new Map<string, LineResults>();
  private readonly types = Object.entries(colors).map(([kind, color]) => ({
    kind,
    type: this.store.add(
      vscode.window.createTextEditorDecorationType({
        after: { margin: '0 0 0 2em', color: new vscode.ThemeColor(color) },
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    ),
  }));

  constructor(scenarios: Scenarios) {
    this.store.add(scenarios.onDidRun((event) => this.take(event)));
    this.store.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const results = this.results.get(document.uri.toString());
        if (results && contentChanges.length > 0) {
          // The editor tells them from the bottom up, so that each counts lines as they were.
          contentChanges.forEach((change) => results.edit(editOf(change, document)));
          this.show(document.uri.toString());
        }
      }),
    );
    this.store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.results.delete(uri.toString())));
    this.store.add(
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((each) => this.showIn(each))),
    );
  }

  /** What stands behind the lines of a file, by line, counted from 0. */
  resultsOf(uri: vscode.Uri): ReadonlyMap<number, LineResult> {
    return new Map(this.results.get(uri.toString()) ?? []);
  }

  dispose(): void {
    this.store.dispose();
  }

  private take(event: RunEvent): void {
    switch (event.kind) {
      case 'begin':
        this.results.set(event.document, new LineResults(event.lines));
        break;
      case 'line':
        this.results.get(event.document)?.set(event.line, event.result);
    }
    this.show(event.document);
  }

  private show(id: string): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.toString() === id) {
        this.showIn(editor);
      }
    }
  }

  private showIn(editor: vscode.TextEditor): void {
    const results = [...(this.results.get(editor.document.uri.toString()) ?? [])].filter(
      ([line]) => line < editor.document.lineCount,
    );
    for (const { kind, type } of this.types) {
      const shown = results.filter(([, result]) => result.kind === kind);
      editor.setDecorations(
        type,
        shown.map(([line, { text, record }]) => ({
          range: editor.document.lineAt(line).range.with({ start: editor.document.lineAt(line).range.end }),
          renderOptions: { after: { contentText: text } },
          ...(record === undefined
            ? {}
            : { hoverMessage: new vscode.MarkdownString().appendCodeblock(record, 'sockets') }),
        })),
      );
    }
  }
}

function editOf(
  { range, text }: vscode.TextDocumentContentChangeEvent,
  document: vscode.TextDocument,
): LineEdit {
  const { start, end, isEmpty } = range;
  const added = text.split('\n').length - 1;
  // A new line at the end of a line, or before it, leaves the line as it is.
  const isAtEnd =
    start.line < document.lineCount && document.lineAt(start.line).text.length <= start.character;
  return {
    first: start.line,
    last: end.line,
    added,
    keepsFirst: isEmpty && added > 0 && start.character > 0 && isAtEnd && /^\r?\n/.test(text),
    keepsLast: isEmpty && added > 0 && start.character === 0 && text.endsWith('\n'),
  };
}
