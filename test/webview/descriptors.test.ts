import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { openPanel, type PanelPage } from './panelPage.js';

const browser = useBrowser();

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const preview = (page: Page) => page.locator('.preview .call');
const result = (page: Page, seq: number) => page.locator(`#record-${seq} .res`);

async function open(): Promise<{ panel: PanelPage; page: Page }> {
  const panel = untilTestEnds(await openPanel(browser));
  return { panel, page: panel.page };
}

/** Presses Call and waits for the answer of the record that it makes. */
async function callAndSee(page: Page, seq: number): Promise<string> {
  await page.locator('.callbtn[aria-busy=false]').click();
  await page.locator(`#record-${seq} .c7:not(:has(.waiting))`).waitFor();
  await page.locator('.callbtn[aria-busy=false]').waitFor();
  return result(page, seq).innerText();
}

/** What the kernel was asked, by the notation. */
async function calls(panel: PanelPage): Promise<string[]> {
  const records = await panel.playground.readRecords(1, 100);
  return records.map(({ name, args }) => `${name} ${args.length}`);
}

describe('a pair and a pipe', () => {
  it('come from presets, each with the usual next call', async () => {
    const { page } = await open();
    await button(page, /^Unix pair/).click();
    expect(await preview(page).innerText()).toBe('socketpair(AF_UNIX, SOCK_STREAM, 0)');
    await button(page, 'Run all').click();
    await expect.poll(() => result(page, 3).innerText()).toBe('6');
    expect(await page.locator('#record-1 .fd').innerText()).toMatch(/^\d+ left$/);
    await button(page, 'Start with…').click();
    await page.getByRole('menuitem', { name: /^Pipe/ }).click();
    await button(page, 'Run all').click();
    await expect.poll(() => page.locator('#record-6 .pv').innerText()).toContain('hello⏎');
  });

  it('show in the inspector what belongs together', async () => {
    const { panel, page } = await open();
    await button(page, /^Pipe/).click();
    await callAndSee(page, 1);
    await expect.poll(() => preview(page).innerText()).toMatch(/^write\(/);
    panel.request({ kind: 'showInspector' });
    const side = page.locator('.side');
    await expect.poll(() => side.locator('.related').innerText()).toMatch(/other end\s*reader fd \d+/);
    expect(await side.locator('.tuple5').count()).toBe(0);
    expect(await side.innerText()).not.toContain('TCP_INFO');
  });
});

describe('the form of', () => {
  it('poll: descriptors, events, and which of them are ready', async () => {
    const { page } = await open();
    await button(page, /^Unix pair/).click();
    await callAndSee(page, 1);
    await callAndSee(page, 2);
    await button(page, 'More calls').click();
    await button(page, 'poll').click();
    await button(page, 'Add a descriptor').click();
    await page.getByRole('group', { name: 'Events of descriptor 1' }).getByLabel('OUT').check();
    await page.getByRole('group', { name: 'Events of descriptor 2' }).getByLabel('OUT').check();
    await page.getByRole('group', { name: 'Events of descriptor 2' }).getByLabel('IN').uncheck();
    await page.getByLabel('timeout').fill('0');
    expect(await preview(page).innerText()).toMatch(
      /^poll\(\[\{fd=\d+, events=POLLIN\|POLLOUT\}, \{fd=\d+, events=POLLOUT\}\], 2, 0\)$/,
    );
    expect(await callAndSee(page, 3)).toBe('2');
    expect(await page.locator('#record-3 .pv').innerText()).toMatch(
      /^fd \d+ \w+: POLL\w+(\|POLL\w+)?; fd \d+ \w+: POLL\w+(\|POLL\w+)?$/,
    );
  });

  it('fcntl: the flags of the command', async () => {
    const { page } = await open();
    await callAndSee(page, 1);
    await button(page, 'More calls').click();
    await button(page, 'fcntl').click();
    expect(await preview(page).innerText()).toMatch(/^fcntl\(\d+, F_GETFL\)$/);
    await page.getByLabel('cmd').selectOption('F_SETFL');
    await page.getByRole('group', { name: 'arg' }).getByLabel('NONBLOCK').check();
    expect(await preview(page).innerText()).toMatch(/^fcntl\(\d+, F_SETFL, O_RDONLY\|O_NONBLOCK\)$/);
    expect(await callAndSee(page, 2)).toBe('0');
    await page.getByLabel('cmd').selectOption('F_DUPFD');
    await page.getByLabel('arg', { exact: true }).fill('200');
    expect(await callAndSee(page, 3)).toBe('200');
  });

  it('fcntl and ioctl: the fields of a structure, and what the kernel makes of them', async () => {
    const { page } = await open();
    await callAndSee(page, 1);
    await button(page, 'More calls').click();
    await button(page, 'fcntl').click();
    await page.getByLabel('cmd').selectOption('F_GETLK');
    await page.getByLabel('l_type').fill('F_WRLCK');
    await page.getByLabel('l_len').fill('10');
    await expect
      .poll(() => preview(page).innerText())
      .toMatch(/^fcntl\(\d+, F_GETLK, \{l_type=F_WRLCK, l_len=10\}\)$/);
    await callAndSee(page, 2);
    await expect.poll(() => page.locator('#record-2').innerText()).toContain('F_WRLCK => F_UNLCK');
    await button(page, 'ioctl').click();
    await page.getByLabel('request').selectOption('SIOCGIFADDR');
    await page.getByLabel('ifr_name').fill('lo');
    await expect
      .poll(() => preview(page).innerText())
      .toMatch(/^ioctl\(\d+, SIOCGIFADDR, \{ifr_name="lo"\}\)$/);
    await callAndSee(page, 3);
    await expect.poll(() => page.locator('#record-3').innerText()).toContain('ifr_addr=127.0.0.1:0');
  });

  it('socket: types with flags, names of other families, and what they equal', async () => {
    const { panel, page } = await open();
    await page.getByLabel('domain').selectOption('other…');
    await page.getByLabel('domain').fill('PF_LOCAL');
    expect(await page.locator('.equal').innerText()).toBe('= AF_UNIX');
    await page.getByLabel('type', { exact: true }).selectOption('SOCK_SEQPACKET');
    await page.getByLabel('NONBLOCK').check();
    expect(await preview(page).innerText()).toBe('socket(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, 0)');
    await callAndSee(page, 1);
    expect(await calls(panel)).toEqual(['socket 3']);
  });

  it('an address: fields by its family, a typed one in parts', async () => {
    const { page } = await open();
    await callAndSee(page, 1);
    await expect.poll(() => preview(page).innerText()).toMatch(/^bind\(/);
    const kind = page.getByLabel('Kind of address: addr');
    await page.getByLabel('addr', { exact: true }).fill('');
    await page.getByLabel('addr', { exact: true }).pressSequentially('127.0.0.2:0');
    expect(await preview(page).innerText()).toMatch(/^bind\(\d+, 127\.0\.0\.2:0\)$/);
    await page.getByLabel('addr', { exact: true }).fill('[::1]:8080');
    expect(await kind.inputValue()).toBe('AF_INET6');
    expect(await preview(page).innerText()).toMatch(/^bind\(\d+, \[::1\]:8080\)$/);
    await kind.selectOption('AF_VSOCK');
    await page.getByLabel('addr', { exact: true }).fill('VMADDR_CID_LOCAL');
    expect(await preview(page).innerText()).toMatch(/^bind\(\d+, vsock:1:8080\)$/);
    await kind.selectOption('AF_PACKET');
    await page.getByLabel('addr', { exact: true }).fill('lo');
    await page.getByLabel('protocol').fill('ETH_P_IP');
    expect(await preview(page).innerText()).toMatch(/^bind\(\d+, packet:lo\/ETH_P_IP\)$/);
    await kind.selectOption('raw');
    await page.getByLabel('addr', { exact: true }).fill('02 0');
    expect(await page.locator('.address .problem').innerText()).toContain('Column 4');
    await kind.selectOption('unixUnnamed');
    expect(await preview(page).innerText()).toMatch(/^bind\(\d+, \{sa_family=AF_UNIX\}\)$/);
  });
});
