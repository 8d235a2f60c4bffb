import { once } from 'node:events';
import { connect } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { dataValue, type Value } from '../../../src/common/call.js';
import { untilTestEnds } from '../../support/disposal.js';
import { Caller } from '../caller.js';
import { useBrowser } from '../browser.js';
import { axeViolations, axeViolationsInThemes } from '../axe.js';
import { openPanel, type PanelPage, type PanelPageOptions, setTheme } from '../panelPage.js';
import { mostDifferentThemes } from '../themes.js';

const browser = useBrowser();

const open = async (options: PanelPageOptions = {}) =>
  untilTestEnds(await openPanel(browser, { view: 'lanes', ...options }));
const any: Value = { kind: 'any' };
const [SHUT_WR, MSG_DONTWAIT] = [1, 0x40];

const chip = (page: Page, seq: number) => page.locator(`.chip#record-${seq}`);
const lanes = (page: Page) => page.locator('.lh[data-lane] .r1 b').allInnerTexts();
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

/** The lane whose head has the focus. */
const focusedLane = (page: Page) =>
  page.evaluate(() => document.activeElement?.querySelector('.r1 b')?.textContent);

/** Waits until the page shows so many records. */
async function shows(page: Page, count: number): Promise<void> {
  await expect
    .poll(() => page.locator('.rec').innerText())
    .toBe(`${count.toLocaleString('en')} record${count === 1 ? '' : 's'}`);
}

/** The ports in the heads of lanes, and where one is cut. */
const headPorts = (page: Page) =>
  page.locator('.lh .ports').evaluateAll((all) =>
    all.map((one) => {
      const text = document.createRange();
      text.selectNodeContents(one);
      const [needed, room] = [text, one].map((part) => part.getBoundingClientRect().width);
      return `${one.textContent}${needed! > room! ? `, cut: ${needed} px in ${room}` : ''}`;
    }),
  );

const rowsInView = (page: Page) =>
  page.locator('[role="row"][data-seq]').evaluateAll((rows) => {
    const area = rows[0]!.closest('.lanes, .scroll')!;
    const head = area.querySelector('.lanehead')?.clientHeight ?? 0;
    const { top, bottom } = area.getBoundingClientRect();
    return rows
      .map((row) => ({ seq: Number(row.getAttribute('data-seq')), at: row.getBoundingClientRect() }))
      .filter(({ at }) => at.bottom > top + head + 1 && at.top < bottom - 1)
      .map(({ seq }) => seq)
      .sort((one, other) => one - other);
  });

/** The record at the upper edge, of lanes or the table. */
const firstInView = async (page: Page) => (await rowsInView(page))[0]!;
const isInView = async (page: Page, seq: number) => (await rowsInView(page)).includes(seq);

