import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/common/call.js';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolations } from './axe.js';
import { openPanel, resize } from './panelPage.js';

const browser = useBrowser();

describe('what the records had to forget', () => {
  it('is told in words, for all and for the socket, and stays told', async () => {
    const panel = untilTestEnds(await openPanel(browser, { memory: 1 }));
    const { page, playground } = panel;
    const { result: fd } = await playground.call({ name: 'socket', args: [2, 2, 0] }).returned;
    await playground.call({ name: 'bind', args: [fd, { family: 'AF_INET', address: '127.0.0.1', port: 0 }] })
      .returned;
    const { args } = await playground.call({ name: 'getsockname', args: [fd] }).returned;
    await page.locator('#record-1').click();
    panel.request({ kind: 'showInspector' });
    const dropped = page.locator('.facts div', { has: page.getByText('dropped payload', { exact: true }) });
    await page.locator('.facts').first().waitFor();
    expect(await dropped.count()).toBe(0);
    expect(await page.locator('.banner').count()).toBe(0);

    // More than the least that is held.
    const length = 60_000;
    const data: Value = { kind: 'data', bytes: new Uint8Array(length), length };
    for (let call = 0; call < 120; call++) {
      const sent = await playground.call({ name: 'sendto', args: [fd, data, length, 0, args[1]!, 16] })
        .returned;
      expect(sent.result).toBe(length);
    }
    await expect
      .poll(() => page.locator('.banner.loss').innerText())
      .toMatch(/^The oldest was dropped, as the records were full: \d.* MiB of payload\.$/s);
    await expect.poll(() => page.locator('[role=status].sr').innerText()).toContain('The oldest was dropped');
    await expect.poll(() => dropped.innerText()).toMatch(/MiB$/);
    // With the button that leads to the latest record.
    await page.locator('.scroll').evaluate((area) => {
      area.scrollTop = 0;
    });
    await page.getByRole('button', { name: /^Latest of/ }).waitFor();
    expect(await axeViolations(page)).toEqual([]);

    await page.locator('.banner.loss').getByRole('button', { name: 'Dismiss' }).click();
    await page.locator('.banner').waitFor({ state: 'detached' });
    expect(await page.locator('.rec').innerText()).toMatch(/^123 records, dropped: .*MiB of payload$/);

    // However long that is, there is room to write a filter, beside it or below it.
    const field = page.getByRole('combobox', { name: 'Show records that fit' });
    for (const [width, lines] of [
      [780, 1],
      [600, 2],
      [400, 2],
    ] as const) {
      await resize(page, width, 700);
      expect((await field.boundingBox())!.width, String(width)).toBeGreaterThan(125);
      const bar = await page.locator('.toolbar').boundingBox();
      expect(Math.round((bar!.height - 6) / 30), String(width)).toBe(lines);
    }
    expect(panel.faults).toEqual([]);
  });
});
