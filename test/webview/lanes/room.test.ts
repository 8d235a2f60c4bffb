import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { untilTestEnds } from '../../support/disposal.js';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { ScenarioRun } from '../../../src/playground/scenarioRunner.js';
import { Caller } from '../caller.js';
import { useBrowser } from '../browser.js';
import { openPanel } from '../panelPage.js';

const browser = useBrowser();

const chip = (page: Page, seq: number) => page.locator(`.chip#record-${seq}`);

/** Whether all of a record's box is between the heads and the lower edge of the lanes. */
const isInView = (page: Page, seq: number) =>
  page.evaluate((id) => {
    const box = document.getElementById(id)?.getBoundingClientRect();
    const { bottom } = document.querySelector('.lanes')!.getBoundingClientRect();
    const head = document.querySelector('.lanehead')!.getBoundingClientRect();
    return box !== undefined && box.top >= head.bottom - 1 && box.bottom <= bottom;
  }, `record-${seq}`);

describe('where the room of the lanes changes', () => {
  it('the selected record stays in view, and the end is followed where it comes into view', async () => {
    const { page, playground } = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 1045, height: 780 }),
    );
    const caller = new Caller(playground);
    const { fd } = await caller.listener();
    for (let count = 0; count < 20; count++) {
      await caller.call('getsockname', fd);
    }
    await chip(page, 24).waitFor();
    // Of those in view the first: what is below it goes out of view with the details.
    let first = 24;
    while (first > 1 && (await isInView(page, first - 1))) {
      first--;
    }
    await chip(page, first).dblclick();
    await page.locator('.dpane').waitFor();
    await expect.poll(() => isInView(page, first)).toBe(true);
    await chip(page, first).press('Enter');
    await page.locator('.dpane').waitFor({ state: 'detached' });
    await expect.poll(() => isInView(page, 24)).toBe(true);
    await expect.poll(() => page.locator('.tolast').count()).toBe(0);
    await caller.call('getsockname', fd);
    await expect.poll(() => isInView(page, 25)).toBe(true);
    // A failure is higher than a line, and all of it is seen, also where it is selected.
    await caller.call('listen', 999, 1);
    await chip(page, 26).waitFor();
    await expect.poll(() => isInView(page, 26)).toBe(true);
    await chip(page, 26).click();
    await caller.call('getsockname', fd);
    await expect.poll(() => isInView(page, 27)).toBe(true);
    await expect.poll(() => page.locator('.tolast').count()).toBe(0);
  });
});

describe('a filter', () => {
  it('leaves the records where they are, and takes nobody to the end', async () => {
    const panel = untilTestEnds(await openPanel(browser, { view: 'lanes', width: 1045, height: 780 }));
    const { page, playground } = panel;
    const caller = new Caller(playground);
    const { fd } = await caller.listener();
    for (let count = 0; count < 30; count++) {
      await caller.call('getsockname', fd);
      await caller.call('listen', fd, 8);
    }
    await chip(page, 64).waitFor();
    await page.locator('.lanes').hover();
    await page.mouse.wheel(0, -720);
    await page.getByRole('button', { name: 'Latest of 64' }).waitFor();
    const firstInView = () =>
      page.evaluate(() => {
        const head = document.querySelector('.lanehead')!.getBoundingClientRect();
        const chips = [...document.querySelectorAll('.chip[id]')];
        const below = chips.filter((one) => one.getBoundingClientRect().top >= head.bottom - 1);
        return Math.min(...below.map((one) => Number(one.getAttribute('data-seq'))));
      });
    const first = await firstInView();
    expect(first).toBeGreaterThan(5);
    // Of one whose row has another height the view might be put right, and end up elsewhere.
    expect(await caller.call('bind', fd, { family: 'AF_INET', address: '127.0.0.1', port: 1 })).toBe(-1);
    await page.getByRole('button', { name: '1 new' }).waitFor();
    const field = page.getByLabel('Show records that fit');
    for (const filter of ['call == getsockname', 'call == socket', 'call == connect', 'call == listen']) {
      await field.fill(filter);
      await page.getByText(/^\d+ of 65$/).waitFor();
      await field.fill('');
      // Its row may have been cut by the edge, and is whole then.
      await expect.poll(async () => first - (await firstInView())).toBeOneOf([0, 1]);
    }
    await field.fill('call == listen');
    await expect.poll(async () => (await firstInView()) - first).toBeOneOf([-1, 0, 1]);
    expect(await isInView(page, first + (first % 2))).toBe(true);

    // Whoever wants the end gets it, although a record was to come into view that is not among these.
    panel.request({ kind: 'select', socketId: null, seq: 5 });
    await page.getByRole('button', { name: /^Latest of/ }).click();
    await expect.poll(() => isInView(page, 64)).toBe(true);
    await field.fill('');
    await expect.poll(() => isInView(page, 65)).toBe(true);
    await caller.call('getsockname', fd);
    await expect.poll(() => isInView(page, 66)).toBe(true);
    expect(await isInView(page, 5)).toBe(false);
  });
});

