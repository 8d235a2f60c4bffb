// Makes a fresh clone ready: needs nothing but Node and npm, does only what is not done yet. `--tests` also sees to the
// programs and the two VS Codes that the tests run in.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { run } from './run.mjs';
import { ensureTools } from './tools.mjs';
import { installVSCodeServer } from './vscodeServer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The installed packages by folder, with their versions.
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function readPackages(lockFile) {
  const lock = /** @type {{ packages: Record<string, { version?: string, optional?: boolean }> }} */ (
    JSON.parse(readFileSync(lockFile, 'utf8'))
  );
  return lock.packages;
}

/** Whether node_modules holds what package-lock.json asks for; npm leaves out optional packages of other platforms. */
function arePackagesInstalled() {
  // npm writes this file last: an interrupted installation does not have it.
  const record = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) {
    return false;
  }
  const installed = readPackages(record);
  return Object.entries(readPackages(path.join(root, 'package-lock.json'))).every(
    ([folder, { version, optional }]) =>
      folder === '' || installed[folder]?.version === version || (optional && !installed[folder]),
  );
}

/** Installs the packages when they are missing or are not those that package-lock.json asks for. */
export async function ensurePackages() {
  if (arePackagesInstalled()) {
    return;
  }
  process.stderr.write('Installing packages…\n');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
}

/** Everything that `npm test` needs. */
export async function ensureTestSetup() {
  // One after the other: npm waits for itself badly, and two cores are soon busy.
  await ensurePackages();
  await ensureTools();
  await installVSCodeServer('1.139.1');
  await installVSCodeServer('1.100.3');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await (process.argv.includes('--tests') ? ensureTestSetup() : ensurePackages());
}
