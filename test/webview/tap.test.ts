import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { parseFaults } from '../../src/common/tap/faults.js';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolationsInThemes } from './axe.js';
import { openPanel } from './panelPage.js';

const browser = useBrowser();

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
  panel.request({ kind: 'showTap', tap });
  const { port: given } = tap.listen as AddressInfo;
  await expect
    .poll(() => page.locator('[role=status]').allInnerTexts())
    .toContain(`Clients connect to 127.0.0.1:${given}: everything goes on to 127.0.0.1:${port}.`);
  const fact = page.locator('.facts div', { hasText: `tap to 127.0.0.1:${port}` });
  await expect.poll(() => fact.innerText()).toContain('faults: to-server.slice=2 seed=4');

  await page.getByRole('combobox').first().fill('injected == slice && call == send');
  await expect.poll(() => page.locator('[data-seq]').count()).toBeGreaterThanOrEqual(3);
  const [row] = await page.locator('[data-seq]').all();
  await row!.dblclick();
  await page.getByText(`tap to 127.0.0.1:${port}; injected: slice`).first().waitFor();
  // Beside the inspector there is room for no more than which fault it is.
  await expect.poll(() => row!.locator('.injected').innerText()).toBe('slice');
  await page.setViewportSize({ width: 1300, height: 860 });
  await expect.poll(() => row!.locator('.injected').innerText()).toBe('injected: slice');
  await page.setViewportSize({ width: 1180, height: 860 });
  // Nothing of it is cut off.
  expect(await fact.locator('dd').evaluate((cell) => cell.scrollWidth <= cell.clientWidth)).toBe(true);

  // The lanes mark the same records, and their legend says what the mark is.
  panel.request({ kind: 'showView', view: 'lanes' });
  const sent = page.locator('.chip', { hasText: 'send' });
  await expect.poll(() => sent.count()).toBeGreaterThanOrEqual(3);
  await expect
    .poll(async () => new Set(await sent.locator('.injected').allInnerTexts()))
    .toEqual(new Set(['injected: slice']));
  expect(await sent.locator('.injected').count()).toBe(await sent.count());
  expect(await page.locator('.lanelegend').innerText()).toContain('a fault that a tap has made');

  // The form of its faults, with what is wrong in its place.
  panel.request({ kind: 'select', socketId: tap.listenerId, seq: null });
  panel.request({ kind: 'editReplies', socketId: tap.listenerId });
  await page.getByRole('group', { name: 'Reply by rule' }).waitFor();
  panel.request({ kind: 'editTapFaults', socketId: tap.listenerId });
  const field = (name: string) => page.getByRole('textbox', { name, exact: true });
  await expect.poll(() => field('slice to the server').inputValue()).toBe('2');
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('delay to the server');
  expect(await field('drop to the client').count()).toBe(0);
  await field('delay to the client').fill('20 s');
  await expect
    .poll(() => page.locator('.faults .problem').innerText())
    .toBe('delay is a whole number of ms from 0 to 60000.');
  const use = page.getByRole('button', { name: /^Use these faults/ });
  expect(await use.getAttribute('aria-disabled')).toBe('true');
  // Beside the inspector and with little height all is in reach, and the records keep their rows.
  await page.setViewportSize({ width: 1040, height: 610 });
  const rows = () =>
    page.evaluate(() => {
      const [area, head] = ['.lanes', '.lh'].map((part) =>
        document.querySelector(part)!.getBoundingClientRect(),
      );
      return (area!.bottom - head!.bottom) / 24;
    });
  await expect.poll(rows).toBeGreaterThanOrEqual(7.5);
  const box = await use.boundingBox();
  expect(box!.y + box!.height).toBeLessThan(610);
  await page.setViewportSize({ width: 1180, height: 860 });
  expect(await axeViolationsInThemes(page)).toEqual([]);
  await field('delay to the client').press('Enter');
  await field('delay to the client').fill('20');
  await field('slice to the server').fill('');
  await field('seed').fill('9');
  const preview = page.getByRole('group', { name: 'What the tap does' });
  await expect.poll(() => preview.innerText()).toBe('to-client.delay=20 seed=9');
  await field('seed').press('Enter');
  await expect.poll(() => fact.innerText()).toContain('faults: to-client.delay=20 seed=9');
  await expect.poll(() => preview.innerText()).toContain('These faults are on.');
  await page.getByRole('button', { name: 'All off' }).click();
  await expect.poll(() => preview.innerText()).toBe('Everything is passed on as it comes.');
  panel.request({ kind: 'call' });
  await expect.poll(() => fact.innerText()).not.toContain('faults');

  const strip = page.getByRole('group', { name: 'Tap', exact: true });
  // What is selected of its pairs is of the tap, too.
  const pair = [...playground.sockets.values()].find(({ tap: own }) => own?.side === 'server')!;
  panel.request({ kind: 'select', socketId: pair.id, seq: null });
  await expect.poll(() => panel.said.selections.at(-1)?.socketId).toBe(pair.id);
  await expect.poll(() => page.locator('.side h2').innerText()).toContain(`fd ${pair.fd}`);
  expect(await strip.count()).toBe(1);
  // It is there beside a form that was begun, too, and shows its faults.
  await page.getByRole('button', { name: 'bind', exact: true }).click();
  await page.getByRole('combobox', { name: 'Socket' }).selectOption('none');
  await page.getByRole('button', { name: 'socket', exact: true }).click();
  await page.getByRole('group', { name: 'socket' }).getByRole('combobox').first().selectOption('AF_INET6');
  panel.request({ kind: 'select', socketId: tap.listenerId, seq: null });
  await strip.getByRole('button', { name: 'Faults' }).waitFor();
  expect(await page.getByRole('group', { name: 'socket' }).count()).toBe(1);
  await strip.getByRole('button', { name: 'Faults' }).click();
  await page.getByRole('group', { name: 'Faults of the tap' }).waitFor();
  await page.getByRole('button', { name: 'Close the faults' }).click();
  await strip.getByRole('button', { name: 'Copy the address' }).click();
  await expect.poll(() => panel.said.copied).toEqual([`127.0.0.1:${(tap.listen as { port: number }).port}`]);
  await strip.getByRole('button', { name: 'Stop' }).click();
  await strip.waitFor({ state: 'detached' });
  expect(panel.faults).toEqual([]);
});

it('starts one from the menu', async () => {
  const panel = untilTestEnds(await openPanel(browser));
  await panel.page.getByRole('button', { name: 'Start with…' }).click();
  await panel.page.getByRole('menuitem', { name: /Tap a server/ }).click();
  await expect.poll(() => panel.said.taps).toBe(1);
});
