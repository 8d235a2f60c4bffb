import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type Call, dataValue } from '../../src/common/call.js';
import type { Playground } from '../../src/playground/playground.js';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { openPanel } from './panelPage.js';

const browser = useBrowser();

/** Makes `count` records: a UDP socket that is bound, and datagrams that it sends to itself. */
async function makeRecords(playground: Playground, count: number): Promise<void> {
  const make = async (call: Call) => (await playground.call(call).returned).result!;
  const fd = await make({ name: 'socket', args: [2, 2, 0] });
  await make({ name: 'bind', args: [fd, { family: 'AF_INET', address: '127.0.0.1', port: 0 }] });
  const named = await playground.call({ name: 'getsockname', args: [fd] }).returned;
  const address = named.args[1]!;
  const data = dataValue(new TextEncoder().encode('{"op":"subscribe","topics":["orders"]}'));
  for (let made = 3; made < count;) {
    const batch: Promise<unknown>[] = [];
    for (let pair = 0; pair < 50 && made < count; pair++) {
      batch.push(make({ name: 'sendto', args: [fd, data, data.length, 0, address] }));
      made++;
      if (made < count) {
        batch.push(make({ name: 'recvfrom', args: [fd, { kind: 'any' }, 4096, 0] }));
        made++;
      }
    }
    await Promise.all(batch);
  }
}

const countRows = (area: Locator) => area.locator('[data-seq][role="row"]').count();

/** A screen reader reads the rows in the order of the document. */
const rowIndices = (area: Locator) =>
  area
    .locator('[data-seq][role="row"]')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('aria-rowindex'))));
const isInOrder = (all: number[]) => all.every((index, place) => place === 0 || index > all[place - 1]!);

/** How many rows there are in a frame of a drag, in each of which the scroll bar comes a long way. */
function drawnInPassing(area: Locator): Promise<number> {
  return area.evaluate(async (element) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    for (let step = 1; step <= 4; step += 1) {
      element.scrollTop = (step * element.scrollHeight) / 6;
      await frame();
    }
    return element.querySelectorAll('[data-seq][role="row"]').length;
  });
}

const last = (page: Page) => page.locator('.row').last();

describe('10,000 records', () => {
  it('scroll smoothly, follow, and are found by the filter', async () => {
    const panel = untilTestEnds(await openPanel(browser, { width: 1180, height: 860, reducedMotion: false }));
    const { page, playground } = panel;
    await makeRecords(playground, 10_000);
    await expect.poll(() => page.locator('.rec').innerText()).toBe('10,000 records');

    // The end is followed.
    await expect.poll(() => last(page).getAttribute('data-seq')).toBe('10000');
    const drawn = await page.locator('.row').count();
    expect(drawn).toBeLessThan(80);

    const frames = await page.locator('.rows .scroll').evaluate(
      (area) =>
        new Promise<{ times: number[]; blank: number }>((resolve) => {
          const times: number[] = [];
          let blank = 0;
          let before = 0;
          let at = 0;
          const step = (now: number) => {
            if (before > 0) {
              times.push(now - before);
            }
            before = now;
            const box = area.getBoundingClientRect();
            const row = document.elementFromPoint(box.left + 100, box.top + box.height / 2)?.closest('.row');
            blank += row ? 0 : 1;
            at += 1;
            // Down through all of them by the wheel's steps, then by pages.
            area.scrollTop = at < 40 ? at * 66 : at < 170 ? 40 * 66 + (at - 40) * 1700 : area.scrollTop - 900;
            if (at < 210) {
              requestAnimationFrame(step);
            } else {
              resolve({ times, blank });
            }
          };
          area.scrollTop = 0;
          requestAnimationFrame(step);
        }),
    );
    const sorted = frames.times.toSorted((a, b) => a - b);
    const share = (part: number) => sorted[Math.floor(sorted.length * part)]!.toFixed(1);
    console.log(
      `scrolling 10,000 records: ${sorted.length} frames, median ${share(0.5)} ms, 95 % ${share(0.95)} ms, ` +
        `longest ${sorted.at(-1)!.toFixed(1)} ms, ${frames.blank} without a row in the middle`,
    );
    expect(frames.blank).toBeLessThan(frames.times.length / 10);

    // What lies around a place that a drag passes is drawn when it rests there.
    const area = page.locator('.rows .scroll');
    const passed = await drawnInPassing(area);
    await expect.poll(() => countRows(area)).toBe(passed + 14);
    await page.getByRole('radio', { name: 'Lanes' }).click();
    const lanes = page.locator('.lanes');
    await lanes.locator('.chip').first().waitFor();
    const passedInLanes = await drawnInPassing(lanes);
    await expect.poll(() => countRows(lanes)).toBeGreaterThan(passedInLanes + 10);
    await lanes.locator('.chip').nth(14).click();
    for (const edge of [1, 0]) {
      await lanes.evaluate((element, place) => {
        element.scrollTop = place * element.scrollHeight;
      }, edge);
      await expect.poll(async () => (await rowIndices(lanes)).includes(edge === 0 ? 2 : 10_001)).toBe(true);
      await lanes.locator('.chip.sel').waitFor({ state: 'attached' });
      expect(await rowIndices(lanes)).toSatisfy(isInOrder);
    }
    await page.getByRole('radio', { name: 'Table' }).click();

    // Scrolled up, nothing is followed any more; the button goes back to the end.
    await page.getByRole('button', { name: /^Latest of/ }).click();
    await expect.poll(() => last(page).getAttribute('data-seq')).toBe('10000');

    await page.getByLabel('Show records that fit').fill('getsockname');
    await expect.poll(() => page.locator('.rec').innerText()).toBe('1 of 10,000');
    expect(await page.locator('.row .c4').allInnerTexts()).toEqual(['·getsockname']);
    await page.getByLabel('Show records that fit').fill('recvfrom #9999');
    await expect.poll(() => page.locator('.rec').innerText()).toBe('1 of 10,000');
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect.poll(() => page.locator('.rec').innerText()).toBe('10,000 records');
    expect(panel.faults).toEqual([]);
  }, 180_000);
});

