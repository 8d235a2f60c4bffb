// The built page in Chromium, before a model with its host: how it scrolls through what they hold.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../scripts/chromium.mjs';
import { loadSources } from './modules.mjs';
import { scroll, scrollWhileArriving } from './scrolling.mjs';

/** @typedef {import('../src/playground/playground.js').Playground} Playground */
/** @typedef {import('../src/common/protocol/panel.js').PanelMethods} PanelMethods */
/** @typedef {import('../src/common/protocol/panel.js').PanelEvents} PanelEvents */
/** @typedef {import('../src/common/protocol/panel.js').PanelState} PanelState */
/** @typedef {import('playwright-core').Page} Page */
/**
 * @typedef {typeof import('../src/common/rpc.js')
 *   & typeof import('../src/common/event.js')
 *   & typeof import('../src/common/protocol/joinChanges.js')
 *   & typeof import('../src/common/protocol/panelMessage.js')} Modules
 */

/**
 * @typedef {object} PageFigures
 * @property {number} pageBytes Of heap, after the scrolling.
 * @property {import('./scrolling.mjs').FrameFigures[]} frames
 */

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Scrolls through a view, at one pixel and at two for each of the page's, and once more while records arrive.
 * @param {string} temp
 * @param {Playground} playground
 * @param {'lanes' | 'table'} view
 * @param {number} echoPort Of a UDP socket of the playground's that echoes and is recorded.
 * @returns {Promise<PageFigures>}
 */
export async function measurePage(temp, playground, view, echoPort) {
  const server = await servePage();
  const browser = await launchChromium({ isWhole: true });
  const modules = await loadModules(temp);
  /** @type {PageFigures['frames']} */
  const frames = [];
  let pageBytes = NaN;
  try {
    for (const deviceScaleFactor of [1, 2]) {
      const context = await browser.newContext({ viewport: { width: 1180, height: 860 }, deviceScaleFactor });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await connect(page, playground, view, modules);
      await page.goto(server.url);
      const scale = `device pixel ratio ${deviceScaleFactor}`;
      frames.push(await scroll(page, scale));
      if (deviceScaleFactor === 1) {
        const session = await context.newCDPSession(page);
        await session.send('HeapProfiler.collectGarbage');
        pageBytes = (await session.send('Runtime.getHeapUsage')).usedSize;
      }
      frames.push(await scrollWhileArriving(page, scale, temp, echoPort, () => playground.lastSeq));
      await context.close();
    }
    return { pageBytes, frames };
  } finally {
    await browser.close();
    await server.stop();
  }
}

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
  const modules = await loadSources(temp, 'hop', [
    'common/rpc',
    'common/event',
    'common/protocol/joinChanges',
    'common/protocol/panelMessage',
  ]);
  return /** @type {Modules} */ (modules);
}

/**
 * In the place of the extension: what the page asks for goes to the model.
 * @param {Page} page
 * @param {Playground} playground
 * @param {'lanes' | 'table'} view
 * @param {Modules} modules
 */
async function connect(
  page,
  playground,
  view,
  { RpcConnection, Emitter, joinChanges, packMessage, unpackMessage },
) {
  /** @type {import('../src/common/event.js').Emitter<unknown>} */
  const received = new Emitter();
  /** @type {import('../src/common/event.js').Emitter<void>} */
  const closed = new Emitter();
  const transport = {
    send: (/** @type {unknown} */ message) => {
      const text = JSON.stringify(packMessage(message), (_key, /** @type {unknown} */ value) =>
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
    ready: () =>
      /** @satisfies {PanelState} */ ({
        ...playground.snapshot(),
        status: playground.status,
        scenarios: [],
        lesson: null,
        repeats: [],
        history: [],
        choices: { framings: [], replies: null, mode: null },
        platform: 'linux',
        interfaces: [],
        originTime: playground.originTime,
        messages: {},
        language: 'en',
        isTrusted: true,
        isRestored: false,
        recording: null,
        trace: null,
      }),
    readRecords: ({ from, count }) => playground.readPage(from, count),
    readEach: ({ seqs }) => playground.readEach(seqs),
    filterRecords: (request) => playground.filterRecords(request),
    cancelFilter: ({ id }) => playground.cancelFilter(id),
    sortRecords: (request) => playground.sortRecords(request),
    surveyRecords: (request) => playground.surveyRecords(request),
    readData: ({ seq, offset, length }) => playground.readData(seq, offset, length),
    watch: ({ socketIds }) => watcher.watch(socketIds),
    inspect: ({ socketId, levels }) => playground.inspect(socketId, levels),
    select: () => {},
    setView: () => {},
  };
  const onFault = (/** @type {unknown} */ error) => process.stderr.write(`${String(error)}\n`);
  /** @type {import('../src/common/rpc.js').RpcConnection<never, object, PanelEvents>} */
  const connection = new RpcConnection(transport, handlers, onFault);
  const changes = playground.onDidChange((change) => connection.firePaced('didChange', change, joinChanges));
  page.once('close', () => {
    changes.dispose();
    connection.dispose();
  });
  await page.exposeFunction('sendToExtension', (/** @type {string} */ text) => {
    /** @type {unknown} */
    const message = JSON.parse(text);
    received.fire(unpackMessage(message));
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
