import path from 'node:path';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { Diagnostic, Scenario } from '../../common/notation/ast.js';
import { expectations } from '../../common/notation/match.js';
import { parseScenario } from '../../common/notation/parser.js';
import { printRecord } from '../../common/notation/printer.js';
import { needText, unmetNeed } from '../../playground/needs.js';
import { runInOwnHost } from '../../playground/ownHostRun.js';
import type { Problem, ScenarioResult } from '../../playground/scenarioResult.js';
import type { Calls } from '../commands/calls.js';
import type { Debugging } from '../debug/debugging.js';
import { platform } from '../platform.js';
import { isWithin, readText } from './scenarioText.js';

/** Files of the workspace that are listed, at most. */
const maxFiles = 1000;

export interface ScenarioTestsContext {
  /** The bundle of the socket host process. */
  hostPath: string;
  /** The built-in files, which are no tests of the user's. */
  folders: readonly vscode.Uri[];
  calls: Calls;
  debugging: Debugging;
}

/**
 * The scenarios of the workspace, and those that are open, as tests: each file that expects something is one. Each runs in
 * a socket host of its own, one after another: files may name the same port.
 */
export class ScenarioTests implements Disposable {
  private readonly store = new DisposableStore();
  private readonly controller = this.store.add(
    vscode.tests.createTestController('socketPlayground.scenarios', t('Socket scenarios')),
  );
  private isFollowing = false;

  constructor(private readonly context: ScenarioTestsContext) {
    this.controller.resolveHandler = (item) => (item ? undefined : this.discover());
    this.controller.refreshHandler = () => this.discover();
    this.controller.createRunProfile(
      t('Run'),
      vscode.TestRunProfileKind.Run,
      (request, token) => this.run(request, token),
      true,
    );
    this.controller.createRunProfile(
      t('Debug'),
      vscode.TestRunProfileKind.Debug,
      (request, token) => this.run(request, token, true),
      true,
    );
    this.store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.controller.items.forEach((item) => {
          item.error = undefined;
        });
      }),
    );
    this.store.add(vscode.workspace.onDidOpenTextDocument((document) => void this.addOpen(document)));
    vscode.workspace.textDocuments.forEach((document) => void this.addOpen(document));
  }

  /** The tests that are known so far. */
  get items(): vscode.TestItemCollection {
    return this.controller.items;
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Runs what a request names, else everything; in the debugger where that is wanted. Resolves at the end. */
  async run(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    isDebugged = false,
  ): Promise<void> {
    const run = this.controller.createTestRun(request);
    const items = this.chosen(request);
    items.forEach((item) => run.enqueued(item));
    try {
      for (const item of items) {
        if (token.isCancellationRequested) {
          run.skipped(item);
        } else {
          await this.runItem(item, run, { token, isDebugged });
        }
      }
    } finally {
      run.end();
    }
  }

  private chosen({ include, exclude }: vscode.TestRunRequest): vscode.TestItem[] {
    const all: vscode.TestItem[] = [];
    this.controller.items.forEach((item) => all.push(item));
    return (include ?? all).filter((item) => !exclude?.includes(item));
  }

  private async runItem(
    item: vscode.TestItem,
    run: vscode.TestRun,
    how: { token: vscode.CancellationToken; isDebugged: boolean },
  ): Promise<void> {
    const { uri } = item;
    const text = uri && (await readText(uri));
    run.started(item);
    const start = performance.now();
    const took = () => performance.now() - start;
    if (!vscode.workspace.isTrusted) {
      run.errored(item, new vscode.TestMessage(untrusted()), took());
    } else if (uri === undefined || text === undefined) {
      run.errored(item, new vscode.TestMessage(t('The file cannot be read.')), took());
    } else {
      const { token, isDebugged } = how;
      const scenario = parseScenario(text, platform);
      // What cannot run says why without a session.
      const result =
        isDebugged && canRun(scenario)
          ? await this.context.debugging.start(uri, { stopOnEntry: false, testRun: run, token })
          : await this.perform(scenario, item, run, token);
      report(result ?? { outcome: 'cancelled', callCount: 0 }, { item, uri, run, took: took() });
    }
  }

  private async perform(
    scenario: Scenario,
    item: vscode.TestItem,
    run: vscode.TestRun,
    token: vscode.CancellationToken,
  ): Promise<ScenarioResult> {
    const { calls, hostPath } = this.context;
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      return await runInOwnHost({
        hostPath,
        scenario,
        options: {
          name: item.label,
          folder: path.dirname(item.uri!.fsPath),
          loopbackOnly: !calls.isAllowed,
          allowOutside: (line) => calls.confirm(`${item.label}: ${line}`),
        },
        signal: controller.signal,
        onRecord: ({ record }) => {
          const line = printRecord(record, { platform, maxData: 256 });
          run.appendOutput(`${line}\r\n`, undefined, item);
        },
      });
    } finally {
      subscription.dispose();
    }
  }

  /** Looks for the files of the workspace; from then on their changes are followed. */
  private async discover(): Promise<void> {
    this.follow();
    const found = await vscode.workspace.findFiles('**/*.sockets', '**/node_modules/**', maxFiles);
    const ids = new Set(found.map(String));
    this.controller.items.forEach(({ id, uri }) => {
      if (!ids.has(id) && uri && !isOpen(uri)) {
        this.controller.items.delete(id);
      }
    });
    await Promise.all(found.map((uri) => this.read(uri)));
  }

  private follow(): void {
    if (!this.isFollowing) {
      this.isFollowing = true;
      const watcher = this.store.add(vscode.workspace.createFileSystemWatcher('**/*.sockets'));
      this.store.add(watcher.onDidCreate((uri) => void this.read(uri)));
      this.store.add(watcher.onDidChange((uri) => void this.read(uri)));
      this.store.add(watcher.onDidDelete((uri) => this.controller.items.delete(uri.toString())));
    }
  }

  private async addOpen({ languageId, uri }: vscode.TextDocument): Promise<void> {
    if (languageId === 'sockets' && uri.scheme === 'file') {
      await this.read(uri);
    }
  }

  /** Makes a file a test, or none where it expects nothing. */
  private async read(uri: vscode.Uri): Promise<void> {
    const id = uri.toString();
    if (isWithin(this.context.folders, uri)) {
      return;
    }
    const text = await readText(uri);
    const scenario = text === undefined ? undefined : parseScenario(text, platform);
    if (!scenario || !expectsSomething(scenario)) {
      this.controller.items.delete(id);
      return;
    }
    const label = labelOf(uri);
    const item = this.controller.items.get(id) ?? this.controller.createTestItem(id, label, uri);
    item.description = scenario.title;
    const line = (scenario.statements[0]?.line ?? 1) - 1;
    item.range = new vscode.Range(line, 0, line, 0);
    item.error = vscode.workspace.isTrusted ? undefined : untrusted();
    this.controller.items.add(item);
  }
}

