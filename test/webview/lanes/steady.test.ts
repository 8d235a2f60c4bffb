import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Caller } from '../caller.js';
import { openPages } from '../openPages.js';

const open = openPages();

/** Where the lanes stand. */
const places = (page: Page) =>
  page
    .locator('.lh')
    .evaluateAll((heads) =>
      Object.fromEntries(
        heads.map((head) => [head.getAttribute('data-lane')!, head.getBoundingClientRect().left]),
      ),
    );

it('lanes stay where they are while one scrolls past clients that came and went', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1000, height: 700 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  for (let count = 0; count < 8; count++) {
    const [client, peer] = await caller.connection(listener);
    await caller.send(client, 'apple');
    await caller.recv(peer);
    await caller.send(peer, 'apple');
    await caller.recv(client);
    await caller.call('close', client);
    await caller.recv(peer);
    await caller.call('close', peer);
  }
  await page.locator(`#record-${panel.playground.lastSeq}`).waitFor();
  await page.locator('.lanes').hover();
  let before = await places(page);
  const seen = new Set(Object.keys(before));
  let moves = 0;
  while (!(await page.locator('#record-8').isVisible())) {
    await page.mouse.wheel(0, -60);
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const now = await places(page);
    moves += Object.keys(now).some((lane) => lane in before && before[lane] !== now[lane]) ? 1 : 0;
    Object.keys(now).forEach((lane) => seen.add(lane));
    before = now;
  }
  expect(seen.size).toBe(17);
  // To make room for a third connection, and perhaps for another one.
  expect(moves).toBeLessThanOrEqual(3);
});
