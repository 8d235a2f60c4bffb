import * as vscode from 'vscode';
import { formatScenario } from '../../common/notation/format.js';

/** Formats `.sockets` files: even spacing, nothing else. */
export class ScenarioFormatting implements vscode.DocumentFormattingEditProvider {
  provideDocumentFormattingEdits(document: vscode.TextDocument): vscode.TextEdit[] {
    const text = document.getText();
    const formatted = formatScenario(text);
    const whole = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
    return formatted === text ? [] : [vscode.TextEdit.replace(whole, formatted)];
  }
}
