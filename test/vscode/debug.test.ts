import assert from 'node:assert/strict';
import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';
import { activate, type OpenedScenario, openScenario, reset, until } from './support.js';

const text = `# A conversation
server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
[server] peer = accept(server)

# The client
client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, getsockname(server)) = 0
[server] send(peer, "hello", 5) = 4
recv(client, "hello", 100) = 5
`;

/** What passes between the editor and the debug adapters. */
class Traffic implements vscode.DebugAdapterTrackerFactory {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly events: DebugProtocol.Event[] = [];
  readonly onDidHear = this.emitter.event;

  createDebugAdapterTracker(): vscode.DebugAdapterTracker {
    return {
      onDidSendMessage: (message: DebugProtocol.ProtocolMessage) => {
        if (message.type === 'event') {
          this.events.push(message as DebugProtocol.Event);
          this.emitter.fire();
        }
      },
    };
  }

  /** The next event of a kind that nobody has waited for yet. */
  async next<T>(name: string): Promise<T> {
    const find = () => this.events.findIndex(({ event }) => event === name);
    await until(this.onDidHear, () => find() >= 0);
    return this.events.splice(find(), 1)[0]!.body as T;
  }
}

describe('the debugger', () => {
  let api: SocketPlaygroundApi;
  let opened: OpenedScenario;
  let document: vscode.TextDocument;
  let traffic: Traffic;
  let tracking: vscode.Disposable;
  before(async () => {
    api = await activate();
    opened = await openScenario('debugged.sockets', text);
    ({ document } = opened);
  });
  after(() => opened.close());
  beforeEach(() => {
    traffic = new Traffic();
    tracking = vscode.debug.registerDebugAdapterTrackerFactory('sockets', traffic);
  });
  afterEach(async () => {
    tracking.dispose();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await stop();
    await reset(api);
  });

  const breakAt = (line: number) =>
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(new vscode.Location(document.uri, new vscode.Position(line - 1, 0))),
    ]);
  /** The next stop, once the editor has gone to its frame. */
  const stopped = async () => {
    const body = await traffic.next<DebugProtocol.StoppedEvent['body']>('stopped');
    await until(vscode.debug.onDidChangeActiveStackItem, () => {
      const item = vscode.debug.activeStackItem;
      return item instanceof vscode.DebugStackFrame && item.threadId === body.threadId;
    });
    return body;
  };
  /** Ends the session, or sees it end by itself; resolves when the editor has let it go, too. */
  const stop = async () => {
    await vscode.debug.stopDebugging(vscode.debug.activeDebugSession);
    await until(vscode.debug.onDidChangeActiveDebugSession, () => !vscode.debug.activeDebugSession);
  };
  const session = () => {
    const active = vscode.debug.activeDebugSession;
    assert.ok(active);
    return active;
  };
  const request = <T>(command: string, args: object = {}) =>
    session().customRequest(command, args) as Promise<T>;
  const frames = async () => {
    const { threads } = await request<DebugProtocol.ThreadsResponse['body']>('threads');
    return Promise.all(
      threads.map(async ({ id, name }) => {
        const { stackFrames } = await request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
          threadId: id,
        });
        return `${name} ${stackFrames[0]?.line}: ${stackFrames[0]?.name}`;
      }),
    );
  };

  it('stops at a breakpoint with another thread waiting, steps, stops at what is unexpected, and ends', async () => {
    breakAt(9);
    const result = api.debugging.start(document.uri);
    assert.equal((await stopped()).reason, 'breakpoint');
    const [main, server] = await frames();
    assert.equal(main, 'main 9: connect(client, getsockname(server)) = 0');
    assert.match(server ?? '', /^server 5: waiting in accept\(\d+\) for /);
    const { result: address } = await request<DebugProtocol.EvaluateResponse['body']>('evaluate', {
      expression: 'getsockname(server)',
      context: 'repl',
    });
    assert.match(address, /^getsockname\(/);
    await vscode.commands.executeCommand('workbench.action.debug.stepOver');
    const unexpected = await stopped();
    assert.equal(unexpected.reason, 'exception');
    assert.equal(unexpected.text, 'Expected 4, got 5');
    await vscode.commands.executeCommand('workbench.action.debug.continue');
    assert.equal((await result)?.outcome, 'failed');
    assert.deepEqual(
      [...api.lineResults.resultsOf(document.uri)].map(([line, { kind }]) => `${line} ${kind}`),
      ['1 plain', '2 passed', '3 passed', '4 plain', '7 plain', '8 passed', '9 failed', '10 passed'],
    );
    assert.equal(api.scenarios.isRunning(document.uri.toString()), false);
    assert.equal(api.playground.openSockets.length, 0);
  });

  it('begins with F5 where there is no launch.json, before the first line where there is no breakpoint', async () => {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.debug.start');
    assert.equal((await stopped()).reason, 'entry');
    assert.equal(session().type, 'sockets');
    assert.equal(session().configuration['program'], document.uri.fsPath);
    assert.equal(api.scenarios.isRunning(document.uri.toString()), true);
    await vscode.commands.executeCommand('workbench.action.debug.restart');
    assert.equal((await stopped()).reason, 'entry');
    await stop();
    assert.equal(api.scenarios.isRunning(document.uri.toString()), false);
  });

  it('stops where its lens stands', async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    const lens = lenses.find(({ command }) => command?.title === 'Debug to Here')?.command;
    assert.ok(lens);
    void vscode.commands.executeCommand(lens.command, ...(lens.arguments as unknown[]));
    assert.equal((await stopped()).reason, 'step');
    assert.equal((await frames())[0], 'main 8: client = socket(AF_INET, SOCK_STREAM, 0)');
    await stop();
  });

  it('runs a test, which fails as it does without it', async () => {
    const item = api.tests.items.get(document.uri.toString());
    assert.ok(item);
    const source = new vscode.CancellationTokenSource();
    const run = api.tests.run(new vscode.TestRunRequest([item]), source.token, true);
    assert.equal((await stopped()).reason, 'exception');
    await vscode.commands.executeCommand('workbench.action.debug.continue');
    await run;
    source.dispose();
  });

  it('debugs a document that was never saved', async () => {
    const unsaved = await vscode.workspace.openTextDocument({ language: 'sockets', content: text });
    await vscode.window.showTextDocument(unsaved);
    const result = api.debugging.start(unsaved.uri, { stopOnEntry: true });
    assert.equal((await stopped()).reason, 'entry');
    assert.equal(session().configuration['program'], unsaved.uri.toString());
    await vscode.commands.executeCommand('workbench.action.debug.stop');
    assert.equal((await result)?.outcome, 'cancelled');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
