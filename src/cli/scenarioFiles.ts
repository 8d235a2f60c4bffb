import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { withoutTranslations } from '../common/course.js';
import { t } from '../common/l10n.js';
import { InputError } from './input.js';

const scenarioExtension = '.sockets';

/**
 * The files that an operand stands for: itself, or of a folder every scenario in it and below (or what else is asked for), in the order of their names;
 * lessons in other languages make the same calls and are left out.
 * @param signal Ends the search, which may be long.
 * @throws {InputError} for a folder without any, or one that cannot be read.
 */
export async function expandOperand(
  operand: string,
  signal: AbortSignal,
  extensions: readonly string[] = [scenarioExtension],
): Promise<string[]> {
  if (operand === '-' || !(await isFolder(operand))) {
    return [operand];
  }
  let names: string[];
  try {
    names = await filesBelow(operand, signal);
  } catch (error) {
    throw new InputError(t('The folder cannot be read: {0}', (error as Error).message));
  }
  const files = withoutTranslations(names.filter((name) => extensions.includes(path.extname(name)))).sort();
  if (files.length === 0) {
    throw new InputError(t('There is no {0} file in this folder.', extensions.join(', ')));
  }
  return files.map((name) => path.join(operand, name));
}

async function filesBelow(root: string, signal: AbortSignal): Promise<string[]> {
  const files: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined && !signal.aborted; folder = folders.pop()) {
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
      (entry.isDirectory() ? folders : files).push(path.join(folder, entry.name));
    }
  }
  return files;
}

async function isFolder(operand: string): Promise<boolean> {
  try {
    return (await stat(operand)).isDirectory();
  } catch {
    // Reading it tells what is wrong.
    return false;
  }
}
