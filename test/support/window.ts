import type { FrameLocator, Locator, Page } from 'playwright-core';

/** Waits until the window is drawn, after it was opened or reloaded. */
export async function waitForWindow(page: Page): Promise<void> {
  await page
    .locator('.monaco-workbench .part.statusbar .statusbar-item')
    .first()
    .waitFor({ timeout: 60_000 });
}

/** What the quick input shows: the palette, a list to pick from, or a field to type into. */
export function quickInput(page: Page): {
  field: Locator;
  row: (label: string) => Locator;
  message: Locator;
} {
  const widget = page.locator('.quick-input-widget:visible');
  return {
    field: widget.locator('.quick-input-box input'),
    row: (label) =>
      widget.locator('.monaco-list-row').filter({
        has: page.locator('.quick-input-list-label .label-name', { hasText: label }),
      }),
    message: widget.locator('.quick-input-message'),
  };
}

/** Runs a command through the palette by its whole title, `Sockets: New TCP Server`. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const { field, row } = quickInput(page);
  const command = row(title).first();
  // The palette knows the commands from when it was opened: while extensions still load, it is opened anew.
  for (let tries = 1; ; tries += 1) {
    await page.keyboard.press('F1');
    try {
      // What takes the focus meanwhile, as a page that has just come up, closes the palette.
      await field.fill(`>${title}`, { timeout: 2_000 * tries });
      await command.waitFor({ timeout: 2_000 * tries });
      break;
    } catch (error) {
      if (tries === 10) {
        throw error;
      }
      await page.keyboard.press('Escape');
      await field.waitFor({ state: 'hidden' });
    }
  }
  await command.click();
}

/** Picks an entry of the quick pick that a command has opened; it may be far down the list. */
export async function pick(page: Page, label: string): Promise<void> {
  const { field, row } = quickInput(page);
  await field.fill(label);
  await row(label).first().click();
}

/** Types into the input box that a command has opened, and accepts. */
export async function answer(page: Page, text: string): Promise<void> {
  const { field } = quickInput(page);
  await field.fill(text);
  await field.press('Enter');
}

/** The content of the visible webview. */
export function panelFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready:visible').frameLocator('#active-frame');
}
