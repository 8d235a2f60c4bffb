import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/common/call.js';
import { Caller } from './caller.js';
import { openPages } from './openPages.js';
import { axeViolations } from './axe.js';
import { type PanelPage, resize } from './panelPage.js';

const open = openPages();

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const preview = (page: Page) => page.locator('.preview .call');
const tcpSocket = { name: 'socket', args: [2, 1, 0] } as const;

describe('the call bar', () => {
  it('has each call in its place in every state and width, marks the usual next one, and tells of an unusual one', async () => {
    const { page } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    const next = page.locator('.cb.next');
    const places = async () => {
      const found: Record<string, unknown> = {};
      for (const width of [400, 600, 900, 1180]) {
        await resize(page, width, 860);
        found[width] = await page.locator('.cb').evaluateAll((all) =>
          all
            .map((one) => [one, one.getBoundingClientRect()] as const)
            .filter(([, { width }]) => width > 0)
            .map(([one, { x, y, width }]) => [
              one.textContent,
              x,
              y - all[0]!.getBoundingClientRect().y,
              width,
            ]),
        );
      }
      return found;
    };
    await expect.poll(() => next.innerText()).toBe('bind');
    expect(await next.getAttribute('title')).toBe('Usual next in state open');
    expect(await button(page, 'send').getAttribute('title')).toBe(
      'Unusual in state open. Call it to see what the kernel says.',
    );
    const before = await places();
    expect(JSON.stringify(before)).toMatch(/bind.*listen.*accept.*connect.*send.*recv.*shutdown.*close/);
    await button(page, 'listen').click();
    await page.locator('.callbtn').click();
    await expect.poll(() => next.innerText()).toBe('accept');
    expect(await places()).toEqual(before);
    await page.locator('.callbtn').click();
    await button(page, 'Connect a client here').click();
    await expect.poll(() => next.innerText()).toBe('send');
    expect(await places()).toEqual(before);
  });

  it('is one stop of the Tab key, whose arrows lead on, and the text behind it is typed over before its line end', async () => {
    const { page } = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('data-call') ?? document.activeElement?.tagName,
      );
    await page.getByRole('combobox', { name: 'Socket' }).focus();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('send');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('recv');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('SELECT');
    expect(await page.locator('.cb[tabindex="0"]').allInnerTexts()).toEqual(['send']);
    for (let steps = 0; (await focused()) !== 'TEXTAREA'; steps++) {
      expect(steps).toBeLessThan(10);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('typed');
    expect(await page.locator('textarea').inputValue()).toBe('typed\n');
    // What is pasted may have its own.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.insertText('pasted\n');
    expect(await page.locator('textarea').inputValue()).toBe('pasted\n');
  });

  it('leaves the focus in the lanes, from where the key of Call came', async () => {
    const { panel, page } = await open({ view: 'lanes', earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    const lanes = page.getByRole('grid', { name: 'Lanes' });
    await page.locator('#record-1').waitFor();
    await lanes.focus();
    panel.request({ kind: 'call' });
    await page.locator('#record-2[aria-selected=true]').waitFor();
    expect(await lanes.evaluate((grid) => grid.contains(document.activeElement))).toBe(true);
  });

  it('calls what it shows while the pointer or the focus is there, whatever comes', async () => {
    const { panel, page } = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
    const caller = new Caller(panel.playground);
    const [other] = panel.playground.openSockets;
    const waits = (bytes: number) => page.locator(`.cb.awaited[title^="${bytes} B "]`).waitFor();
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    await page.locator('.callbtn').hover();
    await caller.send(other!.fd, 'a');
    await waits(1);
    expect(await preview(page).innerText()).toMatch(/^send\(/);
    await page.locator('.callbtn').focus();
    await page.mouse.move(1, 1);
    await caller.send(other!.fd, 'b');
    await waits(2);
    expect(await preview(page).innerText()).toMatch(/^send\(/);
    // With nothing new after it.
    await page.locator('.callbtn').blur();
    await expect.poll(() => preview(page).innerText()).toMatch(/^recv\(/);
  });

  it('goes on below a pointer that rests where it came to lie', async () => {
    const { panel, page } = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
    const caller = new Caller(panel.playground);
    await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
    const { width, height } = page.viewportSize()!;
    await page.mouse.move(300, (await page.locator('.composer').boundingBox())!.y - 20);
    await resize(page, width, height - 60);
    await page.locator('.composer:hover').waitFor();
    await caller.send(panel.playground.openSockets[0]!.fd, 'a');
    await expect.poll(() => preview(page).innerText()).toMatch(/^recv\(/);
  });

  it('leads the selection from a listener to the connection that it has accepted', async () => {
    const { panel, page } = await open({ view: 'lanes' });
    const caller = new Caller(panel.playground);
    const listener = await caller.listener();
    const client = await caller.call('socket', 2, 1, 0);
    await caller.call('connect', client, listener.address);
    const selected = page.locator('.lh[aria-selected="true"] .r1 b');
    await page.locator('.lh', { hasText: `fd ${listener.fd}` }).click();
    await expect.poll(() => preview(page).innerText()).toMatch(/^accept\(/);
    await page.locator('.callbtn').click();
    await expect.poll(() => preview(page).innerText()).toBe(`recv(${client + 1}, _, 4096, 0)`);
    expect(await selected.innerText()).toBe(`fd ${client + 1}`);
    // What was called stays the record that is looked at.
    expect(await page.locator('.blk[aria-selected=true], [role=gridcell][aria-selected=true]').count()).toBe(
      1,
    );

    // The same where it is accepted by another hand.
    await page.locator('.lh', { hasText: `fd ${listener.fd}` }).click();
    await expect.poll(() => preview(page).innerText()).toMatch(/^accept\(/);
    await page.mouse.move(1, 1);
    const [, peer] = await caller.connection(listener);
    await expect.poll(() => preview(page).innerText()).toMatch(new RegExp(`^recv\\(${peer},`));
    expect(await selected.innerText()).toBe(`fd ${peer}`);
  });

  it.each<[string, number, Call, string]>([
    ['a stream', 1092, { name: 'socketpair', args: [1, 1, 0] }, 'send'],
    ['datagrams', 900, { name: 'socket', args: [2, 2, 0] }, 'sendto'],
  ] as const)(
    'stays where it is when another call of %s is chosen, %d wide',
    async (_, width, made, tallest) => {
      const { page } = await open({ width, earlier: [made] });
      await button(page, tallest).click();
      await page.locator(`.form[aria-label="${tallest}"]`).waitFor();
      const more = button(page, 'More calls');
      if (await more.isVisible()) {
        await more.click();
      }
      const bar = async () => (await page.locator('.callbar').boundingBox())!.y;
      const before = await bar();
      for (const name of ['recv', 'setsockopt', 'bind', 'shutdown', 'close']) {
        await button(page, name).click();
        await page.locator(`.form[aria-label="${name}"]`).waitFor();
        expect(await bar(), name).toBe(before);
      }
    },
  );

  it('names a closed socket though many were closed after it', async () => {
    const made: Call = { ...tcpSocket, args: [2, 1, 0] };
    const { page, panel } = await open({ earlier: [made] });
    const { playground } = panel;
    const sockets = [...playground.sockets.values()];
    // Who has begun to type keeps the form.
    await page.getByLabel('port').fill('1');
    for (let count = 0; count < 11; count++) {
      const { seq } = await playground.call(made).returned;
      await playground.whenKnown(seq);
    }
    for (const { fd } of [...sockets, ...playground.sockets.values()]) {
      await playground.call({ name: 'close', args: [fd] }).returned;
    }
    const picker = page.getByRole('combobox', { name: 'Socket' });
    await expect
      .poll(() => picker.locator('option:checked').allInnerTexts())
      .toEqual([expect.stringMatching(/closed/)]);
  });

  it('keeps every button in its place while a call waits, however wide it is', async () => {
    const { page } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    await button(page, 'listen').click();
    await page.locator('.callbtn').click();
    await expect.poll(() => preview(page).innerText()).toMatch(/^accept\(/);
    const places = async () => {
      const found: number[][][] = [];
      for (const width of [400, 600, 1180]) {
        await resize(page, width, 860);
        found.push(
          await page.locator('.callbar').evaluate((bar) => {
            const { x, y } = bar.getBoundingClientRect();
            return [...bar.querySelectorAll('button')]
              .map((one) => one.getBoundingClientRect())
              .filter((one) => one.width > 0)
              .map((one) => [one.x - x, one.y - y, one.width]);
          }),
        );
      }
      return found;
    };
    const before = await places();
    await page.locator('.callbtn').click();
    await page.locator('.cb .codicon-loading').waitFor();
    await page.locator('.cb[title="Record 3 waits."]').click();
    expect(await places()).toEqual(before);
  });

  it('begins every row of its calls at the same place', async () => {
    const { page } = await open({ width: 560, earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    await button(page, 'More calls').click();
    const rows = new Map<number, number>();
    for (const box of await page
      .locator('.cb')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ x, y }) => ({ x, y })))) {
      rows.set(box.y, Math.min(rows.get(box.y) ?? Infinity, box.x));
    }
    expect(rows.size).toBeGreaterThan(2);
    expect(new Set(rows.values()).size).toBe(1);
  });
});

it('offers the addresses of our sockets that the call can reach, and keeps what was written when it is sent', async () => {
  const unixDatagram = { name: 'socket', args: [1, 2, 0] } as const;
  const { panel, page } = await open({
    width: 1040,
    earlier: [
      { ...unixDatagram, args: [1, 2, 0] },
      { name: 'socket', args: [2, 2, 0] },
      { ...unixDatagram, args: [1, 2, 0] },
    ],
  });
  const [receiver, , sender] = panel.playground.openSockets;
  const name = new TextEncoder().encode(`playground-${process.pid}-offered`);
  const { seq } = await panel.playground.call({
    name: 'bind',
    args: [receiver!.fd, { family: 'AF_UNIX', name, isAbstract: true }],
  }).returned;
  await panel.playground.whenKnown(seq);
  await page.getByRole('combobox', { name: 'Socket' }).selectOption(String(sender!.id));
  const offer = button(page, 'Addresses of the sockets here');
  // An address of its own is nothing that it could be bound to.
  await button(page, 'bind').click();
  await page.locator('.form[aria-label="bind"]').waitFor();
  expect(await offer.count()).toBe(0);
  await button(page, 'sendto').click();
  // The focus comes back to the menu's button, of whatever kind the address was.
  await page.locator('.address .kind select').selectOption('text');
  await page.locator('[data-part="text"]').fill('elsewhere');
  await offer.press('Enter');
  const items = page.getByRole('menuitem', { name: new RegExp(`fd ${receiver!.fd}$`) });
  await expect.poll(() => items.allInnerTexts()).toEqual([expect.stringContaining('-offered')]);
  await items.press('Enter');
  await expect.poll(() => preview(page).innerText()).toContain(`unix:@playground-${process.pid}-offered`);
  await expect.poll(() => offer.evaluate((one) => one === document.activeElement)).toBe(true);
  expect(await axeViolations(page, '.composer')).toEqual([]);

  // Who writes one message after the other stays in the field.
  const editor = page.locator('textarea.editor');
  await editor.fill('my own\n');
  panel.request({ kind: 'call' });
  const next = button(page, new RegExp(`^Next: recvfrom on .*, fd ${receiver!.fd}$`));
  await next.waitFor();
  await page.keyboard.type('another');
  await expect.poll(() => editor.inputValue()).toBe('another\n');
  panel.request({ kind: 'call' });
  await next.click();
  await expect.poll(() => preview(page).innerText()).toMatch(/^recvfrom\(/);
  const [first, second] = await panel.playground.readRecords(5, 2);
  expect([first, second].map((record) => record!.result)).toEqual([7, 8]);
  await button(page, 'sendto').click();
  await expect.poll(() => editor.inputValue()).toBe('another\n');
});

describe('fields that hardly anybody sets', () => {
  it('stand behind one icon, which stays beside the field that has a problem', async () => {
    const { page } = await open({ earlier: [{ ...tcpSocket, args: [10, 1, 0] }] });
    await button(page, 'bind').click();
    const more = page.locator('.form .codicon-settings');
    await expect.poll(() => more.count()).toBe(1);
    const field = page.locator('[data-part="address"]');
    const beside = async () => (await more.boundingBox())!.y - (await field.boundingBox())!.y;
    const before = await beside();
    await field.fill('::nonsense');
    await page.locator('.form .problem').waitFor();
    expect(await beside()).toBe(before);
    // Who does not see the field is told why nothing happens.
    await page.locator('.callbtn').press('Enter');
    const message = await page.locator('.form .problem').innerText();
    await expect
      .poll(() => page.getByRole('status').last().innerText())
      .toBe(`No call was made. ${message.trim().replace(/^Column \d+: /, '')}`);
    await more.click();
    await page.locator('[data-part="flowinfo"]').waitFor();
    await page.getByLabel('addrlen').waitFor();
    await expect.poll(() => more.count()).toBe(0);
    await field.fill('::1');
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(\d+, \[::1\]:0\)$/);
  });
});

describe('variables', () => {
  /** A pair of connected sockets, with the form of `send` on one of them. */
  async function openPair(): Promise<{ panel: PanelPage; page: Page }> {
    const shown = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
    await expect.poll(() => preview(shown.page).innerText()).toMatch(/^send\(/);
    return shown;
  }

  it('stand expanded in the preview, which is the call that is made', async () => {
    const { panel, page } = await openPair();
    const editor = page.locator('textarea.editor');
    await editor.fill('{{len:u16be}}n={{counter}} {{random:4:hex}}\\{{');
    const shown = /^send\(\d+, "(\\0\\16n=1 [\da-f]{8}\{\{)", 16, 0\)$/;
    await expect.poll(() => preview(page).innerText()).toMatch(shown);
    const drawn = /n=1 [\da-f]{8}/.exec(await preview(page).innerText())![0];
    await page.locator('.callbtn').click();
    await expect.poll(() => page.locator('#record-2').innerText()).toContain(drawn);
    // The next call has others.
    await button(page, 'send').click();
    await expect.poll(() => preview(page).innerText()).toContain('n=2 ');
    const record = await panel.playground.readRecord(2);
    expect(record?.result).toBe(16);
    expect(await page.locator('.varhelp').innerText()).toContain(
      '{{len:u16be}} how many bytes follow, as u16be',
    );
    await button(page, 'Count from 1 again').click();
    await expect.poll(() => preview(page).innerText()).toContain('n=1 ');
  });

  it('that are none are told at their column, and are inserted from a menu', async () => {
    const { page } = await openPair();
    const editor = page.locator('textarea.editor');
    await editor.fill('ab{{nonsense}}');
    await expect
      .poll(() => page.locator('.payload .problem').innerText())
      .toMatch(/^Column 3: There is no variable "nonsense"/);
    // In sight without scrolling, also with what the variables mean below it.
    await editor.fill('{{counter}}{{nonsense}}');
    await expect.poll(() => page.locator('.payload .problem').innerText()).toMatch(/^Column 12: /);
    const isInSight = (element: Element) =>
      element.getBoundingClientRect().bottom <= element.closest('.form')!.getBoundingClientRect().bottom;
    expect(await page.locator('.payload .problem').evaluate(isInSight)).toBe(true);
    await editor.fill('{{len:u16be}}n={{counter}}\n');
    await page.locator('.payload .problem').waitFor({ state: 'detached' });
    for (const width of [1180, 1092]) {
      await resize(page, width, 860);
      expect(await page.locator('.varhelp').evaluate(isInSight), `${width} wide`).toBe(true);
    }
    // With a wrong one no call is made, and the form stays.
    await editor.fill('{{nonsense}}');
    await page.locator('.payload .problem').waitFor();
    await page.locator('.callbtn').click({ force: true });
    await editor.fill('abcd');
    await editor.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(1, 3));
    await button(page, 'Insert a variable').click();
    await page.getByRole('menuitem', { name: /^\{\{counter\}\}/ }).click();
    await expect.poll(() => editor.inputValue()).toBe('a{{counter}}d');
    await page.keyboard.type('!');
    await expect.poll(() => editor.inputValue()).toBe('a{{counter}}!d');
    await expect.poll(() => preview(page).innerText()).toMatch(/"a1!d"/);
  });
});

it('shows where lines end in the payload, what each end is sent as, and how many bytes that makes', async () => {
  const { page } = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
  const editor = page.locator('textarea.editor');
  const count = page.locator('.payload .num');
  const ends = page.locator('.lineends .end');
  await expect.poll(() => editor.inputValue()).toBe('hello\n');
  await expect.poll(() => ends.allInnerTexts()).toEqual(['↵']);
  expect(await count.innerText()).toBe('6 bytes incl. 1 line end, UTF-8');
  await editor.fill('hello');
  await expect.poll(() => count.innerText()).toBe('5 bytes, UTF-8');
  expect(await ends.count()).toBe(0);
  await editor.fill('GET /\nHost: localhost\n\n');
  await page.getByRole('radio', { name: 'CRLF' }).click();
  await expect.poll(() => ends.allInnerTexts()).toEqual(['CR↵', 'CR↵', 'CR↵']);
  expect(await count.innerText()).toBe('26 bytes incl. 3 line ends, UTF-8');
  expect(await preview(page).innerText()).toContain(String.raw`"GET /\r\nHost: localhost\r\n\r\n", 26, 0)`);
  // Behind the text of its line, in the field, also where that is scrolled.
  await editor.evaluate((element) => (element.scrollTop = 18));
  await expect.poll(() => ends.count()).toBe(2);
  const box = (await editor.boundingBox())!;
  const left = async (at: number) => (await ends.nth(at).boundingBox())!.x - box.x;
  const characters = await page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d')!;
    context.font = getComputedStyle(document.querySelector('textarea.editor')!).font;
    return context.measureText('Host: localhost').width;
  });
  expect(await left(0)).toBeCloseTo(9 + characters, 0);
  expect(await left(1)).toBeCloseTo(9, 0);
  expect((await ends.nth(1).boundingBox())!.y - box.y).toBeLessThan(30);
  await page.getByRole('radio', { name: 'nothing' }).click();
  await expect.poll(() => count.innerText()).toBe('20 bytes without line ends, UTF-8');
  expect(await ends.count()).toBe(0);
  expect(await preview(page).innerText()).toContain('"GET /Host: localhost", 20, 0)');
  // What no UTF-8 can say is said to be sent as something else.
  await editor.evaluate((element: HTMLTextAreaElement) => {
    element.value = '\0a\u202eb\ud83d\ude42\ud800c';
    element.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect.poll(() => preview(page).innerText()).toContain(String.raw`"\0a\342\200\256b`);
  expect(await count.innerText()).toBe('14 bytes, UTF-8');
  expect(await page.locator('.payload .varhelp').innerText()).toContain('U+FFFD is sent for it');
  await editor.fill('a🙂');
  await expect.poll(() => page.locator('.payload .varhelp').count()).toBe(0);
});

it('takes a long text that is pasted as bytes, which no field has to lay out', async () => {
  const { page } = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
  const editor = page.locator('textarea.editor');
  await expect.poll(() => editor.inputValue()).toBe('hello\n');
  const paste = (length: number) =>
    editor.evaluate((element: HTMLTextAreaElement, count) => {
      element.setSelectionRange(5, 6);
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', '\\x {{counter}}\n'.repeat(count));
      const event = new ClipboardEvent('paste', { clipboardData, cancelable: true, bubbles: true });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    }, length);
  // A short one is the field's.
  expect(await paste(10)).toBe(false);
  expect(await paste(20_000)).toBe(true);
  await expect.poll(() => page.locator('.filepick').innerText()).toContain('pasted text');
  // Who pasted goes on from there.
  await page.locator('.filepick :focus').waitFor();
  expect(await page.locator('.payload .num').innerText()).toBe('300,005 bytes');
  // As it is: an escape or a variable is what somebody writes here.
  expect(await preview(page).innerText()).toContain(String.raw`"hello\\x {{counter}}\n`);
  expect(await preview(page).innerText()).toContain(', 300005, 0)');

  // So are the bytes that long digits stand for; what is wrong with them is told, and never in the field.
  const pasteDigits = (text: string) =>
    editor.first().evaluate((element: HTMLTextAreaElement, pasted) => {
      element.setSelectionRange(0, element.value.length);
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true, bubbles: true }));
    }, text);
  await page.getByRole('radio', { name: 'Hex' }).click();
  await editor.fill('de ad');
  await pasteDigits(`${'4f4b'.repeat(100_000)}4x`);
  const problem = page.locator('.payload .problem');
  await expect
    .poll(() => problem.innerText())
    .toContain('Not pasted. Column 400002: x is no hexadecimal digit.');
  expect(await editor.inputValue()).toBe('de ad');
  // While it is read no count and no call is told of it, and what is typed takes its place.
  const meanwhile = await editor.evaluate(async (element: HTMLTextAreaElement) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '4f4b'.repeat(6_000_000));
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true, bubbles: true }));
    await new Promise(requestAnimationFrame);
    const said = ['.payload .num', '.preview .hint'].map((part) => document.querySelector(part)!.textContent);
    const isOff = document.querySelector('.callbtn')!.getAttribute('aria-disabled');
    element.value = 'be ef 00';
    element.dispatchEvent(new Event('input', { bubbles: true }));
    return [...said, isOff];
  });
  expect(meanwhile).toEqual(['Reading…', 'Reading…', 'true']);
  await expect.poll(() => page.locator('.payload .num').innerText()).toBe('3 bytes');
  expect(await editor.inputValue()).toBe('be ef 00');
  await pasteDigits('4f4b'.repeat(100_000));
  await expect.poll(() => page.locator('.payload .num').innerText()).toBe('200,000 bytes');
  expect(await problem.count()).toBe(0);
  await page.getByRole('radio', { name: 'Base64' }).click();
  await pasteDigits('T0tP'.repeat(100_000));
  await expect.poll(() => page.locator('.payload .num').innerText()).toBe('300,000 bytes');
  expect(await preview(page).innerText()).toContain('"OKO" * 100000');

  // Of several buffers the focus stays at the one that was pasted into.
  await button(page, 'sendmsg').click();
  await button(page, 'Add a buffer').click();
  for (const place of [0, 1]) {
    await pasteDigits('T0tP'.repeat(100_000));
    await page.locator('.payload').nth(place).locator('.filepick :focus').waitFor();
  }
});

