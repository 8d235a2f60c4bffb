// Runs the bundled VS Code: one server, its extension host and whatever that starts, as one group of processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './run.mjs';
import { installVSCodeServer } from './vscodeServer.mjs';

/** Settings for a window that shows the extension and nothing else. */
const cleanWindow = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'extensions.webWorker': false,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  // Otherwise the descriptors of all processes are listed every two seconds, although no port is forwarded.
  'remote.autoForwardPortsSource': 'output',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * @typedef {object} ServeOptions
 * @property {import('./vscodeServer.mjs').VSCodeVersion} version
 * @property {string} folder Holds all that the server writes: data, settings, extensions.
 * @property {string} [extensionsFolder] In place of `folder`'s own.
 * @property {number} [port] 0, the default, takes a free one.
 * @property {string} [token] Whoever opens the page must know it; without one anybody on this machine may.
 * @property {boolean} [trust] Whether workspace trust is on, as it is in a user's window. Default true.
 * @property {boolean} [testDriver] The window takes the payload of a test run; it then shows neither toasts nor modal dialogs.
 * @property {Record<string, unknown>} [settings] The user's settings; {@link cleanWindow} in any case, unless overridden.
 * @property {object[]} [keybindings] The user's, as in keybindings.json; none by default.
 * @property {'ko'} [locale] The language; only this one and English, which is the default.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {AbortSignal} [signal] Gives up waiting for the server to come up.
 */

/**
 * @typedef {object} Served
 * @property {number} port
 * @property {number} pid The server's process, which leads a process group of its own.
 * @property {Promise<void>} ended Settles when the server has ended, whatever the cause.
 * @property {() => Promise<void>} stop Ends the server and all that it started; resolves when none of them is left.
 */

/** @param {number} pid Of a group's leader. */
function isGroupAlive(pid) {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/**
 * Ends a group of processes: asks, and after three seconds insists.
 * @param {number} pid Of its leader.
 */
export async function stopGroup(pid) {
  signalGroup(pid, 'SIGTERM');
  for (let waited = 0; isGroupAlive(pid); waited += 20) {
    if (waited === 3000) {
      signalGroup(pid, 'SIGKILL');
    }
    // Only a process's parent is told of its end, and these are not all our children.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * The files that the server reads before a window opens.
 * @param {ServeOptions} options
 */
async function writeUserData({ folder, settings, keybindings, locale }) {
  const user = path.join(folder, 'user-data/User');
  await mkdir(user, { recursive: true });
  const settingsFile = path.join(user, 'settings.json');
  if (settings || !existsSync(settingsFile)) {
    await writeFile(settingsFile, JSON.stringify({ ...cleanWindow, ...settings }, undefined, 2));
  }
  if (keybindings) {
    await writeFile(path.join(user, 'keybindings.json'), JSON.stringify(keybindings));
  }
  if (locale) {
    // A language pack with no translations of VS Code's own texts: enough for the extension's to be used.
    const translations = path.join(folder, 'user-data/main.i18n.json');
    await writeFile(translations, JSON.stringify({ version: '1.0.0', contents: {} }));
    await writeFile(
      path.join(folder, 'user-data/languagepacks.json'),
      JSON.stringify({
        [locale]: {
          hash: 'socket-playground',
          extensions: [{ extensionIdentifier: { id: `socket-playground.${locale}` }, version: '1.0.0' }],
          translations: { vscode: translations },
          label: locale,
        },
      }),
    );
  }
}

/**
 * A server that is started from a terminal inside VS Code must not take that one for its own, nor show itself as that one
 * was asked to.
 * @param {NodeJS.ProcessEnv} [more]
 */
export function serverEnvironment(more) {
  return {
    ...Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !name.startsWith('VSCODE_') && name !== 'SOCKET_PLAYGROUND_WELCOME',
      ),
    ),
    ...more,
  };
}

/**
 * Installs a packaged extension into a folder of extensions.
 * @param {import('./vscodeServer.mjs').VSCodeVersion} version
 * @param {string} vsix
 * @param {string} extensionsFolder
 */
export async function installExtension(version, vsix, extensionsFolder) {
  const { node, main } = await installVSCodeServer(version);
  const data = await mkdtemp(path.join(tmpdir(), 'socket-playground-install-'));
  try {
    const folders = [
      '--server-data-dir',
      data,
      '--user-data-dir',
      data,
      '--extensions-dir',
      extensionsFolder,
    ];
    await run(node, [main, '--accept-server-license-terms', ...folders, '--install-extension', vsix], {
      env: serverEnvironment(),
    });
  } finally {
    await rm(data, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Starts the server and waits until it takes connections.
 * @param {ServeOptions} options
 * @returns {Promise<Served>}
 */
export async function serve(options) {
  const { version, folder, port = 0, token, trust = true, testDriver = false, locale } = options;
  options.signal?.throwIfAborted();
  const { node, main } = await installVSCodeServer(version);
  await writeUserData(options);
  const extensionsFolder = options.extensionsFolder ?? path.join(folder, 'extensions');
  const folders = [
    ...['--server-data-dir', path.join(folder, 'server-data')],
    ...['--user-data-dir', path.join(folder, 'user-data')],
    ...['--extensions-dir', extensionsFolder],
  ];
  const env = serverEnvironment(options.env);
  const server = spawn(
    node,
    [
      main,
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...(token === undefined ? ['--without-connection-token'] : ['--connection-token', token]),
      '--accept-server-license-terms',
      ...folders,
      ...['--telemetry-level', 'off'],
      ...(trust ? [] : ['--disable-workspace-trust']),
      ...(testDriver ? ['--enable-smoke-test-driver'] : []),
      ...(locale ? ['--locale', locale] : []),
    ],
    { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await once(server, 'spawn');
  const pid = /** @type {number} */ (server.pid);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    server.once('exit', () => resolve());
  });
  // Also when this process ends without having said stop.
  const killGroup = () => signalGroup(pid, 'SIGKILL');
  process.once('exit', killGroup);
  const stop = async () => {
    await stopGroup(pid);
    process.off('exit', killGroup);
  };
  let said = '';
  /** @type {Promise<number | undefined>} The port; undefined when it cannot listen, which it survives. */
  const listening = new Promise((resolve) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
        said = (said + chunk).slice(-20_000);
        const match = /Extension host agent listening on (\d+)|Error: listen \w+/.exec(said);
        if (match) {
          resolve(match[1] === undefined ? undefined : Number(match[1]));
        }
      });
    }
    options.signal?.addEventListener('abort', () => resolve(undefined));
  });
  const ready = await Promise.race([listening, ended]);
  if (typeof ready !== 'number') {
    await stop();
    const reason = /Error: (listen .*)/.exec(said)?.[1] ?? said.trim();
    throw new Error(`VS Code's server did not start: ${reason}`);
  }
  return { port: ready, pid, ended, stop };
}

/**
 * The address of a window.
 * @param {{ port: number, folder: string, token?: string, payload?: [string, string][] }} window
 */
export function windowUrl({ port, folder, token, payload }) {
  const query = new URLSearchParams();
  if (token !== undefined) {
    query.set('tkn', token);
  }
  query.set('folder', folder);
  if (payload) {
    query.set('payload', JSON.stringify(payload));
  }
  return `http://127.0.0.1:${port}/?${query.toString().replaceAll('%2F', '/')}`;
}
