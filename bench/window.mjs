// The panel in a real VS Code window: how soon it is there, and how it scrolls through what real traffic has made.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { build } from '../scripts/build.mjs';
import { launchChromium } from '../scripts/chromium.mjs';
import { packageExtension } from '../scripts/package.mjs';
import { installExtension, serve, windowUrl } from '../scripts/serve.mjs';
import { figuresOf, sendDatagrams } from './page.mjs';
import { runLoad } from './programs.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Frame} Frame */
/** @typedef {typeof import('../test/support/window.js')} WindowDriver */

/**
 * @typedef {import('./page.mjs').FrameFigures & {
 *   blank: number, unread: number, slowest: string[]
 * }} WindowFrames `blank`: frames in which nothing was where a row belongs; `unread`: the share of rows that showed only their
 *   number; `slowest`: what the browser says of the longest frames.
 *
 * @typedef {object} WindowFigures
 * @property {number} bundleBytes Of the page's script and styles, minified and gzipped.
 * @property {number[]} firstPaintMs From the command to the first painted content: the first time in a window, and again.
 * @property {{ lanes: number, table: number }} records So many there were, at least.
 * @property {number} pageBytes Of heap, after all of it.
 * @property {{ lanes: WindowFrames[], table: WindowFrames[] }} frames
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
    const browser = await launchChromium();
    endings.push(() => browser.close());
    const page = await browser.newPage({ viewport: size });
    page.setDefaultTimeout(120_000);
    await page.goto(windowUrl({ port: server.port, folder }));
    await driver.waitForWindow(page);
    const firstPaintMs = [await firstPaint(page, driver)];
    await driver.runCommand(page, 'View: Close Editor');
    await page.locator('iframe.webview').waitFor({ state: 'detached' });
    firstPaintMs.push(await firstPaint(page, driver));

    const ports = await startServers(page, driver);
    const frame = await pageFrame(page, driver);
    const session = await page.context().newCDPSession(page);
    /** @type {WindowFigures['frames']} */
    const frames = { lanes: [], table: [] };
    const records = { lanes: 0, table: 0 };
    for (const view of /** @type {const} */ (['lanes', 'table'])) {
      records[view] = await fill(temp, frame, ports.listener, wanted[view] / (quick ? 10 : 1));
      const name = view === 'lanes' ? 'Lanes' : 'Table';
      await driver.panelFrame(page).getByRole('radio', { name }).click();
      for (const deviceScaleFactor of [1, 2]) {
        await session.send('Emulation.setDeviceMetricsOverride', {
          ...size,
          deviceScaleFactor,
          mobile: false,
        });
        const scale = `device pixel ratio ${deviceScaleFactor}`;
        frames[view].push(await scroll(frame, scale));
        const traffic = sendDatagrams(ports.datagrams);
        const [before, start] = [await countRecords(frame), performance.now()];
        const scrolled = await scroll(frame, scale);
        const rate = (1000 * ((await countRecords(frame)) - before)) / (performance.now() - start);
        traffic.stop();
        const arriving = `${Math.round(rate).toLocaleString('en')} records a second arriving`;
        frames[view].push({ ...scrolled, what: `${scale}, ${arriving}` });
      }
    }
    await session.send('HeapProfiler.collectGarbage');
    const pageBytes = /** @type {number} */ (await frame.evaluate('performance.memory.usedJSHeapSize'));
    return { bundleBytes, firstPaintMs, records, pageBytes, frames };
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
 */
async function firstPaint(page, driver) {
  await page.evaluate(
    `addEventListener('mousedown', () => { globalThis.chosenAt = Date.now(); }, { capture: true, once: true })`,
  );
  await driver.runCommand(page, 'Sockets: Open Playground');
  const frame = await pageFrame(page, driver);
  const painted = /** @type {number} */ (
    await frame.evaluate(`new Promise((resolve) => {
      const told = (entry) => resolve(performance.timeOrigin + entry.startTime);
      new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint').forEach(told))
        .observe({ type: 'paint', buffered: true });
    })`)
  );
  return painted - (await page.evaluate('globalThis.chosenAt'));
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
    const option = picker.locator('option', { hasText: new RegExp(`^${name}\\s+fd \\d+$`) });
    await option.waitFor({ state: 'attached' });
    await picker.selectOption({ label: (await option.innerText()).trim() });
    await panel.getByRole('button', { name: /^Automatic: what happens/ }).click();
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
 * @param {Frame} frame
 * @param {string} what
 * @returns {Promise<WindowFrames>}
 */
async function scroll(frame, what) {
  await frame.locator('[role="row"][data-seq] .c7, .lrow .chip').first().waitFor();
  const { times, blank, unread, longest } =
    /** @type {{ times: number[], blank: number, unread: number, longest: { duration: number, what: string }[] }} */ (
      await frame.evaluate(scrolling)
    );
  const slowest = longest.sort((a, b) => b.duration - a.duration).slice(0, 3);
  return {
    ...figuresOf(what, times),
    blank,
    unread,
    slowest: slowest.map(({ duration, what: cause }) => `${Math.round(duration)} ms: ${cause}`),
  };
}

/**
 * Runs in the page: two seconds as by a wheel, then two as by a scroll bar that is dragged from end to end. In each frame it
 * looks what is where rows belong.
 */
const scrolling = `(async () => {
  const lanes = document.querySelector('.lanes');
  const area = lanes ?? document.querySelector('.spacer').parentElement;
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const { left, top, height } = area.getBoundingClientRect();
  const isRowAt = (y) => document.elementFromPoint(left + 20, y)?.closest('[data-seq]') != null;
  const longest = [];
  const observe = (entries) => {
    for (const { duration, styleAndLayoutStart, startTime, scripts } of entries) {
      const script = scripts.map((one) =>
        [one.invoker, one.sourceFunctionName, one.sourceCharPosition, Math.round(one.duration), 'layout', Math.round(one.forcedStyleAndLayoutDuration)].join(' '));
      const layout = styleAndLayoutStart ? Math.round(startTime + duration - styleAndLayoutStart) : 0;
      longest.push({ duration, what: [...script, 'style, layout, paint ' + layout].join('; ') });
    }
  };
  const observer = new PerformanceObserver((list) => observe(list.getEntries()));
  observer.observe({ type: 'long-animation-frame' });
  const times = [];
  let blank = 0, rows = 0, unread = 0;
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
    const places = [0.2, 0.5, 0.8].map((share) => top + (lanes ? 66 : 22) + share * (height - 90));
    blank += places.every(isRowAt) ? 0 : 1;
    const drawn = area.querySelectorAll('[role="row"][data-seq]').length;
    rows += drawn;
    unread += drawn - (lanes ? area.querySelectorAll('.lrow:not(:has(.unread))').length : area.querySelectorAll('.c7').length);
  }
  observe(observer.takeRecords());
  observer.disconnect();
  return { times, blank, unread: unread / rows, longest };
})()`;

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