it('says once how many random bytes there can be, and before one asks for too many', async () => {
  const { page } = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
  await button(page, 'Insert a variable').click();
  const item = page.getByRole('menuitem', { name: '{{random:8}}' });
  expect(await item.innerText()).toContain('8 random bytes (1 to 65536)');
  await page.keyboard.press('Escape');
  await page.locator('textarea.editor').fill('{{random:70000}}');
  await page.locator('.payload').getByText('random takes a number of bytes').waitFor();
  await expect.poll(() => page.getByText('random takes a number of bytes').count()).toBe(1);
});

it('tells two closed sockets of one name and number apart', async () => {
  const { panel, page } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
  const caller = new Caller(panel.playground);
  const [first] = [...panel.playground.sockets.values()];
  await caller.call('close', first!.fd);
  await caller.call('close', await caller.call('socket', 2, 1, 0));
  const ended = page.locator('.target option', { hasText: ', closed' });
  await expect
    .poll(async () => (await ended.allInnerTexts()).map((text) => text.replace(/\d+/, 'N')))
    .toEqual(['fd N  new, closed, #1', 'fd N  new, closed, #3']);
});

it('says once what is wrong with a descriptor', async () => {
  const { page } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
  await page.locator('.target select').selectOption('number');
  await page.getByLabel('Descriptor', { exact: true }).fill('x');
  const told = page.locator('.composer').getByText('A descriptor is a whole number.');
  await expect.poll(() => told.count()).toBe(1);
  await page.locator('.callbtn').click({ force: true });
  await page.locator('.target .problem').waitFor();
  expect(await told.count()).toBe(1);
  await button(page, 'Fold the form').click();
  await page.locator('.minicomposer').waitFor();
  expect(await told.count()).toBe(1);
});

