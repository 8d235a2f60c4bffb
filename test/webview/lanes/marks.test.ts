import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Value } from '../../../src/common/call.js';
import { Caller } from '../caller.js';
import { openPages } from '../openPages.js';

const open = openPages();
const any: Value = { kind: 'any' };

/** The middle of what is drawn, where a person aims. */
async function press(page: Page, selector: string, which = 0): Promise<void> {
  const { x, y, width, height } = (await page.locator(selector).nth(which).boundingBox())!;
  await page.mouse.click(x + width / 2, y + height / 2);
}

const selected = (page: Page) => page.locator('.chip.sel').first().getAttribute('data-seq');
const formOf = (page: Page) => page.locator('.form').getAttribute('aria-label');

it('every mark of a call leads to it, and what is none says so', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 1000 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const accepting = await caller.wait('accept', listener.fd);
  const client = await caller.call('socket', 2, 1, 0);
  await caller.call('connect', client, listener.address);
  const peer = await accepting.returned;
  await caller.send(client, 'first');
  await caller.send(client, 'second');
  await caller.call('shutdown', client, 1);
  const seqOf = { accept: 5, connect: 7, first: 8, second: 9, shutdown: 10 };
  await page.locator(`.chip#record-${seqOf.shutdown}`).waitFor();
  await expect.poll(() => page.locator('.wire.fin').count()).toBe(1);

  const marks = [
    ['.wire.bytes', seqOf.first],
    ['.wire.handshake', seqOf.connect],
    ['.wire.birth', seqOf.accept],
    ['.wire.fin', seqOf.shutdown],
    [`.node[data-seq="${seqOf.second}"]`, seqOf.second],
  ] as const;
  for (const [selector, seq] of marks) {
    await press(page, selector);
    await expect.poll(() => selected(page)).toBe(String(seq));
    expect(
      await page
        .locator(selector)
        .first()
        .evaluate((one) => getComputedStyle(one).cursor),
      selector,
    ).toBe('pointer');
  }
  // The bar of what waits leads to the last send of it, and to the call that takes it.
  await press(page, '.qbar', 1);
  await expect.poll(() => selected(page)).toBe(String(seqOf.second));
  await expect.poll(() => formOf(page)).toBe('recv');
  await expect
    .poll(() => page.locator('.callbar select option:checked').first().innerText())
    .toContain(`fd ${peer}`);
  // A row without a number is no record.
  await expect
    .poll(() => page.locator('.time.again').getAttribute('title'))
    .toBe(`Record ${seqOf.accept} returns: it is no call of its own`);
  await expect.poll(() => page.locator('.time.told circle.kernel').count()).toBe(1);
  expect(
    await page
      .locator('.wires .kernel')
      .first()
      .evaluate((one) => getComputedStyle(one).pointerEvents),
  ).toBe('none');
});

it('the lines of open sockets stand when the records are cleared', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 860 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const [client, peer] = await caller.connection(listener);
  await page.locator('.lanesgrid').waitFor();
  await expect.poll(() => page.locator('.chip').count()).toBe(7);
  const lines = () =>
    page.locator('.wires .life').evaluateAll((all) =>
      all.map((line) => {
        const { top, bottom } = line.getBoundingClientRect();
        const area = line.closest('.lanes')!.getBoundingClientRect();
        return { tone: line.classList[1], isWhole: top <= area.top + 67 && bottom >= area.bottom - 1 };
      }),
    );
  await panel.playground.clear();
  panel.request({ kind: 'clear' });
  await expect.poll(() => page.locator('.chip').count()).toBe(0);
  await expect.poll(lines).toEqual([
    { tone: 's-listen', isWhole: true },
    { tone: 's-open', isWhole: true },
    { tone: 's-open', isWhole: true },
  ]);
  // A wait goes on, also where a filter leaves out its record.
  await caller.wait('recv', peer, any, 100, 0);
  await page.locator('.chip.waiting').waitFor();
  await page.getByLabel('Show records that fit').fill(`fd == ${client} && call == listen`);
  await expect.poll(() => page.locator('.chip').count()).toBe(0);
  await expect.poll(async () => (await lines()).length).toBe(0);
  await page.getByRole('button', { name: '3 other sockets', exact: true }).click();
  await expect.poll(() => page.locator('.wires .held').count()).toBe(1);
  await expect.poll(async () => (await lines()).length).toBe(3);
});

