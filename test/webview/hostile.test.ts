import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { dataValue } from '../../src/common/call.js';
import { untilTestEnds } from '../support/disposal.js';
import { Caller } from './caller.js';
import { useBrowser } from './browser.js';
import { openPanel, type PanelPage } from './panelPage.js';

const browser = useBrowser();

const markup = '<img src=x onerror="window.isOwned = 1"><script>window.isOwned = 1</script><b id=mark>';
const evil = `${markup}\u001b[31m\u001b]52;c;b3du\u0007\u202egpj.exe\u2066\0`;
/** Without a NUL it counts as text. */
const text = `${markup}\u202egpj.exe\u2066\u200b\n`;
const json = JSON.stringify({ [`\u202e${markup}`]: `\u2066${markup}` });

/** The characters that act on others, or act at all, in what the page shows; and what came of the markup. */
const acts = (page: Page) =>
  page.evaluate(() => {
    // oxlint-disable-next-line no-control-regex -- those are what is looked for
    const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;
    const shown: string[] = [];
    for (const element of document.querySelectorAll('#root *')) {
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
      const attributes = [...element.attributes].map(({ value }) => value);
      shown.push(
        ...[...own.map((node) => node.textContent ?? ''), ...attributes].filter((one) => found.test(one)),
      );
    }
    const made = document.querySelectorAll('#root :is(img, script, #mark)').length;
    return { shown, made, isOwned: 'isOwned' in window };
  });
const nothing = { shown: [], made: 0, isOwned: false };

async function send(panel: PanelPage, payload: string | Uint8Array): Promise<number> {
  const caller = new Caller(panel.playground);
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const [client, peer] = await caller.connection(await caller.listener());
  await caller.call('send', client, dataValue(bytes), bytes.length, 0);
  await caller.recv(peer);
  return panel.playground.snapshot().lastSeq;
}

it.each([
  ['with control characters', evil],
  ['of text', text],
  ['of JSON', json],
  ['of no text', Uint8Array.of(0xc3, 0x28, 0xed, 0xa0, 0x80, 0xff, 0, 0x1b, 0x5b, 0x41)],
])('a payload %s does nothing but show', async (_kind, payload) => {
  const panel = untilTestEnds(await openPanel(browser, { view: 'lanes' }));
  const { page } = panel;
  const seq = await send(panel, payload);
  await page.locator(`#record-${seq}`).click();
  expect(await acts(page)).toEqual(nothing);
  panel.request({ kind: 'showInspector' });
  await page.locator('.side').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.dpane').waitFor();
  for (const form of payload === json ? ['JSON', 'Text', 'Hex'] : ['Text', 'Hex']) {
    await page.locator('.dpane').getByRole('radio', { name: form, exact: true }).click();
    expect(await acts(page), form).toEqual(nothing);
  }
  panel.request({ kind: 'showView', view: 'table' });
  await page.locator(`.row#record-${seq}`).waitFor();
  expect(await acts(page)).toEqual(nothing);
  panel.request({ kind: 'followStream', seq });
  await page.locator('.dpane.stream pre').first().waitFor();
  expect(await acts(page)).toEqual(nothing);
  expect(panel.faults).toEqual([]);
});

/** The characters of an element that stand left of the one before them in its text, without those of the next line. */
const turned = (place: Locator) =>
  place.evaluate((element) => {
    const found: string[] = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let before: DOMRect | undefined;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      for (let at = 0; at < text.length; at++) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const box = range.getClientRects()[0];
        if (box && box.width > 0) {
          if (before && box.top < before.bottom && box.left < before.right - 1) {
            found.push(`${text[at]} at ${at} of ${text}`);
          }
          before = box;
        }
      }
    }
    return { text: element.textContent, found };
  });

