import * as vscode from 'vscode';
import { completeAt, type CompletionItem } from '../../common/language/completion.js';
import { hoverAt, type HoverPart } from '../../common/language/hover.js';
import {
  findDefinition,
  findReferences,
  findRenameable,
  whyNotRename,
} from '../../common/language/navigation.js';
import { findSections, outlineCalls } from '../../common/language/outline.js';
import { threadColors, threadTokens } from '../../common/language/semanticTokens.js';
import { signatureAt } from '../../common/language/signatureHelp.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { Range } from '../../common/notation/ast.js';
import { ScenarioFormatting } from './formatting.js';
import { languageFileOf } from './languageFiles.js';

const selector = 'sockets';
/** What is written before something new can be chosen. */
const completionStarters = ['(', ',', ' ', '|', '=', '[', '{'];

/** What the editor offers for `.sockets` files beside diagnostics: each provider only translates. */
export class LanguageFeatures implements Disposable {
  private readonly store = new DisposableStore();

  constructor() {
    const { languages } = vscode;
    const legend = new vscode.SemanticTokensLegend(
      Array.from({ length: threadColors }, (_, color) => `socketThread${color}`),
    );
    for (const registration of [
      languages.registerDocumentFormattingEditProvider(selector, new ScenarioFormatting()),
      languages.registerCompletionItemProvider(selector, { provideCompletionItems }, ...completionStarters),
      languages.registerHoverProvider(selector, { provideHover }),
      languages.registerSignatureHelpProvider(selector, { provideSignatureHelp }, '(', ','),
      languages.registerDefinitionProvider(selector, { provideDefinition }),
      languages.registerReferenceProvider(selector, { provideReferences }),
      languages.registerDocumentHighlightProvider(selector, { provideDocumentHighlights }),
      languages.registerRenameProvider(selector, { prepareRename, provideRenameEdits }),
      languages.registerDocumentSymbolProvider(selector, { provideDocumentSymbols }),
      languages.registerFoldingRangeProvider(selector, { provideFoldingRanges }),
      languages.registerDocumentSemanticTokensProvider(
        selector,
        { provideDocumentSemanticTokens: (document) => semanticTokens(document, legend) },
        legend,
      ),
    ]) {
      this.store.add(registration);
    }
  }

  dispose(): void {
    this.store.dispose();
  }
}

function place(document: vscode.TextDocument, { start, end }: Range): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

const itemKinds: Readonly<Record<CompletionItem['kind'], vscode.CompletionItemKind>> = {
  call: vscode.CompletionItemKind.Function,
  constant: vscode.CompletionItemKind.Constant,
  variable: vscode.CompletionItemKind.Variable,
  value: vscode.CompletionItemKind.Value,
  field: vscode.CompletionItemKind.Field,
  keyword: vscode.CompletionItemKind.Keyword,
  thread: vscode.CompletionItemKind.Module,
  snippet: vscode.CompletionItemKind.Snippet,
};

function provideCompletionItems(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.CompletionItem[] {
  const { range, items } = completeAt(languageFileOf(document), document.offsetAt(position));
  const replaced = place(document, range);
  return items.map(({ label, kind, detail, documentation, snippet }, index) => {
    const item = new vscode.CompletionItem(
      { label, ...(detail === undefined ? {} : { description: detail }) },
      itemKinds[kind],
    );
    item.range = { inserting: replaced.with({ end: position }), replacing: replaced };
    item.sortText = String(index).padStart(4, '0');
    if (documentation !== undefined) {
      item.documentation = documentation;
    }
    if (snippet !== undefined) {
      item.insertText = new vscode.SnippetString(snippet);
      // Arguments and results are chosen next.
      if (kind === 'call' || snippet.endsWith(' ') || snippet.endsWith('=')) {
        item.command = { command: 'editor.action.triggerSuggest', title: t('Suggest') };
      }
    }
    return item;
  });
}

function provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const hover = hoverAt(languageFileOf(document), document.offsetAt(position));
  return hover && new vscode.Hover(markdownOf(hover.parts), place(document, hover.range));
}