/** Whether some line says what comes; a file that cannot be read to its end is a test too, which fails. */
function expectsSomething({ statements, diagnostics }: Scenario): boolean {
  return (
    diagnostics.length > 0 ||
    statements.some((each) => each.kind === 'call' && expectations(each, platform).length > 0)
  );
}

/** The file's name; of a translated lesson with the folder of its language, as the original has the same name. */
function labelOf(uri: vscode.Uri): string {
  const name = path.posix.basename(uri.path, '.sockets');
  const folder = path.posix.basename(path.posix.dirname(uri.path));
  return /^[a-z]{2}$/.test(folder) ? `${folder}/${name}` : name;
}

function canRun({ diagnostics, blanks, needs }: Scenario): boolean {
  return diagnostics.length + blanks.length === 0 && !unmetNeed(needs);
}

function untrusted(): string {
  return t('The calls of a scenario are real. They are made once you trust the workspace.');
}

function isOpen(uri: vscode.Uri): boolean {
  return vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
}

interface Reported {
  item: vscode.TestItem;
  uri: vscode.Uri;
  run: vscode.TestRun;
  /** In ms. */
  took: number;
}

/** Tells the editor what a run has come to, each problem at its place. */
function report(result: ScenarioResult, { item, uri, run, took }: Reported): void {
  switch (result.outcome) {
    case 'passed':
      run.passed(item, took);
      break;
    case 'skipped':
      run.appendOutput(`${needText(result.need)}\r\n`, undefined, item);
      run.skipped(item);
      break;
    case 'cancelled':
      run.skipped(item);
      break;
    case 'failed':
      run.failed(
        item,
        result.problems.length > 0
          ? result.problems.map((problem) => messageOf(problem, uri))
          : [new vscode.TestMessage(t('It makes no call.'))],
        took,
      );
      break;
    case 'invalid':
    case 'stopped':
      run.errored(
        item,
        result.problems.map((problem) => messageOf(problem, uri)),
        took,
      );
  }
}

function messageOf(problem: Problem | Diagnostic, uri: vscode.Uri): vscode.TestMessage {
  const { message, line, column, range } = problem;
  const text =
    'kind' in problem && problem.kind === 'expectation'
      ? vscode.TestMessage.diff(message, problem.expected, problem.got)
      : new vscode.TestMessage(message);
  const start = new vscode.Position(line - 1, column - 1);
  text.location = new vscode.Location(
    uri,
    new vscode.Range(start, start.translate(0, range.end - range.start)),
  );
  return text;
}
