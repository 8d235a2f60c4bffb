import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Held, tempDir } from '../support/disposal.js';
import {
  panelFrame,
  runCommand,
  startWorkbench,
  waitForWindow,
  type Workbench,
} from '../support/workbench.js';

describe('Records in a real window', () => {
  let folder: Held & { path: string };
  let workbench: Workbench;
  let page: Page;
  beforeAll(async () => {
    folder = await tempDir();
    workbench = await startWorkbench({ folder: folder.path });
    page = workbench.page;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('.activitybar .action-label[aria-label^="Sockets"]').click();
    await runCommand(page, 'Sockets: New TCP Server');
    await panelFrame(page).locator('#record-4').waitFor();
  });
  afterAll(async () => {
    await workbench?.dispose();
    await folder?.dispose();
  });

  const frame = () => panelFrame(page);
  const filter = () => frame().locator('#filter');
  const count = () => frame().locator('.rec').innerText();
  /** Types a file's path into the dialog; until it has looked at the path, the dialog takes no Enter. */
  const chooseFile = async (title: string) => {
    const dialog = page.locator('.quick-input-widget:visible', {
      has: page.locator('.quick-input-title', { hasText: title }),
    });
    await dialog.waitFor();
    const field = dialog.locator('.quick-input-box input');
    const type = async () => {
      try {
        await field.fill(path.join(folder.path, 'mine.sockrec'), { timeout: 2000 });
        await field.press('Enter', { timeout: 2000 });
        await dialog.waitFor({ state: 'hidden', timeout: 2000 });
      } catch {
        // It is still open, or has closed meanwhile.
      }
      return dialog.isVisible();
    };
    await expect.poll(type, { timeout: 60_000 }).toBe(false);
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
    await runCommand(page, 'Sockets: New TCP Server');
    await expect.poll(count).toBe('4 of 8');
  });

  it('are there after a reload, in a tab of their own, read only', async () => {
    // The window's own way: the browser's does not wait until the open tabs are noted.
    const reloaded = page.waitForEvent('domcontentloaded', { timeout: 60_000 });
    await runCommand(page, 'Developer: Reload Window');
    await reloaded;
    await waitForWindow(page);
    await frame().getByRole('button', { name: 'Open the last recording' }).click({ timeout: 60_000 });
    await frame().getByText('The records of an earlier window').waitFor({ timeout: 60_000 });
    await expect.poll(count).toBe('8 records');
    await expect.poll(async () => (await calls()).join('\n')).toMatch(/accept[^]*lost/);
    expect(await frame().locator('[data-region="composer"]').count()).toBe(0);
    await frame().locator('#record-3').click();
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
    await frame().locator('#record-2').waitFor();
    await runCommand(page, 'Sockets: Save Recording');
    await chooseFile('Save Recording');
    await page
      .locator('.notification-toast', { hasText: 'Saved mine.sockrec.' })
      .waitFor({ timeout: 60_000 });
    await runCommand(page, 'Sockets: Open Recording');
    await chooseFile('Open Recording');
    await frame().getByText('Recording mine.sockrec').waitFor({ timeout: 60_000 });
    await expect.poll(count).toBe('2 records');
  });
});
