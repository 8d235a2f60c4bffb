import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Held, tempDir } from '../support/disposal.js';
import { pick, runCommand, startWorkbench, type Workbench } from '../support/workbench.js';

describe('In a workspace that is not trusted', () => {
  let folder: Held & { path: string };
  let workbench: Workbench;
  beforeAll(async () => {
    folder = await tempDir();
    await writeFile(
      path.join(folder.path, 'stranger.sockets'),
      '# From a stranger\ns = socket(AF_INET, SOCK_STREAM, 0)\n',
    );
    workbench = await startWorkbench({ folder: folder.path, asksForTrust: true });
    const { page } = workbench;
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await page.locator('.activitybar .action-label[aria-label^="Sockets"]').click();
  });
  afterAll(async () => {
    await workbench?.dispose();
    await folder?.dispose();
  });

  it('a scenario of the workspace is refused with the reason', async () => {
    const { page } = workbench;
    const toast = page.locator('.notification-toast', { hasText: 'From a stranger does not run' });
    for (const command of ['Run', 'Debug']) {
      await runCommand(page, `Sockets: ${command} Scenario`);
      await pick(page, 'From a stranger');
      await toast.waitFor();
      expect(await toast.innerText()).toMatch(/a file of this workspace, which you do not trust/);
      await runCommand(page, 'Notifications: Clear All Notifications');
      await toast.waitFor({ state: 'hidden' });
    }
    expect(await page.locator('.activitybar .badge-content:visible').allInnerTexts()).toEqual([]);
  });

  it('calls by hand and built-in scenarios are made', async () => {
    const { page } = workbench;
    await runCommand(page, 'Sockets: Run Scenario');
    await pick(page, 'Echo server');
    const row = page.locator('.sidebar .monaco-list-row', { hasText: 'Echo server' });
    await row.locator('.codicon-pass').waitFor();
    await runCommand(page, 'Sockets: New UDP Socket');
    await page.locator('.sidebar .monaco-list-row', { hasText: 'bound' }).waitFor();
    await expect
      .poll(() => page.locator('.activitybar .badge-content:visible').allInnerTexts())
      .toEqual(['1']);
  });
});
