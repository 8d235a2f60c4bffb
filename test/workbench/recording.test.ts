import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { panelFrame, runCommand, showSockets, waitForWindow } from '../support/workbench.js';

/** The processes below another one that run the socket host's program. */
function socketHostsBelow(ancestor: number): number[] {
  const lines = execFileSync('ps', ['-Ao', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const all = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!);
  const parents = new Map(all.map(([, pid, parent]) => [Number(pid), Number(parent)]));
  const isBelow = (pid: number): boolean =>
    pid === ancestor || (parents.has(pid) && isBelow(parents.get(pid)!));
  return all.flatMap(([, pid, , args]) =>
    args!.includes('socketHost.js') && isBelow(Number(pid)) ? [Number(pid)] : [],
  );
}

describe('Records in a real window', () => {
  const workbench = useDarkWindow();
  let page: Page;
  beforeAll(async () => {
    page = workbench.page;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await showSockets(page);
    await runCommand(page, 'Sockets: New TCP Server');
    await frame().locator('.rec').getByText('4 records', { exact: true }).waitFor();
  });

  const frame = () => panelFrame(page);
  const filter = () => frame().locator('#filter');
  const count = () => frame().locator('.rec').innerText();
  /** The dialog for a file, once it shows where it is. */
  const fileDialog = async (title: string) => {
    const dialog = page.locator('.quick-input-widget:visible', {
      has: page.locator('.quick-input-title', { hasText: title }),
    });
    const field = dialog.locator('.quick-input-box input');
    await expect.poll(() => field.inputValue()).toContain(workbench.folder);
    return { dialog, field };
  };
  /** Until the dialog has looked at the path it takes no Enter. */
  const accept = async ({ dialog, field }: Awaited<ReturnType<typeof fileDialog>>) => {
    await expect
      .poll(async () => {
        await field.press('Enter', { timeout: 2000 }).catch(() => {
          // It has closed meanwhile.
        });
        return dialog.isVisible();
      })
      .toBe(false);
  };
  /** Chooses how records are written; the dialog for the file comes next. */
  const exportAs = async (format: RegExp) => {
    await runCommand(page, 'Sockets: Export Records');
    await page.locator('.quick-input-widget:visible').getByRole('option', { name: format }).click();
    return fileDialog('Export Records');
  };
  const calls = () => frame().locator('[role="row"][data-seq]').allInnerTexts();

  it('are filtered by the language, live', async () => {
    await filter().click();
    await filter().pressSequentially('ca');
    await frame().getByRole('option', { name: /^call/ }).waitFor();
    await filter().fill('call == bnd');
    await frame().getByText('call has no value bnd. Did you mean bind?').waitFor();
    await filter().fill('call == listen || call == accept');
    await expect.poll(count).toBe('2 of 4');
    const target = () =>
      frame().locator('[data-region="composer"]').getByRole('combobox', { name: 'Socket' }).inputValue();
    await expect.poll(target).toMatch(/^\d+$/);
    const before = await target();
    await runCommand(page, 'Sockets: New TCP Server');
    await expect.poll(count).toBe('4 of 8');
    // The form goes on with the new server.
    await expect.poll(target).toBe(String(Number(before) + 1));
  });

  it('are there after a reload, in a tab of their own, read only', async () => {
    // The window's own way: the browser's does not wait until the open tabs are noted.
    const reloaded = page.waitForEvent('domcontentloaded');
    await runCommand(page, 'Developer: Reload Window');
    await reloaded;
    await waitForWindow(page);
    await frame().getByRole('button', { name: 'Open the last recording' }).click();
    await frame().getByText('The records of an earlier window').waitFor();
    await expect.poll(count).toBe('8 records');
    await expect.poll(async () => (await calls()).join('\n')).toMatch(/accept[^]*lost/);
    expect(await frame().locator('[data-region="composer"]').count()).toBe(0);
    await frame().locator('[role="row"][data-seq]', { hasText: 'listen' }).first().click();
    const copied = async () => {
      // VS Code learns with a delay where the page's focus is.
      await page.keyboard.press('Control+C');
      return page.evaluate(() => navigator.clipboard.readText());
    };
    await expect.poll(copied).toMatch(/^listen\(\d+, 128\) = 0$/);
    await filter().fill('call == accept');
    await expect.poll(count).toBe('2 of 8');
  });

  it('are saved and opened', async () => {
    await runCommand(page, 'Sockets: New UDP Socket');
    // Not by a record: the recording that was in front has one of each number too.
    await expect.poll(count).toBe('2 records');
    await runCommand(page, 'Sockets: Save Recording');
    // Under the name that is proposed: what is typed may meet the dialog's own completion.
    const save = await fileDialog('Save Recording');
    await expect.poll(() => save.field.inputValue()).toContain('recording.sockrec');
    await accept(save);
    await page.locator('.notification-toast', { hasText: 'Saved recording.sockrec.' }).waitFor();
    await runCommand(page, 'Sockets: Open Recording');
    const open = await fileDialog('Open Recording');
    await open.field.fill(path.join(workbench.folder, 'recording.sockrec'));
    await accept(open);
    await frame().getByText('Recording recording.sockrec').waitFor();
    await expect.poll(count).toBe('2 records');

    // Exported by the same dialog: left by Escape, nothing is written.
    const left = await exportAs(/Transcript/);
    await left.field.press('Escape');
    await left.dialog.waitFor({ state: 'hidden' });
    // Nor is anything left where it is cancelled, although what reads the records holds still.
    const cancelled = await exportAs(/Transcript/);
    const hosts = socketHostsBelow(workbench.serverPid);
    expect(hosts.length).toBeGreaterThan(0);
    hosts.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    const progress = page.locator('.notification-toast', { hasText: 'Exporting records' });
    const exported = async () =>
      (await readdir(workbench.folder)).filter((name) => name.startsWith('recording.sockets'));
    try {
      await accept(cancelled);
      // It is put in its place once it is whole.
      await expect.poll(exported).toEqual([expect.stringMatching(/\.part$/)]);
      await progress.getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(exported).toEqual([]);
    } finally {
      hosts.forEach((pid) => process.kill(pid, 'SIGCONT'));
    }
    const written = await exportAs(/Transcript/);
    await expect.poll(() => written.field.inputValue()).toContain('recording.sockets');
    await accept(written);
    await page
      .locator('.notification-toast', { hasText: 'Exported 2 records to recording.sockets.' })
      .waitFor();
    expect(await readFile(path.join(workbench.folder, 'recording.sockets'), 'utf8')).toMatch(
      /^socket\(.*\nbind\(/,
    );
    // The name that is proposed has the ending of the format.
    const capture = await exportAs(/Wireshark/);
    await expect.poll(() => capture.field.inputValue()).toContain('recording.pcapng');
    await accept(capture);
    const notice = page.locator('.notification-toast', { hasText: 'packets to recording.pcapng.' });
    await notice.getByRole('button', { name: 'What Is Left Out' }).click();
    const dialog = page.locator('.monaco-dialog-box', { hasText: 'Left out: 0 records of sockets other' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  it('of a client that was refused leave its call in the form', async () => {
    await runCommand(page, 'Sockets: New TCP Client');
    const question = page.locator('.quick-input-widget:visible', { hasText: 'New TCP Client' });
    await question.locator('input').fill('127.0.0.1:1');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => frame().locator('.preview .call').innerText())
      .toMatch(/^connect\(\d+, 127\.0\.0\.1:1\)/);
  });
});
