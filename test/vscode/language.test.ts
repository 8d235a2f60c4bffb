import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activate, until } from './support.js';

const text = `# Language
server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
[other] listen(server, 5) = 0
close(server) = 1
`;

describe('the language of scenarios', () => {
  let document: vscode.TextDocument;
  before(async () => {
    await activate();
    document = await vscode.workspace.openTextDocument({ language: 'sockets', content: text });
  });

  /** The place of a part of the text, in its middle. */
  const at = (part: string) => document.positionAt(text.indexOf(part) + Math.ceil(part.length / 2));
  const ask = <T>(command: string, position: vscode.Position, ...more: unknown[]) =>
    vscode.commands.executeCommand<T>(`vscode.execute${command}`, document.uri, position, ...more);

  it('completes', async () => {
    const { items } = await ask<vscode.CompletionList>(
      'CompletionItemProvider',
      new vscode.Position(3, '[other] listen('.length),
    );
    assert.deepEqual(
      items.map(({ label }) => (typeof label === 'string' ? label : label.label)),
      ['server'],
    );
  });

  it('explains on hover', async () => {
    const [hover] = await ask<vscode.Hover[]>('HoverProvider', at('listen'));
    const shown = hover?.contents.map((content) => (content as vscode.MarkdownString).value).join('\n') ?? '';
    assert.match(shown, /int listen\(int sockfd, int backlog\);/);
    assert.match(shown, /```python\ns\.listen\(5\)/);
  });

  it('shows the signature', async () => {
    const help = await ask<vscode.SignatureHelp>(
      'SignatureHelpProvider',
      at('bind(server, 127.0.0.1:0)'),
      '(',
    );
    assert.equal(help.signatures[0]?.label, 'bind(sockfd, addr, [addrlen])');
    assert.equal(help.activeParameter, 1);
  });

  it('finds and renames names', async () => {
    const [definition] = await ask<vscode.Location[]>(
      'DefinitionProvider',
      at('listen(server').translate(0, 5),
    );
    assert.deepEqual(definition?.range, new vscode.Range(1, 0, 1, 6));
    const references = await ask<vscode.Location[]>('ReferenceProvider', new vscode.Position(1, 2));
    assert.equal(references.length, 4);
    const edit = await ask<vscode.WorkspaceEdit>(
      'DocumentRenameProvider',
      new vscode.Position(1, 2),
      'listener',
    );
    assert.equal(edit.get(document.uri).length, 4);
    await assert.rejects(
      Promise.resolve(ask('DocumentRenameProvider', new vscode.Position(1, 2), 'Listener')),
      /lower-case/,
    );
  });

  it('has an outline, folds, and colours threads', async () => {
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual(
      symbols.map(({ name, children }) => [name, children.map((child) => child.name)]),
      [['Language', ['server', 'bind', 'listen', 'close']]],
    );
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>(
      'vscode.executeFoldingRangeProvider',
      document.uri,
    );
    assert.deepEqual(
      folds.map(({ start, end }) => [start, end]),
      [[0, 4]],
    );
    const tokens = await vscode.commands.executeCommand<vscode.SemanticTokens>(
      'vscode.provideDocumentSemanticTokens',
      document.uri,
    );
    // Five words: four calls and the name of a thread.
    assert.equal(tokens.data.length / 5, 5);
  });

  it('warns of a result that cannot be', async () => {
    const diagnostics = () => vscode.languages.getDiagnostics(document.uri);
    await until(vscode.languages.onDidChangeDiagnostics, () => diagnostics().length > 0);
    const [first] = diagnostics();
    assert.equal(first?.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal(document.getText(first?.range), '1');
  });
});