describe('a conversation of two sockets of ours', () => {
  it('is a picture: who called what, what the kernel did, and where the bytes went', async () => {
    const { page, playground, faults } = await open({ width: 1180, height: 1000 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const waiting = await caller.wait('accept', listener.fd);
    const client = await caller.call('socket', 2, 1, 0);
    await caller.call('connect', client, listener.address);
    const peer = await waiting.returned;
    await caller.send(client, 'GET /a\n');
    await caller.send(client, 'GET /b\n');
    await caller.recv(peer);
    await caller.send(peer, 'abcdef');
    await caller.recv(client, 4);
    await caller.recv(client);
    await caller.call('shutdown', client, SHUT_WR);
    await shows(page, 14);

    // The accepted one stands between its listener and its client.
    await expect.poll(() => lanes(page)).toEqual([listener.fd, peer, client].map((fd) => `fd ${fd}`));
    const head = page.locator('.lh').nth(1);
    await expect.poll(() => head.innerText()).toMatch(/CLOSE_WAIT[\s\S]*rx 14[\s\S]*tx 6/);
    await expect.poll(() => page.locator('.lh').first().innerText()).toMatch(/queue 0\/8[\s\S]*1 accepted/);

    // Each record stands in the lane of its socket.
    const left = async (seq: number) => (await chip(page, seq).boundingBox())!.x;
    await expect.poll(async () => (await left(8)) === (await left(7))).toBe(true);
    await expect.poll(async () => (await left(10)) < (await left(8))).toBe(true);
    const text = (seq: number) => chip(page, seq).innerText();
    await expect.poll(() => text(6)).toContain('socket(AF_INET, SOCK_STREAM, 0)');
    await expect
      .poll(() => chip(page, 10).locator('.sr').innerText())
      .toBe(
        `Record 10, fd ${peer}, recv returned 14 bytes. 2 sends, 1 recv: a stream keeps no message boundaries`,
      );
    await expect.poll(() => text(12)).toContain('4 of the 6 bytes of record 11: the rest waits');

    // The accept that waited is drawn twice: when it was called, and when it returned.
    await expect
      .poll(() => page.locator(`.chip[data-seq="${waiting.seq}"]`).allInnerTexts())
      .toEqual([
        expect.stringMatching(/accept\(\d+\)\s*blocked/),
        expect.stringMatching(new RegExp(`accept\\(\\d+\\)\\s*= ${peer}$`)),
      ]);
    await expect.poll(() => page.locator('.opened').innerText()).toBe(`fd ${peer} opened`);
    const wires = async () => {
      const kinds = ['handshake', 'birth', 'bytes', 'fin'];
      return Promise.all(kinds.map((kind) => page.locator(`.wires .wire.${kind}`).count()));
    };
    await expect.poll(wires).toEqual([3, 1, 3, 1]);
    // What waited after each send, with its running total.
    await expect
      .poll(async () =>
        (await page.locator('.overlay .rq').allInnerTexts()).map((box) => box.split(/\s*\n\s*/)),
      )
      .toEqual([
        ['GET /a⏎', '7 B'],
        ['GET /a⏎', 'GET /b⏎', '14 B'],
        ['abcdef', '6 B'],
      ]);
    // A press on what waits offers to receive it; one on what was opened goes on with that.
    const form = async () => [
      await page.getByRole('combobox', { name: 'Socket' }).locator('option:checked').innerText(),
      await page.locator('.form').getAttribute('aria-label'),
    ];
    await page.locator('.overlay .rq').last().click();
    await expect.poll(form).toEqual([expect.stringContaining(`fd ${client}`), 'recv']);
    await page.locator('.chip[data-seq="1"]').click();
    await expect.poll(form).toEqual([expect.not.stringContaining(`fd ${peer}`), 'accept']);
    await page.locator('.opened').click();
    await expect.poll(form).toEqual([expect.stringContaining(`fd ${peer}`), 'send']);
    await expect.poll(() => page.locator('.qbar').count()).toBeGreaterThan(2);
    // Only what the kernel did is hollow: the acknowledgement of FIN came after the last call, and stands below it.
    await expect.poll(() => page.locator('.wires .kernel').count()).toBe(3);
    expect(faults).toEqual([]);
  });

  it('says who waits to be accepted, and of what the kernel was asked only that it was so by then', async () => {
    const { page, playground, faults } = await open({ width: 1900 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const client = await caller.call('socket', 2, 1, 0);
    await caller.call('connect', client, listener.address);
    const { port } = listener.address as { port: number };
    const outside = connect(port, '127.0.0.1');
    onTestFinished(() => void outside.destroy());
    await once(outside, 'connect');
    const waiting = () => page.locator('.kev.waits').allInnerTexts();
    const told = async () => (await waiting()).map((text) => text.split(/\s*\n\s*/).join(' '));
    await expect
      .poll(told)
      .toEqual([
        `2 queued waiting to be accepted: fd ${client} client, and 1 more`,
        `not accepted waits in the queue of fd ${listener.fd}`,
      ]);
    await caller.send(client, 'early');
    await expect.poll(async () => (await told()).slice(2)).toEqual(['5 B wait in the kernel']);
    // A press goes to the listener, of which accept is called.
    await page.locator('.kev.waits').last().click();
    await expect.poll(() => page.locator('.form').getAttribute('aria-label')).toBe('accept');
    await caller.call('accept', listener.fd);
    const peer = await caller.call('accept', listener.fd);
    await expect.poll(waiting).toEqual([]);
    await expect.poll(() => page.locator('.life.doubt').count()).toBe(0);
    await caller.call('recv', peer, any, 10, MSG_DONTWAIT);
    await caller.call('getsockname', listener.fd);
    outside.end();
    // Between the call that found nothing and what is free below the last one, which had returned before.
    await expect.poll(() => page.locator('.kev', { hasText: 'CLOSE_WAIT' }).innerText()).toMatch(/^by then/);
    const nodeOf = (seq: number) =>
      chip(page, seq).evaluate((one) => one.closest<HTMLElement>('.lrow')!.offsetTop + 12);
    const doubt = page.locator('.life.doubt');
    // The rows may move while the last of them is laid out.
    const offsets = async () => [
      Number(await doubt.getAttribute('y1')) - (await nodeOf(10)),
      Number(await doubt.getAttribute('y2')) - (await nodeOf(11)),
    ];
    await expect.poll(offsets).toEqual([0, 24]);
    expect(faults).toEqual([]);
  });

  it('of five clients keeps each beside what was accepted from it', async () => {
    const { page, playground } = await open({ width: 2900, height: 1100 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const pairs: number[][] = [];
    for (let count = 0; count < 5; count++) {
      pairs.push(await caller.connection(listener));
    }
    for (const [client, peer] of pairs) {
      await caller.send(client!, `from ${client}`);
      await caller.recv(peer!);
    }
    await caller.wait('recv', pairs[4]![0]!, any, 100, 0);
    const order = [listener.fd, ...pairs.flatMap(([client, peer]) => [peer, client])];
    await expect.poll(() => lanes(page)).toEqual(order.map((fd) => `fd ${fd}`));
    // Every wire of bytes goes from a lane to the next one.
    const crossed = () =>
      page.locator('.wires .wire.bytes').evaluateAll((all) => {
        const edges = [...document.querySelectorAll('.lcol')].map((lane) => (lane as HTMLElement).offsetLeft);
        const laneAt = (x: number) => edges.filter((edge) => edge <= x).length;
        return all.map((wire) =>
          Math.abs(laneAt(Number(wire.getAttribute('x1'))) - laneAt(Number(wire.getAttribute('x2')))),
        );
      });
    await expect.poll(crossed).toEqual([1, 1, 1, 1, 1]);
    await expect.poll(() => page.locator('.chip.waiting').count()).toBe(1);
  });

  it('of five clients fits into the panel of a window of 1366 px', async () => {
    const { page, playground, faults } = await open({ width: 1010, height: 900 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const words = ['apple', 'pear', 'plum', 'fig', 'lime'];
    const pairs: number[][] = [];
    for (const word of words) {
      const [client, peer] = await caller.connection(listener);
      pairs.push([client, peer]);
      await caller.send(client, word);
    }
    for (const [index, [client, peer]] of pairs.slice(0, 4).entries()) {
      await caller.recv(peer!);
      await caller.send(peer!, words[index]!);
      await caller.recv(client!);
    }
    await caller.wait('recvfrom', pairs[3]![0]!, any, 100, 0, any, any);
    const waiting = await caller.wait('recv', pairs[4]![0]!, any, 100, 0);
    await chip(page, waiting.seq).waitFor();
    // All lanes are whole, none is reached by scrolling only.
    const fits = () =>
      page.locator('.lanes').evaluate((area) => {
        const { left, right } = area.getBoundingClientRect();
        const heads = [...area.querySelectorAll('.lh')].map((head) => head.getBoundingClientRect());
        return {
          heads: heads.filter((head) => head.left >= left && head.right <= right).length,
          beyond: area.scrollWidth - area.clientWidth,
        };
      });
    await expect.poll(fits).toEqual({ heads: 11, beyond: 0 });
    // Who received what.
    const receivesOf = (fd: number) =>
      page.locator('.lanes').evaluate((area, name) => {
        const heads = [...area.querySelectorAll<HTMLElement>('.lh')];
        const head = heads.find((one) => one.querySelector('b')?.textContent === name)!;
        const start = head.getBoundingClientRect().left;
        const inLane = (one: Element) =>
          Math.floor(one.getBoundingClientRect().left - start) >= 0 &&
          one.getBoundingClientRect().left < start + head.offsetWidth;
        return [...area.querySelectorAll('.chip:not(.waiting)')]
          .filter((one) => one.querySelector('.call')?.textContent === 'recv' && inLane(one))
          .map((one) => [...one.querySelectorAll('.ret, .got')].map((part) => part.textContent).join());
      }, `fd ${fd}`);
    for (const [index, [client, peer]] of pairs.entries()) {
      const received = index === 4 ? [] : [index === 0 ? 'app…' : words[index]!];
      await expect.poll(() => receivesOf(client!)).toEqual(received);
      await expect.poll(() => receivesOf(peer!)).toEqual(received);
    }
    // The ends of each connection belong together, and who waits is marked.
    const clients = pairs.map(([client]) => `fd ${client}`);
    await expect.poll(() => page.locator('.lh.joined .r1 b').allInnerTexts()).toEqual(clients);
    const waits = page.getByRole('img', { name: 'recv waits for an answer' });
    await expect
      .poll(() => waits.locator('xpath=ancestor::*[@data-lane]//b').allInnerTexts())
      .toEqual(clients.slice(4));
    // The ports of both ends are whole, in the narrowest heads too.
    const portOf = (fd: number) => {
      const { local } = [...playground.sockets.values()].find((one) => one.fd === fd)!;
      return local && 'port' in local ? local.port : null;
    };
    const { port } = listener.address as { port: number };
    await expect
      .poll(() => headPorts(page))
      .toEqual([
        `:${port}`,
        ...pairs.flatMap(([client]) => [`${port}←${portOf(client!)}`, `${portOf(client!)}→${port}`]),
      ]);
    // Whose bytes nobody has received yet stands in the head.
    await expect.poll(() => page.locator('.lh .waits').allInnerTexts()).toEqual(['+4 B']);
    const beyondHead = () =>
      page.locator('.lh .waits').evaluate((waits) => {
        const next = waits.closest('.lh')!.nextElementSibling!;
        return waits.getBoundingClientRect().right - next.getBoundingClientRect().left;
      });
    await expect.poll(beyondHead).toBeLessThan(0);
    // The chip of a wait ends with its lane, whatever is written in it.
    const beyondLane = () =>
      page.locator('.chip.waiting').evaluateAll((all) =>
        all.map((one) => {
          const { left, right } = one.getBoundingClientRect();
          const heads = [...document.querySelectorAll('.lh')].map((head) => head.getBoundingClientRect());
          return right > heads.find((head) => head.right > left)!.right + 1;
        }),
      );
    await expect.poll(beyondLane).toEqual([false, false]);
    // A screen reader is told the same as ever, and so is who points at a chip.
    await expect.poll(() => chip(page, waiting.seq).getAttribute('title')).toMatch(/^recv\(\d+, 100\)/);
    await chip(page, waiting.seq).hover();
    await chip(page, waiting.seq).getByRole('button', { name: 'Cancel the waiting call' }).click();
    await expect.poll(() => chip(page, waiting.seq).innerText()).toContain('cancelled');
    expect(await axeViolations(page)).toEqual([]);

    // Why a call failed stands in its lane; pointed at, in a box that goes on to the right only. It stays above the next call.
    for (const fd of [pairs[0]![0]!, pairs[4]![0]!]) {
      expect(await caller.call('listen', fd, 1)).toBe(-1);
      const failed = chip(page, playground.lastSeq);
      const laneBox = () =>
        failed.evaluate((one) => {
          const { left, right } = one.getBoundingClientRect();
          const heads = [...document.querySelectorAll('.lh')].map((head) => head.getBoundingClientRect());
          return right > heads.find((head) => head.right > left)!.right + 1;
        });
      await expect.poll(laneBox).toBe(false);
      await failed.hover();
      const box = () =>
        failed.evaluate((one) => {
          const [own, why] = [one, one.querySelector('.why')!].map((part) => part.getBoundingClientRect());
          const row = one.closest('.lrow')!.getBoundingClientRect();
          return {
            isWhole: why!.left >= own!.left && why!.right <= own!.right && why!.bottom <= own!.bottom,
            isWide: own!.width >= 120,
            isInRow: own!.bottom <= row.bottom && own!.right <= row.right,
          };
        });
      await expect.poll(box).toEqual({ isWhole: true, isWide: true, isInRow: true });
    }
    // So is every state, in the narrowest lanes too.
    const cutStates = () =>
      page
        .locator('.lanes .pill')
        .evaluateAll((pills) => pills.filter((pill) => pill.scrollWidth > pill.clientWidth).length);
    // The kernel is asked for them from time to time.
    await expect.poll(() => page.locator('.lanes .pill', { hasText: 'ESTABLISHED' }).count()).toBe(10);
    await expect.poll(cutStates).toBe(0);

    // Whole calls are one click away, and so is the way back.
    await page.getByRole('button', { name: 'Wide lanes: write calls in full' }).click();
    await expect.poll(() => chip(page, waiting.seq).innerText()).toMatch(/recv\(\d+, 100\)/);
    await expect.poll(async () => (await fits()).beyond).toBeGreaterThan(1000);
    await page.getByRole('button', { name: 'Wide lanes: write calls in full' }).click();
    await expect.poll(fits).toEqual({ heads: 11, beyond: 0 });
    expect(faults).toEqual([]);
  });
});

it('shows what a program of somebody else has sent, as the kernel says, until it is received', async () => {
  const { page, playground } = await open({ width: 1180, height: 800 });
  const caller = new Caller(playground);
  const listener = await caller.listener();
  const { port } = listener.address as { port: number };
  const stranger = connect(port, '127.0.0.1');
  untilTestEnds({
    dispose: async () => {
      stranger.destroy();
    },
  });
  const peer = await caller.call('accept', listener.fd, any, any);
  stranger.write('from afar');
  const mark = page.locator('.kev', { hasText: 'waits for recv' });
  await expect.poll(() => mark.innerText()).toContain('9 B');
  await expect.poll(() => page.locator('.lanes .qbar.sampled').count()).toBe(1);
  await mark.click();
  await expect.poll(() => page.locator('.preview .call').innerText()).toBe(`recv(${peer}, _, 4096, 0)`);
  await caller.recv(peer);
  await expect.poll(() => mark.count()).toBe(0);
  await expect.poll(() => page.locator('.lanes .qbar').count()).toBe(0);
});

describe('a call in a lane', () => {
  let panel: PanelPage;
  let caller: Caller;
  beforeAll(async () => {
    panel = await openPanel(browser, { view: 'lanes', width: 1180, height: 860 });
    caller = new Caller(panel.playground);
  });
  afterAll(() => panel?.dispose());

  it('shows the cross of a wait in a narrow lane also where it is selected, for keys and fingers', async () => {
    const { page, playground } = await open({ width: 600, height: 700 });
    const own = new Caller(playground);
    let wait = await own.wait('accept', (await own.listener()).fd);
    for (let more = 0; more < 5; more++) {
      wait = await own.wait('accept', (await own.listener()).fd);
    }
    await page.locator('.lanes.brief').waitFor();
    const cross = chip(page, wait.seq).getByRole('button', { name: 'Cancel the waiting call' });
    const isSeen = () =>
      cross.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return width > 0 && element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      });
    await chip(page, wait.seq).locator('.call').click();
    await page.mouse.move(2, 2);
    await expect.poll(isSeen).toBe(true);
    await page.locator(`#record-${wait.seq}:focus`).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await playground.readRecord(wait.seq))?.status).toBe('cancelled');
  });

  it('waits, and can be cancelled by its cross and by the key', async () => {
    const { page } = panel;
    const listener = await caller.listener();
    const first = await caller.wait('accept', listener.fd);
    await chip(page, first.seq).getByRole('button', { name: 'Cancel the waiting call' }).click();
    await expect.poll(() => chip(page, first.seq).innerText()).toContain('cancelled');
    const second = await caller.wait('accept', listener.fd);
    await chip(page, second.seq).click();
    // The key is contributed: the page hears of it as a request.
    panel.request({ kind: 'cancel' });
    await expect.poll(() => chip(page, second.seq).innerText()).toContain('cancelled');
    // It holds its life-line no longer.
    await expect.poll(() => page.locator('.wires .held').count()).toBe(0);
    // With the host all lines of its sockets end, whatever is called on those of the next one.
    const third = await caller.wait('accept', listener.fd);
    await page.locator('.wires .held').waitFor({ state: 'attached' });
    panel.host.stop();
    await third.returned;
    await expect.poll(() => chip(page, third.seq).innerText()).toMatch(/accept\(\d+\)\s*lost$/);
    const next = await caller.call('socket', 2, 1, 0);
    await chip(
      page,
      (await panel.playground.call({ name: 'getsockname', args: [next] }).returned).seq,
    ).waitFor();
    const goesOn = () =>
      page.evaluate(() => {
        const mark = [...document.querySelectorAll('.kev')].find(
          ({ textContent }) => textContent === 'lost',
        )!;
        const { left, bottom } = mark.getBoundingClientRect();
        const boxes = [...document.querySelectorAll('.wires line')].map((one) => one.getBoundingClientRect());
        const own = boxes.filter((box) => box.height > box.width && box.left < left && box.right > left - 20);
        return { lines: own.length > 1, below: own.filter((box) => box.bottom > bottom).length };
      });
    await expect.poll(goesOn).toEqual({ lines: true, below: 0 });
  });

  it('that failed says why, and is found from anywhere', async () => {
    const { page } = panel;
    const fd = await caller.call('socket', 2, 1, 0);
    await caller.call('recv', fd, any, 10, MSG_DONTWAIT);
    const failed = panel.playground.snapshot().lastSeq;
    await chip(page, failed).waitFor();
    await expect.poll(() => chip(page, failed).getAttribute('class')).toContain('failed');
    await expect.poll(() => chip(page, failed).innerText()).toMatch(/= -1 ENOTCONN\s+\S.*\./);
    for (let count = 0; count < 60; count++) {
      void panel.playground.call({ name: 'getsockname', args: [fd] }).returned;
    }
    await shows(page, failed + 60);
    await page.getByRole('button', { name: 'Go to the next failed call' }).click();
    await expect.poll(() => focused(page)).toBe(`record-${failed}`);
    await expect.poll(() => chip(page, failed).getAttribute('aria-selected')).toBe('true');
    // Behind the last one the first one is next.
    await page.getByRole('button', { name: 'Go to the next failed call' }).click();
    await expect.poll(() => focused(page)).toBe(`record-${failed}`);
  });

  it('leads to the socket of ours that is in its way', async () => {
    const { page, playground } = await open({ width: 760, height: 860 });
    const own = new Caller(playground);
    const listener = await own.listener();
    const other = await own.call('socket', 2, 1, 0);
    const record = await playground.call({ name: 'bind', args: [other, listener.address] }).returned;
    playground.facts.lookUp(record);
    await playground.facts.whenFound(record);
    const link = chip(page, record.seq).getByRole('button', { name: `Show fd ${listener.fd}` });
    // By the keyboard: the chip, then what is on it.
    await chip(page, record.seq).click({ position: { x: 30, y: 8 } });
    await expect.poll(() => focused(page)).toBe(`record-${record.seq}`);
    await link.waitFor();
    // What to do is said, and nothing of it is cut.
    const why = chip(page, record.seq).locator('.why');
    await expect.poll(() => why.innerText()).toContain(`Close fd ${listener.fd}, or take another port.`);
    await expect.poll(() => why.evaluate((one) => one.scrollHeight - one.clientHeight)).toBe(0);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const selected = page.locator('.lh[aria-selected="true"] .r1 b');
    await expect.poll(() => selected.innerText()).toBe(`fd ${listener.fd}`);
  });

  it('without a socket stands in a lane of its own', async () => {
    const { page } = panel;
    await caller.call('close', 4000);
    const seq = panel.playground.snapshot().lastSeq;
    await page.getByRole('button', { name: /^Latest of|new$/ }).click();
    await chip(page, seq).waitFor();
    await expect.poll(() => page.locator('.lh[data-lane="0"]').innerText()).toContain('no socket');
  });

  it('shows hostile bytes as what they are', async () => {
    const { page } = panel;
    const made = await panel.playground.call({ name: 'socketpair', args: [1, 1, 0, any] }).returned;
    const [one, other] = (made.args[3] as { items: number[] }).items as [number, number];
    await caller.send(one, '<img src=x onerror=alert(1)>');
    await caller.send(one, '\u001b[31m\u202egnp.exe');
    await caller.recv(other);
    const seq = panel.playground.snapshot().lastSeq;
    await chip(page, seq).waitFor();
    const waiting = page.locator('.overlay .rq').last();
    await expect.poll(() => waiting.getAttribute('title')).toContain(String.raw`\33[31m`);
    expect(await waiting.innerText()).toContain(String.raw`\33`);
    expect(await page.locator('.lanes img').count()).toBe(0);
    const shown = await page.locator('.lanes').innerText();
    expect(['\u001b', '\u202e'].filter((char) => shown.includes(char))).toEqual([]);
    expect(panel.faults).toEqual([]);
  });

  it('that waits beside another leaves the same gaps in its life-line: without any it would be a listener’s', async () => {
    const { page } = panel;
    const listener = await caller.listener();
    await caller.wait('accept', listener.fd);
    // Higher than a line.
    await caller.call('bind', listener.fd, listener.address);
    await caller.wait('accept', listener.fd);
    const phases = () =>
      page
        .locator('.wires .held')
        .evaluateAll((all) =>
          all.map(
            (one) =>
              (Number(one.getAttribute('y1')) - parseFloat(getComputedStyle(one).strokeDashoffset)) % 6,
          ),
        );
    await expect.poll(phases).toEqual([0, 0]);
  });
});

describe('the keyboard', () => {
  it('goes up and down by records and sideways by lanes', async () => {
    const { page, playground } = await open({ width: 1180, height: 700 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const [client, peer] = await caller.connection(listener);
    await caller.send(client, 'one');
    await caller.recv(peer);
    await shows(page, 9);
    await chip(page, 8).click();
    for (const [key, target] of [
      // From the client to what was accepted from it, then to their listener.
      ['ArrowLeft', 'record-9'],
      ['ArrowLeft', 'record-7'],
      ['ArrowRight', 'record-9'],
      ['ArrowUp', 'record-8'],
      ['ArrowDown', 'record-9'],
      ['ArrowDown', 'record-9'],
      ['Home', 'record-1'],
      ['End', 'record-9'],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(() => focused(page)).toBe(target);
    }
    await expect.poll(() => page.locator('[role=grid] [tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.locator('.dpane').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.dpane').waitFor({ state: 'detached' });

    // Above the first record are the lanes' heads.
    await page.keyboard.press('Home');
    await expect.poll(() => focused(page)).toBe('record-1');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => focusedLane(page)).toBe(`fd ${listener.fd}`);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => focusedLane(page)).toBe(`fd ${peer}`);
    await expect.poll(() => page.locator('.lh[aria-selected=true]').innerText()).toContain(`fd ${peer}`);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused(page)).toBe('record-9');
  });
});

describe('sideways', () => {
  it('says whose call is out of view, and keeps the place when lanes come or go', async () => {
    const { page, playground } = await open({ width: 700, height: 860 });
    const caller = new Caller(playground);
    const fds: number[] = [];
    for (let count = 0; count < 4; count++) {
      fds.push(await caller.call('socket', 2, 2, 0));
    }
    await page.getByRole('button', { name: 'Wide lanes: write calls in full' }).click();
    const hint = (seq: number) => page.locator(`.beyond[data-seq="${seq}"]`);
    await expect.poll(() => hint(4).innerText()).toBe(`fd ${fds[3]} socket →`);
    await expect.poll(() => hint(1).count()).toBe(0);
    await hint(4).click();
    await expect.poll(() => focused(page)).toBe('record-4');
    await expect.poll(() => hint(4).count()).toBe(0);
    await expect.poll(() => hint(1).innerText()).toBe(`← fd ${fds[0]} socket`);
    // Nothing of the call itself is left beside the gutter.
    const { x: hintX } = (await hint(1).boundingBox())!;
    const corner = (await page.locator('.corner').boundingBox())!;
    expect(Math.round(hintX)).toBe(Math.round(corner.x + corner.width));
    await expect.poll(() => chip(page, 1).evaluate((one) => getComputedStyle(one).opacity)).toBe('0');
    // Scrolled by hand, a lane may be cut: what its head says begins beside the gutter all the same.
    await page.locator('.lanes').evaluate((area) => {
      area.scrollLeft -= 100;
    });
    const cutNumbers = () =>
      page.evaluate(() => {
        const { right } = document.querySelector('.corner')!.getBoundingClientRect();
        return [...document.querySelectorAll('.lh')]
          .map((head) => [head, head.querySelector('b')!].map((one) => one.getBoundingClientRect()))
          .filter(([head]) => head!.left < right - 1 && head!.right > right + 1)
          .map(([head, number]) => number!.left >= right && number!.right <= head!.right);
      });
    await expect.poll(cutNumbers).toEqual([true]);

    // A lane appears at the very left: that of calls without a socket.
    const x = async () =>
      Math.round((await page.locator('.lh', { hasText: `fd ${fds[3]}` }).boundingBox())!.x);
    const before = await x();
    await caller.call('close', 4000);
    await expect.poll(() => hint(5).innerText()).toContain('close');
    await expect.poll(x).toBe(before);
  });
});

describe('the view', () => {
  it('follows the latest record until it is scrolled up, and changes to the table and back', async () => {
    const panel = await open({ width: 1000, height: 600 });
    const { page } = panel;
    const caller = new Caller(panel.playground);
    const { fd } = await caller.listener();
    const ask = async (count: number) => {
      await Promise.all(Array.from({ length: count }, () => caller.call('getsockname', fd)));
    };
    await ask(96);
    await shows(page, 100);
    await chip(page, 100).waitFor();
    await expect.poll(() => page.locator('.chip').count()).toBeLessThan(60);
    const area = page.locator('.lanes');
    await area.hover();
    await page.mouse.wheel(0, -900);
    await page.getByRole('button', { name: 'Latest of 100' }).waitFor();
    await ask(12);
    await page.getByRole('button', { name: '12 new' }).waitFor();
    await page.getByRole('button', { name: '12 new' }).click();
    await chip(page, 112).waitFor();
    await ask(1);
    await chip(page, 113).waitFor();

    await page.getByLabel('Show records that fit').fill('call == listen');
    await expect.poll(() => page.locator('.chip').count()).toBe(1);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await chip(page, 113).waitFor();

    // Both show the same place of the records.
    await area.hover();
    await page.mouse.wheel(0, -900);
    await page.getByRole('button', { name: 'Latest of 113' }).waitFor();
    await expect.poll(() => firstInView(page)).toBeLessThan(100);
    const reached = await firstInView(page);
    expect(reached).toBeGreaterThan(24);
    // With a selected record in view, too.
    await chip(page, reached + 3).click();
    await page.mouse.wheel(0, -48);
    const first = reached - 2;
    await expect.poll(() => firstInView(page)).toBe(first);
    await page.getByRole('radio', { name: 'Table' }).click();
    await page.getByRole('table').waitFor();
    await expect.poll(() => firstInView(page)).toBe(first);
    await page.locator('.scroll').hover();
    await page.mouse.wheel(0, -440);
    await expect.poll(() => firstInView(page)).toBe(first - 20);
    panel.request({ kind: 'showView', view: 'lanes' });
    await page.getByRole('grid', { name: 'Lanes' }).waitFor();
    await expect
      .poll(() => page.getByRole('radio', { name: 'Lanes' }).getAttribute('aria-checked'))
      .toBe('true');
    await expect.poll(() => firstInView(page)).toBe(first - 20);

    // What others call moves nothing; a call of one's own comes into view, also when a filter has to find it first.
    await ask(2);
    await page.getByRole('button', { name: '2 new' }).waitFor();
    expect(await firstInView(page)).toBe(first - 20);
    await page.getByLabel('Show records that fit').fill('call != listen');
    await page.getByText('114 of 115').waitFor();
    await area.press('End');
    await expect.poll(() => isInView(page, 115)).toBe(true);
    await area.hover();
    await page.mouse.wheel(0, -200);
    await page.getByRole('button', { name: 'Latest of 114' }).waitFor();
    await page.getByRole('button', { name: 'Call Ctrl+Enter' }).click();
    await expect.poll(() => page.locator('.chip.sel').getAttribute('data-seq')).toBe('116');
    await expect.poll(() => isInView(page, 116)).toBe(true);

    // So does one that is made while the support matrix is in the place of the records.
    await area.hover();
    await page.mouse.wheel(0, -400);
    await expect.poll(() => isInView(page, 116)).toBe(false);
    panel.request({ kind: 'showMatrix' });
    await page.locator('.matrix').waitFor();
    await page.locator('.callbtn').click();
    await expect.poll(() => page.locator('.chip.sel').getAttribute('data-seq')).toBe('117');
    await expect.poll(() => isInView(page, 117)).toBe(true);
  });

  it('keeps the lane of a closed socket while its records are in view', async () => {
    const { page, playground } = await open({ width: 1000, height: 560 });
    const caller = new Caller(playground);
    const closed = await caller.call('socket', 2, 1, 0);
    await caller.call('close', closed);
    const { fd } = await caller.listener();
    await shows(page, 6);
    await expect.poll(() => page.locator('.lh').count()).toBe(2);
    await expect.poll(() => page.locator('.lh').first().innerText()).toContain('closed');
    await Promise.all(Array.from({ length: 80 }, () => caller.call('getsockname', fd)));
    await shows(page, 86);
    await expect.poll(() => page.locator('.lh').count()).toBe(1);
    // Lanes without a record in view can be narrowed, and each by itself.
    const lane = page.locator('.lh').first();
    await lane.hover();
    await lane.getByRole('button', { name: 'Narrow this lane' }).click();
    await expect.poll(async () => (await lane.boundingBox())!.width).toBe(40);
    await page.getByRole('button', { name: 'Unfold all lanes' }).click();
    await expect.poll(async () => (await lane.boundingBox())!.width).toBeGreaterThan(200);
  });

  it('breaks no rule of accessibility, in any theme', async () => {
    const { page, playground } = await open({ width: 1180, height: 700 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const [client, peer] = await caller.connection(listener);
    await caller.send(client, 'text');
    await caller.recv(peer);
    await caller.call('bind', client, listener.address);
    const { seq } = await caller.wait('accept', listener.fd);
    await chip(page, seq).click();
    await page.locator('.chip.waiting.sel').waitFor();
    expect(await axeViolationsInThemes(page)).toEqual([]);
    for (const theme of mostDifferentThemes) {
      await setTheme(page, theme);
      // One look means one thing: a listener and what waits there are both blue.
      const looks = await page.locator('.lanelegend path').evaluateAll((all) =>
        all.map((one) => {
          const { stroke, strokeDasharray } = getComputedStyle(one);
          return `${stroke} ${strokeDasharray}`;
        }),
      );
      expect(new Set(looks).size, theme).toBe(7);
      expect(looks[4], theme).toMatch(/ 3px, 3px$/);
    }
    expect(await page.locator('.lanelegend').innerText()).toContain('listening');

    // A send that waits says for what, and how much is in its way.
    const waiting = await caller.wait('send', client, dataValue(new Uint8Array(2 ** 23)), 2 ** 23, 0);
    await chip(page, waiting.seq).click();
    const strip = page.getByRole('group', { name: 'A call that waits on the socket' });
    const size = String.raw`[\d.]+ [KM]iB`;
    await expect
      .poll(() => strip.locator('.what').innerText())
      .toMatch(
        new RegExp(
          `^send on client fd ${client} waits for room\\. ${size} are in its send queue\\. ` +
            `${size} are in the receive queue of server_peer fd ${peer}\\. It goes on when the other end receives\\.$`,
        ),
      );
    await strip.getByRole('button', { name: `Show fd ${peer}` }).click();
    await expect.poll(() => page.locator('.form').getAttribute('aria-label')).toBe('recv');
    await strip.waitFor({ state: 'detached' });
  });

  it('is whole at 600 and 400 px', async () => {
    const { page, playground } = await open({ width: 600, height: 860 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const [client, peer] = await caller.connection(listener);
    await chip(page, 7).waitFor();
    const head = page.locator('.lh', { hasText: `fd ${client}` });
    // Whoever hides the legend with the keyboard goes on at the button that shows it, where there is one.
    await page.setViewportSize({ width: 900, height: 860 });
    await page.getByRole('button', { name: 'Hide the legend' }).press('Enter');
    const isFocused = (name: string) =>
      page.getByRole('button', { name }).evaluate((one) => one === document.activeElement);
    await expect.poll(() => isFocused('Show the legend')).toBe(true);
    await page.setViewportSize({ width: 600, height: 860 });
    await expect.poll(() => page.locator('.showlegend').isVisible()).toBe(false);
    await page.setViewportSize({ width: 900, height: 860 });
    await page.getByRole('button', { name: 'Show the legend' }).press('Enter');
    await expect.poll(() => isFocused('Hide the legend')).toBe(true);
    // Lanes between the narrowest and those with room for all: the ports are whole, too.
    for (const width of [400, 420, 440, 460, 480]) {
      await page.setViewportSize({ width, height: 860 });
      await expect.poll(() => headPorts(page)).not.toContainEqual(expect.stringContaining('cut'));
    }
    for (const width of [600, 400]) {
      await page.setViewportSize({ width, height: 860 });
      // What does not fit is reached by scrolling sideways; nothing else leaves the page.
      const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      await expect.poll(overflow).toBeLessThanOrEqual(0);
      await expect.poll(() => page.locator('.lanelegend').isVisible()).toBe(false);
      await page.locator('.lanes').evaluate((area) => {
        area.scrollLeft = 0;
      });
      await chip(page, 7).click();
      await expect.poll(() => focused(page)).toBe('record-7');
      // Past what was accepted, which has no record of its own.
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => focusedLane(page)).toBe(`fd ${peer}`);
      await page.keyboard.press('ArrowRight');
      const isWhole = async () => {
        const box = await head.boundingBox();
        return box !== null && box.x >= 56 && box.x + box.width <= width;
      };
      await expect.poll(isWhole).toBe(true);
    }
  });
});

describe('the head of a lane', () => {
  it('moves the form to its socket, unless something was typed there', async () => {
    const { page, playground } = await open({ width: 1180, height: 1000 });
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const client = await caller.call('socket', 2, 1, 0);
    await expect.poll(() => lanes(page)).toEqual([listener.fd, client].map((fd) => `fd ${fd}`));
    const head = (fd: number) => page.locator('.lh', { hasText: `fd ${fd}` });
    // Below the few rows the life-lines go on to the edge of the view.
    const freeBelow = () =>
      page
        .locator('.lanes')
        .evaluate((area) => area.clientHeight - area.querySelector<HTMLElement>('.lanearea')!.offsetHeight);
    await expect.poll(freeBelow).toBe(0);
    const preview = page.getByRole('group', { name: 'The exact call' });
    await head(client).click();
    await expect.poll(() => preview.innerText()).toContain(`(${client}`);
    await head(listener.fd).click();
    await expect.poll(() => preview.innerText()).toMatch(new RegExp(`^accept\\(${listener.fd}\\)`));
    // So does a record.
    const { lastSeq } = playground.snapshot();
    await chip(page, lastSeq).click();
    await expect.poll(() => preview.innerText()).toContain(`(${client}`);
    await chip(page, 1).click();
    await expect.poll(() => preview.innerText()).toMatch(new RegExp(`^accept\\(${listener.fd}\\)`));
    await chip(page, lastSeq).click();
    await expect.poll(() => preview.innerText()).toContain(`(${client}`);
    await page
      .getByRole('toolbar', { name: 'Calls' })
      .getByRole('button', { name: 'send', exact: true })
      .click();
    await page.locator('.composer textarea').fill('typed');
    await head(listener.fd).click();
    await expect.poll(() => head(listener.fd).getAttribute('aria-selected')).toBe('true');
    expect(await preview.innerText()).toContain(`send(${client}, "typed`);
    await chip(page, 1).click();
    await expect.poll(() => focused(page)).toBe('record-1');
    expect(await preview.innerText()).toContain(`send(${client}, "typed`);

    // Where its address has no room the port is what stays.
    await caller.call('listen', listener.fd, 4096);
    await page.setViewportSize({ width: 565, height: 1000 });
    const { port } = listener.address as { port: number };
    const shownPort = () =>
      head(listener.fd)
        .locator('.end')
        .evaluate((one) => {
          const text = one.firstChild!.firstChild!;
          const range = document.createRange();
          range.setStart(text, text.textContent!.lastIndexOf(':') + 1);
          range.setEnd(text, text.textContent!.length);
          const [own, all] = [range, one].map((part) => part.getBoundingClientRect());
          const isSeen = own!.left >= all!.left && own!.right <= all!.right + 1;
          return { isCut: one.scrollWidth > one.clientWidth, port: isSeen ? range.toString() : '' };
        });
    await expect.poll(shownPort).toEqual({ isCut: true, port: String(port) });
  });
});
