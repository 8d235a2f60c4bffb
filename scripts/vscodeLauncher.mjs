#!/usr/bin/env node
// Stands where @vscode/test-electron expects VS Code's executable, and takes the same arguments: serves the bundled
// VS Code, opens its window in a headless Chromium, and ends with the code that the tests end with.
// SOCKET_PLAYGROUND_VSCODE_VERSION says which VS Code, SOCKET_PLAYGROUND_SCREENSHOT where a picture of a stuck window goes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium, openStillPage } from './chromium.mjs';
import { serve, windowUrl } from './serve.mjs';

const timeLimitMs = 300_000;

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string' },
    extensionTestsPath: { type: 'string' },
  },
});
const version = /** @type {import('./vscodeServer.mjs').VSCodeVersion} */ (
  process.env['SOCKET_PLAYGROUND_VSCODE_VERSION']
);
const folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-vscode-'));

/** @type {(() => Promise<unknown>)[]} */
const endings = [() => rm(folder, { recursive: true, force: true, maxRetries: 3 })];
async function end() {
  for (const step of endings.splice(0).reverse()) {
    await step();
  }
}
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => void end().finally(() => process.exit(1)));
}

/** @returns {Promise<number>} The exit code of the tests. */
async function runWindow() {
  const server = await serve({ version, folder, trust: false, testDriver: true });
  endings.push(server.stop);
  const browser = await launchChromium();
  endings.push(() => browser.close());
  const page = await openStillPage(browser);
  /** @type {Promise<number>} */
  const finished = new Promise((resolve) => {
    void page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => resolve(code));
  });
  await page.exposeFunction(
    'codeAutomationLog',
    (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
      console.log(type === 'log' ? '' : `${type}:`, ...args);
    },
  );
  const authority = `vscode-remote://127.0.0.1:${server.port}`;
  await page.goto(
    windowUrl({
      port: server.port,
      folder: path.resolve(positionals.at(-1) ?? folder),
      payload: [
        [
          'extensionDevelopmentPath',
          `${authority}${path.resolve(String(values['extensionDevelopmentPath']))}`,
        ],
        ['extensionTestsPath', `${authority}${path.resolve(String(values['extensionTestsPath']))}`],
      ],
    }),
  );
  /** @type {Promise<'stuck'>} */
  const limit = new Promise((resolve) => {
    setTimeout(() => resolve('stuck'), timeLimitMs).unref();
  });
  const code = await Promise.race([finished, limit, server.ended.then(() => 'server ended')]);
  if (typeof code === 'number') {
    return code;
  }
  const screenshot = process.env['SOCKET_PLAYGROUND_SCREENSHOT'];
  if (screenshot) {
    await page.screenshot({ path: screenshot });
  }
  console.error(`The tests did not end: ${code}.`);
  return 1;
}

try {
  process.exitCode = await runWindow();
} finally {
  await end();
}
