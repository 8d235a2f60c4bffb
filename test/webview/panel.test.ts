import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ScenarioSummary } from '../../src/common/protocol/panel.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { openPages } from './openPages.js';
import { axeViolations } from './axe.js';
import { runningScenario } from './panelPage.js';

const open = openPages();

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
/** Also where the form is not complete: then nothing may happen. */
const call = (page: Page) => page.locator('.callbtn[aria-busy=false]').click({ force: true });
const preview = (page: Page) => page.locator('.preview .call');
const row = (page: Page, seq: number) => page.locator(`#record-${seq}`);

/** Presses Call and waits until the record that it makes is there and says what came of it. */
async function callAndSee(page: Page, seq: number): Promise<string> {
  await call(page);
  await row(page, seq).locator('.c7:not(:has(.waiting))').waitFor();
  await page.locator('.callbtn[aria-busy=false]').waitFor();
  return row(page, seq).innerText();
}

/** A listening TCP server by the preset, its accept waiting as record 4. */
async function startServer(page: Page): Promise<void> {
  await button(page, /^TCP server/).click();
  await button(page, 'Run all').click();
  await row(page, 4).locator('.waiting').waitFor();
}

/** A server and a client that are connected: records 1 to 6, the accepted socket made by record 4. */
async function connectPair(page: Page): Promise<void> {
  await startServer(page);
  await button(page, 'Connect a client here').click();
  await row(page, 6).waitFor();
  await expect.poll(() => row(page, 4).innerText()).not.toContain('waiting');
  await row(page, 4).locator('.waiting').waitFor({ state: 'detached' });
}

it('begins with the latest of the sockets that are there when it is opened', async () => {
  const { page } = await open({
    earlier: [
      { name: 'socket', args: [2, 1, 0] },
      { name: 'socket', args: [10, 2, 0] },
    ],
  });
  await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(\d+, \[::1\]:0\)$/);
});

it('draws the records anew when drawing them has failed', async () => {
  const { panel, page } = await open();
  await callAndSee(page, 1);
  await page.evaluate(() => {
    const insert = Object.getOwnPropertyDescriptor(Node.prototype, 'insertBefore')!.value as (
      this: Node,
      node: Node,
      before: Node | null,
    ) => Node;
    Node.prototype.insertBefore = function <T extends Node>(node: T, before: Node | null): T {
      if (this instanceof Element && this.matches('[role="row"]')) {
        Node.prototype.insertBefore = insert as typeof this.insertBefore;
        throw new Error('This row fails.');
      }
      return insert.call(this, node, before) as T;
    };
  });
  expect(await callAndSee(page, 2)).toContain('bind');
  expect(await row(page, 1).innerText()).toContain('socket');
  expect(await callAndSee(page, 3)).toContain('listen');
  expect(panel.faults.splice(0).join()).toContain('This row fails.');
});