it('cancels a call that waits where it says that it does, with the keyboard too', async () => {
  const { panel, page } = await open({
    earlier: [
      { ...tcpSocket, args: [2, 1, 0] },
      { name: 'socketpair', args: [1, 1, 0] },
    ],
  });
  const caller = new Caller(panel.playground);
  const [, one] = [...panel.playground.sockets.values()].map(({ fd }) => fd);
  const recv = await caller.wait('recv', one!, { kind: 'any' }, 10, 0);
  await page.locator('.target select').selectOption({ label: `fd ${one}  left` });
  const strip = page.getByRole('group', { name: 'A call that waits on the socket' });
  await expect.poll(() => strip.locator('.what').innerText()).toBe(`recv on left fd ${one} waits for data.`);
  expect(await axeViolations(page, '.composer')).toEqual([]);
  await strip.getByRole('button', { name: /^Show fd/ }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await strip.waitFor({ state: 'detached' });
  expect((await panel.playground.readRecord(recv.seq))?.status).toBe('cancelled');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.closest('.composer') !== null))
    .toBe(true);

  const { fd } = await caller.listener();
  const accept = await caller.wait('accept', fd);
  const wait = page.getByRole('group', { name: 'A waiting call', exact: true });
  await wait.getByRole('button', { name: 'Cancel', exact: true }).click();
  await wait.waitFor({ state: 'detached' });
  expect((await panel.playground.readRecord(accept.seq))?.status).toBe('cancelled');
});

