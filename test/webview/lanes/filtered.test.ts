import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Call } from '../../../src/common/call.js';
import { Caller } from '../caller.js';
import { openPages } from '../openPages.js';

const open = openPages();

const filterBy = (page: Page, text: string) => page.getByLabel('Show records that fit').fill(text);
/** The colours of the life-lines that are drawn, from left to right. */
const lifelines = (page: Page) =>
  page.locator('.wires .life').evaluateAll((all) =>
    all
      .map((one) => ({ x: Number(one.getAttribute('x1')), look: one.getAttribute('class') }))
      .sort((one, other) => one.x - other.x)
      .map(({ look }) => look),
  );
const marks = (page: Page) => page.locator('.overlay .kev .pill').allInnerTexts();

it('colours life-lines by all records, also by those that the filter leaves out', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 700 });
  await filterBy(page, 'call in {send recv}');
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const connections = [await caller.connection(listener), await caller.connection(listener)];
  for (const [client, peer] of connections) {
    await caller.send(client, 'apple');
    await caller.recv(peer);
  }
  await page.getByText('4 of 14').waitFor();
  await expect.poll(() => page.locator('.chip').count()).toBe(4);
  const open4 = Array.from({ length: 4 }, () => 'life s-open');
  await expect.poll(() => lifelines(page)).toEqual(open4);
  // The listener has no record that fits.
  await page.getByRole('button', { name: '1 other socket', exact: true }).click();
  await expect.poll(() => lifelines(page)).toEqual(['life s-listen', ...open4]);
  // A call has made them so, and the kernel has told nothing else.
  expect(await page.locator('.wires .kernel').count()).toBe(0);
  expect(await marks(page)).toEqual([]);
  // What waited when it was passed has its answer later: its stream is at its end.
  const [[client, peer]] = connections as [[number, number], [number, number]];
  const waiting = await caller.wait('recv', peer, { kind: 'any' }, 16, 0);
  await caller.call('close', client);
  expect(await waiting.returned).toBe(0);
  await expect.poll(() => lifelines(page)).toContain('life s-closing');
});

it('names the other end where its lane is folded away', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 700 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const [client, peer] = await caller.connection(listener);
  await caller.send(client, 'apple');
  await caller.call('shutdown', client, 1);
  await filterBy(page, `fd == ${client}`);
  await page.getByText('4 of 9').waitFor();
  const names = () => page.locator('.wires .wlabel').allTextContents();
  const stubs = [`SYN fd ${listener.fd}`, `fd ${peer}`, `FIN fd ${peer}`];
  await expect.poll(names).toEqual(stubs);
  // It covers no text, and lies in no other lane.
  const covering = () =>
    page.evaluate(() => {
      const chips = [...document.querySelectorAll('.chip')].map((chip) => chip.getBoundingClientRect());
      const labels = [...document.querySelectorAll('.wlabel')].map((label) => label.getBoundingClientRect());
      return labels.filter((label) => {
        const chip = chips.find(({ top, bottom }) => top < label.bottom && bottom > label.bottom)!;
        return label.left < chip.right;
      }).length;
    });
  expect(await covering()).toBe(0);
  // With the lanes it is drawn as always.
  await page.getByRole('button', { name: '2 other sockets', exact: true }).click();
  await expect.poll(names).toEqual(['SYN', 'SYN+ACK', 'ACK', 'FIN']);
});

it('draws no state of a socket beside a row that was before it', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 700 });
  const caller = new Caller(panel.playground);
  const first = await caller.call('socket', 2, 1, 0);
  await caller.send(first, 'no');
  await caller.call('getpeername', first, { kind: 'any' }, 16);
  await caller.listener();
  await expect.poll(() => marks(page)).toEqual(['LISTEN']);
  await filterBy(page, 'result < 0');
  await expect.poll(() => page.locator('.lrow').count()).toBeLessThan(4);
  await expect.poll(() => page.locator('.lh').count()).toBe(1);
  expect(await marks(page)).toEqual([]);
  // Where the call is left out that made it so, no other one says it.
  await filterBy(page, 'call == bind || call == getsockname');
  await expect.poll(() => page.locator('.chip').count()).toBe(2);
  expect(await marks(page)).toEqual([]);
});

it('shows what a lesson calls, and what is called by hand, and nothing that a scenario does meanwhile', async () => {
  const { page, panel } = await open({
    view: 'lanes',
    width: 1300,
    lesson: { text: '# The "pair"\n# before: x\na, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nclose(a) = 0\n' },
  });
  const { playground } = panel;
  await page.getByRole('button', { name: 'Make This Call' }).click();
  await page.locator('#record-1').waitFor();
  const call: Call = { name: 'socket', args: [2, 1, 0] };
  const { seq } = await playground.call(call, { madeBy: 'Five clients' }).returned;
  await playground.whenKnown(seq);
  await new Caller(playground).call('socket', 2, 2, 0);
  await page.getByText('2 of 3', { exact: true }).waitFor();
  await expect.poll(() => page.locator('.chip').count()).toBe(2);
  // Its lane is with those that were there before.
  await page.getByRole('button', { name: '1 other socket', exact: true }).waitFor();
  expect(await page.locator('.lh').count()).toBe(3);
});
