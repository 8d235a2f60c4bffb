import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Value } from '../../src/common/call.js';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolations } from './axe.js';
import { openPanel } from './panelPage.js';
import { any, data, makePair, makeTraffic } from './traffic.js';

const browser = useBrowser();

const heads = (page: Page) => page.locator('.movedhead').allInnerTexts();
const texts = (page: Page) => page.locator('.moved pre').allInnerTexts();

it('shows the bytes of a connection in order, as either end sent and received them', async () => {
  const panel = untilTestEnds(await openPanel(browser));
  const { page, said, faults } = panel;
  const { client, peer, make } = await makeTraffic(panel.playground);
  await page.locator('#record-9 .c7').waitFor();
  await page.locator('#record-9').click();
  panel.request({ kind: 'followStream', seq: 9 });
  await expect
    .poll(() => heads(page).then((all) => all.map((head) => head.replace(/, [\d.]+ s$/, ''))))
    .toEqual(['↓ #9 recv, 49 bytes', '↑ #10 send, 44 bytes', '↓ #13 recv, 85 bytes', '↓ #16 recv, 14 bytes']);
  expect((await texts(page))[3]!.trim()).toBe('GET /a\nGET /b');
  expect(await page.locator('#filter').inputValue()).toMatch(/^stream == \d+$/);
  expect(await axeViolations(page, '.dpane')).toEqual([]);
  // They take the whole width.
  const width = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => element.clientWidth);
  expect(await width('.moved pre')).toBeGreaterThan((await width('.dpane.stream')) / 2);
  // The other end, and what comes later.
  await page.getByRole('radio', { name: `client fd ${client}` }).click();
  await expect.poll(() => heads(page).then((all) => all.length)).toBe(5);
  await make('send', client, data('more'), 4, 0);
  await expect.poll(() => texts(page).then((all) => all.at(-1))).toBe('more');
  // A receive that waits while its question is sent has its place behind it.
  const answer = panel.playground.call({ name: 'recv', args: [client, any, 4096, 0] });
  await answer.started;
  await make('send', client, data('more?'), 5, 0);
  await expect.poll(() => texts(page).then((all) => all.at(-1))).toBe('more?');
  await make('send', peer, data('none'), 4, 0);
  await answer.returned;
  await expect.poll(() => texts(page).then((all) => all.slice(-2))).toEqual(['more?', 'none']);
  // Nor is an answer dated before its request.
  const times = (await heads(page)).map((head) => Number(/([\d.]+) s$/.exec(head)![1]));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  await make('send', client, data('more'), 4, 0);
  await expect.poll(() => texts(page).then((all) => all.at(-1))).toBe('more');
  await page.locator('.dpane').getByRole('radio', { name: 'Hex' }).click();
  await expect.poll(() => texts(page).then((all) => all.at(-1))).toBe('6d 6f 72 65');
  await page.getByRole('button', { name: 'Copy what is shown' }).click();
  await expect.poll(() => said.copied.at(-1)?.split('\n').at(-1)).toBe('6d 6f 72 65');
  await page.getByRole('button', { name: 'Save the bytes of a direction…' }).click();
  await expect.poll(() => said.saved.length).toBe(1);
  // A part leads to its record, and closing shows all records again.
  await page.locator('.movedhead').nth(1).click();
  await expect.poll(() => page.locator('.row[aria-current=true]').getAttribute('data-seq')).toBe('11');
  await page.getByRole('button', { name: 'Close the stream' }).click();
  await page.locator('.dpane').waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('#filter').inputValue()).toBe('');
  expect(faults).toEqual([]);
});

it('shows what a duplicate has moved, which shares the stream', async () => {
  const panel = untilTestEnds(await openPanel(browser));
  const { page, playground, faults } = panel;
  const call = async (name: 'socketpair' | 'send' | 'recv' | 'dup', ...args: Value[]) =>
    await playground.call({ name, args }).returned;
  const pair = await call('socketpair', 1, 1, 0);
  await playground.whenKnown(pair.seq);
  const [a, b] = pair.createdIds.map((id) => playground.sockets.get(id)!.fd);
  const copy = (await call('dup', b!)).result!;
  await call('send', a!, data('one'), 3, 0);
  await call('recv', b!, { kind: 'any' }, 10, 0);
  await call('send', a!, data('two'), 3, 0);
  await call('recv', copy, { kind: 'any' }, 10, 0);
  await page.locator('#record-6 .c7').waitFor();
  await page.locator('#filter').fill('call == recv');
  await page.locator('#record-3').waitFor({ state: 'detached' });
  panel.request({ kind: 'followStream', seq: 4 });
  await expect.poll(() => texts(page)).toEqual(['one', 'two']);
  await page.locator('#record-6').waitFor();
  // What was looked for before it comes back, closed or cleared.
  await page.getByRole('button', { name: 'Close the stream' }).click();
  await expect.poll(() => page.locator('#filter').inputValue()).toBe('call == recv');
  panel.request({ kind: 'followStream', seq: 4 });
  await page.locator('.dpane.stream').waitFor();
  await page.getByRole('button', { name: 'Clear the filter' }).first().click();
  await page.locator('.dpane.stream').waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('#filter').inputValue()).toBe('call == recv');
  await page.getByRole('button', { name: 'Clear the filter' }).first().click();
  await expect.poll(() => page.locator('#filter').inputValue()).toBe('');
  // It goes with its filter, and stays where another one is set.
  panel.request({ kind: 'followStream', seq: 4 });
  await page.locator('.dpane.stream').waitFor();
  await page.locator('#filter').fill('len > 2');
  await page.locator('#record-4').waitFor();
  await page.locator('.dpane.stream').waitFor();
  await page.getByRole('button', { name: 'Clear the filter' }).first().click();
  await page.locator('.dpane.stream').waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
});