describe('the empty page', () => {
  const scenarios: ScenarioSummary[] = [
    {
      id: 'echo',
      title: 'Echo server',
      description: 'both ends',
      group: null,
      obstacle: null,
      callCount: 9,
      state: 'idle',
      made: [],
      isLesson: false,
      score: null,
    },
    runningScenario,
  ];

  it('opens a lesson with the focus in it, so that the key of the call makes its call', async () => {
    const { panel, page } = await open({
      scenarios: [{ ...scenarios[0]!, isLesson: true }],
      lesson: { text: '# A lesson\n## Says something.\nserver = socket(AF_INET, SOCK_STREAM, 0)\n' },
      isLessonLater: true,
    });
    await button(page, new RegExp(`^${scenarios[0]!.title}`)).click();
    await page.locator(':focus', { hasText: 'Make This Call' }).waitFor();
    await expect.poll(() => panel.said.views.at(-1)?.region).toBe('lesson');
  });

  it('tells that there are no scenarios only when that is known', async () => {
    const { panel, page } = await open({ scenarios: null });
    const none = page.getByText('There are no scenarios.');
    await page.locator('.cols').getByText('Looking for scenarios…').waitFor();
    expect(await none.count()).toBe(0);
    panel.findScenarios([]);
    await page.locator('.cols').getByText('There are no scenarios.').waitFor();
    panel.findScenarios(scenarios);
    await page.getByRole('button', { name: /^Echo server/ }).waitFor();
    expect(await none.count()).toBe(0);
  });

  it('says which sockets of its last run a scenario closes', async () => {
    const { panel, page } = await open();
    await callAndSee(page, 1);
    const [socket] = [...panel.playground.sockets.values()];
    panel.findScenarios([{ ...scenarios[0]!, state: 'passed', made: [socket!.id, 999] }]);
    await page.getByRole('button', { name: 'Run scenario' }).click();
    const item = page.getByRole('menuitem', { name: /^Echo server/ });
    await expect.poll(() => item.innerText()).toContain(`closes fd ${socket!.fd}`);
    expect(await item.getAttribute('title')).toBe(`Closes the sockets of its last run: fd ${socket!.fd}`);
  });

  it('makes the first call', async () => {
    const { page } = await open();
    expect(await preview(page).innerText()).toBe('socket(AF_INET, SOCK_STREAM, 0)');
    await page.getByLabel('domain').selectOption('AF_INET6');
    expect(await preview(page).innerText()).toBe('socket(AF_INET6, SOCK_STREAM, 0)');
    expect(await callAndSee(page, 1)).toContain('socket');
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(\d+, \[::1\]:0\)$/);
  });

  it('keeps the focus in the form from call to call', async () => {
    const { page } = await open();
    const focused = page.locator('[data-region="composer"]:has(:focus) .preview .call');
    await page.locator('.callbtn').press('Enter');
    for (const next of ['bind', 'listen', 'accept']) {
      await focused.filter({ hasText: `${next}(` }).waitFor();
      await page.keyboard.press('Enter');
    }
    await row(page, 4).locator('.waiting').waitFor();
    expect(await row(page, 4).innerText()).toContain('accept');
  });

  it('runs a scenario', async () => {
    const { panel, page } = await open({ scenarios });
    await button(page, /^Echo server/).click();
    await expect.poll(() => panel.said.scenarios).toEqual(['echo']);
    await button(page, 'Run scenario').click();
    await page.getByRole('menuitem', { name: /Busy/ }).click({ force: true });
    await page.keyboard.press('Escape');
    expect(panel.said.scenarios).toEqual(['echo']);
  });
});

