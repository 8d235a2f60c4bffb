import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { openPages } from './openPages.js';
import { axeViolations } from './axe.js';

const file = fileURLToPath(new URL('../common/strace/f-ttt-yy.log', import.meta.url));
const trace = { file, of: './echo', isLive: false };
const open = openPages();

describe('a log of strace in the panel', () => {
  it('draws the lanes of another program, labelled so and read only', async () => {
    const { page, panel } = await open({ view: 'lanes', trace, width: 2600 });
    await expect.poll(() => page.locator('.rec').innerText()).toBe('21 records');
    expect(await page.locator('.toolbar .observed').innerText()).toContain('observed by strace');
    expect(await page.locator('.banner').innerText()).toContain('What strace has seen of ./echo.');
    // The label is in the head of each lane, for a screen reader too.
    const lanes = page.locator('.lh[data-lane]');
    await expect.poll(() => lanes.count()).toBeGreaterThan(3);
    const marks = page.locator('.lh').getByRole('img', { name: 'observed by strace' });
    await expect.poll(async () => (await lanes.count()) - (await marks.count())).toBe(0);
    // Both ends are joined: the bytes of the client are drawn into the server's lane.
    await expect.poll(() => page.locator('.wires .wire.bytes').count()).toBe(2);
    await expect.poll(() => page.locator('.lh[data-lane="1"]').innerText()).toContain('1 accepted');
    expect(await page.getByRole('button', { name: 'Socket', exact: true }).count()).toBe(0);
    expect(await page.locator('.composer').count()).toBe(0);
    // The way of a socket is told by its records: the log says nothing of TCP's states.
    const client = [...panel.playground.sockets.values()].find(({ role }) => role === 'client')!;
    panel.request({ kind: 'showInspector' });
    panel.request({ kind: 'select', socketId: client.id, seq: null });
    await expect
      .poll(() => page.locator('.fsm').getAttribute('aria-label'))
      .toContain('Visited, as the calls imply: SYN_SENT, ESTABLISHED, FIN_WAIT1');
    expect(await page.locator('.readonly').innerText()).toContain('calls of another program');
    panel.request({ kind: 'newSocket' });
    panel.request({ kind: 'filter' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('filter');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('goes on while the log is written: what waits is shown, and the program can be stopped', async () => {
    const folder = untilTestEnds(await tempDir());
    const log = path.join(folder.path, 'live.log');
    const now = (Date.now() / 1000).toFixed(6);
    await writeFile(
      log,
      `7 ${now} socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3 <0.000001>\n7 ${now} accept(3, `,
    );
    const { page, panel } = await open({ view: 'lanes', trace: { file: log, of: './server', isLive: true } });
    await page.locator('.chip').filter({ hasText: 'accept' }).filter({ hasText: 'waiting' }).waitFor();
    expect(await page.locator('.banner').innerText()).toContain('What strace sees of ./server.');
    // It is not ours to end a call of another program's.
    expect(await page.getByRole('button', { name: 'Cancel the waiting call' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Make Scenario' }).click();
    await expect.poll(() => panel.said.traces).toEqual(['stop', 'scenario']);
    await appendFile(log, `NULL, NULL) = 4 <0.100000>\n7 ${now} write(4, "hi", 2) = 2\n`);
    await expect.poll(() => page.locator('.rec').innerText()).toBe('3 records');
    await page.locator('.chip').filter({ hasText: 'write' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it('shows the calls of one program of several', async () => {
    const log = path.join(untilTestEnds(await tempDir()).path, 'programs.log');
    const lines = [
      '7 execve("/bin/sh", ["sh"], 0x7ff) = 0',
      '7 socket(AF_UNIX, SOCK_STREAM, 0) = 3',
      '7 close(3) = 0',
      '7 execve("/bin/bash", ["bash"], 0x7ff) = 0',
      '7 socket(AF_UNIX, SOCK_STREAM, 0) = 3',
      '7 close(3) = 0',
      '7 execve("/opt/my.server+", ["server"], 0x7ff) = 0',
      '7 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
    ];
    await writeFile(log, `${lines.join('\n')}\n`);
    const { page } = await open({ view: 'lanes', trace: { file: log, of: './run', isLive: false } });
    const lanes = () => page.locator('.lh[data-lane]').count();
    await expect.poll(lanes).toBe(3);
    const choice = page.getByRole('combobox', { name: 'Programs whose calls are shown' });
    await expect
      .poll(() => choice.locator('option').allInnerTexts())
      .toEqual(['All programs', 'sh', 'bash', 'my.server+']);
    await choice.selectOption('my.server+');
    await expect.poll(lanes).toBe(1);
    await choice.selectOption('sh');
    await expect.poll(() => page.locator('.chip').count()).toBe(2);
    expect(await axeViolations(page)).toEqual([]);
    await choice.selectOption('All programs');
    await expect.poll(lanes).toBe(3);
  });

  it('tells in the detail of a row who made the call, and who saw it, and no time that the log does not say', async () => {
    const noDurations = fileURLToPath(new URL('../common/strace/f-r.log', import.meta.url));
    const { page } = await open({ trace: { ...trace, file: noDurations } });
    const row = page.getByRole('row').filter({ hasText: 'listen' });
    await row.dblclick();
    const detail = page.locator('.dpane');
    await detail.waitFor();
    await expect.poll(() => detail.innerText()).toMatch(/observed by\s+strace/);
    await expect.poll(() => detail.innerText()).toMatch(/thread\s+echo\[\d+\]/);
    expect(await detail.innerText()).not.toMatch(/took/);
  });
});
