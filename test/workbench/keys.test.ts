import type { FrameLocator, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { panelFrame, runCommand, startWorkbench, type Workbench } from '../support/workbench.js';

describe('The keys of the panel', () => {
  let workbench: Workbench;
  let page: Page;
  let frame: FrameLocator;
  beforeAll(async () => {
    workbench = await startWorkbench();
    page = workbench.page;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('.activitybar .action-label[aria-label^="Sockets"]').click();
    await runCommand(page, 'Sockets: New TCP Server');
    frame = panelFrame(page);
    await frame.locator('#record-4').waitFor();
  });
  afterAll(() => workbench?.dispose());

  const count = () => frame.getByRole('row').count();
  const inspector = () => frame.locator('[data-region="inspector"]');

  /**
   * Presses a key until it shows, because VS Code learns with a delay where the page's focus is. Only for keys that do
   * no harm when they are pressed once too often.
   */
  async function pressUntil(key: string, effect: Locator): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      await page.keyboard.press(key);
      try {
        await effect.waitFor({ timeout: 1000 });
        return;
      } catch (error) {
        if (tries === 20) {
          throw error;
        }
      }
    }
  }

  it('reach the page while a record has the focus', async () => {
    await frame.locator('#record-4').click();
    await pressUntil('Escape', frame.locator('#record-4', { hasText: 'cancelled' }));
    await page.keyboard.press('i');
    await inspector().waitFor();
    await page.keyboard.press('i');
    await inspector().waitFor({ state: 'detached' });
    expect(await count()).toBe(5);
  });

  it('make the call in the composer', async () => {
    await page.keyboard.press('n');
    await frame.locator('[data-region="composer"] :focus').waitFor();
    await page.keyboard.press('Control+Enter');
    await frame.locator('#record-5', { hasText: 'socket' }).waitFor();
    expect(await count()).toBe(6);
  });

  it('lead to the filter', async () => {
    await frame.locator('#record-2').click();
    await pressUntil('/', frame.locator('#filter:focus'));
    await frame.locator('#filter').fill('');
    await page.keyboard.type('listen');
    await expect.poll(count).toBe(2);
    expect(await frame.locator('#filter').inputValue()).toBe('listen');
    // Two of these letters are keys elsewhere.
    expect(await inspector().count()).toBe(0);
    await frame.locator('#filter').fill('');
    await expect.poll(count).toBe(6);
  });

  it('change between lanes and table', async () => {
    await frame.getByRole('grid', { name: 'Lanes' }).waitFor();
    await frame.locator('#record-2').click();
    await pressUntil('t', frame.getByRole('table', { name: 'Records' }));
    await frame.locator('#record-2').click();
    await pressUntil('l', frame.getByRole('grid', { name: 'Lanes' }));
    expect(await frame.getByRole('table', { name: 'Records' }).count()).toBe(0);
  });

  it('copy the selected call', async () => {
    await frame.locator('#record-3').click();
    const copied = async () => {
      // VS Code learns with a delay where the page's focus is.
      await page.keyboard.press('Control+C');
      return page.evaluate(() => navigator.clipboard.readText());
    };
    await expect.poll(copied).toMatch(/^listen\(\d+, 128\) = 0$/);
  });

  it('do nothing while the focus is elsewhere', async () => {
    await page.locator('.sidebar .monaco-list-row', { hasText: 'LISTEN' }).click();
    await page.keyboard.press('Control+Enter');
    await page.keyboard.press('i');
    await runCommand(page, 'Sockets: Focus Next Region of the Panel');
    expect(await count()).toBe(6);
    expect(await inspector().count()).toBe(0);
  });
});