it('repeats the call, shows how far it is and stops it', async () => {
  const { panel, page } = await open({ earlier: [{ name: 'socketpair', args: [1, 5, 0] }] });
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
  await page.locator('textarea.editor').fill('n={{counter}}');
  await button(page, 'Repeat: make the call several times').click();
  await page.getByLabel('times', { exact: true }).fill('0');
  await expect
    .poll(() => page.locator('.repeatrow .problem').innerText())
    .toBe('A whole number from 1 to 1000000.');
  await page.getByLabel('times', { exact: true }).fill('500');
  await page.getByLabel('interval in ms').fill('60000');
  await button(page, 'Repeat').click();
  const strip = page.getByRole('group', { name: 'A repeated call' });
  await expect.poll(() => strip.innerText()).toMatch(/ fd \d+\s+send: 1 of 500 made/);
  expect(await axeViolations(page, '.composer')).toEqual([]);
  await expect.poll(() => page.locator('#record-2').innerText()).toContain('n=1');
  // The form is free for other calls meanwhile, with the values that come then.
  await expect.poll(() => preview(page).innerText()).toContain('n=501');
  expect(await page.locator('.payload .num').innerText()).toBe('5 bytes, UTF-8');
  await button(page, 'Stop').click();
  await strip.waitFor({ state: 'detached' });
  await expect
    .poll(() => page.locator('[role=status]').allInnerTexts())
    .toContain('send was stopped after 1 of 500.');
  // Those that were not made are not counted.
  await expect.poll(() => preview(page).innerText()).toContain('n=2');
  // One that ends with its socket says so until it is closed.
  await button(page, 'Repeat').click();
  await expect.poll(() => strip.innerText()).toContain('1 of 500');
  await panel.playground.closeAll();
  await expect.poll(() => strip.innerText()).toContain('send has ended with its socket, after 1 of 500.');
  await button(page, 'Close').click();
  await strip.waitFor({ state: 'detached' });
});

