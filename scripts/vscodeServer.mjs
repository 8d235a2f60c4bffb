// A real VS Code from the npm registry: the package code-server carries VS Code's own server and web workbench. The
// server, its extension host and the workbench are VS Code's; three small native packages that a local window does
// without are replaced by stand-ins, so that nothing needs a compiler.
import { createHash } from 'node:crypto';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cachedFolder } from './cache.mjs';
import { run } from './run.mjs';

/** @typedef {'1.139.1' | '1.100.3'} VSCodeVersion The current VS Code and the oldest supported one. */

/** @type {Record<VSCodeVersion, { node: string, dependencies: Record<string, string> }>} */
const recipes = {
  '1.139.1': {
    node: '24.21.0',
    dependencies: {
      '@microsoft/1ds-core-js': '3.2.18',
      '@microsoft/1ds-post-js': '3.2.18',
      '@parcel/watcher': '2.5.6',
      '@vscode/deviceid': 'file:stand-ins/deviceid',
      '@vscode/iconv-lite-umd': '0.7.1',
      '@vscode/native-watchdog': 'file:stand-ins/native-watchdog',
      '@vscode/proxy-agent': '0.45.0',
      // The same program for this platform only.
      '@vscode/ripgrep-universal': 'npm:@vscode/ripgrep@1.18.0',
      '@vscode/spdlog': 'file:stand-ins/spdlog',
      '@xterm/addon-serialize': '0.15.0-beta.301',
      '@xterm/addon-unicode11': '0.10.0-beta.301',
      '@xterm/headless': '6.1.0-beta.303',
      '@xterm/xterm': '6.1.0-beta.304',
      cookie: '0.7.2',
      'http-proxy-agent': '7.0.0',
      'https-proxy-agent': '7.0.2',
      jschardet: '3.1.4',
      minimist: '1.2.8',
      'node-pty': '1.2.0-beta.15',
      'tas-client': '0.4.6',
      'vscode-oniguruma': '1.7.0',
      'vscode-regexpp': '3.1.0',
      'vscode-textmate': '9.3.2',
      ws: '8.21.0',
      yauzl: '3.3.1',
      yazl: '2.4.3',
    },
  },
  '1.100.3': {
    node: '20.19.0',
    dependencies: {
      '@microsoft/1ds-core-js': '3.2.18',
      '@microsoft/1ds-post-js': '3.2.18',
      '@parcel/watcher': '2.5.1',
      '@vscode/deviceid': 'file:stand-ins/deviceid',
      '@vscode/iconv-lite-umd': '0.7.0',
      '@vscode/proxy-agent': '0.32.0',
      '@vscode/ripgrep': '1.18.0',
      '@vscode/spdlog': 'file:stand-ins/spdlog',
      '@xterm/headless': '5.6.0-beta.101',
      '@xterm/xterm': '5.6.0-beta.101',
      cookie: '0.7.2',
      'http-proxy-agent': '7.0.0',
      'https-proxy-agent': '7.0.2',
      jschardet: '3.1.4',
      minimist: '1.2.8',
      'native-watchdog': 'file:stand-ins/native-watchdog',
      'tas-client-umd': '0.2.0',
      'vscode-oniguruma': '1.7.0',
      'vscode-regexpp': '3.1.0',
      'vscode-textmate': '9.2.0',
      ws: '8.21.0',
      yauzl: '3.3.1',
      yazl: '2.4.3',
    },
  },
};

/** Parts of the server that no window of ours uses: they sign in to services, watch Git, or run TypeScript. */
const leftOut = [
  'copilot',
  'git',
  'git-base',
  'github',
  'github-authentication',
  'mermaid-markdown-features',
  'microsoft-authentication',
  'ms-vscode.*',
  'npm',
  'tunnel-forwarding',
  'typescript-language-features',
];