describe('the end of the lanes', () => {
  it('is followed where a lower form gives it more room while records come', async () => {
    const { page, playground } = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 1020, height: 780 }),
    );
    const text = await readFile(new URL('../../../scenarios/five-clients.sockets', import.meta.url), 'utf8');
    const options = { name: 'five', folder: '/', keepSockets: true };
    const run = () => new ScenarioRun(playground, parseScenario(text), options).run();
    await run();
    await expect.poll(() => isInView(page, playground.lastSeq)).toBe(true);
    // The form of a connection is higher than that of a socket which the next run makes.
    await page.locator('.lanehead [role=columnheader]').filter({ hasText: 'to_ann' }).click();
    await page.locator('.callbar', { hasText: 'to_ann' }).waitFor();
    await playground.closeAll();
    await run();
    await expect.poll(() => isInView(page, playground.lastSeq)).toBe(true);
    expect(await page.getByRole('button', { name: /^\d+ new$/ }).count()).toBe(0);
  });
});

describe('five clients of somebody else', () => {
  it('have an arrow each from their accept, in brief lanes too, that nothing covers', async () => {
    const { page, playground } = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 1045, height: 780 }),
    );
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const { port } = listener.address as { port: number };
    const first = await caller.wait('accept', listener.fd);
    await chip(page, first.seq).waitFor();
    // A wait that people notice.
    await expect.poll(() => page.locator('.chip.waiting .w').innerText()).toMatch(/[1-9]/);
    for (let count = 0; count < 5; count++) {
      const client = connect(port, '127.0.0.1');
      onTestFinished(() => void client.destroy());
      await (count === 0 ? first.returned : caller.call('accept', listener.fd));
    }
    await expect.poll(() => page.locator('.lanes.brief .opened').count()).toBe(5);
    await expect.poll(() => page.locator('.wires .wire.birth').count()).toBe(5);
    const opened = () =>
      page.evaluate(() => {
        const boxes = (selector: string) =>
          [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
        const births = boxes('.opened');
        const wires = boxes('.wires .wire.birth');
        const chips = boxes('.chip');
        const covers = (a: DOMRect, b: DOMRect) =>
          a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
        return {
          covered: [...births, ...wires].filter((one) => chips.some((box) => covers(box, one))).length,
          short: wires.filter((wire, index) => wire.width < 8 || births[index]!.left - wire.right > 16)
            .length,
        };
      });
    await expect.poll(opened).toEqual({ covered: 0, short: 0 });
    // How long it waited is told on pointing at it.
    await expect.poll(() => chip(page, first.seq).getAttribute('title')).toMatch(/= \d+\nblocked /);
  });
});