it('offers the calls that were made before, of earlier windows too, with their variables', async () => {
  const source = { mode: 'text', text: 'a\n{{counter}}', ending: 'CRLF' } as const;
  const data = { kind: 'data', bytes: new Uint8Array(4), length: 4 } as const;
  const { page, panel } = await open({
    earlier: [{ name: 'socketpair', args: [1, 1, 0] }],
    history: [
      { call: { name: 'send', args: [77, data, 4, 0] }, templates: [{ argument: 1, part: null, source }] },
      {
        call: { name: 'connect', args: [77, { family: 'AF_INET', address: '0.0.0.0', port: 80 }] },
        hostName: { host: 'localhost', port: 80 },
      },
    ],
  });
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
  await page.locator('.callbtn').click();
  await page.locator('#record-2').waitFor();
  const menu = button(page, 'History: calls made before');
  await menu.click();
  const items = page.getByRole('menu', { name: 'History: calls made before' }).getByRole('menuitem');
  await expect.poll(() => items.count()).toBe(3);
  await expect.poll(() => items.first().innerText()).toMatch(/^send\(\d+, "hello\\n", 6, 0\)$/);
  await items.nth(1).click();
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(\d+, "a\\r\\n1", 4, 0\)$/);
  await expect.poll(() => page.locator('textarea.editor').inputValue()).toBe('a\n{{counter}}');
  await menu.click();
  await page.locator('[role=menuitem]:focus').waitFor();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect.poll(() => preview(page).innerText()).toMatch(/^connect\(\d+, "localhost":80\)$/);

  // By the key, which VS Code tells of, from one to the next and back; what was chosen elsewhere begins anew.
  const recall = (step: 1 | -1) => panel.request({ kind: 'recall', step });
  recall(1);
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(\d+, "hello\\n", 6, 0\)$/);
  recall(1);
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(\d+, "a\\r\\n1", 4, 0\)$/);
  recall(1);
  recall(1);
  await expect.poll(() => page.getByRole('status').innerText()).toBe('There is no further call.');
  await expect.poll(() => preview(page).innerText()).toMatch(/^connect\(/);
  recall(-1);
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(\d+, "a\\r\\n1", 4, 0\)$/);
  recall(-1);
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(\d+, "hello\\n", 6, 0\)$/);
});

