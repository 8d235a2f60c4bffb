import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolations } from './axe.js';
import { openPanel } from './panelPage.js';
import { makeTraffic } from './traffic.js';

const browser = useBrowser();

const order = (page: Page) =>
  page
    .locator('.row')
    .evaluateAll((rows) =>
      rows
        .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((row) => Number((row as HTMLElement).dataset['seq'])),
    );
const cells = (page: Page, column: string) =>
  page.locator(`#record-8 > .${column}, #record-9 > .${column}`).allInnerTexts();
const head = (page: Page, column: string) => page.locator(`[data-column=${column}]`);

async function openTraffic() {
  const panel = untilTestEnds(await openPanel(browser));
  await makeTraffic(panel.playground);
  await panel.page.locator('#record-18 .c7').waitFor();
  return panel;
}

describe('the heads of the columns', () => {
  it('sort the records in the host, by pointer and by keyboard', async () => {
    const { page, playground, faults } = await openTraffic();
    const natural = Array.from({ length: 18 }, (_, index) => index + 1);
    await expect.poll(() => order(page)).toEqual(natural);
    await head(page, 'len').getByRole('button').click();
    await expect
      .poll(() => order(page).then((seqs) => seqs.slice(0, 9)))
      .toEqual([14, 15, 16, 10, 11, 8, 9, 12, 13]);
    expect(await head(page, 'len').getAttribute('aria-sort')).toBe('ascending');
    expect(await axeViolations(page, '.grid')).toEqual([]);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => order(page).then((seqs) => seqs.slice(0, 9)))
      .toEqual([12, 13, 8, 9, 10, 11, 16, 14, 15]);
    // What comes later is sorted in, as long as there are few records.
    const { seq } = await playground.call({ name: 'socket', args: [2, 2, 0] }).returned;
    await expect.poll(() => order(page).then((seqs) => seqs.includes(seq))).toBe(true);
    await page.keyboard.press('Enter');
    await expect.poll(() => order(page)).toEqual([...natural, seq]);
    // The filter's records are sorted.
    await page.locator('#filter').fill('len > 40');
    await head(page, 'fd').getByRole('button').click();
    await expect.poll(() => order(page)).toEqual([8, 11, 12, 9, 10, 13]);
    await head(page, 'seq').getByRole('button').click();
    await expect.poll(() => head(page, 'time').getAttribute('aria-sort')).toBe('ascending');
    await expect.poll(() => order(page)).toEqual([8, 9, 10, 11, 12, 13]);
    expect(faults).toEqual([]);
  });

  it('make the columns wider, by drawing and by keys, and fit them', async () => {
    const { page, faults } = await openTraffic();
    const width = (column: string) =>
      head(page, column).evaluate((cell) => (cell as HTMLElement).offsetWidth);
    const before = await width('peer');
    const box = (await head(page, 'peer').boundingBox())!;
    await page.mouse.move(box.x + box.width, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 60, box.y + 10, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => width('peer')).toBeLessThan(before - 40);
    // A press twice on the edge shows all of it; the rows follow.
    const narrow = (await head(page, 'peer').boundingBox())!;
    await page.mouse.dblclick(narrow.x + narrow.width, narrow.y + 10);
    const isCut = () =>
      page.locator('#record-8 .c5').evaluate((cell) => cell.scrollWidth > (cell as HTMLElement).clientWidth);
    await expect.poll(isCut).toBe(false);
    await expect.poll(() => width('peer')).toBeGreaterThan(before - 60);
    await head(page, 'call').getByRole('button').focus();
    const call = await width('call');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => width('call')).toBeGreaterThan(call + 10);
    await page.keyboard.press('Shift+Home');
    await expect.poll(() => width('call')).toBeLessThan(call + 10);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('peer');
    // Nothing makes the last column vanish.
    for (let i = 0; i < 100; i++) {
      await page.keyboard.press('Shift+ArrowRight');
    }
    await expect.poll(() => width('preview')).toBeGreaterThanOrEqual(30);
    expect(await page.evaluate(() => document.querySelector('.grid')!.scrollWidth)).toBe(
      await page.evaluate(() => document.querySelector('.grid')!.clientWidth),
    );
    expect(faults).toEqual([]);
  });

  it('cut what does not fit, and nothing else', async () => {
    const { page, faults } = await openTraffic();
    const looks = (column: string) =>
      page.locator(`.row > .${column}`).evaluateAll((all) =>
        all.map((cell) => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          const isTooWide = range.getBoundingClientRect().width > (cell as HTMLElement).clientWidth - 16;
          return { isTooWide, isCut: getComputedStyle(cell).overflow === 'hidden' };
        }),
      );
    const columns = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'];
    const all = async () => (await Promise.all(columns.map(looks))).flat();
    const hasOverlap = async () => (await all()).some(({ isTooWide, isCut }) => isTooWide && !isCut);
    await expect.poll(async () => (await looks('c0')).some(({ isCut }) => isCut)).toBe(false);
    expect((await looks('c1')).some(({ isCut }) => isCut)).toBe(false);
    expect(await hasOverlap()).toBe(false);
    await head(page, 'call').getByRole('button').focus();
    for (let i = 0; i < 9; i++) {
      await page.keyboard.press('Shift+ArrowLeft');
    }
    await expect.poll(async () => (await looks('c4')).some(({ isTooWide }) => isTooWide)).toBe(true);
    await expect.poll(hasOverlap).toBe(false);
    // In a font of which nobody knows how wide its characters are all are cut.
    await page.evaluate(() =>
      document.documentElement.style.setProperty('--vscode-editor-font-family', 'sans-serif'),
    );
    await expect.poll(async () => (await all()).every(({ isCut }) => isCut)).toBe(true);
    expect(faults).toEqual([]);
  });

  it('show times since the beginning, of day, since the row above, and since a record', async () => {
    const panel = await openTraffic();
    const { page, faults } = panel;
    const choose = async (menu: string, item: string) => {
      await page.getByRole('button', { name: menu }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await choose('Show times as', 'Time of day');
    await expect
      .poll(() => cells(page, 'c1'))
      .toEqual([
        expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{4}$/),
        expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{4}$/),
      ]);
    panel.request({ kind: 'setTimeReference', seq: 9 });
    await expect.poll(() => cells(page, 'c1')).toEqual([expect.stringMatching(/^-0\.\d{4}$/), '0.0000']);
    expect(await head(page, 'time').innerText()).toBe('since #9');
    panel.request({ kind: 'setTimeReference', seq: 9 });
    await expect.poll(() => head(page, 'time').innerText()).toBe('time (s)');
    // In a narrow table its column is there when it is asked for; nothing is cut by it.
    for (const width of [1090, 900, 645, 600, 450]) {
      await page.setViewportSize({ width, height: 860 });
      await expect.poll(() => head(page, 'delta').isVisible()).toBe(false);
      await choose('Show times as', 'Also the seconds that each call took');
      await expect.poll(() => head(page, 'delta').innerText()).toBe('took (s)');
      const cut = await page
        .locator('#record-9 > :not(.c8)')
        .evaluateAll((all) =>
          all.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.getAttribute('class')),
        );
      expect(cut, `${width} px`).toEqual([]);
      await choose('Show times as', 'Also the seconds that each call took');
    }
    await page.setViewportSize({ width: 1180, height: 860 });
    await choose('Show in this column', 'Seconds that the call took');
    await expect
      .poll(() => cells(page, 'c2'))
      .toEqual([expect.stringMatching(/^0\.\d{6}$/), expect.stringMatching(/^0\.\d{6}$/)]);
    await head(page, 'delta').getByRole('button', { name: 'took (s)' }).click();
    await expect.poll(() => head(page, 'delta').getAttribute('aria-sort')).toBe('ascending');
    await expect
      .poll(async () => {
        const texts = await page
          .locator('.row > .c2')
          .evaluateAll((all) =>
            all
              .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
              .map((cell) => Number(cell.textContent)),
          );
        return texts.length === 18 && texts.join() === texts.toSorted((a, b) => a - b).join();
      })
      .toBe(true);
    expect(faults).toEqual([]);
  });
});

it('follows a stream from one of its records: both ends, and what made them', async () => {
  const panel = untilTestEnds(await openPanel(browser));
  const { page } = panel;
  await makeTraffic(panel.playground);
  // Before the kernel was asked who is at the other end.
  panel.request({ kind: 'followStream', seq: 8 });
  await expect.poll(() => order(page)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
});

describe('the overview beside the records', () => {
  it('marks failed calls, and a press goes there', async () => {
    const { page, faults } = await openTraffic();
    /** Rows of the strip in which the red of a failed call is strongest. */
    const redRows = () =>
      page.locator('canvas.ruler').evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const { data, width, height } = canvas
          .getContext('2d')!
          .getImageData(0, 0, canvas.width, canvas.height);
        return Array.from({ length: height }, (_, y) => y)
          .filter((y) => {
            const at = (y * width + 12) * 4;
            return data[at]! > 2 * data[at + 1]! && data[at]! > 150;
          })
          .map((y) => y / height);
      });
    await expect.poll(() => redRows().then((rows) => rows.length)).toBeGreaterThan(0);
    expect((await redRows())[0]).toBeGreaterThan(0.9);
    expect(faults).toEqual([]);
  });
});
