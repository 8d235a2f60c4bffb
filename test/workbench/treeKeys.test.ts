import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { answer, pick, quickInput, runCommand, showSockets } from '../support/workbench.js';

describe('The keys of the tree of open sockets', () => {
  const window = useDarkWindow();
  const rows = () =>
    window.page
      .locator('.pane', { has: window.page.locator('.pane-header[aria-label^="Open Sockets"]') })
      .locator('.monaco-list-row');
  const row = (text: string | RegExp): Locator => rows().filter({ hasText: text });
  const focused = () => rows().and(window.page.locator('.focused'));
  const press = (key: string) => window.page.keyboard.press(key);

  /** Moves the focus, and only it, to a row. */
  const goTo = async (text: RegExp) => {
    await press('Home');
    for (let steps = 0; !text.test((await focused().allInnerTexts()).join()); steps++) {
      expect(steps, `the arrow leads to ${text}`).toBeLessThan(20);
      await press('ArrowDown');
    }
  };

  it('are about the row with the focus, which is not the selected one', async () => {
    const { page } = window;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await showSockets(page);
    for (let made = 1; made <= 4; made++) {
      await runCommand(page, 'Sockets: Create Socket…');
      await pick(page, 'TCP over IPv4');
      await expect.poll(() => row(/TCP socket/).count()).toBe(made);
    }
    await row(/TCP socket/)
      .first()
      .click();
    await expect
      .poll(() =>
        row(/TCP socket/)
          .first()
          .getAttribute('aria-selected'),
      )
      .toBe('true');
    const [first, second] = (await row(/TCP socket/).allInnerTexts()).map((text) => /fd \d+/.exec(text)![0]);
    await goTo(new RegExp(second!));
    await press('F2');
    await quickInput(page).field.waitFor();
    await answer(page, 'renamed');
    await row(/renamed/)
      .filter({ hasText: second! })
      .waitFor();
    // It is still only the focus that is there.
    expect(await row(first!).getAttribute('aria-selected')).toBe('true');

    await goTo(/renamed/);
    await press('Control+C');
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/TCP/i);
    await press('Delete');
    await expect.poll(() => row(/TCP socket/).count()).toBe(3);
    await row(first!).waitFor();
    expect(await quickInput(page).field.count()).toBe(0);
  });

  it('close nothing where the row with the focus is none of a socket', async () => {
    await press('Home');
    await press('Delete');
    await window.page
      .locator('.notification-toast', { hasText: 'The row with the focus is no socket.' })
      .waitFor();
    expect(await row(/TCP socket/).count()).toBe(3);
    expect(await quickInput(window.page).field.count()).toBe(0);
  });

  it('close all selected rows from one of them, and leave a menu for one socket behind', async () => {
    const { page } = window;
    await row(/TCP socket/)
      .first()
      .click();
    await press('Shift+ArrowDown');
    await expect.poll(() => rows().and(page.locator('[aria-selected=true]')).count()).toBe(2);
    await press('Delete');
    await expect.poll(() => row(/TCP socket/).count()).toBe(1);
    await expect.poll(() => row(/TCP socket/).getAttribute('aria-selected')).toBe('true');
    await row(/TCP socket/).click({ button: 'right' });
    await page.locator('.monaco-menu:visible .action-item', { hasText: 'Rename' }).waitFor();
    await press('Escape');
  });
});