describe('a failed call in a narrow lane', () => {
  it('lies over no other lane until it is looked at, and its error is whole', async () => {
    const { page, playground } = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 900, height: 780 }),
    );
    const caller = new Caller(playground);
    const gone = await caller.listener();
    await caller.call('close', gone.fd);
    const fds: number[] = [];
    for (let count = 0; count < 6; count++) {
      fds.push(await caller.call('socket', 2, 1, 0));
    }
    const failed: number[] = [];
    for (const fd of [fds[0]!, fds[5]!]) {
      expect(await caller.call('connect', fd, gone.address)).toBe(-1);
      failed.push(playground.lastSeq);
    }
    const look = (seq: number) =>
      chip(page, seq).evaluate((one) => {
        const [own, errno, why] = [one, one.querySelector('.ret')!, one.querySelector('.why')!];
        const box = own.getBoundingClientRect();
        const error = errno.getBoundingClientRect();
        const area = document.querySelector('.lanes')!;
        const { right } = [...document.querySelectorAll('.lh')]
          .map((head) => head.getBoundingClientRect())
          .find((head) => head.right > box.left)!;
        const { bottom } = one.closest('.lrow')!.getBoundingClientRect();
        const end = document.elementFromPoint(error.right - 2, (error.top + error.bottom) / 2);
        return {
          beyondLane: box.right > right + 1,
          beyondRow: box.bottom > bottom,
          isErrorSeen:
            errno.textContent === '= -1 ECONNREFUSED' &&
            error.right <= area.getBoundingClientRect().left + area.clientWidth &&
            errno.contains(end),
          isCut: why.scrollHeight > why.clientHeight,
        };
      });
    // Lanes that leave much room, little, and less than an error needs behind the last of them.
    for (const width of [900, 700, 650]) {
      await page.setViewportSize({ width, height: 780 });
      await page.mouse.move(1, 1);
      for (const seq of failed) {
        await expect
          .poll(() => look(seq), { message: `${width}, ${seq}` })
          .toMatchObject({ beyondLane: false, beyondRow: false, isErrorSeen: true });
      }
    }
    expect(await look(failed[0]!)).toMatchObject({ isCut: true });
    await chip(page, failed[0]!).hover();
    await expect
      .poll(() => look(failed[0]!))
      .toMatchObject({ beyondRow: false, isErrorSeen: true, isCut: false });
    await page.mouse.move(1, 1);
    await expect.poll(() => look(failed[0]!)).toMatchObject({ isCut: true });
    await chip(page, failed[0]!).click();
    await page.mouse.move(1, 1);
    await expect
      .poll(() => look(failed[0]!))
      .toMatchObject({ beyondRow: false, isErrorSeen: true, isCut: false });
  });

  it('is as high as its row where it had waited, and says how long where there is the room', async () => {
    const { page, playground } = untilTestEnds(
      await openPanel(browser, { view: 'lanes', width: 900, height: 780 }),
    );
    const caller = new Caller(playground);
    const listener = await caller.listener();
    const { port } = listener.address as { port: number };
    const client = connect(port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
    const fd = await caller.call('accept', listener.fd);
    const wait = await caller.wait('recv', fd, { kind: 'any' }, 64, 0);
    await expect.poll(() => page.locator('.chip.waiting .w').innerText()).toMatch(/[1-9]/);
    client.resetAndDestroy();
    expect(await wait.returned).toBe(-1);
    const look = () =>
      chip(page, wait.seq).evaluate((one) => {
        const { bottom } = one.closest('.lrow')!.getBoundingClientRect();
        const ret = one.querySelector('.ret')!.getBoundingClientRect();
        const told = one.querySelector('.w')?.getBoundingClientRect();
        return {
          beyondRow: one.getBoundingClientRect().bottom > bottom,
          isTold: told !== undefined && told.width > 20,
          // Beside the error, and not below it.
          isBeside: told === undefined || (told.top < ret.bottom && told.left >= ret.right),
        };
      });
    for (const width of [900, 560]) {
      await page.setViewportSize({ width, height: 780 });
      await expect.poll(look, { message: `${width}` }).toMatchObject({ beyondRow: false, isBeside: true });
    }
    expect(await look()).toMatchObject({ isTold: true });
    // Narrow lanes, of which the first one has the room for it still.
    for (let count = 0; count < 5; count++) {
      await caller.call('socket', 2, 1, 0);
    }
    await page.locator('.lanes.brief').waitFor();
    for (const width of [1100, 900, 700, 650]) {
      await page.setViewportSize({ width, height: 780 });
      await expect.poll(look, { message: `${width}` }).toMatchObject({ beyondRow: false, isBeside: true });
    }
    expect(await chip(page, wait.seq).getAttribute('title')).toMatch(/ECONNRESET\nblocked /);
  });
});