it('finds a scenario among many by a word of it', async () => {
  const many = Array.from({ length: 46 }, (_, index) => ({
    ...runningScenario,
    state: 'idle' as const,
    id: `number-${index}`,
    title: `Scenario ${index}`,
    description: index === 30 ? 'What a datagram loses' : 'x',
    group: index < 23 ? 'First calls' : 'Datagrams',
  }));
  const { panel, page } = await open({ scenarios: many });
  await page.locator('.toolbar').getByRole('button', { name: 'Run scenario' }).click();
  const items = page.getByRole('menu', { name: 'Run scenario' }).getByRole('menuitem');
  await page.getByRole('textbox', { name: 'Look for: Run scenario' }).and(page.locator(':focus')).waitFor();
  expect(await items.count()).toBe(46);
  await page.keyboard.type('LOSES data');
  await expect.poll(() => items.allInnerTexts()).toEqual([expect.stringContaining('Scenario 30')]);
  expect(await page.locator('.popmenu:popover-open .mh').allInnerTexts()).toEqual(['Datagrams']);
  expect(await axeViolations(page, '.popmenu:popover-open')).toEqual([]);
  await page.keyboard.press('ArrowDown');
  await items.first().and(page.locator(':focus')).waitFor();
  await page.keyboard.press('ArrowUp');
  await page.getByRole('textbox', { name: 'Look for: Run scenario' }).focus();
  await page.keyboard.type('s');
  await page.getByText('Nothing of that name.').waitFor();
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await expect.poll(() => panel.said.scenarios).toEqual(['number-30']);
  // What was looked for is over with the menu; and the key that opens it, held down, runs nothing.
  await page.locator('.toolbar').getByRole('button', { name: 'Run scenario' }).focus();
  await page.keyboard.down('Enter');
  await page.getByRole('textbox', { name: 'Look for: Run scenario' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  expect(await items.count()).toBe(46);
  expect(panel.said.scenarios).toEqual(['number-30']);
});

describe('a preset', () => {
  it('makes one call a press and shows how far it is', async () => {
    const { page } = await open();
    await button(page, /^TCP server/).click();
    const step = page.locator('.preset [aria-current=step]');
    expect(await step.innerText()).toBe('socket');
    await callAndSee(page, 1);
    await expect.poll(() => step.innerText()).toBe('bind');
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(\d+, 127\.0\.0\.1:0\)$/);
    await callAndSee(page, 2);
    await expect.poll(() => step.innerText()).toBe('listen');
    await callAndSee(page, 3);
    await expect.poll(() => step.innerText()).toBe('accept');
    await call(page);
    await row(page, 4).locator('.waiting').waitFor();
    await page.locator('.preset').waitFor({ state: 'detached' });
  });

  it('makes all calls that are left at once, the UDP pair with the port that the kernel chose', async () => {
    const { page } = await open();
    await button(page, /^UDP pair/).click();
    await button(page, 'Run all').click();
    await row(page, 4).locator('.c4').waitFor();
    expect(await row(page, 4).innerText()).toContain('sendto');
    await expect.poll(() => row(page, 4).locator('.res').innerText()).toBe('6');
    expect(await row(page, 4).locator('.pv').innerText()).toBe('hello⏎');
    await expect.poll(() => preview(page).innerText()).toMatch(/^recvfrom\(/);
    expect(await callAndSee(page, 5)).toContain('hello');
  });

  it('stops at a call that fails, with the rest still to be made', async () => {
    const { page } = await open();
    await button(page, /^TCP client/).click();
    await callAndSee(page, 1);
    await page.getByLabel('addr', { exact: true }).fill('127.0.0.1:1');
    expect(await callAndSee(page, 2)).toContain('ECONNREFUSED');
    expect(await page.locator('.preset [aria-current=step]').innerText()).toBe('connect');
  });
});

describe('a preset that is left for another call', () => {
  it('comes back after it, is what Run all makes, and ends with its socket', async () => {
    const { panel, page } = await open();
    const step = page.locator('.preset [aria-current=step]');
    await button(page, /^TCP client/).click();
    await callAndSee(page, 1);
    await button(page, 'bind').click();
    expect(await callAndSee(page, 2)).toContain('bind');
    await expect.poll(() => preview(page).innerText()).toMatch(/^connect\(/);
    await button(page, 'send').click();
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await button(page, 'Run all').click();
    await row(page, 3).locator('.c4').waitFor();
    expect(await row(page, 3).innerText()).toContain('connect');
    await panel.playground.closeAll();
    await step.waitFor({ state: 'detached' });
  });

  it('is offered again when the preset after it has ended', async () => {
    const { page } = await open();
    await button(page, /^TCP client/).click();
    await callAndSee(page, 1);
    await button(page, 'Start with…').click();
    await page.getByRole('menuitem', { name: /^Unix pair/ }).click();
    await button(page, 'Run all').click();
    await row(page, 4).locator('.c4').waitFor();
    await expect.poll(() => page.locator('.preset li').count()).toBe(0);
    expect(await page.locator('.preset').innerText()).toContain('TCP client is left at call 2 of 2.');
    await button(page, 'Back to it').click();
    await expect.poll(() => preview(page).innerText()).toMatch(/^connect\(/);
    await button(page, 'Leave the preset').click();
    await page.locator('.preset').waitFor({ state: 'detached' });
  });
});

describe('a conversation', () => {
  it('goes to and fro by pressing Call', async () => {
    const { page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await page.locator('textarea').fill('GET / HTTP/1.0\n\n');
    await page.getByRole('radio', { name: 'CRLF' }).click();
    expect(await preview(page).innerText()).toContain(String.raw`"GET / HTTP/1.0\r\n\r\n", 18, 0)`);
    expect(await callAndSee(page, 7)).toContain('GET / HTTP/1.0');
    await expect.poll(() => preview(page).innerText()).toMatch(/^recv\(/);
    expect(await callAndSee(page, 8)).toContain('GET / HTTP/1.0⏎⏎');
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
  });

  it('takes Enter in a field for Call', async () => {
    const { page } = await open();
    await callAndSee(page, 1);
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(/);
    await page.getByLabel('addr', { exact: true }).press('Enter');
    await row(page, 2).locator('.c4').waitFor();
    expect(await row(page, 2).innerText()).toContain('bind');
  });

  it('shows the value that getsockopt has read beside what it returned', async () => {
    const { panel, page } = await open();
    const { playground } = panel;
    const { result } = await playground.call({ name: 'socket', args: [2, 1, 0] }).returned;
    const value = { kind: 'any' } as const;
    await playground.call({ name: 'getsockopt', args: [result, 1, 3, value] }).returned;
    await playground.call({ name: 'getsockopt', args: [result, 1, 9999, value] }).returned;
    // SO_TYPE: SOCK_STREAM.
    await expect.poll(() => row(page, 2).locator('.res').innerText()).toBe('0 → 1');
    await expect.poll(() => row(page, 3).locator('.res').innerText()).toBe('-1 ENOPROTOOPT');
  });

  it('shows a failed call with its errno and one sentence', async () => {
    const { page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    const unexpected = button(page, 'bind');
    await expect
      .poll(() => unexpected.getAttribute('title'))
      .toBe('Unusual in state ESTABLISHED. Call it to see what the kernel says.');
    await unexpected.click();
    const text = await callAndSee(page, 7);
    expect(text).toContain('-1 EINVAL');
    expect(await row(page, 7).locator('.p-sentence').innerText()).toMatch(/\.$/);
    await expect.poll(() => page.getByRole('status').last().innerText()).toContain('EINVAL');
    // The sentence stands beside the call too, until the call is another one.
    const sentence = await row(page, 7).locator('.p-sentence').innerText();
    await expect.poll(() => page.locator('.preview .hint').innerText()).toBe(sentence);
    // Where there is not room for both, the sentence is whole below the call, which stays on one line.
    await page.setViewportSize({ width: 680, height: 860 });
    const hint = page.locator('.preview .hint');
    await expect
      .poll(async () => (await hint.boundingBox())!.y - (await preview(page).boundingBox())!.y)
      .toBeGreaterThan(10);
    expect(await hint.evaluate((one) => one.scrollWidth > one.clientWidth)).toBe(false);
    const size = await preview(page).evaluate((one) => [
      one.clientHeight,
      parseFloat(getComputedStyle(one).lineHeight),
    ]);
    expect(size[0]! / size[1]!).toBeLessThan(1.6);
    await button(page, 'send').click();
    await expect.poll(() => page.locator('.preview .hint').innerText()).not.toBe(sentence);
  });

  it('has the cross of a wait in reach however narrow the table is', async () => {
    const { page } = await open();
    await startServer(page);
    const cross = row(page, 4).locator('.waiting button');
    await cross.waitFor();
    for (const width of [1180, 600, 400]) {
      await page.setViewportSize({ width, height: 800 });
      const isInReach = () =>
        cross.evaluate((one) => {
          const { left, right, top, bottom } = one.getBoundingClientRect();
          const isWhole = [left + 2, right - 2].every((x) =>
            one.contains(document.elementFromPoint(x, (top + bottom) / 2)),
          );
          return isWhole && right - left >= 16;
        });
      await expect.poll(isInReach, { message: `${width}` }).toBe(true);
    }
  });

  it('shows a wait with its age, and ends it', async () => {
    const { panel, page } = await open();
    await startServer(page);
    const wait = row(page, 4).locator('.waiting .num');
    const before = await wait.innerText();
    await expect.poll(() => wait.innerText()).not.toBe(before);
    await row(page, 4).getByRole('button', { name: 'Cancel the waiting call' }).click();
    await expect.poll(() => row(page, 4).locator('.res').innerText()).toMatch(/^cancelled( \+|$)/);
    expect(await panel.playground.readRecord(4)).toMatchObject({ status: 'cancelled', result: null });
  });

  it('ends the selected wait by the command of the Escape key', async () => {
    const { panel, page } = await open();
    await startServer(page);
    panel.request({ kind: 'cancel' });
    await expect.poll(() => row(page, 4).locator('.res').innerText()).toMatch(/^cancelled( \+|$)/);
  });

  it('leaves the form alone when the user goes on before a wait has ended', async () => {
    const { page } = await open();
    await startServer(page);
    await button(page, 'getsockopt').click();
    await button(page, 'Connect a client here').click();
    await row(page, 4).locator('.waiting').waitFor({ state: 'detached' });
    await row(page, 6).locator('.c4').waitFor();
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await button(page, 'recv').click();
    await call(page);
    await row(page, 7).locator('.waiting').waitFor();
    await button(page, 'setsockopt').click();
    await row(page, 7).getByRole('button', { name: 'Cancel the waiting call' }).click();
    await expect.poll(() => row(page, 7).locator('.res').innerText()).toMatch(/^cancelled( \+|$)/);
    expect(await preview(page).innerText()).toMatch(/^setsockopt\(/);
  });

  it('says of the call that waits that it would be a second one, and that a client is missing', async () => {
    const { page } = await open();
    await startServer(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^socket\(/);
    const callButton = page.locator('.callbtn');
    expect(await callButton.innerText()).not.toContain('again');
    await button(page, 'accept').click();
    await expect
      .poll(() => page.locator('.preview .hint').innerText())
      .toBe('accept waits on this socket already: this would be a second call.');
    expect(await callButton.innerText()).toContain('Call again');
    // Also where there is little room, whole, as the call itself is.
    for (const width of [640, 400]) {
      await page.setViewportSize({ width, height: 860 });
      const cut = () =>
        page
          .locator('.preview')
          .evaluate((one) =>
            [one, ...one.children].map((part) => [
              part.getBoundingClientRect().width > 0,
              part.scrollWidth <= part.clientWidth && part.scrollHeight <= part.clientHeight,
            ]),
          );
      await expect.poll(cut).toEqual(Array.from({ length: 3 }, () => [true, true]));
    }
    await page.setViewportSize({ width: 1180, height: 860 });
    await button(page, 'Connect a client here').click();
    await row(page, 4).locator('.waiting').waitFor({ state: 'detached' });
    await expect.poll(() => callButton.innerText()).not.toContain('again');
  });

  it('offers a sender where a datagram is waited for', async () => {
    const { panel, page } = await open();
    const { result: fd } = await panel.playground.call({ name: 'socket', args: [2, 2, 0] }).returned;
    await panel.playground.call({
      name: 'bind',
      args: [fd!, { family: 'AF_INET', address: '127.0.0.1', port: 0 }],
    }).returned;
    await expect.poll(() => preview(page).innerText()).toMatch(/^recvfrom\(/);
    await call(page);
    await row(page, 3).locator('.waiting').waitFor();
    await expect.poll(() => page.locator('.command code').innerText()).toMatch(/^nc -u 127\.0\.0\.1 \d+$/);
    await button(page, 'Connect a client here').click();
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await call(page);
    await row(page, 3).locator('.waiting').waitFor({ state: 'detached' });
  });

  it('offers a command for a client in a terminal', async () => {
    const { panel, page } = await open();
    await startServer(page);
    const command = await page.locator('.command code').innerText();
    expect(command).toMatch(/^nc 127\.0\.0\.1 \d+$/);
    await button(page, 'Copy the command').click();
    await expect.poll(() => panel.said.copied).toEqual([command]);
  });
});

describe('a wrong address', () => {
  const shared = open.share(async ({ page }) => {
    await callAndSee(page, 1);
    await preview(page)
      .filter({ hasText: /^bind\(/ })
      .waitFor();
  });

  it.each([
    ['127.0.0.1:65536', 'port', /65535/],
    ['127.0.0.1:', 'port', /port is missing/],
    ['127.0.0.1:1.5', 'port', /whole number/],
    ['1.2.3:80', 'address', /1\.2\.3/],
  ])('says where %j is wrong and makes no call', async (text, part, expected) => {
    const { panel, page } = shared();
    await page.getByLabel('addr', { exact: true }).fill(text);
    await page.getByLabel('port', { exact: true }).fill(text.slice(text.indexOf(':') + 1));
    expect(await page.locator('.fcol .problem').innerText()).toMatch(expected);
    expect(await page.locator('.part.invalid input').getAttribute('data-part')).toBe(part);
    await call(page);
    expect(panel.playground.lastSeq).toBe(1);
  });
});

describe('a wrong field', () => {
  it('says which digit of hexadecimal data is alone', async () => {
    const { page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await page.getByRole('radio', { name: 'Hex' }).click();
    await page.locator('textarea').fill('47 45 5');
    expect(await page.locator('.payload .problem').innerText()).toContain('Column 7:');
    await page.locator('textarea').fill('47 45 54');
    expect(await preview(page).innerText()).toContain('"GET", 3, 0)');
  });

  it('shows what the host refuses at its field', async () => {
    const { panel, page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await button(page, /^More fields/).click();
    await page.getByLabel('len', { exact: true }).fill('1000');
    await call(page);
    await page.locator('.fcol .problem').waitFor();
    expect(await page.locator('.fcol:has(.problem) .lbl').innerText()).toBe('len');
    expect(panel.playground.lastSeq).toBe(6);
  });

  it('shows a name that does not resolve', async () => {
    const { page } = await open();
    await callAndSee(page, 1);
    await button(page, 'connect').click();
    await page.getByLabel('addr', { exact: true }).fill('no-such-name.invalid:80');
    await call(page);
    await page.locator('.preview.refused').waitFor();
    expect(await page.locator('.preview .hint').innerText()).toContain('no-such-name.invalid');
  });

  it('takes a Unix path of 108 bytes and shows what becomes of 109', async () => {
    const { page } = await open();
    await page.getByLabel('domain').selectOption('AF_UNIX');
    await callAndSee(page, 1);
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(/);
    const path = `/tmp/playground-page-test-${process.pid}-`.padEnd(109, 'x');
    await page.getByLabel('addr', { exact: true }).fill(`unix:${path}`);
    await call(page);
    await expect
      .poll(async () => (await page.locator('.problem, .row.failed').allInnerTexts()).join())
      .not.toBe('');
    await page.getByLabel('addr', { exact: true }).fill(`unix:${path.slice(0, 108)}`);
    await call(page);
    await expect.poll(() => page.locator('.row .res').last().innerText()).toBe('0');
  });

  it('passes a closed descriptor on: the kernel says EBADF', async () => {
    const { page } = await open();
    await callAndSee(page, 1);
    await button(page, 'close').click();
    await callAndSee(page, 2);
    const target = page.getByRole('combobox', { name: 'Socket' });
    await target.selectOption('1');
    await button(page, 'listen').click();
    expect(await callAndSee(page, 3)).toContain('EBADF');
    await button(page, 'Socket').click();
    await target.selectOption('number');
    await page.getByLabel('Descriptor').fill('400');
    expect(await preview(page).innerText()).toBe('getsockname(400)');
    expect(await callAndSee(page, 4)).toContain('EBADF');
  });
});

describe('the detail', () => {
  it('shows the exact bytes of a large payload, read in pieces', async () => {
    const { panel, page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
    panel.file = { name: 'data.bin', bytes };
    await page.getByRole('radio', { name: 'File' }).click();
    await button(page, 'Choose a file…').click();
    await page.locator('.filepick .mono', { hasText: 'data.bin' }).waitFor();
    await callAndSee(page, 7);
    await row(page, 7).dblclick();
    const lines = page.locator('.hex .lines > div');
    await lines.first().waitFor();
    const expected = (offset: number) => {
      const hex = Buffer.from(bytes.subarray(offset, offset + 16))
        .toString('hex')
        .match(/../g)!;
      return `${offset.toString(16).padStart(5, '0')}  ${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`;
    };
    await expect.poll(() => lines.first().innerText()).toContain(expected(0));
    await page.locator('.hex.scroll').evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await expect.poll(() => lines.last().innerText()).toContain(expected(200_000 - 16));
  });

  it('shows JSON only where it is', async () => {
    const { page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await page.locator('textarea').fill('{"op":[1,2]}');
    await callAndSee(page, 7);
    await row(page, 7).dblclick();
    await page.locator('.dpane').getByRole('radio', { name: 'JSON' }).click();
    expect(await page.locator('.bytes pre.hex').innerText()).toContain('"op": [\n');
    await row(page, 6).click();
    expect(await page.locator('.dpane').getByRole('radio', { name: 'JSON' }).count()).toBe(0);
  });

  it('keeps what was chosen at the next record, and calls nothing UTF-8 that is none', async () => {
    const { page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await callAndSee(page, 7);
    await row(page, 7).dblclick();
    const text = page.locator('.dpane').getByRole('radio', { name: 'Text' });
    await text.click();
    await button(page, 'send').click();
    await page.locator('textarea').fill(String.raw`\xeb\xff7`);
    await expect
      .poll(() => page.locator('.payload .num').innerText())
      .toBe('4 bytes incl. 1 line end, not valid UTF-8');
    await callAndSee(page, 8);
    await row(page, 8).click();
    await page.getByText('These bytes are not valid UTF-8').waitFor();
    expect(await text.getAttribute('aria-checked')).toBe('true');
    // One notation: in the details, in the row and in the call.
    const escaped = String.raw`\353\3777`;
    expect((await page.locator('.bytes pre').innerText()).trim()).toBe(escaped);
    expect(await row(page, 8).locator('.pv').innerText()).toBe(`${escaped}\\n`);
    await expect.poll(() => page.locator('.dpane .call').innerText()).toContain(`"${escaped}\\n", 4`);
  });

  it('keeps hostile bytes text', async () => {
    const { page } = await open();
    await connectPair(page);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await page.locator('textarea').fill(String.raw`<img src=x onerror=alert(1)>\x1b]52;\xe2\x80\xae`);
    await callAndSee(page, 7);
    await row(page, 7).dblclick();
    await page.locator('.dpane').getByRole('radio', { name: 'Text' }).click();
    expect(await page.locator('img').count()).toBe(0);
    expect(await row(page, 7).locator('.pv').innerText()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('keeps hostile addresses, paths, names and errors text', async () => {
    const { panel, page } = await open();
    const folder = untilTestEnds(await tempDir());
    const hostile = '<img src=x onerror=alert(1)>\u001b]52;c;x\u0007\u202e';
    const name = new TextEncoder().encode(`${folder.path}/${hostile.replaceAll('/', '')}`);
    const address = { family: 'AF_UNIX', name, isAbstract: false } as const;
    const { playground } = panel;
    const made = await playground.call({ name: 'socket', args: [1, 1, 0] }, { madeBy: hostile }).returned;
    const fd = made.result!;
    await playground.call({ name: 'bind', args: [fd, address] }, { thread: hostile }).returned;
    await playground.call({ name: 'bind', args: [fd, address] }).returned;
    await playground.call({ name: 'listen', args: [fd, 5] }).returned;
    await playground.call({ name: 'connect', args: [fd, { ...address, isAbstract: true }] }).returned;
    await playground.rename(made.createdIds[0]!, hostile);
    panel.request({ kind: 'select', socketId: made.createdIds[0]!, seq: null });
    panel.request({ kind: 'showInspector' });
    await row(page, 5).waitFor();
    await expect.poll(() => page.locator('body').innerText()).toContain('onerror');
    for (const seq of [1, 2, 3, 5]) {
      await row(page, seq).click();
      await row(page, seq).dblclick();
    }
    expect(await page.locator('img').count()).toBe(0);
    const shown = await page.locator('body').innerText();
    expect(shown.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    const titles = await page
      .locator('[title]')
      .evaluateAll((all) => all.map((each) => (each as HTMLElement).title));
    expect(titles.join('').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });

  it('shows how a host name was resolved', async () => {
    const { panel, page } = await open();
    await startServer(page);
    const local = () => panel.playground.openSockets[0]?.local;
    await expect.poll(() => local()?.family).toBe('AF_INET');
    const { port } = local() as { port: number };
    await call(page);
    await row(page, 5).locator('.c4').waitFor();
    await expect.poll(() => preview(page).innerText()).toMatch(/^connect\(/);
    await page.getByLabel('addr', { exact: true }).fill(`localhost:${port}`);
    expect(await preview(page).innerText()).toContain(`"localhost":${port}`);
    expect(await callAndSee(page, 6)).toContain('127.0.0.1');
    await row(page, 6).dblclick();
    await expect.poll(() => page.locator('.facts-list').innerText()).toContain('localhost is ');
  });
});

describe('the inspector', () => {
  it('shows what the kernel tells and sets an option by a real call', async () => {
    const { panel, page } = await open();
    await callAndSee(page, 1);
    panel.request({ kind: 'toggleInspector' });
    const reuse = page.getByRole('switch', { name: 'SO_REUSEADDR' });
    await reuse.waitFor();
    expect(await reuse.getAttribute('aria-checked')).toBe('false');
    await reuse.click();
    await row(page, 2).locator('.c4').waitFor();
    expect(await row(page, 2).innerText()).toContain('setsockopt');
    await expect.poll(() => reuse.getAttribute('aria-checked')).toBe('true');
    await expect.poll(() => page.locator('.facts').innerText()).toMatch(/inode\s+\d+/);
  });
});

describe('the host', () => {
  it('is told as lost, with its sockets; the next call starts a fresh one', async () => {
    const { panel, page } = await open();
    await startServer(page);
    panel.host.stop();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toContain('Its sockets are lost');
    await expect.poll(() => row(page, 4).locator('.res').innerText()).toBe('lost');
    await button(page, 'Socket').click();
    await call(page);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('.row').last().innerText()).toContain('socket');
  });

  it('is said to have ended with the window after a reload', async () => {
    const { page } = await open({ isRestored: true });
    const banner = page.locator('.banner');
    expect(await banner.innerText()).toContain('The sockets ended with the window');
    await callAndSee(page, 1);
    await banner.waitFor({ state: 'detached' });
  });
});

describe('the commands of VS Code', () => {
  it('prepare, make and clear calls', async () => {
    const { panel, page } = await open();
    panel.request({ kind: 'call' });
    await row(page, 1).locator('.c4').waitFor();
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(/);
    const fd = Number(/bind\((\d+)/.exec(await preview(page).innerText())![1]);
    panel.request({ kind: 'prepare', call: { name: 'listen', args: [fd, 7] } });
    await expect.poll(() => preview(page).innerText()).toBe(`listen(${fd}, 7)`);
    panel.request({ kind: 'newSocket' });
    await expect.poll(() => preview(page).innerText()).toMatch(/^socket\(/);
    await panel.playground.clear();
    panel.request({ kind: 'clear' });
    await expect.poll(() => page.locator('.row').count()).toBe(0);
  });

  it('say what is shown and where the focus is', async () => {
    const { panel, page } = await open();
    await callAndSee(page, 1);
    const last = () => panel.said.views.at(-1);
    panel.request({ kind: 'togglePause' });
    await expect.poll(() => last()?.isPaused).toBe(true);
    await row(page, 1).click();
    await expect.poll(() => last()).toMatchObject({ region: 'records', isEditing: false });
    panel.request({ kind: 'filter' });
    await expect.poll(() => last()).toMatchObject({ region: 'toolbar', isEditing: true });
    for (const region of ['records', 'composer', 'toolbar']) {
      panel.request({ kind: 'focusRegion', direction: 'next' });
      await expect.poll(() => last()?.region).toBe(region);
    }
    panel.request({ kind: 'toggleInspector' });
    await expect.poll(() => last()?.isInspectorVisible).toBe(true);
  });

  it('have no keys that are typed into a field', async () => {
    const { page } = await open();
    await callAndSee(page, 1);
    // VS Code listens here.
    await page.evaluate(() => {
      const pressed: string[] = [];
      window.addEventListener('keydown', ({ key }) => pressed.push(key));
      Object.assign(window, { pressed });
    });
    const pressed = () => page.evaluate(() => (window as unknown as { pressed: string[] }).pressed.splice(0));
    for (const field of [page.locator('#filter'), page.getByLabel('addr', { exact: true })]) {
      await field.focus();
      await page.keyboard.type('in/N 1');
      expect(await pressed()).toEqual([]);
      await page.keyboard.press('Control+F6');
      expect(await pressed()).toEqual(['Control', 'F6']);
    }
    await page.locator('#filter').fill('');
    await row(page, 1).click();
    await pressed();
    await page.keyboard.press('i');
    expect(await pressed()).toEqual(['i']);
  });

  it('find the focus in the page, and the Escape key leaves a field', async () => {
    const { panel, page } = await open();
    await callAndSee(page, 1);
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(/);
    await page.getByLabel('addr', { exact: true }).focus();
    await expect.poll(() => panel.said.views.at(-1)).toMatchObject({ region: 'composer', isEditing: true });
    await page.keyboard.press('Escape');
    await expect.poll(() => panel.said.views.at(-1)).toMatchObject({ region: 'records', isEditing: false });
    await page.evaluate(() => {
      (document.activeElement as HTMLElement).blur();
      window.dispatchEvent(new Event('focus'));
    });
    await expect.poll(() => panel.said.views.at(-1)?.region).toBe('records');
  });

  it('open menus for records and sockets', async () => {
    const { panel, page } = await open();
    await callAndSee(page, 1);
    const context = JSON.parse((await row(page, 1).getAttribute('data-vscode-context'))!) as object;
    expect(context).toEqual({
      webviewSection: 'record',
      seq: 1,
      isWaiting: false,
      preventDefaultContextMenuItems: true,
    });
    panel.request({ kind: 'showInspector' });
    const head = await page.locator('.shead').getAttribute('data-vscode-context');
    const { socketWords, ...about } = JSON.parse(head!) as { socketWords: string };
    expect(about).toMatchObject({ webviewSection: 'socket', socketId: 1 });
    expect(socketWords).toMatch(/\bbind\b/);
  });
});

it('asks the kernel only about sockets that can be seen', async () => {
  const { panel, page } = await open();
  expect(panel.said.watched.flat()).toEqual([]);
  await callAndSee(page, 1);
  await expect.poll(() => panel.said.watched.at(-1)).toEqual([1]);
  await button(page, 'close').click();
  await callAndSee(page, 2);
  await expect.poll(() => panel.said.watched.at(-1)).toEqual([]);
});

it('speaks the language of VS Code', async () => {
  const messages = JSON.parse(
    await readFile(new URL('../../l10n/bundle.l10n.ko.json', import.meta.url), 'utf8'),
  ) as Record<string, string>;
  const { page } = await open({ language: 'ko', messages });
  await callAndSee(page, 1);
  expect(await page.locator('.callbtn').innerText()).toContain(messages['Call']!);
});
