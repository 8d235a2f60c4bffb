import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openPages } from './openPages.js';
import { mostDifferentThemes } from './themes.js';

const open = openPages();

const tcpSocket = { name: 'socket', args: [2, 1, 0] } as const;
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const preview = (page: Page) => page.locator('.preview .call');
const shows = async (page: Page, call: RegExp) => {
  await expect.poll(() => preview(page).innerText()).toMatch(call);
};
const focused = (page: Page) =>
  page.evaluate(
    () =>
      document.activeElement?.getAttribute('data-call') ??
      document.activeElement?.id ??
      document.activeElement?.tagName,
  );
const marked = (page: Page) =>
  page
    .locator('[role=columnheader][aria-selected=true]')
    .evaluateAll((all) => all.map((one) => /fd (\d+)/.exec(one.textContent ?? '')?.[1] ?? one.textContent));

describe('the focus', () => {
  it('stays among the calls when the one that has it goes with its socket', async () => {
    const { page, panel } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    await button(page, 'close').click();
    await shows(page, /^close\(/);
    expect(await focused(page)).toBe('close');
    panel.request({ kind: 'call' });
    await shows(page, /^socket\(/);
    await expect.poll(() => focused(page)).toBe('socket');
  });

  it('goes on with the form from call to call', async () => {
    const { page, panel } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    await button(page, 'bind').click();
    panel.request({ kind: 'call' });
    await shows(page, /^listen\(/);
    expect(await focused(page)).toBe('listen');
    panel.request({ kind: 'call' });
    await shows(page, /^accept\(/);
    expect(await focused(page)).toBe('accept');
  });

  it('comes back to where it was when the window gives it back, which had taken it away', async () => {
    const { page } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    await button(page, 'listen').focus();
    await page.evaluate(() => {
      (document.activeElement as HTMLElement).blur();
      window.dispatchEvent(new Event('focus'));
    });
    expect(await focused(page)).toBe('listen');
  });

  it('is given to the first call by who opens an empty panel', async () => {
    const { page, panel } = await open();
    await shows(page, /^socket\(/);
    panel.request({ kind: 'focusPage' });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('[data-region]')?.className))
      .toBe('first');
  });
});

describe('the row of calls', () => {
  it('has the key of Call show the call that has the focus before it makes it', async () => {
    const { page, panel } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    await button(page, 'connect').click();
    await page.keyboard.press('Home');
    expect(await focused(page)).toBe('bind');
    panel.request({ kind: 'call' });
    await shows(page, /^bind\(/);
    expect(
      await page
        .getByRole('row')
        .filter({ hasText: /bind|connect/ })
        .count(),
    ).toBe(0);
    await expect
      .poll(() => page.getByRole('status').innerText())
      .toBe('bind is shown now: press once more to call it.');
    panel.request({ kind: 'call' });
    await page.getByRole('row').filter({ hasText: 'bind' }).first().waitFor();
  });

  it('marks the next call of a preset, which need not be the usual one', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: /^TCP client/ }).click();
    await page.locator('.callbtn').click();
    await shows(page, /^connect\(/);
    expect(await page.locator('.cb.next').allInnerTexts()).toEqual(['connect']);
    expect(await page.locator('.cb.next').getAttribute('title')).toBe('Next in the preset');
  });

  for (const theme of mostDifferentThemes) {
    it(`shows what is chosen, what is usual and what has the focus in three ways: ${theme}`, async () => {
      const { page } = await open({ theme, earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
      await button(page, 'shutdown').click();
      await page.keyboard.press('ArrowRight');
      const looks = await page.locator('.cb').evaluateAll((all) =>
        all.map((one) => {
          const { backgroundColor, outlineStyle, outlineWidth } = getComputedStyle(one);
          return {
            name: one.textContent,
            fill: backgroundColor,
            ring: `${outlineStyle} ${outlineWidth}`,
            dot: getComputedStyle(one, '::before').content !== 'none',
          };
        }),
      );
      const of = (name: string) => looks.find((one) => one.name === name)!;
      const [chosen, focus, usual, plain] = [of('shutdown'), of('close'), of('bind'), of('connect')];
      expect(looks.filter(({ dot }) => dot).map(({ name }) => name)).toEqual(['bind']);
      expect(focus.ring).toMatch(/^solid /);
      expect(usual.ring).toBe(plain.ring);
      expect(chosen.ring).not.toBe(focus.ring);
      expect(chosen.fill === plain.fill && chosen.ring === plain.ring).toBe(false);
    });
  }
});

describe('the socket that is selected', () => {
  it('is the one that is chosen in the form', async () => {
    const { page, panel } = await open({
      view: 'lanes',
      earlier: [tcpSocket, tcpSocket].map((one) => ({ ...one, args: [2, 1, 0] })),
    });
    const [first, second] = panel.playground.openSockets;
    await page.locator('#record-2').click();
    await expect.poll(() => marked(page)).toEqual([String(second!.fd)]);
    await page.getByRole('combobox', { name: 'Socket' }).focus();
    await page.keyboard.press('ArrowUp');
    await shows(page, new RegExp(`\\(${first!.fd},`));
    await expect.poll(() => marked(page)).toEqual([String(first!.fd)]);
    expect(panel.said.selections.at(-1)?.socketId).toBe(first!.id);
  });

  it('is not the one that is called where something was typed: the form says so, and how to go there', async () => {
    const { page, panel } = await open({
      view: 'lanes',
      earlier: [tcpSocket, tcpSocket].map((one) => ({ ...one, args: [2, 1, 0] })),
    });
    const [first, second] = panel.playground.openSockets;
    const line = page.getByRole('group', { name: 'The form is on another socket' });
    await page.locator('#record-2').click();
    await shows(page, new RegExp(`\\(${second!.fd},`));
    await button(page, 'connect').click();
    await page.getByRole('textbox', { name: 'port' }).fill('4711');
    expect(await line.count()).toBe(0);
    await page.locator('#record-1').click();
    await expect.poll(() => marked(page)).toEqual([String(first!.fd)]);
    expect(await preview(page).innerText()).toContain(`connect(${second!.fd},`);
    expect(await line.innerText()).toMatch(
      new RegExp(`The form stays on .*fd ${second!.fd}: it has what you typed.`),
    );
    await line.getByRole('button', { name: `Use fd ${first!.fd}` }).click();
    await shows(page, new RegExp(`^connect\\(${first!.fd}, .*:4711`));
    expect(await line.count()).toBe(0);
  });
});

it('of a call that has failed the form says why only while it shows that very call', async () => {
  const { page, panel } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
  await button(page, 'connect').click();
  const port = page.getByRole('textbox', { name: 'port' });
  await port.fill('1');
  await page.locator('.callbtn').click();
  const why = page.locator('.preview .hint.bad', { hasText: 'Nobody listens on 127.0.0.1:1' });
  await why.waitFor();
  panel.request({
    kind: 'prepare',
    call: {
      name: 'connect',
      args: [panel.playground.openSockets[0]!.fd, { family: 'AF_INET', address: '127.0.0.1', port: 2 }],
    },
  });
  await shows(page, /127\.0\.0\.1:2/);
  expect(await why.count()).toBe(0);
});

it('who selects all outside a field selects none of the words of the buttons and heads', async () => {
  const { page } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
  await page.locator('#record-1').click();
  await page.keyboard.press('Control+A');
  const selected = await page.evaluate(() => getSelection()!.toString());
  expect(selected).toMatch(/^bind\(/);
  expect(selected).not.toMatch(/Run scenario|Table|Call|Preview|recv/);
});
