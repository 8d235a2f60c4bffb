// A view of the panel is scrolled while its frames are looked at, in the page alone and in a real window.
import { performance } from 'node:perf_hooks';
import { startDatagrams } from './programs.mjs';
import { median } from './statistics.mjs';

/**
 * @typedef {object} FrameFigures
 * @property {string} what
 * @property {number} median Of the times between frames, in ms.
 * @property {number} slow 99 of 100 were faster.
 * @property {number} longest
 * @property {number} over Frames that took longer than {@link longestAllowed}, of `count`.
 * @property {number} count
 * @property {number} blank Frames in which nothing was where a row belongs.
 * @property {number} unread The share of rows that showed only their number.
 * @property {string[]} slowest What the browser says of the longest frames.
 */

/** A frame may take so long, in ms: three of the screen's take 50, of which the browser tells up to 50.2. */
export const longestAllowed = 50.5;
/** Records a second that arrive while the page is scrolled. */
const arriving = 20_000;
/** Of a socket that echoes datagrams: one call receives and one sends. */
const callsPerDatagram = 2;

/**
 * @param {import('playwright-core').Page | import('playwright-core').Frame} frame The panel's page.
 * @param {string} what
 * @returns {Promise<FrameFigures>}
 */
export async function scroll(frame, what) {
  await frame.locator('[role="row"][data-seq] .c7, .lrow .chip').first().waitFor();
  /** @type {{ times: number[], blank: number, unread: number, longest: { duration: number, what: string }[] }} */
  const { times, blank, unread, longest } = await frame.evaluate(scrolling);
  const sorted = times.toSorted((a, b) => a - b);
  const slowest = longest.sort((a, b) => b.duration - a.duration).slice(0, 3);
  return {
    what,
    median: median(sorted),
    slow: sorted[Math.floor(0.99 * sorted.length)] ?? NaN,
    longest: sorted.at(-1) ?? NaN,
    over: framesOver(sorted),
    count: sorted.length,
    blank,
    unread,
    slowest: slowest.map(({ duration, what: cause }) => `${Math.round(duration)} ms: ${cause}`),
  };
}

/** @param {number[]} times Between frames, in ms. */
export function framesOver(times) {
  return times.filter((time) => time > longestAllowed).length;
}

/**
 * The same once more while records arrive.
 * @param {import('playwright-core').Page | import('playwright-core').Frame} frame
 * @param {string} what
 * @param {string} temp Where the C programs are.
 * @param {number} port Of a UDP socket that echoes and is recorded.
 * @param {() => number | Promise<number>} count How many records there are.
 * @returns {Promise<FrameFigures>}
 */
export async function scrollWhileArriving(frame, what, temp, port, count) {
  const traffic = startDatagrams(temp, port, arriving / callsPerDatagram);
  try {
    const [before, start] = [await count(), performance.now()];
    const figures = await scroll(frame, what);
    const rate = (1000 * ((await count()) - before)) / (performance.now() - start);
    return {
      ...figures,
      what: `${what}, ${Math.round(rate).toLocaleString('en')} records a second arriving`,
    };
  } finally {
    await traffic.stop();
  }
}

/**
 * What the machine and the window do without the panel's work: a list of plain text in the panel's place, scrolled the same way.
 * @param {import('playwright-core').Page | import('playwright-core').Frame} frame
 * @returns {Promise<number[]>} Times between frames, in ms, from the shortest to the longest.
 */
export async function scrollPlainText(frame) {
  /** @type {number[]} */
  const times = await frame.evaluate(scrollingPlainText);
  return times.toSorted((a, b) => a - b);
}

/** Runs in the page: forty rows of text over all of it, written anew in each frame. */
const scrollingPlainText = `(async () => {
  const [height, rowHeight, count] = [2_000_000, 22, 40];
  const area = document.createElement('div');
  area.style.cssText = 'position: fixed; inset: 0; z-index: 100; overflow: auto; background: #222; color: #ddd; font: 12px monospace';
  const list = document.createElement('div');
  list.style.cssText = 'position: relative; height: ' + height + 'px';
  const rows = Array.from({ length: count }, () => {
    const row = document.createElement('div');
    row.style.cssText = 'position: absolute; white-space: pre; height: ' + rowHeight + 'px';
    list.append(row);
    return row;
  });
  area.append(list);
  document.body.append(area);
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const times = [];
  await frame();
  let last = await frame();
  const start = last;
  while (last - start < 4000) {
    const dragged = (last - start - 2000) / 2000;
    area.scrollTop = dragged < 0 ? area.scrollTop + 120 : dragged * (height - innerHeight);
    const first = Math.floor(area.scrollTop / rowHeight);
    rows.forEach((row, index) => {
      row.style.top = (first + index) * rowHeight + 'px';
      row.textContent = (first + index) + ' recv(18, "hello, world", 4096, 0) = ' + ((first + index) * 7919 % 4096);
    });
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  area.remove();
  return times;
})()`;

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
    unread += drawn - (lanes ? area.querySelectorAll('.lrow:not(:has(.unread))').length : area.querySelectorAll('.c7:not(:empty)').length);
  }
  observe(observer.takeRecords());
  observer.disconnect();
  return { times, blank, unread: unread / rows, longest };
})()`;
