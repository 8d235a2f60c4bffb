// The panel in a real VS Code window: how soon it is there, and how it scrolls through what real traffic has made.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { build } from '../scripts/build.mjs';
import { packageExtension } from '../scripts/package.mjs';
import { installExtension, serve } from '../scripts/serve.mjs';
import { openWindow } from './ownProcess.mjs';
import { runLoad } from './programs.mjs';
import { scroll, scrollPlainText, scrollWhileArriving } from './scrolling.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Frame} Frame */
/** @typedef {import('./scrolling.mjs').FrameFigures} FrameFigures */
/** @typedef {typeof import('../test/support/window.js')} WindowDriver */

/**
 * @typedef {object} Opening
 * @property {string} when
 * @property {number} frameMs From the command until VS Code gives the page a document.
 * @property {number} paintMs From the command to the first painted content.
 */

/**
 * @typedef {object} WindowFigures
 * @property {number} bundleBytes Of the page's script and styles, minified and gzipped.
 * @property {Opening[]} openings
 * @property {{ lanes: number, table: number }} records So many there were, at least.
 * @property {number} heapBytes Of the page, after all of it.
 * @property {{ lanes: FrameFigures[], table: FrameFigures[] }} frames
 * @property {{ what: string, times: number[] }[]} plain Times between frames without the panel's work.
 */

const version = '1.139.1';
const root = fileURLToPath(new URL('..', import.meta.url));
const size = { width: 1440, height: 900 };
const wanted = /** @type {const} */ ({ lanes: 100_000, table: 1_000_000 });

/** A server for each of the two kinds of traffic. */
const servers = `# Servers
listener = socket(AF_INET, SOCK_STREAM, 0)
bind(listener, 127.0.0.1:0) = 0
listen(listener, 128) = 0
datagrams = socket(AF_INET, SOCK_DGRAM, 0)
bind(datagrams, 127.0.0.1:0) = 0
`;

/**
 * @param {string} temp
 * @param {{ quick?: boolean }} [options] `quick`: a tenth of the records.
 * @returns {Promise<WindowFigures>}
 */