it('shows its rows when there are fewer of them than where it was scrolled to', async () => {
  const { page, playground } = untilTestEnds(await openPanel(browser, { width: 1180, height: 500 }));
  await makeRecords(playground, 1000);
  await expect.poll(() => page.locator('.rec').innerText()).toBe('1,000 records');
  await page.locator('.rows .scroll').evaluate((area) => {
    area.scrollTop = area.scrollHeight / 2;
  });
  await page.getByRole('button', { name: 'Latest of 1,000' }).waitFor();
  await page.getByLabel('Show records that fit').fill('getsockname || bind');
  await expect
    .poll(() => page.locator('.row').evaluateAll((rows) => rows.map(({ id }) => id)))
    .toEqual(['record-2', 'record-3']);
  await page.locator('#record-2').waitFor();
});

describe('the keyboard', () => {
  it('moves through the rows, opens the detail and says where it is', async () => {
    const { page, playground } = untilTestEnds(await openPanel(browser, { width: 1180, height: 500 }));
    await makeRecords(playground, 100);
    await expect.poll(() => page.locator('.rec').innerText()).toBe('100 records');
    await last(page).click();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-seq'));
    expect(await focused()).toBe('100');
    for (const [key, seq] of [
      ['ArrowUp', '99'],
      ['Home', '1'],
      ['ArrowDown', '2'],
      ['ArrowUp', '1'],
      ['ArrowUp', '1'],
      ['End', '100'],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(focused).toBe(seq);
    }
    const row = page.locator('#record-100');
    expect(await row.getAttribute('aria-rowindex')).toBe('101');
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('101');
    expect(await page.locator('.row[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.locator('.dpane').waitFor();
    // The row that the detail is about stays in view above it.
    const bottom = async (selector: string) => {
      const box = await page.locator(selector).boundingBox();
      return box!.y + box!.height;
    };
    const areaBottom = await bottom('.rows .scroll');
    await expect.poll(() => bottom('#record-100')).toBeLessThanOrEqual(areaBottom + 1);
    await page.keyboard.press('Enter');
    await page.locator('.dpane').waitFor({ state: 'detached' });
  });

  it('keeps the focus on a row that is scrolled out of view', async () => {
    const { page, playground } = untilTestEnds(await openPanel(browser, { width: 1180, height: 500 }));
    await makeRecords(playground, 300);
    await expect.poll(() => page.locator('.rec').innerText()).toBe('300 records');
    await last(page).click();
    await page.locator('.rows .scroll').evaluate((area) => {
      area.scrollTop = 0;
    });
    await page.locator('#record-1').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('record-300');
    const indices = () => rowIndices(page.locator('.rows .scroll'));
    expect(await indices()).toSatisfy(isInOrder);
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('record-299');
    await page.keyboard.press('Home');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('record-1');
    await page.locator('.rows .scroll').evaluate((area) => {
      area.scrollTop = area.scrollHeight;
    });
    await last(page).filter({ hasText: '300' }).waitFor();
    expect(await indices()).toSatisfy(isInOrder);
    expect((await indices()).at(-1)).toBe(301);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('record-1');
    // From one side of it to the other: a browser scrolls to what has the focus where that is moved in the document.
    const scrollTo = (part: number) =>
      page.locator('.rows .scroll').evaluate((area, place) => {
        area.scrollTop = place * area.scrollHeight;
      }, part);
    await scrollTo(0.5);
    await page.locator('#record-155').click();
    await scrollTo(1);
    await page.locator('#record-300').waitFor();
    await scrollTo(0);
    await page.locator('#record-1').waitFor();
    expect(await indices()).toSatisfy(isInOrder);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('record-155');
    await expect.poll(() => page.locator('.rows .scroll').evaluate((area) => area.scrollTop)).toBe(0);
  });
});

it('follows nothing while it is paused, and goes on recording', async () => {
  const panel = untilTestEnds(await openPanel(browser, { width: 1180, height: 500 }));
  const { page, playground } = panel;
  await makeRecords(playground, 60);
  await expect.poll(() => last(page).getAttribute('data-seq')).toBe('60');
  panel.request({ kind: 'togglePause' });
  await expect.poll(() => page.getByRole('status').last().innerText()).toContain('Paused');
  await makeRecords(playground, 50);
  await expect.poll(() => page.locator('.rec').innerText()).toBe('110 records');
  await page.getByRole('button', { name: 'Latest of 110' }).waitFor();
  expect(await page.locator('#record-110').count()).toBe(0);
  panel.request({ kind: 'togglePause' });
  await page.locator('#record-110').waitFor();
  await page.getByRole('button', { name: 'Latest of 110' }).waitFor({ state: 'detached' });

  // While the end is followed there is nothing to go to, also while what has come is being read.
  const offers = await page.evaluateHandle(() => {
    const names: string[] = [];
    new MutationObserver((changes) => {
      for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
        names.push(...(node instanceof HTMLElement && node.matches('.tolast') ? [node.innerText] : []));
      }
    }).observe(document.body, { childList: true, subtree: true });
    return names;
  });
  await makeRecords(playground, 50);
  await page.locator('#record-160').waitFor();
  expect(await offers.jsonValue()).toEqual([]);
});
