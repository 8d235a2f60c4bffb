import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Value } from '../../src/common/call.js';
import { constantValue } from '../../src/common/tables/constants.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { sharedByTests, untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolationsInThemes } from './axe.js';
import { openPanel, type PanelPage, setTheme } from './panelPage.js';
import { mostDifferentThemes } from './themes.js';

const browser = useBrowser();

const n = (name: string) => constantValue(name, 'linux')!;
const row = (page: Page, seq: number) => page.locator(`#record-${seq}`);
const option = (page: Page, name: string) =>
  page.locator('.option', { has: page.getByRole('button', { name, exact: true }) });
const level = (page: Page, name: string) => page.locator('summary', { hasText: name });

const valueOf = (page: Page, name: string) => option(page, name).locator('.v').innerText();
const section = (page: Page, title: string) =>
  page.locator('summary', { has: page.getByRole('heading', { name: title, exact: true }) });

async function made(panel: PanelPage, name: CallName, ...args: Value[]): Promise<number> {
  const { result, errno } = await panel.playground.call({ name, args }).returned;
  expect(errno).toBeNull();
  return result!;
}

/** The panel with a TCP and a UDP socket, and the inspector on the first. */
async function openInspector() {
  const panel = await openPanel(browser);
  const tcp = await made(panel, 'socket', n('AF_INET'), n('SOCK_STREAM'), 0);
  const udp = await made(panel, 'socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
  await row(panel.page, 1).click();
  panel.request({ kind: 'showInspector' });
  await option(panel.page, 'SO_REUSEADDR').waitFor();
  return { panel, page: panel.page, tcp, udp, dispose: () => panel.dispose() };
}

const open = async () => untilTestEnds(await openInspector());

it('can be closed where it shows nothing', async () => {
  const panel = untilTestEnds(await openPanel(browser, { earlier: [{ name: 'socket', args: [2, 1, 0] }] }));
  const side = panel.page.locator('.side');
  panel.request({ kind: 'showInspector' });
  await side.getByText('Select a record or a socket').waitFor();
  await side.getByRole('button', { name: 'Close the inspector' }).click();
  await expect.poll(() => side.count()).toBe(0);
});

const diagram = (page: Page) => page.locator('.fsm');
const said = (page: Page) => diagram(page).getAttribute('aria-label');
const select = async ({ panel, page }: { panel: PanelPage; page: Page }, socketId: number) => {
  const fd = () => panel.playground.sockets.get(socketId)?.fd;
  await expect.poll(fd).toBeDefined();
  panel.request({ kind: 'select', socketId, seq: null });
  await page.locator('.shead', { hasText: `fd ${fd()}` }).waitFor();
};

/** A listener, a client and what was accepted from it, which have the ids 3, 4 and 5. */
async function connect(panel: PanelPage): Promise<{ client: number; accepted: number }> {
  const stream = [n('AF_INET'), n('SOCK_STREAM'), 0];
  const listener = await made(panel, 'socket', ...stream);
  await made(panel, 'bind', listener, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
  await made(panel, 'listen', listener, 8);
  const watcher = panel.playground.createWatcher();
  watcher.watch([3]);
  const local = () => panel.playground.sockets.get(3)!.local;
  await expect.poll(local).not.toBeNull();
  const client = await made(panel, 'socket', ...stream);
  await made(panel, 'connect', client, local());
  const accepted = await made(panel, 'accept', listener);
  watcher.dispose();
  return { client, accepted };
}

describe('the options in the inspector', () => {
  const shared = sharedByTests(openInspector);

  it('are named and have their unit, and their sentence when they have the focus', async () => {
    const { page } = shared();
    const type = option(page, 'SO_TYPE');
    await expect.poll(() => valueOf(page, 'SO_TYPE')).toBe('SOCK_STREAM (1)');
    await expect.poll(() => valueOf(page, 'SO_RCVBUF')).toMatch(/^\d+ bytes$/);
    await expect.poll(() => valueOf(page, 'SO_REUSEADDR')).toBe('off');
    const sentence = type.getByText('The type given to socket(), as a number.');
    expect(await sentence.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'SO_TYPE', exact: true }).focus();
    await sentence.waitFor();
  });

  it('of a level are read when it is opened', async () => {
    const { page } = shared();
    expect(await option(page, 'TCP_KEEPIDLE').count()).toBe(0);
    await level(page, 'IPPROTO_TCP').click();
    await expect.poll(() => valueOf(page, 'TCP_KEEPIDLE')).toMatch(/^\d+ s$/);
    await level(page, 'IPPROTO_TCP').click();
    await option(page, 'TCP_KEEPIDLE').waitFor({ state: 'detached' });
  });

  it('are found by name, value and sentence in all levels', async () => {
    const { page } = shared();
    const filter = page.getByLabel('Show options that contain');
    await filter.fill('nagle');
    await option(page, 'TCP_NODELAY').waitFor();
    await option(page, 'SO_REUSEADDR').waitFor({ state: 'detached' });
    await filter.press('Escape');
    await option(page, 'SO_REUSEADDR').waitFor();
    await expect.poll(() => option(page, 'TCP_NODELAY').count()).toBe(0);
  });

  it('are set in place by a real call and read again', async () => {
    const { page, panel } = shared();
    const seq = panel.playground.lastSeq + 1;
    await page.getByRole('button', { name: 'Set SO_PRIORITY' }).click();
    const field = page.getByLabel('The value of SO_PRIORITY');
    expect(await field.inputValue()).toBe('0');
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await row(page, seq).waitFor();
    await expect.poll(() => row(page, seq).innerText()).toContain('SO_PRIORITY, [4]');
    await expect.poll(() => valueOf(page, 'SO_PRIORITY')).toBe('4');
  });

  it('tell what is wrong with a value, and make no call', async () => {
    const { page, panel } = shared();
    const before = panel.playground.lastSeq;
    await page.getByRole('button', { name: 'Set SO_LINGER' }).click();
    const field = page.getByLabel('The value of SO_LINGER');
    expect(await field.inputValue()).toBe('{l_onoff=0, l_linger=0}');
    await field.fill('{l_onoff=');
    await field.press('Enter');
    await option(page, 'SO_LINGER').getByRole('alert').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('{l_onoff=1, l_linger=5}');
    await field.press('Enter');
    await expect.poll(() => valueOf(page, 'SO_LINGER')).toBe('{l_onoff=1, l_linger=5}');
    await page.getByRole('button', { name: 'Set SO_LINGER' }).click();
    await field.press('Escape');
    await field.waitFor({ state: 'detached' });
    const records = await panel.playground.readRecords(before + 1, 10);
    expect(records.map(({ name }) => name)).toEqual(['setsockopt']);
  });

  it('are compared with those of another socket, the differences first', async () => {
    const { page, panel, tcp } = shared();
    await made(panel, 'setsockopt', tcp, n('SOL_SOCKET'), n('SO_REUSEADDR'), 1);
    await page.getByLabel('Compare with…').selectOption({ index: 1 });
    const differences = page.locator('.sec', { has: page.getByText('Differences', { exact: true }) });
    const text = () => differences.innerText();
    await expect.poll(text).toMatch(/SO_REUSEADDR\s+on ≠ off/);
    await expect.poll(text).toMatch(/SO_TYPE\s+SOCK_STREAM \(1\) ≠ SOCK_DGRAM \(2\)/);
    // Only one of the two has options of TCP.
    expect(await text()).not.toContain('TCP_NODELAY');
    expect(await text()).not.toContain('SO_KEEPALIVE');
  });
});

describe('the kernel’s figures in the inspector', () => {
  const shared = sharedByTests(openInspector);

  it('are all fields of TCP_INFO, by name and with units', async () => {
    const { page } = shared();
    await level(page, 'TCP_INFO').click();
    const field = (name: string) => page.locator('.opt', { hasText: name }).first().locator('.v').innerText();
    await expect.poll(() => field('tcpi_state')).toBe('TCP_CLOSE (7)');
    await expect.poll(() => field('tcpi_rto')).toMatch(/^\d+ µs$/);
    await expect.poll(() => field('tcpi_snd_cwnd')).toBe('10 segments');
  });

  it('are memory and cookie, and the user who made the socket', async () => {
    const { page } = shared();
    await section(page, 'Kernel').click();
    const body = () => page.locator('.sbody').innerText();
    await expect.poll(body).toMatch(/SK_MEMINFO_SNDBUF\s+\d+ bytes/);
    await expect.poll(body).toMatch(/SO_COOKIE\s+\d+/);
    await expect.poll(body).toMatch(new RegExp(`pid \\d+, uid ${process.getuid?.()}\\b`));
  });
});

describe('the sections of the inspector', () => {
  it('stay open and closed from socket to socket, and while nothing is known of one', async () => {
    const { page, panel, udp } = await open();
    await section(page, 'Kernel').click();
    await section(page, 'Kernel queues').click();
    await page.getByText('SK_MEMINFO_SNDBUF').waitFor();
    await row(page, 2).click();
    await page.locator('.shead', { hasText: `fd ${udp}` }).waitFor();
    await page.getByText('SK_MEMINFO_SNDBUF').waitFor();
    await page.locator('details:not([open])', { has: section(page, 'Kernel queues') }).waitFor();
    await page.getByRole('button', { name: 'Close the inspector' }).click();
    panel.request({ kind: 'showInspector' });
    await page.getByText('SK_MEMINFO_SNDBUF').waitFor();
    expect(panel.faults).toEqual([]);
  });
});

describe('the diagram of states', () => {
  it('follows a connection by what the kernel says, and leads on to the composer', async () => {
    const opened = await open();
    const { panel, page } = opened;
    const { client } = await connect(panel);
    await select(opened, 5);
    await expect.poll(() => said(page)).toContain('Current state: ESTABLISHED.');
    expect(await said(page)).not.toContain('LISTEN');
    await made(panel, 'shutdown', client, n('SHUT_WR'));
    await expect.poll(() => said(page)).toContain('Current state: CLOSE_WAIT. Visited: ESTABLISHED.');
    await page.locator('.fsm .current', { hasText: 'CLOSE_WAIT' }).waitFor();
    // Only the arrow that leads on has the colour of the state.
    const arrow = (kind: string) =>
      page.locator(`.fsm marker.${kind} path`).evaluate((path) => getComputedStyle(path).fill);
    expect(await arrow('next')).not.toBe(await arrow('plain'));
    expect(await arrow('visited')).not.toBe(await arrow('plain'));
    await page.locator('.steps').getByRole('button', { name: 'close()' }).click();
    await expect.poll(() => page.locator('.preview .call').innerText()).toMatch(/^close\(/);
    await page.locator('.callbtn').click();
    // The form goes on to the other end, and the selection with it.
    await expect.poll(() => said(page)).toContain('imply: TIME_WAIT.');
    await select(opened, 5);
    await expect.poll(() => said(page)).toContain('imply: CLOSED. Visited: ESTABLISHED, CLOSE_WAIT.');
    expect(await page.locator('.steps').count()).toBe(0);
    const kernelGoesOn = page.locator('.sbody', { hasText: 'The kernel may still be ending the connection' });
    await kernelGoesOn.waitFor();
    // A listener has no connection that could still end. What the kernel has said of it stays.
    await select(opened, 3);
    const protocol = page.locator('.facts div', { hasText: 'protocol' }).locator('dd');
    await expect.poll(() => protocol.innerText()).toBe('IPPROTO_TCP');
    await made(panel, 'close', panel.playground.sockets.get(3)!.fd);
    await expect.poll(() => said(page)).toContain('imply: CLOSED.');
    expect(await kernelGoesOn.count()).toBe(0);
    expect(await protocol.innerText()).toBe('IPPROTO_TCP');
  });

  it('is that of our calls for what is not TCP, and not there for a pipe', async () => {
    const opened = await open();
    const { panel, page } = opened;
    await select(opened, 2);
    await expect.poll(() => said(page)).toMatch(/^Socket state diagram\. Current state: open\. Next: bound/);
    await made(panel, 'pipe', { kind: 'any' });
    await select(opened, 3);
    await diagram(page).waitFor({ state: 'detached' });
    expect(await page.locator('.side').innerText()).not.toMatch(/TCP/);
  });
});

it('calls a socket by its new name everywhere', async () => {
  const { panel, page } = await open();
  await panel.playground.rename(1, 'mine');
  await page.locator('.shead h2', { hasText: 'mine' }).waitFor();
  await row(page, 1).filter({ hasText: 'mine' }).waitFor();
  await expect.poll(() => page.getByLabel('Compare with…').innerText()).not.toContain('mine');
  await page.locator('.callbar', { hasText: 'mine' }).waitFor();
  expect(panel.faults).toEqual([]);
});

describe('a listener in the inspector', () => {
  it('names the programs that wait to be accepted', async () => {
    const { panel, page } = await open();
    await connect(panel);
    const { local, fd } = panel.playground.sockets.get(3)!;
    const { port } = local as { port: number };
    const other = connectTo(port, '127.0.0.1');
    onTestFinished(() => void other.destroy());
    await once(other, 'connect');
    // The form, and with it the selection, goes on to what was accepted as soon as the page knows of it.
    await row(page, 6).waitFor();
    await select({ panel, page }, 3);
    await page
      .locator('.related', { hasText: `TCP 127.0.0.1:${port} → 127.0.0.1:${other.localPort}` })
      .getByText(`(pid ${process.pid})`)
      .waitFor();
    await made(panel, 'accept', fd);
    await expect.poll(() => section(page, 'Waiting to be accepted').count()).toBe(0);
  });
});

describe('a connection in the inspector', () => {
  it('has a history of its round trip time and congestion window', async () => {
    const opened = await open();
    const { panel, page } = opened;
    const { client } = await connect(panel);
    await select(opened, 4);
    const history = (name: string) => page.locator('.spark', { hasText: name });
    await expect.poll(() => history('rtt').locator('b').innerText()).toMatch(/^[\d.]+ ms$/);
    await expect.poll(() => history('cwnd').locator('b').innerText()).toMatch(/^\d+ × [\d.]+ KiB$/);
    await made(panel, 'send', client, { kind: 'data', bytes: new Uint8Array(3), length: 3 }, 3, 0);
    await expect
      .poll(() => history('rtt').getByRole('img').getAttribute('aria-label'))
      .toMatch(/^rtt: [\d.]+ ms; from [\d.]+ ms to [\d.]+ ms in /);
    await page
      .locator('.related')
      .getByRole('button', { name: /^server_peer/ })
      .click();
    await page
      .locator('.related')
      .getByRole('button', { name: /^server/ })
      .waitFor();
    expect(panel.faults).toEqual([]);
  });

  it('has its failed calls, which lead to their records', async () => {
    const opened = await open();
    const { panel, page, tcp } = opened;
    const errors = page.locator('.errors li');
    expect(await errors.count()).toBe(0);
    const fail = async (port: number) => {
      const address = { family: 'AF_INET' as const, address: '127.0.0.1', port };
      return (await panel.playground.call({ name: 'connect', args: [tcp, address] }).returned).errno;
    };
    // Nobody listens on these.
    expect(await fail(1)).toBe('ECONNREFUSED');
    expect(await fail(2)).toBe('ECONNREFUSED');
    await expect.poll(() => errors.allInnerTexts()).toHaveLength(2);
    await expect.poll(() => errors.first().innerText()).toMatch(/^#4 connect ECONNREFUSED/);
    // A long sentence, value or name is read to its end.
    const cut = () =>
      page
        .locator('.side :is(dd, li, .name, .v)')
        .evaluateAll((all) =>
          all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent),
        );
    await option(page, 'SO_MAX_PACING_RATE').waitFor();
    expect(await cut()).toEqual([]);
    await errors.nth(1).getByRole('button').click();
    await page.getByRole('heading', { name: 'Record 3' }).waitFor();
    await page.getByRole('button', { name: 'Show them all in the records' }).click();
    await row(page, 1).waitFor({ state: 'detached' });
    await row(page, 4).waitFor();
    await select(opened, 2);
    await expect.poll(() => errors.count()).toBe(0);
    const unix = await made(panel, 'socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    const name = new TextEncoder().encode('long-'.repeat(20));
    await made(panel, 'bind', unix, { family: 'AF_UNIX', name, isAbstract: true });
    panel.request({ kind: 'select', socketId: [...panel.playground.sockets.keys()].at(-1)!, seq: null });
    await page.locator('.tuple5.unix dd', { hasText: 'long-' }).waitFor();
    expect(await cut()).toEqual([]);
  });
});

describe('accessibility', () => {
  it('holds in every theme: the states, histories, every level, a field, a problem, differences', async () => {
    const opened = await open();
    const { panel, page } = opened;
    await connect(panel);
    await select(opened, 4);
    await expect.poll(() => said(page)).toContain('Current state: ESTABLISHED.');
    await page.locator('.spark').first().waitFor();
    await page.getByLabel('Compare with…').selectOption({ index: 1 });
    await level(page, 'Differences').waitFor();
    await page.getByRole('button', { name: 'Set SO_LINGER' }).click();
    await page.getByLabel('The value of SO_LINGER').fill('{');
    await page.keyboard.press('Enter');
    await option(page, 'SO_LINGER').getByRole('alert').waitFor();
    await level(page, 'IPPROTO_TCP').click();
    await option(page, 'TCP_NODELAY').waitFor();
    expect(await axeViolationsInThemes(page)).toEqual([]);
    for (const theme of mostDifferentThemes) {
      await setTheme(page, theme);
      // The themes of high contrast lack colours that others have.
      const colors = ['none', 'listen', 'handshake', 'open', 'closing', 'data'].map((tone) =>
        page.evaluate((name) => {
          const probe = document.createElement('i');
          probe.style.color = `var(--c-${name})`;
          document.body.append(probe);
          const { color } = getComputedStyle(probe);
          probe.remove();
          return color;
        }, tone),
      );
      expect(new Set(await Promise.all(colors)).size, theme).toBe(6);
    }
  });
});
