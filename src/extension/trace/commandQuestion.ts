import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { quoted, splitCommand } from '../../playground/trace/commandLine.js';
import { escapeIcons } from '../icons.js';

const historyKey = 'traceHistory';
const mostRemembered = 20;

/** By the ending of a file: what runs it. */
const interpreters: Readonly<Record<string, string>> = {
  '.py': 'python3',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.rb': 'ruby',
  '.pl': 'perl',
  '.sh': 'sh',
};

/** Endings of sources whose program is beside them. */
const compiled: ReadonlySet<string> = new Set(['.c', '.cc', '.cpp', '.cxx', '.rs', '.go', '.zig']);

interface CommandItem extends vscode.QuickPickItem {
  command: string;
}

/** Asks for a command to trace: typed, of the file in the editor, or one of those before. Undefined when dismissed. */
export async function askCommand(
  memory: vscode.Memento,
  folder: string | undefined,
): Promise<string | undefined> {
  const remembered = memory.get<unknown>(historyKey);
  const history = Array.isArray(remembered) ? remembered.filter((each) => typeof each === 'string') : [];
  const offered = [...new Set([...ofActiveFile(folder), ...history])];
  const pick = vscode.window.createQuickPick<CommandItem>();
  pick.title = t('Trace Program');
  pick.placeholder = t('A command, as in a shell: ./server 8080');
  pick.ignoreFocusOut = true;
  const show = (typed: string) => {
    const commands = typed === '' || offered.includes(typed) ? offered : [typed, ...offered];
    pick.items = commands.map((command) => ({
      label: escapeIcons(command),
      command,
      // The list looks for what is typed in the text with its icons left out.
      alwaysShow: command === typed,
      ...(splitCommand(command) === null ? { description: t('A quotation mark is not closed.') } : {}),
    }));
  };
  show('');
  const command = await new Promise<string | undefined>((resolve) => {
    pick.onDidChangeValue((value) => show(value.trim()));
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item && (splitCommand(item.command)?.length ?? 0) > 0) {
        resolve(item.command);
        pick.hide();
      }
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  if (command !== undefined) {
    const kept = [command, ...history.filter((each) => each !== command)].slice(0, mostRemembered);
    await memory.update(historyKey, kept);
  }
  return command;
}

/** What runs the file in the editor, relative to the folder that it is run in. */
function ofActiveFile(folder: string | undefined): string[] {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri?.scheme !== 'file') {
    return [];
  }
  const extension = path.extname(uri.fsPath);
  const interpreter = interpreters[extension];
  if (interpreter !== undefined) {
    return [`${interpreter} ${asWord(relative(uri.fsPath, folder))}`];
  }
  const program = uri.fsPath.slice(0, -extension.length);
  return compiled.has(extension) && isExecutable(program) ? [asWord(relative(program, folder))] : [];
}

function relative(file: string, folder: string | undefined): string {
  const inside = folder === undefined ? '' : path.relative(folder, file);
  return inside === '' || inside.startsWith('..') ? file : `./${inside}`;
}

function asWord(file: string): string {
  return /^[\w./+,@%-]+$/.test(file) ? file : quoted(file);
}

function isExecutable(file: string): boolean {
  return existsSync(file) && (statSync(file).mode & 0o111) !== 0 && statSync(file).isFile();
}
