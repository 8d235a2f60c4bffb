// Runs the mocha suite inside a real VS Code, through @vscode/test-electron: in a desktop VS Code where one is named in
// VSCODE_EXECUTABLE, on Linux otherwise in the bundled one, elsewhere in one that is downloaded. The window loads dist/: build first.
// Usage: vscodeTest.mjs VERSION REPORT [NAME…]   NAME is that of a test file, without .test.ts; all run where none is named.
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';
import * as esbuild from 'esbuild';
import { whyUnavailable } from './vscodeServer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {import('./vscodeServer.mjs').VSCodeVersion} version
 * @param {string} report Where mocha's JSON report goes.
 * @param {string[]} names
 * @throws {Error} When the window did not come up or reported a failure.
 */
async function runVSCodeSuite(version, report, names) {
  const results = path.join(root, 'test-results', `vscode-${version}`);
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const sources = path.join(root, 'test/vscode');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: (await readdir(sources))
      .filter(
        (name) =>
          name === 'index.ts' ||
          (name.endsWith('.test.ts') && (names.length === 0 || names.includes(name.replace('.test.ts', '')))),
      )
      .map((name) => path.join(sources, name)),
    outdir: results,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha', 'koffi'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const desktop = process.env['VSCODE_EXECUTABLE'];
  const launcher = whyUnavailable()
    ? undefined
    : fileURLToPath(new URL('vscodeLauncher.mjs', import.meta.url));
  const executable = desktop ?? launcher;
  await runTests({
    ...(executable === undefined ? { version } : { vscodeExecutablePath: executable }),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(results, 'index.js'),
    launchArgs: [
      path.join(root, 'scenarios'),
      // A profile has one VS Code at a time, and both versions run at once.
      `--user-data-dir=${path.join(results, 'user-data')}`,
      `--extensions-dir=${path.join(results, 'extensions')}`,
    ],
    extensionTestsEnv: {
      SOCKET_PLAYGROUND_REPORT: report,
      SOCKET_PLAYGROUND_SCREENSHOT: path.join(results, 'stuck.png'),
      SOCKET_PLAYGROUND_VSCODE_VERSION: version,
    },
  });
}

const [version = '1.139.1', report = 'test-results/vscode.json', ...names] = process.argv.slice(2);
await runVSCodeSuite(
  /** @type {import('./vscodeServer.mjs').VSCodeVersion} */ (version),
  path.resolve(report),
  names,
);