it('right-to-left letters turn nothing around them', async () => {
  const panel = untilTestEnds(await openPanel(browser, { view: 'lanes' }));
  const { page } = panel;
  const caller = new Caller(panel.playground);
  const [client] = await caller.connection(await caller.listener());
  const sent = '\u05d0\u05d1 12 (34) \u0633';
  await caller.send(client, sent);
  await caller.call('shutdown', client, 1);
  const data = dataValue(new TextEncoder().encode(sent));
  expect(await caller.call('send', client, data, data.length, 0)).toBe(-1);
  const { lastSeq } = panel.playground.snapshot();
  const record = page.locator(`#record-${lastSeq}`);
  const inOrder = async (place: Locator) => {
    await place.waitFor();
    const { text, found } = await turned(place);
    expect(text).toContain(sent);
    expect(found).toEqual([]);
  };
  await inOrder(record.locator('.call'));
  const unix = await caller.call('socket', 1, 1, 0);
  const name = new TextEncoder().encode(`${process.pid} longer than its lane is wide: ${sent}`);
  expect(await caller.call('bind', unix, { family: 'AF_UNIX', name, isAbstract: true })).toBe(0);
  await inOrder(page.locator('.lh .end', { hasText: 'longer' }));
  await record.click();
  await page.keyboard.press('Enter');
  await inOrder(page.locator('.dpane .kv .v').filter({ hasText: 'send(' }).first());
  panel.request({ kind: 'prepare', call: { name: 'send', args: [client, data, data.length, 0] } });
  await inOrder(page.getByRole('group', { name: 'The exact call' }).locator('.call'));
  panel.request({ kind: 'showView', view: 'table' });
  const row = page.locator(`.row#record-${lastSeq - 2}`);
  await inOrder(row);
  await row.click();
  await page.locator('.dpane').getByRole('radio', { name: 'Text', exact: true }).click();
  await inOrder(page.locator('.dpane pre').first());
  panel.request({ kind: 'followStream', seq: lastSeq });
  await inOrder(page.locator('.dpane.stream pre').first());
  expect(panel.faults).toEqual([]);
});

it('names of Unix sockets do nothing but show', async () => {
  const panel = untilTestEnds(await openPanel(browser, { view: 'lanes' }));
  const { page } = panel;
  const caller = new Caller(panel.playground);
  const fd = await caller.call('socket', 1, 1, 0);
  const name = new TextEncoder().encode(`${process.pid}<b id=mark>\u202egpj\u001b[31m\u0000`);
  expect(await caller.call('bind', fd, { family: 'AF_UNIX', name, isAbstract: true })).toBe(0);
  await page.locator('#record-2').click();
  panel.request({ kind: 'showInspector' });
  await page.locator('.side').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.dpane').waitFor();
  expect(await acts(page)).toEqual(nothing);
  panel.request({ kind: 'showView', view: 'table' });
  await page.locator('.row#record-2').waitFor();
  expect(await acts(page)).toEqual(nothing);
  expect(await page.locator('.row#record-2').innerText()).toContain('<b id=mark>');
  expect(panel.faults).toEqual([]);
});

it('ten megabytes without a line break show like any other bytes', async () => {
  const panel = untilTestEnds(await openPanel(browser, { view: 'lanes' }));
  const { page } = panel;
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const [client, peer] = await caller.connection(listener);
  const bytes = new Uint8Array(10 * 1024 * 1024).fill(0x61);
  const sent = await caller.wait('send', client, dataValue(bytes), bytes.length, 0);
  for (let left = bytes.length; left > 0;) {
    left -= await caller.recv(peer, 4 * 1024 * 1024);
  }
  expect(await sent.returned).toBe(bytes.length);
  await page.locator(`#record-${sent.seq}`).click();
  await page.keyboard.press('Enter');
  await page.locator('.dpane .hex').waitFor();
  await page.locator('.dpane').getByRole('radio', { name: 'Text', exact: true }).click();
  await expect.poll(() => page.locator('.dpane pre').first().innerText()).toMatch(/^a{1000}/);
  await page.getByRole('button', { name: /^Show more of/ }).click();
  await expect
    .poll(() =>
      page
        .locator('.dpane pre')
        .first()
        .evaluate((pre) => pre.textContent.length),
    )
    .toBe(256 * 1024);
  expect(panel.faults).toEqual([]);
});
