import { connect } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { launchChromium } from '../../support/pageServer.js';
import { untilTestEnds } from '../../support/disposal.js';
import { Caller } from '../caller.js';
import { openPanel } from '../panelPage.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

const chip = (page: Page, seq: number) => page.locator(`.chip#record-${seq}`);

/** Whether all of a record's box is between the heads and the lower edge of the lanes. */
const isInView = (page: Page, seq: number) =>
  page.evaluate((id) => {
    const box = document.getElementById(id)?.getBoundingClientRect();
    const { bottom } = document.querySelector('.lanes')!.getBoundingClientRect();
    const head = document.querySelector('.lanehead')!.getBoundingClientRect();
    return box !== undefined && box.top >= head.bottom - 1 && box.bottom <= bottom;
  }, `record-${seq}`);

describe('where the room of the lanes changes', () => {
  it('the selected record stays in view, and the end is followed where it comes into view', async () => {
    const { page, playground } = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 1045, height: 780 }),
    );
    const caller = new Caller(playground);
    const { fd } = await caller.listener();
    for (let count = 0; count < 20; count++) {
      await caller.call('getsockname', fd);
    }
    await chip(page, 24).waitFor();
    // Of those in view the first: what is below it goes out of view with the details.
    let first = 24;
    while (first > 1 && (await isInView(page, first - 1))) {
      first--;
    }
    await chip(page, first).dblclick();
    await page.locator('.dpane').waitFor();
    await expect.poll(() => isInView(page, first)).toBe(true);
    await chip(page, first).press('Enter');
    await page.locator('.dpane').waitFor({ state: 'detached' });
    await expect.poll(() => isInView(page, 24)).toBe(true);
    expect(await page.locator('.tolast').count()).toBe(0);
    await caller.call('getsockname', fd);
    await expect.poll(() => isInView(page, 25)).toBe(true);
    // A failure is higher than a line, and all of it is seen, also where it is selected.
    await caller.call('listen', 999, 1);
    await chip(page, 26).waitFor();
    await expect.poll(() => isInView(page, 26)).toBe(true);
    await chip(page, 26).click();
    await caller.call('getsockname', fd);
    await expect.poll(() => isInView(page, 27)).toBe(true);
    expect(await page.locator('.tolast').count()).toBe(0);
  });
});

describe('five clients of somebody else', () => {
  it('have an arrow each from their accept, in brief lanes too, that nothing covers', async () => {
    const { page, playground } = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 1045, height: 780 }),
    );
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const { port } = listener.address as { port: number };
    const first = await caller.wait('accept', listener.fd);
    await chip(page, first.seq).waitFor();
    // A wait that people notice.
    await expect.poll(() => page.locator('.chip.waiting .w').innerText()).toMatch(/[1-9]/);
    for (let count = 0; count < 5; count++) {
      const client = connect(port, '127.0.0.1');
      onTestFinished(() => void client.destroy());
      await (count === 0 ? first.returned : caller.call('accept', listener.fd));
    }
    await expect.poll(() => page.locator('.lanes.brief .opened').count()).toBe(5);
    await expect.poll(() => page.locator('.wires .wire.birth').count()).toBe(5);
    const opened = () =>
      page.evaluate(() => {
        const boxes = (selector: string) =>
          [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
        const births = boxes('.opened');
        const wires = boxes('.wires .wire.birth');
        const chips = boxes('.chip');
        const covers = (a: DOMRect, b: DOMRect) =>
          a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
        return {
          covered: [...births, ...wires].filter((one) => chips.some((box) => covers(box, one))).length,
          short: wires.filter((wire, index) => wire.width < 8 || births[index]!.left - wire.right > 16)
            .length,
        };
      });
    await expect.poll(opened).toEqual({ covered: 0, short: 0 });
    // How long it waited is told on pointing at it.
    await expect.poll(() => chip(page, first.seq).getAttribute('title')).toMatch(/= \d+\nblocked /);
  });
});
