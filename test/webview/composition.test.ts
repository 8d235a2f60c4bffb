import type { CDPSession, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { openPanel, type PanelPage } from './panelPage.js';

const browser = useBrowser();

/** What VS Code would hear: its listener is the window's. It answers the key of Call as it does. */
async function open(): Promise<{ panel: PanelPage; page: Page; ime: CDPSession; heard: string[] }> {
  const panel = untilTestEnds(
    await openPanel(browser, { view: 'lanes', earlier: [{ name: 'socketpair', args: [1, 1, 0] }] }),
  );
  const { page } = panel;
  const heard: string[] = [];
  await page.exposeFunction('hear', (key: string) => {
    heard.push(key);
    if (key === 'Ctrl+Enter') {
      panel.request({ kind: 'call' });
    }
  });
  await page.evaluate(() =>
    window.addEventListener('keydown', ({ ctrlKey, code }) =>
      (window as unknown as { hear(key: string): void }).hear(`${ctrlKey ? 'Ctrl+' : ''}${code}`),
    ),
  );
  return { panel, page, ime: await page.context().newCDPSession(page), heard };
}

const compose = (ime: CDPSession, text: string) =>
  ime.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
const press = (ime: CDPSession, type: 'rawKeyDown' | 'keyUp', code: string, key: string, isCtrl = false) =>
  ime.send('Input.dispatchKeyEvent', {
    type,
    code,
    key,
    modifiers: isCtrl ? 2 : 0,
    windowsVirtualKeyCode: { Enter: 13, F9: 120 }[code] ?? code.charCodeAt(3),
  });
const sent = async ({ playground }: PanelPage) => {
  const records = await playground.readRecords(2, 10);
  return records
    .filter(({ name }) => name === 'send')
    .map(({ args }) => new TextDecoder().decode(bytesOf(args[1])));
};
const bytesOf = (value: unknown) => (value as { bytes: Uint8Array }).bytes;

it.each([
  ['an input method that only ends the syllable', false],
  ['an input method that passes the key on', true],
])('sends once in the middle of a Hangul syllable, with %s', async (_method, isPassedOn) => {
  const { panel, page, ime, heard } = await open();
  const preview = page.locator('.preview .call');
  await expect.poll(() => preview.innerText()).toMatch(/^send\(/);
  await page.locator('.composer textarea').fill('안녕');
  for (const text of ['ㅎ', '하', '한']) {
    await compose(ime, text);
  }
  await expect.poll(() => page.locator('.composer textarea').inputValue()).toBe('안녕한');
  await press(ime, 'rawKeyDown', 'Enter', 'Process', true);
  await ime.send('Input.insertText', { text: '한' });
  if (isPassedOn) {
    await press(ime, 'rawKeyDown', 'Enter', 'Enter', true);
  }
  await press(ime, 'keyUp', 'Enter', 'Enter', true);
  await expect.poll(() => sent(panel)).toEqual(['안녕한']);
  // What would have sent it twice has come by now: keys keep their order.
  await press(ime, 'rawKeyDown', 'F9', 'F9');
  await expect.poll(() => heard.at(-1)).toBe('F9');
  expect(heard.filter((key) => key === 'Ctrl+Enter')).toEqual(['Ctrl+Enter']);
  await expect.poll(() => sent(panel)).toHaveLength(1);
  expect(panel.faults).toEqual([]);
});

it('leaves letters to VS Code’s commands on a record, in Hangul mode too, and none of a text field', async () => {
  const { page, ime, heard } = await open();
  await page.locator('#record-1').click();
  await press(ime, 'rawKeyDown', 'KeyN', 'ㅜ');
  await expect.poll(() => heard).toEqual(['KeyN']);
  // An input method that takes the letter for itself, though nothing is typed there; and one that passes it on then.
  await press(ime, 'rawKeyDown', 'KeyN', 'Process');
  await press(ime, 'keyUp', 'KeyN', 'ㅜ');
  await press(ime, 'rawKeyDown', 'KeyN', 'Process');
  await press(ime, 'rawKeyDown', 'KeyN', 'ㅜ');
  await press(ime, 'keyUp', 'KeyN', 'ㅜ');
  await expect.poll(() => heard).toEqual(['KeyN', 'KeyN', 'KeyN']);
  heard.splice(1);
  await page.locator('.composer textarea').focus();
  await press(ime, 'rawKeyDown', 'KeyN', 'Process');
  await compose(ime, 'ㅜ');
  await press(ime, 'rawKeyDown', 'KeyL', 'ㅣ');
  await ime.send('Input.insertText', { text: '뉘' });
  await press(ime, 'rawKeyDown', 'F9', 'F9');
  await expect.poll(() => heard).toEqual(['KeyN', 'F9']);
});

it('selects all, undoes and does again at once in a text field: VS Code would after what is typed meanwhile', async () => {
  const { page, heard } = await open();
  const field = page.locator('.composer textarea');
  await field.fill('');
  await field.pressSequentially('first');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('50665');
  expect(await field.inputValue()).toBe('50665');
  await page.keyboard.press('Control+Z');
  await expect.poll(() => field.inputValue()).not.toBe('50665');
  await page.keyboard.press('Control+Y');
  await expect.poll(() => field.inputValue()).toBe('50665');
  await page.keyboard.press('F9');
  await expect.poll(() => heard.at(-1)).toBe('F9');
  expect(heard.filter((key) => /Key[AZY]/.test(key))).toEqual([]);
});

it.each([
  ['/', '/'],
  ['Ctrl+F', 'Control+f'],
])('%s gives the filter the focus before the next key, which is text there', async (_name, key) => {
  const { page, heard } = await open();
  await page.locator('#record-1').click();
  await page.keyboard.press(key);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('fini');
  expect(await page.locator('#filter').inputValue()).toBe('fini');
  // VS Code hears the key itself, for people may choose another one there.
  expect(heard.filter((code) => /Slash|Key[FNI]$/.test(code))).toEqual([key === '/' ? 'Slash' : 'Ctrl+KeyF']);
});

it('gives the focus back where VS Code does something else with the key of the filter, until it does not', async () => {
  const { panel, page, heard } = await open();
  const focused = () => page.evaluate(() => document.activeElement?.id);
  await page.locator('#record-1').click();
  await page.keyboard.press('/');
  expect(await focused()).toBe('filter');
  await expect.poll(focused).toBe('record-1');
  await page.keyboard.press('/');
  await page.keyboard.press('n');
  await expect.poll(() => heard).toEqual(['Slash', 'Slash', 'KeyN']);
  expect(await focused()).toBe('record-1');
  await page.keyboard.press('/');
  panel.request({ kind: 'filter' });
  await expect.poll(focused).toBe('filter');
  await page.locator('#record-1').focus();
  await page.keyboard.press('/');
  expect(await focused()).toBe('filter');
});
