import { expect, it } from 'vitest';
import { Caller } from '../caller.js';
import { openPages } from '../openPages.js';

const open = openPages();

it('a move of the scroll bar that the page has yet to hear of is not taken back', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1000, height: 700 });
  const caller = new Caller(panel.playground);
  const { fd } = await caller.listener();
  for (let count = 0; count < 60; count++) {
    await caller.call('getsockname', fd);
  }
  await page.locator(`#record-${panel.playground.lastSeq}`).waitFor();
  const lost = await page.locator('.lanes').evaluate(async (area) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const moved = async () => {
      area.scrollTop = area.scrollHeight / 2;
      await frame();
      await frame();
      // What puts the bar where it belongs, once nothing has moved for a while, has its turn right behind this one.
      setTimeout(() => (area.scrollTop = 0), 150);
      const due = performance.now() + 250;
      while (performance.now() < due) {
        // No frame comes meanwhile, and so no event.
      }
      await new Promise((resolve) => setTimeout(resolve));
      await frame();
      await frame();
      return area.scrollTop === 0;
    };
    let count = 0;
    for (let turn = 0; turn < 3; turn++) {
      count += (await moved()) ? 0 : 1;
    }
    return count;
  });
  expect(lost).toBe(0);
});
