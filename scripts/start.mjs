// `npm start`: sets up, builds, and opens VS Code with the extension. With a desktop VS Code (`code` on PATH) that one;
// otherwise, or with --browser, the bundled one is served on 127.0.0.1 and its address is printed.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { cacheFolder, ownFolder } from './cache.mjs';
import { run } from './run.mjs';
import { installExtension, serve, windowUrl } from './serve.mjs';
import { ensurePackages } from './setup.mjs';
import { findProgram } from './tools.mjs';
import { installVSCodeServer } from './vscodeServer.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Has the extension show itself in a profile that it has not done so in. */
const welcome = { SOCKET_PLAYGROUND_WELCOME: '1' };

/** @param {string} message */
function progress(message) {
  process.stderr.write(`${message}\n`);
}

/** @returns {string | undefined} The desktop VS Code's command, where it can open a window. */
function findDesktop() {
  // In a terminal of a remote or web window, `code` reaches that window and cannot load an extension under development.
  const isRemote = process.env['VSCODE_IPC_HOOK_CLI'] !== undefined;
  const hasDisplay =
    process.platform !== 'linux' ||
    ['DISPLAY', 'WAYLAND_DISPLAY', 'WSL_DISTRO_NAME'].some((name) => process.env[name]);
  // As root it asks for more arguments than we know good ones for.
  return isRemote || !hasDisplay || process.getuid?.() === 0
    ? undefined
    : findProgram(process.platform === 'win32' ? 'code.cmd' : 'code');
}

/**
 * @param {string} code
 * @param {string} folder
 */
async function openDesktop(code, folder) {
  const { build } = await import('./build.mjs');
  await build();
  await run(code, [`--extensionDevelopmentPath=${root}`, folder], {
    show: true,
    env: { ...process.env, ...welcome },
  });
}

/** Aborted when this is to end: asked by a signal, or npm, through which it was started, was killed. */
function askedToEnd() {
  const { ppid } = process;
  const controller = new AbortController();
  // Not once: of Ctrl+C both the terminal and npm tell.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => controller.abort());
  }
  if (process.env['npm_lifecycle_event'] !== undefined) {
    setInterval(() => {
      if (process.ppid !== ppid) {
        controller.abort();
      }
    }, 500).unref();
  }
  return controller.signal;
}

/**
 * Serves until asked to end, or until the server ends.
 * @param {string} folder
 * @param {number} port
 * @param {AbortSignal} signal
 */
async function serveBrowser(folder, port, signal) {
  const version = '1.139.1';
  progress('Preparing VS Code…');
  await installVSCodeServer(version);
  progress('Packaging the extension…');
  const { packageExtension } = await import('./package.mjs');
  const own = await ownFolder('window');
  try {
    const vsix = await packageExtension({
      out: path.join(own, 'socket-playground.vsix'),
      startsWithWindow: true,
    });
    signal.throwIfAborted();
    const extensionsFolder = path.join(own, 'extensions');
    await installExtension(version, vsix, extensionsFolder);
    // What the user sets up there stays for the next time.
    const clone = createHash('sha256').update(root).digest('hex').slice(0, 12);
    const token = randomBytes(16).toString('hex');
    const server = await serve({
      version,
      folder: path.join(cacheFolder, `start-${clone}`),
      extensionsFolder,
      port,
      token,
      env: welcome,
      signal,
    });
    console.log(windowUrl({ port: server.port, folder, token }));
    await Promise.race([server.ended, once(signal, 'abort')]);
    await server.stop();
    if (!signal.aborted) {
      throw new Error("VS Code's server has ended.");
    }
  } finally {
    await rm(own, { recursive: true, force: true, maxRetries: 3 });
  }
}

const usage = `Usage: npm start -- [--browser] [--port N] [FOLDER]

Opens VS Code with the extension and FOLDER, or the built-in scenarios.
  --browser  Serves the bundled VS Code and prints its address, also where there is a desktop VS Code.
  --port N   Serves it on this port.`;

const { values, positionals } = readArguments(usage, {
  allowPositionals: true,
  options: { browser: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
});
const port = Number(values.port);
if (!/^\d+$/.test(values.port) || port > 65535) {
  progress(`--port takes a number from 0 to 65535, not ${values.port}.`);
  process.exit(2);
}
const folder = path.resolve(positionals[0] ?? path.join(root, 'scenarios'));
const desktop = values.browser || values.port !== '0' ? undefined : findDesktop();
const asked = askedToEnd();
try {
  await ensurePackages();
  await (desktop ? openDesktop(desktop, folder) : serveBrowser(folder, port, asked));
} catch (error) {
  if (!asked.aborted) {
    progress(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
