import { describe, expect, it } from 'vitest';
import type { ShownRecording } from '../../src/common/protocol/panel.js';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolations } from './axe.js';
import { openPanel, runningScenario } from './panelPage.js';

const browser = useBrowser();

const recordingOf = (more: Partial<ShownRecording>): ShownRecording => ({
  file: '/tmp/a.sockrec',
  name: 'a.sockrec',
  created: 0,
  originTime: 0,
  host: { pid: 1, platform: 'linux', kernel: '6.1', isRoot: false },
  records: 1,
  missing: 0,
  damagedBytes: 0,
  observed: null,
  ...more,
});

describe('a recording in the panel', () => {
  it('shows its records and what is missing of them, and nothing that makes calls', async () => {
    const panel = untilTestEnds(
      await openPanel(browser, {
        width: 900,
        height: 500,
        recording: recordingOf({ missing: 12, damagedBytes: 2048 }),
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

  it('keeps its lanes while a scenario is run elsewhere', async () => {
    const panel = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 900, height: 500, recording: recordingOf({}) }),
    );
    const { page, playground } = panel;
    const fds: number[] = [];
    for (let at = 0; at < 2; at++) {
      fds.push((await playground.call({ name: 'socket', args: [2, 2, 0] }).returned).result!);
    }
    for (let at = 0; at < 60; at++) {
      await playground.call({ name: 'getpeername', args: [fds[0]!, { kind: 'any' }, 16] }).returned;
    }
    const lanes = () => page.locator('.lh .r1 b').allInnerTexts();
    await expect.poll(() => page.locator('#record-62').count()).toBe(1);
    await expect.poll(lanes).toHaveLength(2);
    panel.findScenarios([runningScenario]);
    panel.request({ kind: 'filter' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('filter');
    expect(await lanes()).toHaveLength(2);

    // Of what listens in it nobody is asked who waits.
    const listener = (await playground.call({ name: 'socket', args: [2, 1, 0] }).returned).result!;
    await playground.call({ name: 'listen', args: [listener, 5] }).returned;
    await page.setViewportSize({ width: 1180, height: 860 });
    await page.locator('.lh', { hasText: `fd ${listener}` }).click();
    panel.request({ kind: 'showInspector' });
    await expect.poll(() => page.locator('.facts').innerText()).toMatch(/inode\s+\d+/);
    expect(panel.said.looks).toBe(0);
    expect(panel.faults).toEqual([]);
  });

  it('is offered where the window was reloaded', async () => {
    const { page, said } = untilTestEnds(await openPanel(browser, { isRestored: true }));
    await page.getByRole('button', { name: 'Open the last recording' }).click();
    await expect.poll(() => said.recordings).toBe(1);
  });
});
