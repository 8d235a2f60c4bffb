import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { launchChromium } from '../support/pageServer.js';
import { axeViolations, openPanel } from './panelPage.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

describe('a recording in the panel', () => {
  it('shows its records and what is missing of them, and nothing that makes calls', async () => {
    const panel = untilTestEnds(
      await openPanel(browser, {
        width: 900,
        height: 500,
        recording: {
          file: '/tmp/a.sockrec',
          name: 'a.sockrec',
          created: 0,
          originTime: 0,
          host: { pid: 1, platform: 'linux', kernel: '6.1', isRoot: false },
          records: 1,
          missing: 12,
          damagedBytes: 2048,
          observed: null,
        },
      }),
    );
    const { page, playground } = panel;
    await playground.call({ name: 'socket', args: [2, 2, 0] }).returned;
    await expect.poll(() => page.locator('.rec').innerText()).toBe('1 record');
    const banner = await page.locator('.banner').innerText();
    expect(banner).toContain('Recording a.sockrec');
    expect(banner).toContain('12 records are missing');
    expect(banner).toContain('could not be read');
    expect(await page.locator('.readonly').innerText()).toContain('read only');
    expect(await page.getByRole('button', { name: 'Socket', exact: true }).count()).toBe(0);
    expect(await page.locator('.composer').count()).toBe(0);
    panel.request({ kind: 'newSocket' });
    panel.request({ kind: 'filter' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('filter');
    expect(await axeViolations(page)).toEqual([]);
    expect(panel.faults).toEqual([]);
  });

  it('is offered where the window was reloaded', async () => {
    const { page, said } = untilTestEnds(await openPanel(browser, { isRestored: true }));
    await page.getByRole('button', { name: 'Open the last recording' }).click();
    await expect.poll(() => said.recordings).toBe(1);
  });
});