it('replies by rule: the rules are edited in the form, wrong ones told at their column, and counted', async () => {
  const { panel, page } = await open({ earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
  await expect.poll(() => preview(page).innerText()).toMatch(/^send\(/);
  const [other, mine] = [...panel.playground.sockets.values()];
  await button(page, 'Automatic calls: what happens with all that comes').click();
  await page.getByRole('menuitem', { name: /^Reply by rule/ }).click();
  const editor = page.getByRole('group', { name: 'Reply by rule' });
  await page.getByLabel('How rule 1 compares').selectOption('regex');
  await page.getByLabel('Pattern of rule 1').fill('^add (\\d+');
  await expect
    .poll(() => editor.locator('.problem').innerText())
    .toBe('Column 6: This bracket is not closed.');
  await button(page, /^Start replying/).click({ force: true });
  await page.getByLabel('Pattern of rule 1').fill('^add (\\d+)');
  await page.getByLabel('Reply of rule 1').fill('got $2');
  await expect
    .poll(() => editor.locator('.problem').innerText())
    .toBe('Column 5: The pattern has no group 2.');
  await page.getByLabel('Reply of rule 1').fill('got $1\\n');
  await button(page, 'Add a rule').click();
  await page.getByLabel('Pattern of rule 2').fill('bye');
  await button(page, 'Move rule 2 up').click();
  await expect.poll(() => page.getByLabel('Pattern of rule 1').inputValue()).toBe('bye');
  await page.getByRole('radio', { name: 'each line' }).click();
  expect(await axeViolations(page, '.composer')).toEqual([]);
  // The key of Call is about the rules while they are there.
  panel.request({ kind: 'call' });
  const strip = page.getByRole('group', { name: 'Automatic', exact: true });
  await expect.poll(() => strip.innerText()).toContain('automatic reply');
  const bytes = new TextEncoder().encode('add 12\nhello\n');
  const data = { kind: 'data', bytes, length: bytes.length } as const;
  await panel.playground.call({ name: 'send', args: [other!.fd, data, bytes.length, 0] }).returned;
  await expect.poll(() => strip.innerText()).toContain('Replies: 1, without a rule: 1');
  await expect.poll(() => editor.locator('.rule').nth(1).locator('.num').innerText()).toBe('1');
  const reply = await panel.playground.call({ name: 'recv', args: [other!.fd, { kind: 'any' }, 100] })
    .returned;
  expect(reply.args[1]).toMatchObject({ bytes: new TextEncoder().encode('got 12\n') });
  await button(page, 'Stop').click();
  await expect.poll(() => panel.playground.sockets.get(mine!.id)?.automatic).toBeNull();
  await button(page, 'send').click();
  await page.locator('.form[aria-label="send"]').waitFor();
});

it('puts no call on a closed socket forward', async () => {
  const { page, panel } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
  const { playground } = panel;
  const isFilled = () => page.locator('.callbtn').evaluate((one) => one.classList.contains('primary'));
  await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(/);
  expect(await isFilled()).toBe(true);
  await playground.call({ name: 'close', args: [[...playground.sockets.values()][0]!.fd] }).returned;
  await page.locator('#record-1').click();
  await page.getByText('This descriptor is closed').first().waitFor();
  await expect.poll(isFilled).toBe(false);
  await button(page, 'New socket').click();
  await expect.poll(() => preview(page).innerText()).toMatch(/^socket\(/);
  expect(await isFilled()).toBe(true);
});