describe('more lanes than there is room for', () => {
  const inView = (page: Page, fd: number) =>
    page.evaluate((name) => {
      const edge = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
      const head = [...document.querySelectorAll('.lh')].find(
        (one) => one.querySelector('b')!.textContent === name,
      );
      const box = head?.getBoundingClientRect();
      return (
        box !== undefined && box.left >= edge('.corner').right - 1 && box.right <= edge('.lanes').right + 1
      );
    }, `fd ${fd}`);

  it('come into view where they are followed or chosen, whole, and never lie over the gutter', async () => {
    const panel = untilTestEnds(await openPanel(browser, { view: 'lanes', width: 700, height: 780 }));
    const { page, playground } = panel;
    const caller = new Caller(playground);
    const fds: number[] = [];
    for (let count = 0; count < 12; count++) {
      fds.push(await caller.call('socket', 2, 2, 0));
      await chip(page, count + 1).waitFor();
    }
    await expect.poll(() => inView(page, fds.at(-1)!)).toBe(true);
    const cutHeads = () =>
      page.evaluate(() => {
        const { right } = document.querySelector('.corner')!.getBoundingClientRect();
        return [...document.querySelectorAll('.lh')]
          .map((head) => head.getBoundingClientRect())
          .filter((head) => head.left < right - 1 && head.right > right + 1).length;
      });
    await expect.poll(cutHeads).toBe(0);
    // Below the last row the life-lines go on.
    const overGutter = () =>
      page.evaluate(() => {
        const { left, right } = document.querySelector('.corner')!.getBoundingClientRect();
        const end = document.querySelector('.lanebody')!.getBoundingClientRect().bottom - 8;
        const at = (x: number) => document.elementFromPoint(x, end)?.classList.contains('gut');
        return [left + 2, (left + right) / 2, right - 2].filter((x) => !at(x)).length;
      });
    await expect.poll(overGutter).toBe(0);

    const socketOf = (fd: number) => [...playground.sockets.values()].find((one) => one.fd === fd)!.id;
    for (const fd of [fds[0]!, fds[8]!]) {
      panel.request({ kind: 'select', socketId: socketOf(fd), seq: null });
      await expect.poll(() => inView(page, fd)).toBe(true);
      await expect.poll(cutHeads).toBe(0);
    }
    // It stays where the room gets less.
    await page.setViewportSize({ width: 500, height: 780 });
    await expect.poll(() => page.locator('.lanes').evaluate((area) => area.clientWidth)).toBeLessThan(501);
    await expect.poll(() => inView(page, fds[8]!)).toBe(true);

    // The button that narrows a lane does not lie over the next one.
    const head = page.locator('.lh', { hasText: `fd ${fds[8]}` });
    await head.hover();
    const beyond = () =>
      head.evaluate(
        (one) =>
          one.querySelector('.collapse')!.getBoundingClientRect().right - one.getBoundingClientRect().right,
      );
    await expect.poll(beyond).toBeLessThanOrEqual(0);

    // The ring of the focus is drawn above what stays in its place.
    await page.locator('.lanes').focus();
    await page.keyboard.press('Shift');
    const ring = () =>
      page.locator('.lanesrow').evaluate((row) => {
        const { outlineStyle, position, zIndex } = getComputedStyle(row, '::after');
        const above = Number(zIndex) > Number(getComputedStyle(row.querySelector('.lanehead')!).zIndex);
        return outlineStyle === 'solid' && position === 'absolute' && above;
      });
    await expect.poll(ring).toBe(true);
  });
});
