import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { launchChromium } from '../support/pageServer.js';
import { openPanel, type PanelPage, type PanelPageOptions } from './panelPage.js';

let browser: Browser;
let opened: PanelPage | undefined;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

afterEach(() => {
  const faults = opened?.faults ?? [];
  opened = undefined;
  if (faults.length > 0) {
    throw new Error(`The page had faults:\n${faults.join('\n')}`);
  }
});

async function open(options: PanelPageOptions = {}): Promise<{ panel: PanelPage; page: Page }> {
  const panel = untilTestEnds(await openPanel(browser, options));
  opened = panel;
  return { panel, page: panel.page };
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const preview = (page: Page) => page.locator('.preview .call');
const tcpSocket = { name: 'socket', args: [2, 1, 0] } as const;

describe('the call bar', () => {
  it('begins with what is usual next, and tells of a call that is not expected', async () => {
    const { page } = await open({ earlier: [{ ...tcpSocket, args: [2, 1, 0] }] });
    await expect.poll(() => page.locator('.cb').first().innerText()).toBe('bind');
    expect(await button(page, 'send').getAttribute('title')).toBe(
      'Not expected in state open. Call it to see what the kernel says.',
    );
    await button(page, 'listen').click();
    await page.locator('.callbtn').click();
    await expect.poll(() => page.locator('.cb').first().innerText()).toBe('accept');
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
    await more.click();
    await page.locator('[data-part="flowinfo"]').waitFor();
    await page.getByLabel('addrlen').waitFor();
    await expect.poll(() => more.count()).toBe(0);
    await field.fill('::1');
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(\d+, \[::1\]:0\)$/);
  });
});
