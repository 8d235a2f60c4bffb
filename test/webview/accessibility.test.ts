import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { Caller } from './caller.js';
import { useBrowser } from './browser.js';
import { axeViolationsInThemes } from './axe.js';
import { openPanel } from './panelPage.js';

const browser = useBrowser();

async function expectAccessible(page: Page, state: string): Promise<void> {
  expect(await axeViolationsInThemes(page), state).toEqual([]);
}

it('every theme lets everybody read: filter error, stream, reply rules, repeat, host lost', async () => {
  const panel = untilTestEnds(await openPanel(browser, { view: 'lanes' }));
  const { page, playground } = panel;
  const caller = new Caller(playground);
  const [client, peer] = await caller.connection(await caller.listener());
  await caller.send(client, '{"a":[1,null,"text"]}\n');
  await caller.recv(peer);
  await page.locator('#record-9').click();

  await page.locator('#filter').fill('len > x');
  await page.locator('#filter-problem').waitFor();
  await expectAccessible(page, 'filter error');
  await page.locator('#filter').fill('');

  panel.request({ kind: 'followStream', seq: 9 });
  await page.locator('.dpane.stream pre').first().waitFor();
  await expectAccessible(page, 'stream');
  await page.getByRole('button', { name: 'Close the stream' }).click();

  const socket = [...playground.sockets.values()].find(({ fd }) => fd === peer)!;
  panel.request({ kind: 'editReplies', socketId: socket.id });
  await page.getByRole('group', { name: 'Reply by rule' }).waitFor();
  await page.getByLabel('Pattern of rule 1').fill('a');
  await page.locator('.callbtn').click();
  await page.getByRole('group', { name: 'Automatic', exact: true }).waitFor();
  await expectAccessible(page, 'reply rules');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect.poll(() => playground.sockets.get(socket.id)?.automatic).toBeNull();

  await page.getByRole('button', { name: 'send', exact: true }).click();
  await page.locator('.form[aria-label="send"]').waitFor();
  await page.getByRole('button', { name: 'Repeat: make the call several times' }).click();
  await page.getByRole('textbox', { name: 'times' }).fill('1000');
  await page.getByLabel('interval in ms').fill('60000');
  await page.getByRole('button', { name: 'Repeat', exact: true }).click();
  await page.getByRole('group', { name: 'A repeated call' }).waitFor();
  await expectAccessible(page, 'repeat');

  panel.host.stop();
  await page.getByRole('alert').waitFor();
  await expectAccessible(page, 'host lost');
});

it('colours that the system forces upon pages leave those of the theme, which say what is what', async () => {
  const { page, playground } = untilTestEnds(await openPanel(browser, { theme: 'highContrast' }));
  await new Caller(playground).listener();
  const dot = page.locator('#record-1 .dot');
  const colours = () => dot.evaluate((element) => getComputedStyle(element).backgroundColor);
  const before = await colours();
  await page.emulateMedia({ forcedColors: 'active' });
  expect(await colours()).toBe(before);
});