it('a handshake stays where more lanes make them narrow: one line in the place of three arrows', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1034, height: 860 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const said = () => page.locator('.wlabel').allTextContents();
  await caller.connection(listener);
  await expect.poll(said).toEqual(['SYN', 'SYN+ACK', 'ACK']);
  await page.locator('.lanes:not(.brief)').waitFor();
  await caller.connection(listener);
  await page.locator('.lanes.brief').waitFor();
  await expect.poll(said).toEqual(['SYN, SYN+ACK, ACK', 'SYN, SYN+ACK, ACK']);
  const wire = page.locator('.wires g:has(> .wire.handshake)');
  await expect
    .poll(() => wire.locator('title').allTextContents())
    .toEqual(['#6 connect: SYN, SYN+ACK, ACK', '#9 connect: SYN, SYN+ACK, ACK']);
  // From the client's node to the life-line of the listener, in the line of the call.
  const nodes = await Promise.all(
    ['6', '9', '3'].map((seq) => page.locator(`.node[data-seq="${seq}"]`).boundingBox()),
  );
  for (const which of [0, 1]) {
    const drawn = (await wire.nth(which).locator('.wire').boundingBox())!;
    const [client, server] = [nodes[which]!, nodes[2]!];
    const middle = client.y + client.height / 2;
    expect(Math.abs(drawn.y + drawn.height / 2 - middle)).toBeLessThan(2);
    expect(client.x - (drawn.x + drawn.width)).toBeLessThan(8);
    expect(drawn.x - (server.x + server.width)).toBeLessThan(8);
    expect(
      await page
        .locator('.lrow')
        .nth(which === 0 ? 5 : 8)
        .boundingBox(),
    ).toMatchObject({ height: 24 });
  }
  await press(page, '.wire.handshake', 1);
  await expect.poll(() => selected(page)).toBe('9');
});

it('the legend is one line, in wide and in narrow lanes, and names the bars of both kinds', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1000, height: 860 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const legend = page.locator('.lanelegend');
  const height = () => legend.evaluate((one) => one.getBoundingClientRect().height);
  const told = async () => (await legend.innerText()).split('\n').map((text) => text.trim());
  const bars = () => legend.locator(':scope > span', { hasText: 'waits for recv' }).locator('.qbar').count();
  await page.locator('.lanes:not(.brief)').waitFor();
  await expect.poll(told).toEqual(expect.arrayContaining(['connecting', 'by the kernel, inferred']));
  expect(await height()).toBeLessThan(25);
  for (let count = 0; count < 3; count++) {
    await caller.connection(listener);
  }
  await page.locator('.lanes.brief').waitFor();
  await expect.poll(told).toContain('by then');
  expect(await height()).toBeLessThan(25);
  expect(await bars()).toBe(2);
});

it('the legend calls what has the colour of listeners by what it is: datagram sockets are bound', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1034, height: 860 });
  const caller = new Caller(panel.playground);
  const told = async () =>
    (await page.locator('.lanelegend').innerText()).split('\n').map((text) => text.trim());
  await caller.call('socket', 2, 2, 0);
  await expect.poll(told).toContain('bound');
  expect(await told()).not.toContain('listening');
  await caller.listener();
  await expect.poll(told).toContain('listening or bound');
  expect(await told()).not.toContain('listening');
});

/** Both ends of a connection, the lane of the client in the page, and what is said of TIME_WAIT there. */
async function connected() {
  const { page, panel } = await open({ view: 'lanes', width: 1400, height: 860 });
  const caller = new Caller(panel.playground);
  const [client, peer] = await caller.connection(await caller.listener());
  await expect.poll(() => page.locator('.lh.joined').count()).toBe(1);
  const marks = page.locator('.kev:has-text("TIME_WAIT")');
  const head = page.locator('.lh:has-text("client") .pill');
  return { page, panel, caller, client, peer, marks, head };
}

it('a connection is in TIME_WAIT when its other end is closed after its descriptor', async () => {
  const { caller, client, peer, marks, head } = await connected();
  await caller.call('close', client);
  await caller.call('close', peer);
  await expect.poll(() => marks.count()).toBe(1);
  expect(await marks.getAttribute('title')).toContain('Linux keeps it so for 60 s');
  await expect.poll(() => head.innerText()).toBe('TIME_WAIT');
});

it('a connection stays in TIME_WAIT, and a call in its wait, for as long as they last, however the clock is set', async () => {
  const { page, panel, caller, client, peer, head } = await connected();
  const setClock = (ms: number) =>
    page.evaluate((by) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + by;
    }, ms);
  await caller.call('close', client);
  await caller.call('close', peer);
  await expect.poll(() => head.innerText()).toBe('TIME_WAIT');
  await setClock(120_000);
  const other = await caller.call('socket', 2, 2, 0);
  await caller.wait('recv', other, any, 10, 0);
  const age = page.locator('.chip.waiting .w');
  await age.waitFor();
  expect(await head.innerText()).toBe('TIME_WAIT');
  await setClock(-3_600_000);
  await expect.poll(() => age.innerText()).toMatch(/[1-9]/);
  expect(panel.faults).toEqual([]);
});

it('a connection is in TIME_WAIT when the kernel says of its socket that it is closed', async () => {
  const { page, panel, caller, client, peer, marks, head } = await connected();
  await caller.call('shutdown', client, 1);
  await caller.call('close', peer);
  await expect.poll(() => head.innerText()).toBe('TIME_WAIT');
  const tcpState = () => [...panel.playground.sockets.values()].find(({ fd }) => fd === client)?.tcpState;
  await expect.poll(tcpState).toBe('CLOSE');
  await caller.call('close', client);
  await expect.poll(() => marks.count()).toBe(2);
  expect(await head.innerText()).toBe('TIME_WAIT');
  expect(await page.getByText('CLOSE', { exact: true }).count()).toBe(0);
});
