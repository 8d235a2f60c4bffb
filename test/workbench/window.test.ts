import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { runCommand, startWorkbench, type Workbench } from '../support/workbench.js';

/** What holds in each VS Code, in a window that others have used, too. */
function holdsIn(window: { readonly page: Page }): void {
  it('shows the Sockets view in the activity bar', async () => {
    const { page } = window;
    // It may be shown already, and its icon would hide it.
    await runCommand(page, 'View: Show Explorer');
    const title = page.locator('.sidebar .composite.title h2');
    await expect.poll(() => title.innerText()).toMatch(/explorer/i);
    await page.locator('.activitybar .action-label[aria-label^="Sockets"]').click();
    await page.locator('.sidebar .pane-header[aria-label^="Open Sockets"]').waitFor();
    await expect.poll(() => title.innerText()).toMatch(/sockets/i);
  });

  it('runs a command from the palette', async () => {
    const { page } = window;
    await runCommand(page, 'View: Toggle Panel Visibility');
    await expect.poll(() => page.locator('.part.panel:visible').count()).toBe(1);
  });
}

describe('VS Code 1.139.1 with the packaged extension', () => {
  holdsIn(useDarkWindow());
});

describe('VS Code 1.100.3 with the packaged extension', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await startWorkbench({ version: '1.100.3' });
  });
  afterAll(() => workbench?.dispose());

  holdsIn({
    get page() {
      return workbench.page;
    },
  });
});
