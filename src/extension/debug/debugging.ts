import path from 'node:path';
import * as vscode from 'vscode';
import { once, Emitter } from '../../common/event.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { t } from '../../common/l10n.js';
import type { Scenario } from '../../common/notation/ast.js';
import { parseScenario } from '../../common/notation/parser.js';
import { needText, unmetNeed } from '../../playground/needs.js';
import type { Playground } from '../../playground/playground.js';
import type { ScenarioResult } from '../../playground/scenarioResult.js';
import type { Calls } from '../commands/calls.js';
import { showError } from '../notify.js';
import { platform } from '../platform.js';
import { languageFileOf } from '../scenarios/languageFiles.js';
import type { Scenarios } from '../scenarios/scenarios.js';
import { openText, readText } from '../scenarios/scenarioText.js';
import type { DebugProgram } from './program.js';
import { DebugSession } from './session.js';

/** The type of a configuration in launch.json. */
const debugType = 'sockets';

export interface DebuggingContext {
  playground: Playground;
  calls: Calls;
  scenarios: Scenarios;
}

export interface DebugStart {
  /** Stops before the first line at this one or below, counted from 1. */
  stopAtLine?: number | undefined;
  /** Stops before the first line. */
  stopOnEntry?: boolean;
  /** The test run that the session belongs to. */
  testRun?: vscode.TestRun;
  /** Ends the session. */
  token?: vscode.CancellationToken;
}