export async function measureWindow(temp, { quick = false } = {}) {
  const own = await mkdtemp(path.join(temp, 'window-'));
  /** @type {(() => Promise<unknown>)[]} */
  const endings = [];
  try {
    const bundleBytes = await gzippedBundle(own);
    const driver = await loadDriver(own);
    const vsix = await packageExtension({ out: path.join(own, 'socket-playground.vsix') });
    const extensionsFolder = path.join(own, 'extensions');
    await installExtension(version, vsix, extensionsFolder);
    const folder = path.join(own, 'workspace');
    await writeFiles(folder, { 'servers.sockets': servers });
    const settings = { 'workbench.colorTheme': 'Default Dark Modern' };
    const server = await serve({ version, folder: own, extensionsFolder, settings, trust: false });
    endings.push(server.stop);
    const { page, close } = await openWindow({ port: server.port, folder, size });
    endings.push(close);
    await driver.waitForWindow(page);
    const openings = [await openPanel(page, driver, 'in a new window')];
    // The second webview of a window is held up by VS Code, which looks for a newer version of its own service worker.
    for (const when of ['again at once', 'once more']) {
      await closePanel(page, driver);
      openings.push(await openPanel(page, driver, when));
    }

    const ports = await startServers(page, driver);
    let frame = await pageFrame(page, driver);
    const session = await page.context().newCDPSession(page);
    /** @type {WindowFigures['frames']} */
    const frames = { lanes: [], table: [] };
    /** @type {WindowFigures['plain']} */
    const plain = [];
    const records = { lanes: 0, table: 0 };
    for (const view of /** @type {const} */ (['lanes', 'table'])) {
      records[view] = await fill(temp, frame, ports.listener, wanted[view] / (quick ? 10 : 1));
      await closePanel(page, driver);
      openings.push(await openPanel(page, driver, `with ${records[view].toLocaleString('en')} records`));
      frame = await pageFrame(page, driver);
      const name = view === 'lanes' ? 'Lanes' : 'Table';
      await driver.panelFrame(page).getByRole('radio', { name }).click();
      for (const deviceScaleFactor of [1, 2]) {
        await session.send('Emulation.setDeviceMetricsOverride', {
          ...size,
          deviceScaleFactor,
          mobile: false,
        });
        const scale = `device pixel ratio ${deviceScaleFactor}`;
        plain.push({ what: `${scale}, in the place of the ${view}`, times: await scrollPlainText(frame) });
        frames[view].push(await scroll(frame, scale));
        frames[view].push(
          await scrollWhileArriving(frame, scale, temp, ports.datagrams, () => countRecords(frame)),
        );
      }
    }
    const pageSession = await page.context().newCDPSession(frame.parentFrame() ?? frame);
    await pageSession.send('HeapProfiler.collectGarbage');
    const heapBytes = (await pageSession.send('Runtime.getHeapUsage')).usedSize;
    return { bundleBytes, openings, records, heapBytes, frames, plain };
  } finally {
    for (const end of endings.toReversed()) {
      await end();
    }
    await rm(own, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The page as it is shipped. @param {string} temp */
async function gzippedBundle(temp) {
  const outdir = path.join(temp, 'production');
  await build({ production: true, outdir });
  const files = ['panel.js', 'panel.css'].map((name) => readFile(path.join(outdir, 'webview', name)));
  return (await Promise.all(files)).reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0);
}

/**
 * What the tests drive a window with.
 * @param {string} temp
 */
async function loadDriver(temp) {
  const outfile = path.join(temp, 'window.mjs');
  await esbuild.build({
    entryPoints: [path.join(root, 'test/support/window.ts')],
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  await esbuild.stop();
  return /** @type {WindowDriver} */ (await import(pathToFileURL(outfile).href));
}

/**
 * Opens the panel by its command. The clocks are this machine's: the page's, and the one by which the command was chosen.
 * @param {Page} page
 * @param {WindowDriver} driver
 * @param {string} when
 * @returns {Promise<Opening>}
 */
async function openPanel(page, driver, when) {
  await page.evaluate(
    `addEventListener('mousedown', () => { globalThis.chosenAt = Date.now(); }, { capture: true, once: true })`,
  );
  await driver.runCommand(page, 'Sockets: Open Playground');
  const frame = await pageFrame(page, driver);
  /** @type {{ origin: number, paint: number }} */
  const { origin, paint } = await frame.evaluate(`new Promise((resolve) => {
      const told = (entry) => resolve({ origin: performance.timeOrigin, paint: entry.startTime });
      new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint').forEach(told))
        .observe({ type: 'paint', buffered: true });
    })`);
  const frameMs = origin - Number(await page.evaluate('globalThis.chosenAt'));
  return { when, frameMs, paintMs: frameMs + paint };
}

/**
 * @param {Page} page
 * @param {WindowDriver} driver
 */
async function closePanel(page, driver) {
  await driver.runCommand(page, 'View: Close Editor');
  await page.locator('iframe.webview').waitFor({ state: 'detached' });
}

/**
 * The innermost document of the webview, which is the page's own.
 * @param {Page} page
 * @param {WindowDriver} driver
 */
async function pageFrame(page, driver) {
  const app = driver.panelFrame(page).locator('.app');
  await app.waitFor();
  const frame = await (await app.elementHandle())?.ownerFrame();
  if (!frame) {
    throw new Error('The panel is gone.');
  }
  return frame;
}

/**
 * Sockets that echo by themselves, made as a person makes them.
 * @param {Page} page
 * @param {WindowDriver} driver
 */
async function startServers(page, driver) {
  const panel = driver.panelFrame(page);
  await panel.getByRole('button', { name: 'Run scenario' }).click();
  await panel.getByRole('menuitem', { name: 'Servers' }).click();
  /** @type {Record<string, number>} */
  const ports = {};
  for (const name of ['listener', 'datagrams']) {
    const picker = panel.getByRole('combobox', { name: 'Socket' });
    const option = picker.locator('option', { hasText: new RegExp(`^fd \\d+\\s+${name}$`) });
    await option.waitFor({ state: 'attached' });
    await picker.selectOption({ label: (await option.innerText()).trim() });
    await panel.getByRole('button', { name: /^Automatic calls: what happens/ }).click();
    await panel.getByRole('menuitem', { name: 'Echo' }).click();
    const head = panel.locator('.lh', { hasText: name }).locator('.tup .v').first();
    ports[name] = Number((await head.innerText()).split(':').at(-1));
  }
  return /** @type {{ listener: number, datagrams: number }} */ (ports);
}

/** What the toolbar says. @param {Frame} frame */
async function countRecords(frame) {
  const text = await frame.locator('.rec').innerText();
  return Number(/[\d,]+/.exec(text)?.[0].replaceAll(',', ''));
}

/**
 * Echoes on a hundred connections until there are so many records.
 * @param {string} temp
 * @param {Frame} frame
 * @param {number} port
 * @param {number} records
 */
async function fill(temp, frame, port, records) {
  for (;;) {
    const count = await countRecords(frame);
    if (count >= records) {
      return count;
    }
    await runLoad(temp, ['messages', String(port), records - count > 300_000 ? '1' : '0.2', '100']);
    // What has happened is told of a little later.
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/**
 * @param {string} folder
 * @param {Record<string, string>} files
 */
async function writeFiles(folder, files) {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(path.join(folder, name), text);
  }
}
