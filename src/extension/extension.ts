import path from 'node:path';
import * as vscode from 'vscode';
import { setMessages, t } from '../common/l10n.js';
import { Playground } from '../playground/playground.js';
import { RecordingFolder } from '../playground/recordingFolder.js';
import { Repeats } from '../playground/repeats.js';
import { SocketHostProcess } from '../playground/socketHostProcess.js';
import { TraceFolder } from '../playground/trace/traceFolder.js';
import { Calls } from './commands/calls.js';
import { openInput } from './commands/flow.js';
import { PanelCommands } from './commands/panelCommands.js';
import { Reporter } from './commands/reporter.js';
import { CodeCommands } from './commands/codeCommands.js';
import { LessonCommands } from './commands/lessonCommands.js';
import { ScenarioCommands } from './commands/scenarioCommands.js';
import { SocketCommands } from './commands/socketCommands.js';
import { SystemCommands } from './commands/systemCommands.js';
import { followPlayground, setContextKey } from './contextKeys.js';
import { Debugging } from './debug/debugging.js';
import { HostNotices } from './hostNotices.js';
import { CallHistory } from './panel/callHistory.js';
import { ChoiceStore } from './panel/keptChoices.js';
import { extensionId, followMilestones, walkthroughId, welcome } from './milestones.js';
import { Panels } from './panel/panels.js';
import { Recordings } from './panel/recordings.js';
import { BlankMarks } from './scenarios/blanks.js';
import { linkCourses } from './scenarios/courseLinks.js';
import { ScenarioDiagnostics } from './scenarios/diagnostics.js';
import { LanguageFeatures } from './scenarios/languageFeatures.js';
import { ScenarioLenses } from './scenarios/lenses.js';
import { LessonProgress } from './scenarios/lessonProgress.js';
import { Lessons } from './scenarios/lessons.js';
import { LineDecorations } from './scenarios/lineDecorations.js';
import { runOnSave } from './scenarios/runOnSave.js';
import { Scenarios } from './scenarios/scenarios.js';
import { ScenarioTests } from './scenarios/scenarioTests.js';
import { StatusBar } from './statusBar.js';
import { TraceCommands } from './trace/traceCommands.js';
import { OpenSocketsView } from './views/openSocketsView.js';
import { ScenariosView } from './views/scenariosView.js';
import { SystemSocketsView } from './views/systemSocketsView.js';

/** What `activate` returns: for the tests that run in the extension host. */
export interface SocketPlaygroundApi {
  readonly playground: Playground;
  readonly openSockets: OpenSocketsView;
  readonly statusBar: StatusBar;
  readonly scenarios: Scenarios;
  readonly lessons: Lessons;
  readonly lineResults: LineDecorations;
  readonly tests: ScenarioTests;
  readonly debugging: Debugging;
  readonly panels: Panels;
  readonly recordings: Recordings;
  /** The quick input that is open now. */
  readonly openInput: () => typeof openInput;
  /** Own time of the activation, in ms. */
  readonly activationTime: number;
}

let tracing: TraceCommands | undefined;

