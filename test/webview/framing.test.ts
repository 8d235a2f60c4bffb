import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolations } from './axe.js';
import { openPanel } from './panelPage.js';
import { any, data, makeTraffic } from './traffic.js';

const browser = useBrowser();

async function openTraffic() {
  const panel = untilTestEnds(await openPanel(browser));
  const traffic = await makeTraffic(panel.playground);
  await panel.page.locator('#record-16 .c7').waitFor();
  await panel.page.locator('#record-16').click();
  await panel.page.keyboard.press('Enter');
  return { ...panel, ...traffic };
}

async function frame(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Messages of this stream' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

const badge = (page: Page, seq: number) => page.locator(`#record-${seq} .framed`);

it('says which bytes came from which send, and leads there', async () => {
  const { page, faults } = await openTraffic();
  const legend = page.locator('.origins');
  await expect
    .poll(() => legend.getByRole('button').allInnerTexts())
    .toEqual(['from #14 (7 B)', 'from #15 (7 B)']);
  await expect.poll(() => page.locator('.lines .from-even').first().innerText()).toBe('47 45 54 20 2f 61 0a');
  await expect.poll(() => page.locator('.lines .a .from-odd').innerText()).toBe('GET /b.');
  await legend.getByRole('button', { name: 'from #15' }).click();
  await expect.poll(() => page.locator('.dpane .ttl').first().innerText()).toMatch(/record 15/i);
  await expect.poll(() => legend.getByRole('button').allInnerTexts()).toEqual(['to #16 (7 B)']);
  expect(faults).toEqual([]);
});

it('cuts the stream of a socket into messages, at both ends', async () => {
  const { page, client, make, faults } = await openTraffic();
  await frame(page, 'Lines (LF)');
  await expect.poll(() => badge(page, 8).innerText()).toBe('messages 1–3');
  await expect.poll(() => badge(page, 12).innerText()).toBe('message 4…');
  await expect.poll(() => badge(page, 16).innerText()).toBe('…messages 4–5');
  await expect
    .poll(() => page.locator('.framing').innerText())
    .toContain('Coalesced: bytes of 2 messages in one call.');
  await expect
    .poll(() => page.locator('.lines .msg-odd').first().innerText())
    .toMatch(/^47\s+45 54 20 2f 62 0a$/);
  // What comes later is framed as it comes.
  const { seq } = await make('send', client, data('unfinished'), 10, 0);
  await expect.poll(() => badge(page, seq).innerText()).toBe('message 6, incomplete');
  const { seq: more } = await make('send', client, data(' as yet'), 7, 0);
  await expect.poll(() => badge(page, more).innerText()).toBe('…message 6, incomplete');
  await expect.poll(() => badge(page, seq).innerText()).toBe('message 6…');
  expect(await axeViolations(page, '.dpane')).toEqual([]);
  await frame(page, 'No framing');
  await expect.poll(() => page.locator('.framed').count()).toBe(0);
  expect(faults).toEqual([]);
});

it('points an impossible length out, and takes the numbers of a framing', async () => {
  const { page, client, peer, make, faults } = await openTraffic();
  await frame(page, 'u32 length, big-endian');
  await expect.poll(() => badge(page, 8).getAttribute('class')).toContain('bad');
  await expect.poll(() => badge(page, 8).innerText()).toBe('message 1, impossible length');
  await expect.poll(() => badge(page, 12).innerText()).toBe('no message');
  await frame(page, 'Fixed length…');
  await page.getByLabel('Bytes of a message').fill('7');
  await expect.poll(() => badge(page, 8).innerText()).toBe('messages 1–7');
  await page.getByLabel('Bytes of a message').fill('0');
  await expect.poll(() => page.getByLabel('Bytes of a message').getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => badge(page, 8).innerText()).toBe('messages 1–7');
  await frame(page, 'u8 length');
  await page.getByLabel('It counts the whole message').check();
  const { seq } = await make('send', peer, data('\u0002a'), 2, 0);
  await make('recv', client, any, 100, 0);
  await page.locator(`#record-${seq}`).waitFor();
  expect(faults).toEqual([]);
});

it('decodes JSON beside the bytes, and opens it in an editor', async () => {
  const { page, said, faults } = await openTraffic();
  await page.locator('#record-13').click();
  await expect
    .poll(() => page.locator('.decoded .j-name').allInnerTexts())
    .toEqual(['"op"', '"topics"', '"since"', '"min"']);
  await expect.poll(() => page.locator('.decoded .j-number').allInnerTexts()).toEqual(['2']);
  await page.getByRole('button', { name: 'Open in an editor' }).click();
  await expect
    .poll(() => said.opened.map((text) => Object.keys(JSON.parse(text) as object)))
    .toEqual([['op', 'topics', 'since', 'min']]);
  expect(await axeViolations(page, '.dpane')).toEqual([]);
  expect(faults).toEqual([]);
});