/** Selects a record and shows its detail: Enter is for what has the focus. */
async function openDetail(page: Page, seq: number): Promise<void> {
  await page.locator(`#record-${seq}`).click();
  await page.locator(`#record-${seq}:focus`).waitFor();
  const detail = page.locator('.dpane');
  if (!(await detail.isVisible())) {
    await page.keyboard.press('Enter');
    await detail.waitFor();
  }
}

it('finds the sends of received bytes that were never in view, behind many others, and made while it waited', async () => {
  const { page, playground, faults } = untilTestEnds(await openPanel(browser));
  await page.getByLabel('Show records that fit').fill('call == recv || call == recvfrom');
  const { client, peer, make } = await makePair(playground);
  const legend = page.locator('.origins');
  const origins = async (seq: number) => {
    await openDetail(page, seq);
    return expect.poll(() => legend.getByRole('button').allInnerTexts());
  };
  const first = await make('send', client, data('far'), 3, 0);
  for (let count = 0; count < 250; count++) {
    await make('send', client, data('later'), 5, 0);
  }
  const { seq } = await make('recv', peer, any, 5, 0);
  await (await origins(seq)).toEqual([`from #${first.seq} (3 B)`, `from #${first.seq + 1} (2 B)`]);

  const { started, returned } = playground.call({ name: 'recv', args: [client, any, 16, 0] });
  await started;
  const answer = await make('send', peer, data('answer'), 6, 0);
  await (await origins((await returned).seq)).toEqual([`from #${answer.seq} (6 B)`]);

  // Of a datagram too, that has no position.
  const [one, other] = [await make('socket', 2, 2, 0), await make('socket', 2, 2, 0)];
  for (const { result } of [one, other]) {
    await make('bind', result, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
  }
  await make('getsockname', other.result, any);
  const named = await make('getsockname', one.result, any);
  await make('sendto', other.result, data('first'), 5, 0, named.args[1]!);
  const sent = await make('sendto', other.result, data('second'), 6, 0, named.args[1]!);
  await make('recvfrom', one.result, any, 16, 0, any);
  const received = await make('recvfrom', one.result, any, 16, 0, any);
  await (await origins(received.seq)).toEqual([`from #${sent.seq} (6 B)`]);
  expect(faults).toEqual([]);
});

it('finds the sends of received bytes where so many came at once that they were not told of whole', async () => {
  const { page, playground, faults } = untilTestEnds(await openPanel(browser));
  const { client, peer, make } = await makePair(playground);
  const sends = await Promise.all(
    Array.from({ length: 200 }, () => make('send', client, data('later'), 5, 0)),
  );
  await make('recv', peer, any, 500, 0x100);
  const { seq } = await make('recv', peer, any, 5, 0);
  await openDetail(page, seq);
  await expect
    .poll(() => page.locator('.origins').getByRole('button').allInnerTexts())
    .toEqual([`from #${sends[100]!.seq} (5 B)`]);
  expect(faults).toEqual([]);
});

it('keeps telling which sends the chosen bytes come from while thousands of other records are read', async () => {
  const { page, playground, faults } = untilTestEnds(await openPanel(browser));
  const { client, peer, listener, make } = await makePair(playground);
  /** Other records, and the page's way through them. */
  const pass = async (count: number) => {
    for (let made = 0; made < count; made += 200) {
      await Promise.all(Array.from({ length: 200 }, () => make('getsockname', listener, any)));
    }
    await page.locator('.rows .scroll').evaluate(async (area) => {
      for (let top = 0; top < area.scrollHeight; top += 1200) {
        area.scrollTop = top;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      area.scrollTop = area.scrollHeight;
    });
  };
  const send = await make('send', client, data('far'), 3, 0);
  // What the page never had in view it cannot know.
  await page.locator(`#record-${send.seq} .c7`, { hasText: '3' }).waitFor();
  await pass(200);
  const { seq } = await make('recv', peer, any, 4096, 0);
  await page.locator(`#record-${seq} .c7`).waitFor();
  await page.locator(`#record-${seq}`).click();
  await page.keyboard.press('Enter');
  const legend = page.locator('.origins');
  await expect.poll(() => legend.getByRole('button').allInnerTexts()).toEqual(['from #8 (3 B)']);
  await legend.evaluate((element) => {
    new MutationObserver(() => element.isConnected || document.body.classList.add('was-blank')).observe(
      document.body,
      { childList: true, subtree: true },
    );
  });
  await pass(5000);
  expect(await legend.getByRole('button').allInnerTexts()).toEqual(['from #8 (3 B)']);
  expect(await page.locator('body.was-blank').count()).toBe(0);
  expect(faults).toEqual([]);
});
