import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, startWorkbench, type Workbench } from '../support/workbench.js';

describe.each(['1.139.1', '1.100.3'] as const)('VS Code %s with the packaged extension', (version) => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await startWorkbench({ version });
  });
  afterAll(() => workbench?.dispose());

  it('shows the Sockets view in the activity bar', async () => {
    const { page } = workbench;
    await page.locator('.activitybar .action-label[aria-label^="Sockets"]').click();
    await page.locator('.sidebar .pane-header[aria-label^="Open Sockets"]').waitFor();
    const title = page.locator('.sidebar .composite.title h2');
    await expect.poll(() => title.innerText()).toMatch(/sockets/i);
  });

  it('runs a command from the palette', async () => {
    const { page } = workbench;
    await runCommand(page, 'View: Toggle Panel Visibility');
    await expect.poll(() => page.locator('.part.panel:visible').count()).toBe(1);
  });
});