/** Composes the parts. Nothing runs yet: the socket host starts with the first call. */
export function activate(context: vscode.ExtensionContext): SocketPlaygroundApi {
  const startTime = performance.now();
  setMessages(vscode.l10n.bundle ?? {});
  const { extensionUri, subscriptions } = context;
  const add = <T extends vscode.Disposable>(item: T): T => {
    subscriptions.push(item);
    return item;
  };

  const log = add(vscode.window.createOutputChannel(t('Socket Playground'), { log: true }));
  const hostPath = path.join(context.extensionPath, 'dist', 'socketHost.js');
  const storage = context.storageUri ?? context.globalStorageUri;
  const recordings = new RecordingFolder(path.join(storage.fsPath, 'recordings'));
  const host = new SocketHostProcess(hostPath, () => ({ ...captureLimits(), file: recordings.newFile() }));
  const playground = add(new Playground(host));
  const calls = new Calls(playground);
  const folders = ['scenarios', 'exercises'].map((name) => vscode.Uri.joinPath(extensionUri, name));
  const progress = new LessonProgress(context.globalState);
  const scenarios = add(new Scenarios({ folders, playground, calls, progress, log }));
  const lessons = add(new Lessons({ playground, calls, scenarios, progress }));
  const repeats = add(new Repeats(playground, (call, options) => calls.make(call, options)));
  const history = new CallHistory(context.workspaceState);
  const choices = new ChoiceStore(context.workspaceState);
  const shared = { extensionUri, playground, calls, scenarios, lessons, repeats, history, choices, log };
  const panels = add(new Panels(shared));
  const openSockets = add(new OpenSocketsView(playground, context.globalState));
  const systemSockets = add(new SystemSocketsView(playground));
  add(new ScenariosView(scenarios, progress));
  add(new ScenarioDiagnostics());
  add(new BlankMarks());
  add(linkCourses());
  add(new LanguageFeatures());
  const statusBar = add(new StatusBar(playground));
  add(new ScenarioLenses(scenarios));
  const lineResults = add(new LineDecorations(scenarios));
  add(runOnSave(scenarios));
  const debugging = add(new Debugging({ playground, calls, scenarios }));
  const tests = add(new ScenarioTests({ hostPath, folders, calls, debugging }));
  add(new HostNotices(host, log));
  add(followPlayground(playground));
  add(followMilestones(playground, scenarios));
  add(repeats.onDidChange(() => setContextKey('isRepeating', repeats.isRunning)));

  const reporter = add(new Reporter(playground, panels));
  const stopHost = () => host.stop();
  add(new SocketCommands({ playground, calls, panels, view: openSockets, reporter, stopHost, log }));
  add(new SystemCommands({ playground, panels, view: systemSockets }));
  add(new PanelCommands({ playground, panels, repeats }));
  const save = (file: string) => host.saveRecording({ file });
  const recordingTabs = add(new Recordings({ ...shared, panels, hostPath, folder: recordings, save }));
  const traces = new TraceFolder(path.join(storage.fsPath, 'traces'));
  tracing = add(
    new TraceCommands({ recordings: recordingTabs, folder: traces, memory: context.workspaceState }),
  );
  add(new ScenarioCommands({ scenarios, panels, debugging }));
  const exercises = vscode.Uri.joinPath(extensionUri, 'exercises');
  const state = context.globalState;
  add(new LessonCommands({ scenarios, lessons, panels, progress, exercises, hostPath, state }));
  add(new CodeCommands({ playground, panels }));

  add(
    vscode.commands.registerCommand('socketPlayground.showKeys', () =>
      vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', `@ext:${extensionId}`),
    ),
  );
  add(
    vscode.commands.registerCommand('socketPlayground.openWalkthrough', () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthroughId),
    ),
  );

  void welcome(state);

  // Of calls that somebody looks at: a scenario behind the scenes is left to itself.
  add(
    playground.onDidReturn((record) => {
      if (record.madeBy === null || panels.open?.isVisible) {
        playground.facts.lookUp(record);
      }
    }),
  );

  // One selection in tree and panel.
  add(openSockets.onDidSelect((socketId) => panels.select(socketId)));
  add(panels.onDidSelect((socketId) => void openSockets.reveal(socketId)));

  return {
    playground,
    openSockets,
    statusBar,
    scenarios,
    lessons,
    lineResults,
    tests,
    debugging,
    panels,
    recordings: recordingTabs,
    openInput: () => openInput,
    activationTime: performance.now() - startTime,
  };
}

/** What has to end before the window does. */
export async function deactivate(): Promise<void> {
  await tracing?.end();
}

/** The settings in bytes. */
function captureLimits(): { memory: number; disk: number } {
  const settings = vscode.workspace.getConfiguration('socketPlayground.capture');
  const MiB = 1024 * 1024;
  return { memory: settings.get('memory', 64) * MiB, disk: settings.get('disk', 1024) * MiB };
}
