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

/** The chips that say another column than the head above them. */
const misnumbered = (page: Page) =>
  page.evaluate(() => {
    const heads = [...document.querySelectorAll('.lh')].map((one) => ({
      column: one.getAttribute('aria-colindex'),
      left: one.getBoundingClientRect().left,
      right: one.getBoundingClientRect().right,
    }));
    return [...document.querySelectorAll('.chip')].filter((chip) => {
      const { left } = chip.getBoundingClientRect();
      const head = heads.find((one) => one.left <= left && left < one.right);
      return head && head.column !== chip.getAttribute('aria-colindex');
    }).length;
  });

it.each([1000, 420])(
  'lanes stay where they are in %i px while one scrolls past clients that came and went',
  async (width) => {
    const { page, panel } = await open({ view: 'lanes', width, height: 700 });
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
    let wrong = 0;
    while (!(await page.locator('#record-8').isVisible())) {
      await page.mouse.wheel(0, -60);
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      const now = await places(page);
      wrong += await misnumbered(page);
      moves += Object.keys(now).some((lane) => lane in before && before[lane] !== now[lane]) ? 1 : 0;
      Object.keys(now).forEach((lane) => seen.add(lane));
      before = now;
    }
    // Those that are out of view sideways have no heads.
    expect(seen.size).toBeGreaterThan(12);
    // To make room for a third connection, and perhaps for another one.
    expect(moves).toBeLessThanOrEqual(3);
    expect(wrong).toBe(0);
  },
);
