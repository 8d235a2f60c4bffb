import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { sharedByTests, untilTestEnds } from '../support/disposal.js';
import { allCalls, freeCalls } from '../../src/common/socketCalls.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { Caller } from './caller.js';
import { useBrowser } from './browser.js';
import { axeViolations, axeViolationsInThemes } from './axe.js';
import { openPanel, type PanelPage, resize } from './panelPage.js';
import { type ThemeName, themes } from './themes.js';

const browser = useBrowser();

const korean = JSON.parse(
  readFileSync(new URL('../../l10n/bundle.l10n.ko.json', import.meta.url), 'utf8'),
) as Record<string, string>;

const lessonText = '# A lesson\n## Says something.\nserver = socket(AF_INET, SOCK_STREAM, 0)\n';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });

/** The calls that are not usual next, too, where they are put away. */
async function showBind(page: Page): Promise<void> {
  if (!(await button(page, 'bind').isVisible())) {
    await button(page, 'More calls').click();
  }
}

/** A connection with a failed call, and a waiting one. */
async function fill({ page }: PanelPage): Promise<void> {
  await button(page, /^TCP server/).click();
  await button(page, 'Run all').click();
  await button(page, 'Connect a client here').click();
  await page.locator('#record-6').waitFor();
  await page.locator('#record-4 .waiting').waitFor({ state: 'detached' });
  await page.locator('.preview .call', { hasText: /^send\(/ }).waitFor();
  await showBind(page);
  await button(page, 'bind').click();
  await page.locator('.callbtn').click();
  await page.locator('.row.failed').waitFor();
  await button(page, 'recv').click();
  await page.locator('.callbtn').click();
  await page.locator('.row.waiting').waitFor();
}

/** What lies outside of the page, or has more in it than it shows and cannot be scrolled. */
function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { innerWidth, innerHeight } = window;
    for (const element of document.querySelectorAll<HTMLElement>(
      '.composer *, .toolbar *, .side *, .dpane *',
    )) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || element.closest('select, .sbody, .hex, .facts-list, [popover]')) {
        continue;
      }
      if (box.left < -1 || box.right > innerWidth + 1 || box.top < -1 || box.bottom > innerHeight + 1) {
        found.push(`outside: ${element.className} ${element.textContent}`);
      }
    }
    const composer = document.querySelector('.composer')!;
    // Where the detail gives way, too: a pixel of the form would be a scroll bar.
    if (composer.scrollHeight > composer.clientHeight) {
      found.push('the composer has to be scrolled');
    }
    if (document.documentElement.scrollWidth > innerWidth) {
      found.push('the page has to be scrolled sideways');
    }
    return found;
  });
}

/** What of the composer is wider than there is room. A high form scrolls. */
function tooWide(page: Page): Promise<string[]> {
  return page
    .locator('.composer *')
    .evaluateAll((all) =>
      all
        .filter((one) => one.closest('select') === null && one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => `${one.className} ${one.textContent}`),
    );
}

/** What a window leaves to an editor tab with the side bar open. */
const windows = [
  ['1366×768', 1008, 676],
  ['1440×900', 1082, 808],
] as const;

