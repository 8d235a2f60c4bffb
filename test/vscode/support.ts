import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CallRecord } from '../../src/common/call.js';
import type { SocketId } from '../../src/common/socket.js';
import type { StartedCall } from '../../src/extension/commands/socketCommands.js';
import type { SocketPlaygroundApi } from '../../src/extension/extension.js';

/** The activated extension. */
export async function activate(): Promise<SocketPlaygroundApi> {
  const extension = vscode.extensions.getExtension<SocketPlaygroundApi>(
    'socket-playground.socket-playground',
  );
  assert.ok(extension);
  return extension.activate();
}

/** Runs a command of the extension that makes a call, with its answers given. */
export async function start(command: string, answers: object = {}): Promise<StartedCall> {
  const started = await vscode.commands.executeCommand<StartedCall | undefined>(
    `socketPlayground.${command}`,
    answers,
  );
  assert.ok(started, `${command} made no call`);
  return started;
}

/** The same, until the call has returned. */
export async function call(command: string, answers: object = {}): Promise<CallRecord> {
  return (await start(command, answers)).returned;
}

/** The socket that a record tells of. */
export function created({ createdIds: [id], name, errno }: CallRecord): SocketId {
  assert.ok(id !== undefined, `${name} made no socket: ${errno}`);
  return id;
}

/** Resolves when the condition holds; looks again with every event. */
export async function until(
  event: (listener: () => void) => { dispose(): void },
  condition: () => boolean,
): Promise<void> {
  if (condition()) {
    return;
  }
  await new Promise<void>((resolve) => {
    const subscription = event(() => {
      if (condition()) {
        subscription.dispose();
        resolve();
      }
    });
  });
}

/** The quick input that a command has opened, once it is there and is not the given one. */
export async function quickInput(
  api: SocketPlaygroundApi,
  previous?: unknown,
): Promise<vscode.InputBox & vscode.QuickPick<vscode.QuickPickItem & { answer?: string }>> {
  for (;;) {
    const input = api.openInput();
    if (input && input !== previous) {
      return input as vscode.InputBox & vscode.QuickPick<vscode.QuickPickItem & { answer?: string }>;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the input box complains of. */
export function complaint(input: vscode.InputBox): string {
  const message = input.validationMessage;
  return typeof message === 'object' ? message.message : (message ?? '');
}

/** Presses Enter in the open quick input. The workbench needs a moment to show it. */
export async function accept(input: vscode.InputBox | vscode.QuickInput): Promise<void> {
  await shown(input);
  await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
}

/** Presses Escape in the open quick input. */
export async function leave(input: vscode.QuickInput): Promise<void> {
  await shown(input);
  await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
}

/** Presses the back button of the open quick input. */
export async function goBack(input: vscode.QuickInput): Promise<void> {
  await shown(input);
  await vscode.commands.executeCommand('workbench.action.quickInputBack');
}

/** A round trip to the workbench, behind everything that was sent to it before. */
async function shown(_input: vscode.QuickInput): Promise<void> {
  // The extension host sends what was set in the next turn of its loop.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await vscode.commands.executeCommand('setContext', 'socketPlayground.test', true);
}

/** The process that makes the calls; others read the recordings of those that have ended. */
export function hostPid({ playground }: SocketPlaygroundApi): number {
  const { status } = playground;
  assert.ok(status.kind === 'running');
  return status.host.pid;
}

/** The child processes of the extension host that run the socket host's program. */
export function socketHosts(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return parent === String(process.pid) && command.includes('socketHost.js');
      } catch {
        // The process ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

/** Those that run. */
const peers = new Set<Peer>();

/** A program that talks to our sockets, with what it has written so far; {@link reset} ends it where it still runs. */
export class Peer {
  private text = '';
  private readonly listeners = new Set<() => void>();
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(command: string, ...args: string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      this.listeners.forEach((listener) => listener());
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', resolve);
    });
    peers.add(this);
    this.child.once('close', () => peers.delete(this));
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Ends its input. */
  finish(): void {
    this.child.stdin?.end();
  }

  /** What it has written, once that matches. */
  async read(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      await new Promise<void>((resolve) => {
        const listener = () => {
          this.listeners.delete(listener);
          resolve();
        };
        this.listeners.add(listener);
      });
    }
    return this.text;
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

export interface OpenedScenario {
  document: vscode.TextDocument;
  /** Closes the editors and removes the file. */
  close(): Promise<void>;
}

/** Shows a scenario in an editor, from a file in a folder of its own. */
export async function openScenario(name: string, text: string): Promise<OpenedScenario> {
  const folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-editor-'));
  const file = path.join(folder, name);
  await writeFile(file, text);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  const close = async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  };
  return { document, close };
}

/** Ends peers, closes everything and forgets the records, between tests. */
export async function reset({ playground }: SocketPlaygroundApi): Promise<void> {
  await Promise.all([...peers].map((peer) => peer.end()));
  await playground.closeAll();
  await until(playground.onDidChange, () => playground.openSockets.length === 0);
  await playground.clear();
}
