import * as vscode from 'vscode';
import { findWarnings } from '../../common/language/warnings.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { Diagnostic } from '../../common/notation/ast.js';
import { platform } from '../platform.js';
import { languageFileOf } from './languageFiles.js';

/** Time without typing after which a file is read again, in ms. */
const pause = 200;

/** Underlines what the notation cannot read, and what cannot go as it is written, in open `.sockets` files. */
export class ScenarioDiagnostics implements Disposable {
  private readonly store = new DisposableStore();
  private readonly collection = this.store.add(vscode.languages.createDiagnosticCollection('sockets'));
  private readonly timers = new Map<vscode.TextDocument, NodeJS.Timeout>();

  constructor() {
    this.store.add(vscode.workspace.onDidOpenTextDocument((document) => this.check(document)));
    this.store.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.schedule(document)));
    this.store.add(
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.cancel(document);
        this.collection.delete(document.uri);
      }),
    );
    this.store.add({ dispose: () => [...this.timers.keys()].forEach((document) => this.cancel(document)) });
    vscode.workspace.textDocuments.forEach((document) => this.check(document));
  }

  dispose(): void {
    this.store.dispose();
  }

  private schedule(document: vscode.TextDocument): void {
    if (document.languageId === 'sockets') {
      this.cancel(document);
      this.timers.set(
        document,
        setTimeout(() => this.check(document), pause),
      );
    }
  }

  private cancel(document: vscode.TextDocument): void {
    clearTimeout(this.timers.get(document));
    this.timers.delete(document);
  }

  private check(document: vscode.TextDocument): void {
    this.cancel(document);
    if (document.languageId !== 'sockets') {
      return;
    }
    const { scenario, lesson } = languageFileOf(document);
    const { diagnostics, notes } = scenario;
    this.collection.set(document.uri, [
      ...diagnostics.map((each) => convert(document, each, vscode.DiagnosticSeverity.Error)),
      ...findWarnings(scenario, platform).map((each) =>
        convert(document, each, vscode.DiagnosticSeverity.Warning),
      ),
      ...lesson.problems.map((each) => convert(document, each, vscode.DiagnosticSeverity.Warning)),
      ...notes.map((each) => convert(document, each, vscode.DiagnosticSeverity.Information)),
    ]);
  }
}

/** Goes to the first of the errors for which the file does not run, past what is only a warning, and says what it is. */
export async function showFirstError(editor: vscode.TextEditor): Promise<void> {
  const { document } = editor;
  const starts = languageFileOf(document).scenario.diagnostics.map(({ range }) => range.start);
  if (starts.length > 0) {
    const start = document.positionAt(Math.min(...starts));
    editor.selection = new vscode.Selection(start, start);
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    await vscode.commands.executeCommand('editor.action.showHover');
  }
}

function convert(
  document: vscode.TextDocument,
  { message, range }: Pick<Diagnostic, 'message' | 'range'>,
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic {
  const place = new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
  const diagnostic = new vscode.Diagnostic(place, message, severity);
  diagnostic.source = 'Socket Playground';
  return diagnostic;
}
