import { readdirSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';

/**
 * Called by VS Code in the extension host: runs every test file of this folder. The report goes to the file named in
 * SOCKET_PLAYGROUND_REPORT, because the window's exit code is 0 also when the extension host has died.
 */
export async function run(): Promise<void> {
  const output = process.env['SOCKET_PLAYGROUND_REPORT'];
  if (output === undefined) {
    throw new Error('SOCKET_PLAYGROUND_REPORT names no file.');
  }
  const mocha = new Mocha({
    ui: 'bdd',
    // VS Code gives up after half a minute what gets lost between it and a page, and goes on then.
    timeout: 90_000,
    reporter: 'json',
    reporterOptions: { output },
  });
  for (const file of readdirSync(__dirname).toSorted()) {
    if (file.endsWith('.test.js')) {
      mocha.addFile(path.join(__dirname, file));
    }
  }
  await new Promise<void>((resolve) => {
    // The log then tells which test was running when nothing went on.
    mocha.run(() => resolve()).on('test', (test) => console.log(`test: ${test.fullTitle()}`));
  });
}
