import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { startPythonServer } from '../support/peers.js';
import { useDarkWindow } from '../support/sharedWindow.js';
import { answer, pressInRow, quickInput, runCommand } from '../support/workbench.js';
import { PanelDriver } from './panelDriver.js';

/** A process of this test's own that listens; ended with the test if it still runs. */
async function startHolder(): Promise<{ child: ChildProcess; port: number }> {
  const program = [
    'import socket, sys',
    'made = socket.socket()',
    "made.bind(('127.0.0.1', 0))",
    'made.listen(7)',
    'print(made.getsockname()[1], flush=True)',
    'sys.stdin.read()',
  ].join('\n');
  const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

describe('The sockets of the machine in a real window', () => {
  const workbench = useDarkWindow();
  let panel: PanelDriver;
  let row: (text: string | RegExp) => Locator;
  beforeAll(async () => {
    const { page } = workbench;
    panel = await PanelDriver.open(page);
    row = (text) =>
      page
        .locator('.pane', { has: page.locator('.pane-header[aria-label^="System Sockets"]') })
        .locator('.monaco-list-row')
        .filter({ hasText: text });
  });

  const dialog = () => workbench.page.locator('.monaco-dialog-box');
  const toast = (text: RegExp) => workbench.page.locator('.notification-toast', { hasText: text });
  const inspector = () => panel.frame.locator('[data-region="inspector"]');

  it('name the holder of an address in the sentence of EADDRINUSE', async () => {
    const server = untilTestEnds(await startPythonServer(workbench.folder));
    await panel.frame.getByRole('button', { name: 'Socket', exact: true }).click();
    await panel.call(/socket returned \d+/);
    await panel.choose('bind');
    await panel.fill('addr', `127.0.0.1:${server.port}`);
    await panel.call('EADDRINUSE');
    await expect
      .poll(() => panel.lastRow().innerText())
      .toMatch(
        new RegExp(`127.0.0.1:${server.port} is held by python\\S* \\(pid \\d+\\) in state LISTEN\\.`),
      );
  });

  it('say that somebody listens on another address only', async () => {
    const server = createServer().listen({ port: 0, host: '::1', ipv6Only: true });
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    await panel.choose('connect');
    await panel.fill('addr', `127.0.0.1:${port}`);
    await panel.call('ECONNREFUSED');
    await expect
      .poll(() => panel.lastRow().innerText())
      .toContain(`listens on [::1]:${port}, not on 127.0.0.1:${port}.`);
  });

  it('are listed while the view is open, and open read only in the inspector', async () => {
    const { page } = workbench;
    const { child, port } = await startHolder();
    await page.locator('.pane-header[aria-label^="System Sockets"]').click();
    const holder = row(new RegExp(`127\\.0\\.0\\.1:${port}.*python\\S* ${child.pid}`));
    await row(/./).first().waitFor();
    await runCommand(page, 'Sockets: Filter System Sockets');
    await answer(page, 'state nowhere');
    await quickInput(page)
      .message.filter({ hasText: /Column 7: nowhere is no state/ })
      .waitFor();
    await answer(page, `sport = :${port}`);
    await expect.poll(() => row(/127\.0\.0\.1/).count()).toBe(1);
    await holder.click();
    await inspector().filter({ hasText: 'read only' }).waitFor();
    await inspector()
      .getByText(`python3`)
      .or(inspector().getByText(/^python/))
      .first()
      .waitFor();
    // What the kernel and the process say of it comes one after the other.
    const text = () => inspector().innerText();
    await expect.poll(text).toContain(`127.0.0.1:${port}`);
    await expect.poll(text).toMatch(/accept queue\s+0 \/ 7/);
    await expect.poll(text).toContain(process.cwd());
    await pressInRow(holder, 'Connect a Client Here');
    await expect.poll(() => panel.preview()).toContain('socket(AF_INET, SOCK_STREAM, 0)');
    await panel.call(/socket returned \d+/);
    expect(await panel.preview()).toMatch(new RegExp(`^connect\\(\\d+, 127\\.0\\.0\\.1:${port}\\)`));
    await panel.call('connect returned 0');
    await holder.click();
    await inspector().getByText('1 / 7').waitFor();
    // Our client waits in its queue: that makes the socket host no owner of the listener.
    await inspector().getByText('Waiting to be accepted').waitFor();
    expect(await inspector().innerText()).not.toContain('socket host');
    // Any of the others: which ones the view has room for depends on the machine.
    const others = row(/:\d+/).filter({ hasNotText: `:${port}` });
    expect(await others.count()).toBe(0);
    await runCommand(page, 'Sockets: Clear Filter of System Sockets');
    await expect.poll(() => others.count()).toBeGreaterThan(0);
    await panel.picture('system-sockets');
    await page.locator('.pane-header[aria-label^="System Sockets"]').click();
  });

  it('tell who uses a port, and end that process after asking', async () => {
    const { page } = workbench;
    const { child, port } = await startHolder();
    await runCommand(page, 'Sockets: Who Uses This Port?');
    await answer(page, '70000');
    await quickInput(page).message.filter({ hasText: 'from 1 to 65535' }).waitFor();
    await answer(page, String(port));
    const entry = page.locator('.quick-input-widget .monaco-list-row', { hasText: `pid ${child.pid}` });
    await entry.waitFor();
    expect(await entry.innerText()).toContain(process.cwd());
    await entry.click();
    await quickInput(page).row('End Process').click();
    await dialog()
      .filter({ hasText: `pid ${child.pid}` })
      .waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    expect(child.signalCode).toBeNull();

    await runCommand(page, 'Sockets: Who Uses This Port?');
    await answer(page, String(port));
    await entry.click();
    await quickInput(page).row('End Process').click();
    const exit = once(child, 'exit');
    await dialog().getByRole('button', { name: 'End Process' }).click();
    expect((await exit)[1]).toBe('SIGTERM');
    await toast(/has ended/).waitFor();
    await runCommand(page, 'Sockets: Who Uses This Port?');
    await answer(page, String(port));
    await toast(new RegExp(`Nobody uses port ${port}`)).waitFor();
  });

  it('refuse to end VS Code’s own processes', async () => {
    const { page } = workbench;
    await runCommand(page, 'Sockets: Who Uses This Port?');
    await answer(page, new URL(workbench.url).port);
    const entry = page.locator('.quick-input-widget .monaco-list-row', { hasText: "VS Code's server" });
    await entry.first().click();
    await quickInput(page).row('End Process').click();
    await toast(/is VS Code's server: it is not ended from here/).waitFor();
    expect(await dialog().count()).toBe(0);
  });
});