describe('with a failed call and a waiting one the panel', () => {
  // Filling it takes longer than each of the looks at it. The last of these closes a socket.
  const filled = sharedByTests(async () => {
    const panel = await openPanel(browser);
    await fill(panel);
    return panel;
  });

  it('names every row by its cells, and the wait by its button', async () => {
    const { page } = filled();
    const row = page.getByRole('row', { name: /bind.*-1 EINVAL/ });
    expect(await row.count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Cancel the waiting call' }).count()).toBe(1);
  });

  it.each(windows)('is whole in a window of %s', async (_window, width, height) => {
    const { page } = filled();
    await resize(page, width, height);
    const area = await page.locator('.rows .scroll').boundingBox();
    expect(Math.floor(area!.height / 22)).toBeGreaterThanOrEqual(14);
    for (const name of ['bind', 'listen', 'send', 'recv', 'setsockopt', 'close']) {
      await button(page, name).click();
      await expect.poll(() => clipped(page)).toEqual([]);
      const rows = () => page.locator('.rows .scroll').evaluate((area) => Math.floor(area.clientHeight / 22));
      await expect.poll(rows).toBeGreaterThanOrEqual(14);
    }
  });

  it('is whole with a larger font of the user', async () => {
    const { page } = filled();
    await resize(page, 1180, 860);
    await button(page, 'recv').click();
    const width = () => page.locator('.th .c1').evaluate((head) => head.getBoundingClientRect().width);
    const before = await width();
    await page.evaluate(() => document.documentElement.style.setProperty('--vscode-font-size', '16px'));
    await expect.poll(width).toBeGreaterThan(before * 1.1);
    await expect.poll(() => clipped(page)).toEqual([]);
    await page.evaluate(() => document.documentElement.style.setProperty('--vscode-font-size', '13px'));
    await expect.poll(width).toBe(before);
  });

  it.each([900, 600])(
    'has the inspector over nothing at a width of %i, and Escape closes it',
    async (width) => {
      const panel = filled();
      const { page } = panel;
      await resize(page, width, 760);
      panel.request({ kind: 'showInspector' });
      await page.locator('.side').waitFor();
      const [side, main] = [
        await page.locator('.side').boundingBox(),
        await page.locator('.main').boundingBox(),
      ];
      expect(side!.x >= main!.x + main!.width || main!.y >= side!.y + side!.height).toBe(true);
      await page.locator('.callbtn').click({ trial: true });
      await button(page, 'Close the inspector').focus();
      await page.keyboard.press('Escape');
      await page.locator('.side').waitFor({ state: 'detached' });
      const region = () => page.evaluate(() => document.activeElement?.closest('[data-region]')?.className);
      expect(await region()).toBe('grid');
    },
  );

  it('has a line of its own for the call where the form is folded', async () => {
    const { page } = filled();
    await resize(page, 600, 860);
    await showBind(page);
    await button(page, 'connect').click();
    await button(page, 'Fold the form').click();
    const call = page.locator('.minicomposer .preview .call');
    await expect.poll(() => call.innerText()).toMatch(/^connect\(/);
    const lines = () =>
      call.evaluate((element) => {
        const range = element.ownerDocument.createRange();
        range.selectNodeContents(element);
        return Math.round(range.getBoundingClientRect().height / range.getClientRects()[0]!.height);
      });
    await expect.poll(lines).toBe(1);
    await expect.poll(() => clipped(page)).toEqual([]);
    await button(page, 'Show the form').click();
    await page.locator('.form').waitFor();
  });

  it.each([900, 600, 400])('is whole at a width of %i', async (width) => {
    const { page } = filled();
    await resize(page, width, 860);
    await showBind(page);
    await button(page, 'send').click();
    await page.locator('.form[aria-label="send"]').waitFor();
    await expect.poll(() => clipped(page)).toEqual([]);
  });

  it('is whole with all calls of a closed socket, none of which is usual', async () => {
    const { page, playground } = filled();
    const open = [...playground.sockets.values()];
    await new Caller(playground).call('close', open.at(-1)!.fd);
    const ended = page.locator('.target option', { hasText: ', closed' });
    await expect.poll(() => ended.count()).toBe(1);
    await page.locator('.target select').selectOption(await ended.getAttribute('value'));
    await page.getByText('This descriptor is closed').waitFor();
    for (const width of [900, 600, 400]) {
      await resize(page, width, 860);
      await expect.poll(() => clipped(page), { message: String(width) }).toEqual([]);
    }
  });
});

describe('with a lesson', () => {
  it.each([900, 600])(
    'the focused record is in view at a width of %i, below its detail nothing lies over it',
    async (width) => {
      const panel = untilTestEnds(
        await openPanel(browser, { width, height: 660, view: 'lanes', lesson: { text: lessonText } }),
      );
      const { page, playground } = panel;
      const caller = new Caller(playground);
      for (let count = 0; count < 12; count++) {
        await caller.listener();
      }
      await page.locator('#filter').fill('seq < 20');
      await page.locator('#record-19').waitFor();
      await caller.listener();
      await page.locator('.hiddennote').waitFor();
      panel.request({ kind: 'select', seq: 10, socketId: null });
      await page.locator('#record-10').dblclick();
      await page.locator('.dpane').waitFor();
      const seen = () =>
        page.locator('#record-10').evaluate((chip) => {
          const { left, top, height } = chip.getBoundingClientRect();
          return chip.contains(document.elementFromPoint(left + 8, top + height / 2));
        });
      await expect.poll(seen).toBe(true);
      const rows = await page.locator('.lanes').evaluate((lanes) => (lanes.clientHeight - 66) / 24);
      expect(rows).toBeGreaterThanOrEqual(4);
    },
  );
});

describe('the panel is whole', () => {
  it.each(windows)(
    'in a window of %s with lanes: both ends, the form of send, and 14 rows',
    async (_window, width, height) => {
      const panel = untilTestEnds(await openPanel(browser, { width, height, view: 'lanes' }));
      const { page } = panel;
      const caller = new Caller(panel.playground);
      const [client] = await caller.connection(await caller.listener());
      await page.locator('#record-7').waitFor();
      panel.request({ kind: 'prepare', call: { name: 'send', args: [client] } });
      await page.locator('.form[aria-label="send"]').waitFor();
      const lanes = () =>
        page.evaluate(() => {
          const area = document.querySelector('.lanes')!.getBoundingClientRect();
          const heads = [...document.querySelectorAll('.lh')].map((head) => head.getBoundingClientRect());
          const top = heads[0]?.bottom ?? area.bottom;
          return {
            ends: heads.filter(({ left, right }) => left >= area.left && right <= area.right).length,
            hasRows: Math.floor((area.bottom - top) / 24) >= 14,
          };
        });
      await expect.poll(lanes).toEqual({ ends: 3, hasRows: true });
      await expect.poll(() => clipped(page)).toEqual([]);
    },
  );

  it('with little height: a wait, a detail and 8 rows of lanes; what goes on folds into a line, which is kept', async () => {
    const panel = untilTestEnds(await openPanel(browser, { width: 1040, height: 610, view: 'lanes' }));
    const { page } = panel;
    const caller = new Caller(panel.playground);
    const { fd } = await caller.listener();
    await caller.wait('accept', fd);
    await page.locator('.strip.wait').waitFor();
    await page.locator('#record-3').dblclick();
    await page.locator('.dpane').waitFor();
    panel.request({ kind: 'prepare', call: { name: 'accept', args: [fd] } });
    await page.locator('.form[aria-label="accept"]').waitFor();
    const rows = () =>
      page.evaluate(() => {
        const area = document.querySelector('.lanes')!.getBoundingClientRect();
        const head = document.querySelector('.lh')!.getBoundingClientRect();
        return (area.bottom - head.bottom) / 24;
      });
    await expect.poll(rows).toBeGreaterThanOrEqual(7.5);
    await expect.poll(() => clipped(page)).toEqual([]);
    // The detail has given way to the rows, and so gets back first what is left.
    const detail = () => page.locator('.dpane').evaluate((pane) => pane.clientHeight);
    const before = await detail();
    await button(page, 'Fold these lines into one').click();
    await expect.poll(detail).toBeGreaterThan(before);
    await expect.poll(rows).toBeGreaterThanOrEqual(7.5);
    await button(page, 'Connect a client here').waitFor({ state: 'hidden' });
    await page.locator('.strips').getByText('accept waits for a client').waitFor();
    await expect.poll(() => clipped(page)).toEqual([]);
    const kept = await page.evaluate(() =>
      (window as unknown as { acquireVsCodeApi(): { getState(): unknown } }).acquireVsCodeApi().getState(),
    );
    expect(kept).toMatchObject({ areStripsFolded: true });
    await button(page, 'Show what can be done about it').click();
    await expect.poll(detail).toBe(before);
    // Folded too, there is nothing where nothing waits.
    await button(page, 'Fold these lines into one').click();
    await panel.playground.cancel(panel.playground.lastSeq);
    await page.locator('.strip').waitFor({ state: 'detached' });
    expect(await page.locator('.strips').isVisible()).toBe(false);
  });

  it('with very little height: several waits are one line that says how many, and is whole', async () => {
    const panel = untilTestEnds(await openPanel(browser, { width: 1000, height: 600, view: 'lanes' }));
    const { page } = panel;
    const caller = new Caller(panel.playground);
    const listener = await caller.listener();
    const [client] = await caller.connection(listener);
    await caller.wait('accept', listener.fd);
    const receive = await caller.wait('recv', client, { kind: 'any' }, 100, 0);
    panel.request({ kind: 'prepare', call: { name: 'recv', args: [client] } });
    await page.locator('.strip.wait').nth(1).waitFor();
    await button(page, 'Fold these lines into one').waitFor();
    const strips = () =>
      page.locator('.strips').evaluate((own) => {
        const { top, bottom, height } = own.getBoundingClientRect();
        const middle = document.elementFromPoint(20, (top + bottom) / 2);
        // It is scrolled by whole px.
        const isWhole = bottom <= document.querySelector('.main')!.getBoundingClientRect().bottom + 1;
        return {
          height,
          isSeen: isWhole && own.contains(middle),
          count: own.querySelector('.count')?.textContent,
        };
      });
    for (const isDetailed of [false, true]) {
      if (isDetailed) {
        await page.setViewportSize({ width: 1000, height: 600 });
        await page.locator(`#record-${receive.seq}`).dblclick();
        await page.locator('.dpane').waitFor();
      }
      for (const height of isDetailed ? [350, 300] : [350, 300, 250]) {
        await page.setViewportSize({ width: 1000, height });
        await expect.poll(strips, { message: `${height}` }).toEqual({ height: 24, isSeen: true, count: '2' });
      }
    }
    // All of them are one press away, and are folded again where there was room between.
    await button(page, 'Show what can be done about it').click();
    await expect.poll(strips).toEqual({ height: 56, isSeen: true, count: undefined });
    await button(page, 'Connect a client here').waitFor();
    await page.setViewportSize({ width: 1000, height: 600 });
    // Two sizes in one frame are one to the page.
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    await page.setViewportSize({ width: 1000, height: 300 });
    await expect.poll(strips).toMatchObject({ count: '2' });
    // One that has its line anyway keeps what can be done.
    await panel.playground.cancel(receive.seq);
    await button(page, 'Connect a client here').waitFor();
    expect(await strips()).toMatchObject({ count: undefined });
  });

  it('with no more room below a short form than a row of fields takes', async () => {
    const panel = untilTestEnds(await openPanel(browser, { width: 1180, height: 820, view: 'lanes' }));
    const { page } = panel;
    const caller = new Caller(panel.playground);
    const [client] = await caller.connection(await caller.listener());
    panel.request({ kind: 'prepare', call: { name: 'recv', args: [client] } });
    await page.locator('.form[aria-label=recv]').waitFor();
    for (const height of [820, 900, 980]) {
      await page.setViewportSize({ width: 1180, height });
      const room = () =>
        page.evaluate(() => {
          const bottoms = [...document.querySelectorAll('.form .fcol')].map(
            (one) => one.getBoundingClientRect().bottom,
          );
          return document.querySelector('.go')!.getBoundingClientRect().top - Math.max(...bottoms);
        });
      await expect.poll(room, { message: String(height) }).toBeLessThan(60);
      await expect.poll(() => clipped(page)).toEqual([]);
    }
  });

  it.each(['en', 'ko'])(
    'with the calls on one line, whichever is chosen, on each kind of socket: %s',
    async (language) => {
      const messages = language === 'ko' ? korean : {};
      const panel = untilTestEnds(await openPanel(browser, { language, messages }));
      const { page } = panel;
      const caller = new Caller(panel.playground);
      const listener = await caller.listener();
      const [client] = await caller.connection(listener);
      const datagrams = await caller.call('socket', 2, 2, 0);
      const unix = await caller.call('socket', 1, 1, 0);
      const chosen: [fd: number, ...names: CallName[]][] = [
        [client, 'send', 'sendmsg', 'getsockname'],
        [listener.fd, 'accept'],
        [datagrams, 'setsockopt'],
        [unix, 'sendmsg', 'getsockopt'],
      ];
      for (const [, width, height] of windows) {
        await resize(page, width, height);
        for (const [fd, ...names] of chosen) {
          for (const name of names) {
            panel.request({ kind: 'prepare', call: { name, args: [fd] } });
            await page.locator(`.form[aria-label="${name}"]`).waitFor();
            const bar = await page.locator('.callbar').boundingBox();
            expect(bar!.height, `${name} on ${fd}, ${width} wide`).toBe(36);
          }
        }
      }
      // Those that most programs make are none of the hidden ones.
      panel.request({ kind: 'prepare', call: { name: 'send', args: [client] } });
      for (const name of ['bind', 'connect', 'recv', 'close', 'getsockopt', 'setsockopt']) {
        await button(page, name).waitFor();
      }
    },
  );

  it('with no row of the calls for the dots alone, however wide it is', async () => {
    const panel = untilTestEnds(await openPanel(browser, { width: 1280, height: 820 }));
    const { page } = panel;
    const caller = new Caller(panel.playground);
    const [client] = await caller.connection(await caller.listener());
    panel.request({ kind: 'prepare', call: { name: 'recv', args: [client] } });
    await button(page, 'recv').waitFor();
    const dots = button(page, 'More calls');
    const beside = new Map<number, number>();
    for (let width = 700; width <= 1400; width += 20) {
      await page.setViewportSize({ width, height: 820 });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      if (await dots.isVisible()) {
        const own = await dots.evaluate((one) => {
          const { top, bottom } = one.getBoundingClientRect();
          return [...document.querySelectorAll('.callbar .cb')].filter((other) => {
            const box = other.getBoundingClientRect();
            return box.height > 0 && box.top < bottom && box.bottom > top;
          }).length;
        });
        beside.set(width, own);
      }
    }
    expect(beside.size).toBeGreaterThan(0);
    expect([...beside].filter(([, own]) => own === 0)).toEqual([]);
  });

  it('with the calls and Call where they were, whichever call is chosen, with a detail and without', async () => {
    const panel = untilTestEnds(await openPanel(browser, { width: 1018, height: 676, view: 'lanes' }));
    const { page } = panel;
    const caller = new Caller(panel.playground);
    const [client] = await caller.connection(await caller.listener());
    await page.locator('#record-7').waitFor();
    const places = async () => {
      const found = new Set<string>();
      for (const name of ['send', 'recv', 'sendmsg', 'setsockopt', 'poll', 'close'] as const) {
        panel.request({ kind: 'prepare', call: { name, args: [client] } });
        await page.locator(`.form[aria-label="${name}"]`).waitFor();
        const [bar, call] = await Promise.all(
          ['.callbar', '.callbtn'].map((part) => page.locator(part).boundingBox()),
        );
        found.add(`calls at ${bar!.y}, Call at ${call!.y}`);
      }
      return [...found];
    };
    expect(await places()).toHaveLength(1);
    await page.locator('#record-3').dblclick();
    await page.locator('.dpane').waitFor();
    expect(await places()).toHaveLength(1);
    await page.setViewportSize({ width: 1040, height: 610 });
    expect(await places()).toHaveLength(1);
    // Where the parts of the detail stand below each other, neither lies over what is below them.
    await page.setViewportSize({ width: 620, height: 700 });
    panel.request({ kind: 'prepare', call: { name: 'sendmsg', args: [client] } });
    await page.locator('.form[aria-label="sendmsg"]').waitFor();
    const over = () =>
      page
        .locator('.dpane > div')
        .evaluateAll((all) => all.map((part) => Math.max(0, part.scrollHeight - part.clientHeight - 1)));
    await expect.poll(over).toEqual([0, 0]);
    // Lower than all of them need, which a window of 1366×768 is at 200 %, the page scrolls to what is below its edge.
    await page.setViewportSize({ width: 465, height: 292 });
    await page.mouse.move(200, 280);
    const endOfCall = async () => {
      await page.mouse.wheel(0, 400);
      const { y, height } = (await page.locator('.callbtn').boundingBox())!;
      return y + height;
    };
    await expect.poll(endOfCall).toBeLessThanOrEqual(292);
    // What has the focus is seen, whatever stays in sight below it.
    const hidden = () =>
      page.evaluate(() => {
        const fields = document.querySelectorAll<HTMLElement>(
          '.composer :is(button, input, select, textarea)',
        );
        return [...fields]
          .filter((field) => field.checkVisibility() && !field.closest('[popover]'))
          .filter((field) => {
            field.focus();
            const { left, top, width, height } = field.getBoundingClientRect();
            const seen = document.elementFromPoint(left + width / 2, top + Math.min(height, 20) / 2);
            return !(field.closest('label') ?? field).contains(seen);
          })
          .map((field) => `${field.tagName} ${field.getAttribute('aria-label') ?? field.className}`);
      });
    for (const [width, height] of [
      [465, 292],
      [400, 700],
      [760, 500],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expect.poll(hidden, { message: `${width}×${height}` }).toEqual([]);
    }
  });

  it('with the form folded beside a lesson: two lines at most, and what it calls on the first', async () => {
    const panel = untilTestEnds(
      await openPanel(browser, { width: 1000, height: 700, lesson: { text: lessonText } }),
    );
    const { page } = panel;
    await page.locator('.minicomposer').waitFor();
    const fromMiddle = await button(page, 'Make This Call').evaluate((one) => {
      const range = one.ownerDocument.createRange();
      range.selectNodeContents(one);
      const [text, box] = [range.getBoundingClientRect(), one.getBoundingClientRect()];
      return Math.abs(text.left + text.right - box.left - box.right) / 2;
    });
    expect(fromMiddle).toBeLessThan(2);
    for (const width of [1000, 900, 640, 500, 400]) {
      await page.setViewportSize({ width, height: 700 });
      const lines = () =>
        page.locator('.minicomposer').evaluate((form) => {
          const tops = [...form.children].map((child) => child.getBoundingClientRect());
          const middles = tops.map(({ top, height }) => Math.round((top + height / 2) / 8));
          return new Set(middles).size;
        });
      await expect.poll(lines, { message: String(width) }).toBeLessThanOrEqual(2);
      await expect.poll(() => clipped(page), { message: String(width) }).toEqual([]);
    }
  });

  it('beside a lesson: the details of a record to their end, and how many other sockets there are', async () => {
    const earlier = [1, 2, 3].map(() => ({ name: 'socket' as const, args: [2, 1, 0] }));
    const panel = untilTestEnds(
      await openPanel(browser, {
        width: 900,
        height: 700,
        view: 'lanes',
        earlier,
        lesson: { text: lessonText },
      }),
    );
    const { page } = panel;
    await page.getByRole('button', { name: 'Make This Call' }).click();
    await page.locator('#record-4').click();
    await page.keyboard.press('Enter');
    const took = page.locator('.dpane').getByText('took', { exact: true });
    // What has no room beside the rows is scrolled to.
    await took.scrollIntoViewIfNeeded();
    const isSeen = () =>
      took.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      });
    await expect.poll(isSeen).toBe(true);
    await page.keyboard.press('Enter');
    await page.setViewportSize({ width: 400, height: 620 });
    const others = page.locator('.otherlanes');
    await others.waitFor();
    const overrun = () =>
      others.evaluate((strip) => {
        const end = strip.getBoundingClientRect().bottom;
        return [...strip.children].some((child) => child.getBoundingClientRect().bottom > end);
      });
    await expect.poll(overrun).toBe(false);
  });
});

describe('accessibility', () => {
  it('holds in every theme and at a width of 400: empty page, failed and waiting calls, detail, inspector', async () => {
    const panel = untilTestEnds(await openPanel(browser));
    const { page } = panel;
    const holds = async (state: string) => {
      await page.setViewportSize({ width: 400, height: 860 });
      expect(await axeViolations(page), `${state}, 400 wide`).toEqual([]);
      await page.setViewportSize({ width: 1180, height: 860 });
      expect(await axeViolationsInThemes(page, Object.keys(themes) as ThemeName[]), state).toEqual([]);
    };
    await holds('empty page');
    await fill(panel);
    panel.request({ kind: 'showInspector' });
    await page.getByRole('switch').first().waitFor();
    await page.locator('#record-7').dblclick();
    await page.locator('.dpane').waitFor();
    await holds('filled page');
  });

  // Some ninety forms are looked through.
  it('holds in the form of every call', { timeout: 180_000 }, async () => {
    const panel = untilTestEnds(await openPanel(browser));
    const { page } = panel;
    await fill(panel);
    if ((await button(page, 'More calls').count()) > 0) {
      await button(page, 'More calls').click();
    }
    const names = await page.locator('.cb').allInnerTexts();
    expect([...names].sort()).toEqual(allCalls().flat().sort());
    // The calls without a descriptor are those of no socket.
    const open = async (name: string) => {
      panel.request({ kind: 'prepare', call: { name: name as CallName, args: [] } });
      await page.locator(`.form[aria-label="${name}"]`).waitFor();
    };
    for (const name of [...names, ...freeCalls()]) {
      await open(name);
      expect(await axeViolations(page, '.composer'), name).toEqual([]);
    }
    await page.setViewportSize({ width: 400, height: 860 });
    for (const name of [...names, ...freeCalls()]) {
      await open(name);
      expect(await tooWide(page), `${name}, 400 wide`).toEqual([]);
    }
    // Each kind of control message has fields of its own.
    await open('sendmsg');
    const kind = page.getByLabel('Kind of control message 1');
    await button(page, 'Add a control message').click();
    for (const type of [
      'SCM_RIGHTS',
      'SCM_CREDENTIALS',
      'SO_TIMESTAMPING',
      'IP_TTL',
      'IP_PKTINFO',
      'other',
    ]) {
      await kind.selectOption(type);
      const about = await kind.getAttribute('aria-describedby');
      expect(about === null, type).toBe(type === 'other');
      expect(await axeViolations(page, '.composer'), type).toEqual([]);
      expect(await tooWide(page), type).toEqual([]);
    }
  });
});
