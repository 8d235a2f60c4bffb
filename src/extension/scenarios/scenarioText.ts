import * as vscode from 'vscode';

/** The largest file that is read as a scenario, in bytes. */
const maxFileBytes = 4 * 1024 * 1024;

/** The text as the editor has it, else as it is stored; undefined when it is too large or cannot be read. */
export async function readText(uri: vscode.Uri): Promise<string | undefined> {
  const open = openText(uri);
  if (open !== undefined) {
    return open;
  }
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size > maxFileBytes
      ? undefined
      : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}

/** Whether there is such a file. */
export async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

/** The text of a document that is open; undefined where it is not. */
export function openText(uri: vscode.Uri): string | undefined {
  return vscode.workspace.textDocuments
    .find((document) => document.uri.toString() === uri.toString())
    ?.getText();
}

/** Whether a file is in one of some folders, or below. */
export function isWithin(folders: readonly vscode.Uri[], uri: vscode.Uri): boolean {
  return folders.some((folder) => uri.toString().startsWith(`${folder.toString()}/`));
}
