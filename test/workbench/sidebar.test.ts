import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { startNcat } from '../support/peers.js';
import { useDarkWindow } from '../support/sharedWindow.js';
import {
  answer,
  panelFrame,
  pick,
  pressInRow,
  quickInput,
  runCommand,
  showSockets,
  waitForWindow,
} from '../support/workbench.js';

/** The rows of a view of the sidebar. */
function rows(page: Page, view: string): Locator {
  return page
    .locator('.pane', { has: page.locator(`.pane-header[aria-label^="${view}"]`) })
    .locator('.monaco-list-row');
}

/** Chooses an entry of a row's context menu. */
async function choose(page: Page, row: Locator, label: string): Promise<void> {
  await row.click({ button: 'right' });
  // A button that comes up within 100 ms of the menu counts as the end of the click that opened it.
  await page.locator('.monaco-menu:visible .action-item', { hasText: label }).first().click({ delay: 150 });
}

describe('The sidebar and the palette', () => {
  const workbench = useDarkWindow((folder) =>
    writeFile(
      path.join(folder, 'outside.sockets'),
      '# Outside\ns = socket(AF_INET, SOCK_DGRAM, 0)\nsendto(s, "x", 1, 0, 192.0.2.1:9) = -1 EINVAL\n',
    ),
  );
  let page: Page;
  let sockets: (text: string | RegExp) => Locator;
  beforeAll(async () => {
    page = workbench.page;
    sockets = (text) => rows(page, 'Open Sockets').filter({ hasText: text });
    await showSockets(page);
  });

  const statusBar = (text: RegExp) => page.locator('.statusbar-item', { hasText: text });
  /** How many sockets are open, as the icon in the activity bar tells. */
  const badges = () => page.locator('.activitybar .badge-content:visible').allInnerTexts();
  const toast = (text: RegExp) => page.locator('.notification-toast', { hasText: text });

  it('create and bind a socket by the palette, a wrong port refused at its column', async () => {
    await page.getByRole('button', { name: 'Create Socket', exact: true }).waitFor();
    await runCommand(page, 'Sockets: Create Socket…');
    await pick(page, 'TCP over IPv4');
    await sockets(/TCP socket.*open · fd \d+/).waitFor();
    await statusBar(/socket\(AF_INET, SOCK_STREAM, 0\) = \d+/).waitFor();

    await runCommand(page, 'Sockets: Bind');
    const { field, message } = quickInput(page);
    await answer(page, '127.0.0.1:65536');
    await message.filter({ hasText: /Column 11:.*65535/ }).waitFor();
    // What was typed is there again when the question comes again.
    await field.press('Escape');
    await runCommand(page, 'Sockets: Bind');
    await message.filter({ hasText: /Column 11:/ }).waitFor();
    expect(await field.inputValue()).toBe('127.0.0.1:65536');
    await answer(page, '127.0.0.1:0');
    await sockets(/127\.0\.0\.1:\d+.*bound · fd \d+/).waitFor();
  });

  it('listen, accept, send, receive and close from the tree', async () => {
    await choose(page, sockets('bound'), 'Listen');
    await answer(page, '7');
    const listener = sockets(/LISTEN · (accept waits · )?fd \d+ · 0\/7/);
    await listener.waitFor();
    await pressInRow(listener, 'Accept');
    await sockets(/LISTEN .* accept waits/).waitFor();
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await listener.innerText())![1]);

    const ncat = untilTestEnds(await startNcat(port));
    const accepted = sockets(/← 127\.0\.0\.1:\d+.*ESTABLISHED/);
    await accepted.waitFor();
    await pressInRow(accepted, 'Send');
    await answer(page, 'hello from the tree\\n');
    await ncat.waitForText(/hello from the tree\n/);
    ncat.write('and back\n');
    await pressInRow(accepted, 'Receive');
    await answer(page, '4096');
    await sockets(/ESTABLISHED · fd \d+ · ↓9 B ↑20 B/).waitFor();

    await choose(page, accepted, 'Inspect');
    await panelFrame(page).locator('[data-region="inspector"]').waitFor();
    await choose(page, accepted, 'Shut Down');
    await pick(page, 'SHUT_WR');
    await sockets(/FIN_WAIT2|TIME_WAIT/).waitFor();
    await pressInRow(sockets(/FIN_WAIT2|TIME_WAIT/), 'Close');
    await sockets('Closed or lost').waitFor();
    expect(await sockets(/LISTEN/).count()).toBe(1);
  });

  it('tell of a failure in one sentence while the panel is not shown', async () => {
    await runCommand(page, 'Sockets: Close All and Cancel Waiting Calls');
    // The next command shall find one socket, and ask about none.
    await expect.poll(badges).toEqual([]);
    await runCommand(page, 'View: Close All Editors');
    await runCommand(page, 'Sockets: Create Socket…');
    await pick(page, 'TCP over IPv4');
    await sockets(/TCP socket.*open/).waitFor();
    await runCommand(page, 'Sockets: Connect');
    await answer(page, '127.0.0.1:1');
    const failure = toast(
      /connect\(\d+, 127\.0\.0\.1:1\) = -1 ECONNREFUSED .*Nobody listens on 127\.0\.0\.1:1/,
    );
    await failure.waitFor();
    await failure.getByRole('button', { name: 'Show in Playground' }).click();
    const record = panelFrame(page).getByRole('row').filter({ hasText: 'ECONNREFUSED' });
    await record.waitFor();
    expect(await record.innerText()).toContain('Nobody listens on 127.0.0.1:1');
  });

  it('ask before the first address that others can reach', async () => {
    await runCommand(page, 'Sockets: New TCP Client');
    await answer(page, '192.0.2.1:9');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.filter({ hasText: '192.0.2.1:9' }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await sockets(/client TCP socket.*open/).waitFor();
    await runCommand(page, 'Sockets: Close All and Cancel Waiting Calls');
    await expect.poll(badges).toEqual([]);
  });

  it('run a scenario from its row', async () => {
    const row = rows(page, 'Scenarios').filter({ hasText: 'Echo server' });
    await pressInRow(row, 'Run Scenario');
    await row.locator('.codicon-pass').waitFor();
    expect(await row.innerText()).toMatch(/\d+ calls/);
  });

  it('ask before a scenario uses such an address', async () => {
    const row = rows(page, 'Scenarios').filter({ hasText: 'Outside' });
    // The files of the workspace come last: in a low view they are drawn when the list gets there.
    await page.getByRole('tree', { name: 'Scenarios' }).focus();
    await expect
      .poll(async () => {
        await page.keyboard.press('End');
        return row.count();
      })
      .toBe(1);
    await pressInRow(row, 'Run Scenario');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.filter({ hasText: 'sendto(s, "x", 1, 0, 192.0.2.1:9)' }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await row.locator('.codicon-play-circle').waitFor();
    expect(await row.innerText()).toContain('2 calls');
    // What the run had opened is closed with it.
    await expect.poll(badges).toEqual([]);
  });

  it('come back after a reload and say that the sockets ended with the window', async () => {
    await runCommand(page, 'Sockets: New UDP Socket');
    await panelFrame(page).locator('[data-region="composer"]').waitFor();
    await sockets(/bound · fd/).waitFor();
    // The window's own way: the browser's does not wait until the open tabs are noted.
    const reloaded = page.waitForEvent('domcontentloaded');
    await runCommand(page, 'Developer: Reload Window');
    await reloaded;
    await waitForWindow(page);
    await panelFrame(page).getByText('The sockets ended with the window').waitFor();
    expect(await sockets('bound').count()).toBe(0);
    expect(await toast(/./).count()).toBe(0);
  });
});
