import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import ko from '../../l10n/bundle.l10n.ko.json' with { type: 'json' };
import { matrixDomains, matrixTypes } from '../../src/common/supportMatrix.js';
import { sharedByTests, untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolations } from './axe.js';
import { openPanel, type PanelPage, type PanelPageOptions, setTheme } from './panelPage.js';

const browser = useBrowser();

async function showMatrix(panel: PanelPage): Promise<PanelPage & { matrix: Locator }> {
  panel.request({ kind: 'showMatrix' });
  const matrix = panel.page.locator('.matrix');
  await matrix.locator('.made').first().waitFor();
  return Object.assign(panel, { matrix });
}

const openMatrix = async (options: PanelPageOptions = {}) =>
  showMatrix(untilTestEnds(await openPanel(browser, options)));

const cell = (matrix: Locator, call: string) => matrix.locator(`button[aria-label^="${call}:"]`);
const focusedLabel = (panel: PanelPage) =>
  panel.page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
  );

describe('the support matrix', () => {
  const shared = sharedByTests(() => openPanel(browser));

  it('shows the kernel’s answer to each domain and type, and makes no record of it', async () => {
    const panel = await showMatrix(shared());
    const { matrix } = panel;
    expect(await matrix.locator('tbody tr').count()).toBe(matrixDomains.length);
    expect(await matrix.locator('tbody td').count()).toBe(matrixDomains.length * matrixTypes.length);
    expect(await cell(matrix, 'socket(AF_INET, SOCK_STREAM, 0)').getAttribute('aria-label')).toContain(
      'the kernel makes it',
    );
    expect(await cell(matrix, 'socket(AF_ASH, SOCK_STREAM, 0)').innerText()).toBe('EAFNOSUPPORT');
    expect(await matrix.locator('.mcost').innerText()).toMatch(
      /^This kernel has \d+ of 46 families\. Asked by 322 calls of socket\(\) in \d+ ms/,
    );
    expect(await panel.playground.readRecords(1, 10)).toEqual([]);
    // Its rows take nothing from the form.
    const hidden = () =>
      panel.page.locator('.composer').evaluate((form) => form.scrollHeight - form.clientHeight);
    await expect.poll(hidden).toBe(0);
    expect(panel.faults).toEqual([]);
  });

  it('says of the answer under the mouse what it means', async () => {
    const { matrix } = await showMatrix(shared());
    const about = matrix.locator('#matrix-about');
    await cell(matrix, 'socket(AF_ASH, SOCK_RAW, 0)').hover();
    await expect.poll(() => about.innerText()).toContain('This kernel has no AF_ASH. Kept for Ash');
    expect(await about.innerText()).toContain('socket(AF_ASH, SOCK_RAW, 0) = -1 EAFNOSUPPORT');
    await matrix.getByRole('button', { name: 'AF_UNIX 1' }).hover();
    await expect.poll(() => about.innerText()).toContain('It needs a kernel built with CONFIG_UNIX');
  });

  it('opens a family to its protocols', async () => {
    const { matrix } = await showMatrix(shared());
    const netlink = matrix.getByRole('button', { name: 'AF_NETLINK 16' });
    expect(await netlink.getAttribute('aria-expanded')).toBe('false');
    await netlink.click();
    const diag = cell(matrix, 'socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG)');
    await diag.waitFor();
    expect(await diag.getAttribute('aria-label')).toContain('the kernel makes it');
    await netlink.click();
    await diag.waitFor({ state: 'detached' });
    expect(await matrix.getByRole('button', { name: 'AF_ASH 18' }).getAttribute('aria-expanded')).toBeNull();
  });

  it('hides what the kernel does not have, and asks again', async () => {
    const { matrix } = await showMatrix(shared());
    await matrix.getByText('Only what this kernel has').click();
    await expect.poll(() => matrix.locator('tbody tr').count()).toBeLessThan(matrixDomains.length);
    expect(await matrix.getByRole('button', { name: 'AF_ASH 18' }).count()).toBe(0);
    expect(await matrix.getByRole('button', { name: 'AF_INET 2' }).count()).toBe(1);
    await matrix.getByRole('button', { name: 'Ask again' }).click();
    await expect.poll(() => matrix.getByRole('button', { name: 'Ask again' }).isEnabled()).toBe(true);
    await matrix.getByText('Only what this kernel has').click();
    await expect.poll(() => matrix.locator('tbody tr').count()).toBe(matrixDomains.length);
  });

  it.each(['dark', 'light'] as const)('breaks no rule of accessibility: %s', async (theme) => {
    const { page, matrix } = await showMatrix(shared());
    await setTheme(page, theme);
    const family = matrix.getByRole('button', { name: 'AF_INET 2' });
    await family.click();
    await cell(matrix, 'socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)').first().hover();
    expect(await axeViolations(page)).toEqual([]);
    await family.click();
  });

  it('puts the call of an answer into the form, and the call brings the records back', async () => {
    const panel = await showMatrix(shared());
    const { matrix, page } = panel;
    await cell(matrix, 'socket(AF_UNIX, SOCK_SEQPACKET, 0)').click();
    const preview = page.getByRole('group', { name: 'The exact call' });
    await expect.poll(() => preview.innerText()).toContain('socket(AF_UNIX, SOCK_SEQPACKET, 0)');
    await page.getByRole('button', { name: 'Call Ctrl+Enter' }).click();
    await matrix.waitFor({ state: 'detached' });
    await page.locator('#record-1').waitFor();
    expect((await panel.playground.readRecords(1, 1))[0]).toMatchObject({ name: 'socket', errno: null });
  });

  it('is walked with the keyboard alone', async () => {
    const panel = await showMatrix(shared());
    const { page, matrix } = panel;
    await expect.poll(() => focusedLabel(panel)).toBe('AF_UNSPEC0');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await focusedLabel(panel)).toContain('socket(AF_UNIX, SOCK_STREAM, 0)');
    await page.keyboard.press('End');
    expect(await focusedLabel(panel)).toContain('socket(AF_UNIX, SOCK_PACKET, 0)');
    await page.keyboard.press('ArrowRight');
    expect(await focusedLabel(panel)).toContain('socket(AF_UNIX, SOCK_PACKET, 0)');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await cell(matrix, 'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)').waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await focusedLabel(panel)).toBe('IPPROTO_IP 0');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const preview = page.getByRole('group', { name: 'The exact call' });
    await expect.poll(() => preview.innerText()).toContain('socket(AF_INET, SOCK_STREAM, IPPROTO_DCCP)');
    await page.keyboard.press('Escape');
    await matrix.waitFor({ state: 'detached' });
  });

  it('opens from the menu beside Socket', async () => {
    const { page } = shared();
    await page.getByRole('button', { name: 'Start with…' }).click();
    await page.getByRole('menuitem', { name: 'What does this kernel have?' }).click();
    await page.locator('.matrix .made').first().waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('matrix-0-family-0');
  });

  it('is Korean in Korean, and fits a narrow window', async () => {
    const { page, matrix } = await openMatrix({ messages: ko, language: 'ko', width: 420 });
    expect(await matrix.locator('h2').innerText()).toBe('지원 표');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBe(0);
    const scroll = await matrix.locator('.mscroll').boundingBox();
    expect(scroll!.height).toBeGreaterThan(120);
  });
});

describe('the form of socket()', () => {
  it('says what a domain and a type are for, and what a protocol is called', async () => {
    const { page } = await openMatrix();
    const domain = page.getByRole('combobox', { name: 'domain' });
    await domain.selectOption('AF_INET6');
    expect(await domain.getAttribute('title')).toContain('The Internet over IPv6');
    const type = page.getByRole('combobox', { name: 'type' });
    await type.selectOption('SOCK_RAW');
    expect(await type.getAttribute('title')).toContain('packets');
    const protocol = page.getByRole('combobox', { name: 'protocol' });
    await protocol.selectOption({ label: 'Another value…' });
    const text = page.getByRole('combobox', { name: 'protocol' });
    await text.fill('89');
    await page.getByText('= OSPFIGP').waitFor();
    await text.fill('IPV6_ICMP');
    await page.getByText('= IPPROTO_ICMPV6').waitFor();
    const preview = page.getByRole('group', { name: 'The exact call' });
    expect(await preview.innerText()).toContain('socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)');
  });
});