/** Debugging of scenarios, in the extension host itself: F5, and what starts a session elsewhere. */
export class Debugging
  implements
    vscode.DebugAdapterDescriptorFactory,
    vscode.DebugConfigurationProvider,
    vscode.EvaluatableExpressionProvider,
    Disposable
{
  private readonly store = new DisposableStore();
  private readonly endEmitter = this.store.add(new Emitter<{ start: unknown; result: ScenarioResult }>());
  private lastStart = 0;

  constructor(private readonly context: DebuggingContext) {
    const { debug, languages } = vscode;
    this.store.add(debug.registerDebugAdapterDescriptorFactory(debugType, this));
    this.store.add(debug.registerDebugConfigurationProvider(debugType, this));
    this.store.add(
      debug.registerDebugConfigurationProvider(
        debugType,
        { provideDebugConfigurations: () => this.dynamicConfigurations() },
        vscode.DebugConfigurationProviderTriggerKind.Dynamic,
      ),
    );
    this.store.add(languages.registerEvaluatableExpressionProvider('sockets', this));
    this.store.add(debug.onDidStartDebugSession((session) => void showView(session)));
  }

  /**
   * Debugs a file. Without breakpoints in it, and without a line to stop at, it stops before the first line.
   * Resolves at the end; undefined where it did not begin.
   */
  async start(uri: vscode.Uri, start: DebugStart = {}): Promise<ScenarioResult | undefined> {
    if (!this.context.scenarios.mayRun(uri)) {
      this.context.scenarios.sayUntrusted(uri);
      return undefined;
    }
    const {
      stopAtLine,
      testRun,
      token,
      stopOnEntry = stopAtLine === undefined && !hasBreakpoints(uri),
    } = start;
    const key = ++this.lastStart;
    const configuration: vscode.DebugConfiguration = {
      type: debugType,
      request: 'launch',
      name: path.posix.basename(uri.path),
      program: programOf(uri),
      stopOnEntry,
      ...(stopAtLine !== undefined && { stopAtLine }),
      start: key,
    };
    let result: ScenarioResult | undefined;
    const store = new DisposableStore();
    try {
      store.add(
        this.endEmitter.event((end) => {
          result = end.start === key ? end.result : result;
        }),
      );
      const ended = once<vscode.DebugSession>(
        (listener) => store.add(vscode.debug.onDidTerminateDebugSession(listener)),
        (session) => session.configuration['start'] === key,
      );
      const began = once<vscode.DebugSession>(
        (listener) => store.add(vscode.debug.onDidStartDebugSession(listener)),
        (session) => session.configuration['start'] === key,
      );
      if (token) {
        store.add(
          token.onCancellationRequested(
            () => void began.then((session) => vscode.debug.stopDebugging(session)),
          ),
        );
      }
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      const options = {
        // What the editor has is read, saved or not.
        suppressSaveBeforeStart: true,
        ...(testRun && { testRun }),
      };
      if (!(await vscode.debug.startDebugging(folder, configuration, options))) {
        return undefined;
      }
      await ended;
      return result;
    } finally {
      store.dispose();
    }
  }

  createDebugAdapterDescriptor(session: vscode.DebugSession): vscode.DebugAdapterDescriptor {
    const adapter = new DebugSession({
      playground: this.context.playground,
      open: (program) => this.open(program, session),
    });
    return new vscode.DebugAdapterInlineImplementation(adapter);
  }

  /** The configurations that a new launch.json begins with. */
  provideDebugConfigurations(): vscode.DebugConfiguration[] {
    return [{ type: debugType, request: 'launch', name: t('Debug Scenario'), program: '${file}' }];
  }

  /** F5 without a launch.json debugs the scenario in the editor. */
  resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration | undefined {
    const editor = vscode.window.activeTextEditor?.document;
    const isEmpty = !configuration.type && !configuration.request && !configuration.name;
    if (!isEmpty || editor?.languageId !== 'sockets') {
      return configuration;
    }
    return {
      type: debugType,
      request: 'launch',
      name: path.posix.basename(editor.uri.path),
      program: programOf(editor.uri),
      stopOnEntry: !hasBreakpoints(editor.uri),
      // What Ctrl+F5 has said already.
      ...(configuration.noDebug !== undefined && { noDebug: configuration.noDebug as boolean }),
    };
  }

  /** Nothing runs where the workspace is not trusted, and what cannot run says so before a session begins. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const program: unknown = configuration['program'];
    if (typeof program !== 'string' || program === '') {
      void showError(t('The configuration names no scenario: "program" is missing.'));
      return undefined;
    }
    const uri = uriOf(program);
    if (!this.context.scenarios.mayRun(uri)) {
      this.context.scenarios.sayUntrusted(uri);
      return undefined;
    }
    try {
      await readRunnable(uri);
    } catch (error) {
      void showError((error as Error).message);
      return undefined;
    }
    await this.context.scenarios.add(uri);
    return configuration;
  }

  /** Only names are looked up while the pointer rests on them: everything else would have to be asked for. */
  provideEvaluatableExpression(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.EvaluatableExpression | undefined {
    const word = languageFileOf(document).wordAt(document.offsetAt(position));
    return word?.kind === 'variable'
      ? new vscode.EvaluatableExpression(
          new vscode.Range(document.positionAt(word.start), document.positionAt(word.end)),
          word.text,
        )
      : undefined;
  }

  dispose(): void {
    this.store.dispose();
  }

  private dynamicConfigurations(): vscode.DebugConfiguration[] {
    const editor = vscode.window.activeTextEditor?.document;
    return editor?.languageId === 'sockets'
      ? [
          {
            type: debugType,
            request: 'launch',
            name: path.posix.basename(editor.uri.path),
            program: programOf(editor.uri),
            stopOnEntry: true,
          },
        ]
      : [];
  }

  private async open(program: string, session: vscode.DebugSession): Promise<DebugProgram> {
    const { scenarios, calls } = this.context;
    const uri = uriOf(program);
    if (!scenarios.mayRun(uri)) {
      throw new Error(t('The calls of a scenario are real. They are made once you trust the workspace.'));
    }
    const scenario = await readRunnable(uri);
    const title = path.posix.basename(uri.path);
    const document = uri.toString();
    const memory = await scenarios.leftovers.take(document, 1, scenario.text, title);
    return {
      path: program,
      title,
      folder: path.dirname(uri.fsPath),
      scenario,
      loopbackOnly: !calls.isAllowed,
      allowOutside: (line) => calls.confirm(`${title}: ${line}`),
      memory,
      follow: (run) => {
        const shown = scenarios.showRun(uri, scenario, run);
        return {
          end: async (result) => {
            await scenarios.leftovers.leave(document, memory);
            shown.end(result);
            if (!(result instanceof Error)) {
              this.endEmitter.fire({ start: session.configuration['start'], result });
            }
          },
        };
      },
      currentText: () => openText(uri),
    };
  }
}

/** The scenario of a file as it is now. Rejects where it cannot run, with an error whose message says why. */
async function readRunnable(uri: vscode.Uri): Promise<Scenario> {
  const title = path.posix.basename(uri.path);
  const text = await readText(uri);
  if (text === undefined) {
    throw new Error(t('{0} cannot be read.', title));
  }
  const scenario = parseScenario(text, platform);
  const [first] = scenario.diagnostics;
  const need = unmetNeed(scenario.needs);
  if (first) {
    throw new Error(t('{0} cannot run: line {1}: {2}', title, first.line, first.message));
  }
  if (scenario.blanks.length > 0) {
    throw new Error(t('{0} cannot run: it has blanks that are still open.', title));
  }
  if (need) {
    throw new Error(needText(need));
  }
  return scenario;
}

/** A document as a configuration names it: by its path, or by its URI where it is no file. */
function programOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

function uriOf(program: string): vscode.Uri {
  // One letter is the drive of a Windows path.
  return /^[a-z][a-z\d+.-]+:/i.test(program) ? vscode.Uri.parse(program) : vscode.Uri.file(program);
}

/**
 * The editor opens its view at the first breakpoint only; a session that stops before a line shows its threads and
 * sockets at once, unless the user wants that never.
 */
async function showView({ type, configuration }: vscode.DebugSession): Promise<void> {
  const stops = configuration['stopOnEntry'] === true || configuration['stopAtLine'] !== undefined;
  const wanted = vscode.workspace.getConfiguration('debug').get<string>('openDebug');
  if (type === debugType && stops && configuration.noDebug !== true && wanted !== 'neverOpen') {
    await vscode.commands.executeCommand('workbench.view.debug');
    await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
  }
}

function hasBreakpoints(uri: vscode.Uri): boolean {
  return vscode.debug.breakpoints.some(
    (each) =>
      each.enabled &&
      (each instanceof vscode.FunctionBreakpoint ||
        (each instanceof vscode.SourceBreakpoint && each.location.uri.toString() === uri.toString())),
  );
}