/** What comes from the file is shown as code, never as markup. */
function markdownOf(parts: readonly HoverPart[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  for (const part of parts) {
    switch (part.kind) {
      case 'markdown':
        markdown.appendMarkdown(`${part.text}\n\n`);
        break;
      case 'code':
        markdown.appendCodeblock(part.text, part.language);
        break;
      case 'rule':
        markdown.appendMarkdown('\n---\n\n');
    }
  }
  return markdown;
}

function provideSignatureHelp(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.SignatureHelp | undefined {
  const found = signatureAt(languageFileOf(document), document.offsetAt(position));
  if (!found) {
    return undefined;
  }
  const signature = new vscode.SignatureInformation(found.label, found.documentation);
  signature.parameters = found.parameters.map(
    ({ start, end, documentation }) => new vscode.ParameterInformation([start, end], documentation),
  );
  const help = new vscode.SignatureHelp();
  help.signatures = [signature];
  help.activeParameter = found.active;
  return help;
}

function provideDefinition(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.Location | undefined {
  const range = findDefinition(languageFileOf(document), document.offsetAt(position));
  return range && new vscode.Location(document.uri, place(document, range));
}

function provideReferences(
  document: vscode.TextDocument,
  position: vscode.Position,
  { includeDeclaration }: vscode.ReferenceContext,
): vscode.Location[] {
  return findReferences(languageFileOf(document), document.offsetAt(position))
    .filter(({ isGiven }) => includeDeclaration || !isGiven)
    .map((word) => new vscode.Location(document.uri, place(document, word)));
}

function provideDocumentHighlights(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.DocumentHighlight[] {
  return findReferences(languageFileOf(document), document.offsetAt(position)).map(
    (word) =>
      new vscode.DocumentHighlight(
        place(document, word),
        word.isGiven ? vscode.DocumentHighlightKind.Write : vscode.DocumentHighlightKind.Read,
      ),
  );
}

function prepareRename(
  document: vscode.TextDocument,
  position: vscode.Position,
): { range: vscode.Range; placeholder: string } {
  const word = findRenameable(languageFileOf(document), document.offsetAt(position));
  if (!word) {
    throw new Error(t('Only variables and threads can be renamed.'));
  }
  return { range: place(document, word), placeholder: word.text };
}

function provideRenameEdits(
  document: vscode.TextDocument,
  position: vscode.Position,
  newName: string,
): vscode.WorkspaceEdit {
  const file = languageFileOf(document);
  const offset = document.offsetAt(position);
  const word = findRenameable(file, offset);
  const problem = word ? whyNotRename(file, word, newName) : t('Only variables and threads can be renamed.');
  if (problem !== undefined) {
    throw new Error(problem);
  }
  const edit = new vscode.WorkspaceEdit();
  for (const each of findReferences(file, offset)) {
    edit.replace(document.uri, place(document, each), newName);
  }
  return edit;
}

function provideDocumentSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  const file = languageFileOf(document);
  return findSections(file).map(({ title, first, last }) => {
    const whole = new vscode.Range(document.lineAt(first).range.start, document.lineAt(last).range.end);
    // The editor refuses a symbol without a name.
    const section = new vscode.DocumentSymbol(
      title === '' ? '#' : title,
      '',
      vscode.SymbolKind.Namespace,
      whole,
      document.lineAt(first).range,
    );
    section.children = outlineCalls(file, first, last).map(({ name, detail, line, givesNames }) => {
      const { range } = document.lineAt(line);
      const kind = givesNames ? vscode.SymbolKind.Variable : vscode.SymbolKind.Function;
      return new vscode.DocumentSymbol(name, detail, kind, range, range);
    });
    return section;
  });
}

function provideFoldingRanges(document: vscode.TextDocument): vscode.FoldingRange[] {
  return findSections(languageFileOf(document))
    .filter(({ first, last }) => last > first)
    .map(({ first, last, firstCall }) => {
      const kind = firstCall === undefined ? vscode.FoldingRangeKind.Comment : vscode.FoldingRangeKind.Region;
      return new vscode.FoldingRange(first, last, kind);
    });
}

function semanticTokens(
  document: vscode.TextDocument,
  legend: vscode.SemanticTokensLegend,
): vscode.SemanticTokens {
  const builder = new vscode.SemanticTokensBuilder(legend);
  for (const { line, start, length, color } of threadTokens(languageFileOf(document))) {
    builder.push(line, start, length, color);
  }
  return builder.build();
}