/** @type {Record<string, string>} */
const standIns = {
  deviceid: `exports.getDeviceId = async () => '00000000-0000-0000-0000-000000000000';`,
  'native-watchdog': `exports.start = () => {};`,
  spdlog: `
const fs = require('node:fs');
class Logger {
  constructor(file) { this.file = file; }
}
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'critical']) {
  Logger.prototype[level] = function (message) {
    try {
      fs.appendFileSync(this.file, new Date().toISOString() + ' [' + level + '] ' + message + '\\n');
    } catch {}
  };
}
for (const name of ['setLevel', 'getLevel', 'clearFormatters', 'setPattern', 'flush', 'drop']) {
  Logger.prototype[name] = () => {};
}
const create = async (name, file) => new Logger(file);
exports.version = 0;
exports.Logger = Logger;
exports.setFlushOn = () => {};
exports.setLevel = () => {};
exports.shutdown = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;`,
};

/**
 * Does all at the same time. Where one fails the others are ended, and have ended: npm would go on asking for minutes.
 * @param {((signal: AbortSignal) => Promise<unknown>)[]} tasks
 */
async function allOrNone(tasks) {
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.allSettled(tasks.map((task) => task(signal).catch((error) => controller.abort(error))));
  signal.throwIfAborted();
}

/** Why the bundled VS Code cannot run here; undefined when it can. */
export function whyUnavailable() {
  return process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)
    ? undefined
    : `The bundled VS Code runs on Linux (x64, arm64), not on ${process.platform}-${process.arch}.`;
}

/**
 * Installs the server once; afterwards this returns at once.
 * @param {VSCodeVersion} version
 * @returns {Promise<{ node: string, main: string }>} The Node to start it with and the server's entry.
 */
export async function installVSCodeServer(version) {
  const problem = whyUnavailable();
  if (problem) {
    throw new Error(problem);
  }
  const recipe = recipes[version];
  const nodePackage = `node-${process.platform}-${process.arch}`;
  const manifest = JSON.stringify({
    private: true,
    dependencies: { ...recipe.dependencies, [nodePackage]: recipe.node },
  });
  const key = createHash('sha256')
    .update(JSON.stringify([manifest, leftOut, standIns]))
    .digest('hex')
    .slice(0, 12);
  const folder = await cachedFolder(`vscode-${version}-${key}`, async (partial) => {
    for (const [name, source] of Object.entries(standIns)) {
      const standIn = path.join(partial, 'stand-ins', name);
      await mkdir(standIn, { recursive: true });
      await writeFile(
        path.join(standIn, 'package.json'),
        JSON.stringify({ name: `stand-in-${name}`, version: '0.0.0', main: 'index.js' }),
      );
      await writeFile(path.join(standIn, 'index.js'), source);
    }
    await writeFile(path.join(partial, 'package.json'), manifest);
    // code-server 4.N.n carries VS Code 1.N.n.
    const codeServer = version.replace(/^1/, '4');
    await allOrNone([
      (signal) =>
        run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
          cwd: partial,
          signal,
        }),
      async (signal) => {
        const packed = path.join(partial, 'packed');
        await mkdir(packed);
        await run('npm', ['pack', `code-server@${codeServer}`, '--loglevel=error'], { cwd: packed, signal });
        await run(
          'tar',
          [
            'xzf',
            `code-server-${codeServer}.tgz`,
            '--strip-components=2',
            ...leftOut.map((name) => `--exclude=*/extensions/${name}`),
            '--exclude=*.map',
            'package/lib/vscode',
          ],
          { cwd: packed },
        );
        await rename(path.join(packed, 'vscode'), path.join(partial, 'vscode'));
        await rm(packed, { recursive: true });
      },
    ]);
    await symlink('../node_modules', path.join(partial, 'vscode/node_modules'));
    await rm(path.join(partial, 'node_modules', nodePackage, 'include'), { recursive: true, force: true });
  });
  return {
    node: path.join(folder, 'node_modules', nodePackage, 'bin/node'),
    main: path.join(folder, 'vscode/out/server-main.js'),
  };
}
