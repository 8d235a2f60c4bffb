// The built page in Chromium, before a model with its host: how it scrolls through what they hold.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { launchChromium } from '../scripts/chromium.mjs';
import { median } from './statistics.mjs';

/** @typedef {import('../src/playground/playground.js').Playground} Playground */
/** @typedef {import('../src/common/protocol/panel.js').PanelMethods} PanelMethods */
/** @typedef {import('playwright-core').Page} Page */
/**
 * @typedef {typeof import('../src/common/rpc.js')
 *   & typeof import('../src/common/event.js')
 *   & typeof import('../src/common/protocol/panelMessage.js')} Modules
 */

/**
 * @typedef {object} PageFigures
 * @property {number} pageBytes Of heap, after the scrolling.
 * @property {number} frameMs The median of the times between frames.
 * @property {number} slowFrameMs 99 of 100 were faster.
 * @property {number} longestFrameMs
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {string} temp
 * @param {Playground} playground
 * @param {'lanes' | 'table'} view
 * @returns {Promise<PageFigures>}
 */
export async function measurePage(temp, playground, view) {
  const server = await servePage();
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1180, height: 860 } });
    page.setDefaultTimeout(60_000);
    await connect(page, playground, view, await loadModules(temp));
    await page.goto(server.url);
    const drawn = view === 'table' ? '[role="row"][data-seq] .c7' : '.chip';
    await page.locator(drawn).first().waitFor();
    const times = /** @type {number[]} */ (await page.evaluate(scrolling));
    times.sort((a, b) => a - b);
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return {
      pageBytes: usedSize,
      frameMs: median(times),
      slowFrameMs: times[Math.floor(0.99 * times.length)] ?? NaN,
      longestFrameMs: times.at(-1) ?? NaN,
    };
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Runs in the page: two seconds as by a wheel, then two as by a scroll bar that is dragged from end to end. */
const scrolling = `(async () => {
  const area = document.querySelector('.spacer')?.parentElement ?? document.querySelector('.lanes');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const times = [];
  area.scrollTop = area.scrollHeight / 2;
  await frame();
  let last = await frame();
  const start = last;
  while (last - start < 4000) {
    const dragged = (last - start - 2000) / 2000;
    area.scrollTop = dragged < 0 ? area.scrollTop + 120 : dragged * area.scrollHeight;
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  return times;
})()`;

/**
 * Runs in the page, in the place of VS Code.
 * @param {'lanes' | 'table'} view
 */
const bridge = (view) => `
globalThis.receiveFromExtension = (text) => {
  const data = JSON.parse(text, (_key, value) =>
    value?.$bytes === undefined ? value : Uint8Array.from(atob(value.$bytes), (char) => char.charCodeAt(0)));
  dispatchEvent(new MessageEvent('message', { data }));
};
globalThis.acquireVsCodeApi = () => ({
  postMessage: (message) => sendToExtension(JSON.stringify(message)),
  getState: () => ({ mode: '${view}' }),
  setState: () => {},
});`;

/**
 * The extension's side of the hop to the page.
 * @param {string} temp
 */
async function loadModules(temp) {
  const outfile = path.join(temp, 'hop.mjs');
  await esbuild.build({
    stdin: {
      contents: ['rpc', 'event', 'protocol/panelMessage']
        .map((name) => `export * from './src/common/${name}.ts';`)
        .join('\n'),
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  await esbuild.stop();
  return /** @type {Modules} */ (await import(pathToFileURL(outfile).href));
}

/**
 * In the place of the extension: what the page asks for goes to the model.
 * @param {Page} page
 * @param {Playground} playground
 * @param {'lanes' | 'table'} view
 * @param {Modules} modules
 */
async function connect(page, playground, view, { RpcConnection, Emitter, encodeMessage, decodeMessage }) {
  /** @type {import('../src/common/event.js').Emitter<unknown>} */
  const received = new Emitter();
  /** @type {import('../src/common/event.js').Emitter<void>} */
  const closed = new Emitter();
  const transport = {
    send: (/** @type {unknown} */ message) => {
      const text = JSON.stringify(encodeMessage(message), (_key, /** @type {unknown} */ value) =>
        value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value,
      );
      page.evaluate(`receiveFromExtension(${JSON.stringify(text)})`).catch(() => closed.fire());
    },
    onDidReceive: received.event,
    onDidClose: closed.event,
  };
  const watcher = playground.createWatcher();
  /** @type {Partial<{ [K in keyof PanelMethods]: (...args: Parameters<PanelMethods[K]>) => unknown }>} */
  const handlers = {
    ready: () => ({
      ...playground.snapshot(),
      status: playground.status,
      scenarios: [],
      platform: 'linux',
      interfaces: [],
      originTime: playground.originTime,
      messages: {},
      language: 'en',
      isTrusted: true,
      isRestored: false,
      recording: null,
    }),
    readRecords: ({ from, count }) => playground.readRecords(from, count),
    readData: ({ seq, offset, length }) => playground.readData(seq, offset, length),
    watch: ({ socketIds }) => watcher.watch(socketIds),
    inspect: ({ socketId, levels }) => playground.inspect(socketId, levels),
    select: () => {},
    setView: () => {},
  };
  const onFault = (/** @type {unknown} */ error) => process.stderr.write(`${String(error)}\n`);
  const connection = new RpcConnection(transport, handlers, onFault);
  page.once('close', () => connection.dispose());
  await page.exposeFunction('sendToExtension', (/** @type {string} */ text) => {
    /** @type {unknown} */
    const message = JSON.parse(text);
    received.fire(decodeMessage(message));
  });
  await page.addInitScript(bridge(view));
}

const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="codicon.css">
<link rel="stylesheet" href="panel.css"></head><body class="vscode-dark"><div id="root"></div>
<script type="module" src="panel.js"></script></body></html>`;

/** @type {Record<string, string>} */
const types = { '.css': 'text/css', '.js': 'text/javascript', '.ttf': 'font/ttf', '.svg': 'image/svg+xml' };

async function servePage() {
  const server = createServer((request, response) => {
    const name = path.basename(request.url ?? '');
    const content = name === '' ? Promise.resolve(html) : readFile(path.join(root, 'dist/webview', name));
    content.then(
      (body) => response.setHeader('Content-Type', types[path.extname(name)] ?? 'text/html').end(body),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
