import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parseFaults } from '../../src/common/tap/faults.js';
import { untilTestEnds } from '../support/disposal.js';
import { launchChromium } from '../support/pageServer.js';
import { axeViolations, openPanel, setTheme } from './panelPage.js';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

it('shows a tap as a listener and pairs, with its target, its faults and what was injected', async () => {
  const panel = untilTestEnds(await openPanel(browser));
  const { page, playground } = panel;
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const loopback = { family: 'AF_INET', address: '127.0.0.1' } as const;
  const tap = await playground.startTap({
    kind: 'stream',
    listen: { ...loopback, port: 0 },
    target: { ...loopback, port },
    faults: parseFaults('to-server.slice=2 seed=4', 'stream'),
  });
  const client = connect((tap.listen as { port: number }).port, '127.0.0.1');
  client.end('hello');
  client.resume();
  await once(client, 'close');

  panel.request({ kind: 'showInspector' });
  panel.request({ kind: 'select', socketId: tap.listenerId, seq: null });
  const fact = page.locator('.facts div', { hasText: `tap to 127.0.0.1:${port}` });
  await expect.poll(() => fact.innerText()).toContain('faults: to-server.slice=2 seed=4');

  await page.getByRole('combobox').first().fill('injected == slice && call == send');
  await expect.poll(() => page.locator('[data-seq]').count()).toBeGreaterThanOrEqual(3);
  const [row] = await page.locator('[data-seq]').all();
  await row!.dblclick();
  await page.getByText(`tap 127.0.0.1:${port}; injected slice`).first().waitFor();
  // Nothing of it is cut off.
  expect(await fact.locator('dd').evaluate((cell) => cell.scrollWidth <= cell.clientWidth)).toBe(true);
  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    await setTheme(page, theme);
    expect(await axeViolations(page), theme).toEqual([]);
  }
  expect(panel.faults).toEqual([]);
});

it('starts one from the menu', async () => {
  const panel = untilTestEnds(await openPanel(browser));
  await panel.page.getByRole('button', { name: 'Start with…' }).click();
  await panel.page.getByRole('menuitem', { name: /Tap a server/ }).click();
  await expect.poll(() => panel.said.taps).toBe(1);
});
