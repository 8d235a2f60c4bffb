import type { FrameLocator, Locator, Page } from 'playwright-core';

/** Waits until the window is drawn, after it was opened or reloaded. */
export async function waitForWindow(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor();
}

/** Shows the Sockets view; its icon would hide it where it is shown. */
export async function showSockets(page: Page): Promise<void> {
  const icon = page.locator('.action-label[aria-label^="Sockets"]');
  const item = page.locator('.activitybar .action-item', { has: icon });
  if (!/\bchecked\b/.test((await item.getAttribute('class')) ?? '')) {
    await item.click();
  }
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
export function runCommand(page: Page, title: string): Promise<void> {
  return quickAccess(page, { key: 'F1', text: `>${title}`, label: title });
}

/** Opens VS Code's own quick input with a key, types into it, and takes an entry. */
export async function quickAccess(
  page: Page,
  { key, text, label }: { key: string; text: string; label: string },
): Promise<void> {
  const { field, row } = quickInput(page);
  const entry = row(label).first();
  // It knows the commands and files from when it was opened, and closes when anything takes the focus, as a page does
  // that has just come up: until the entry is taken, it is opened anew.
  for (let tries = 1; ; tries += 1) {
    await page.keyboard.press(key);
    try {
      await field.fill(text, { timeout: 2_000 * tries });
      await entry.waitFor({ timeout: 2_000 * tries });
      // Not too soon: what was clicked late is not clicked twice.
      await entry.click({ timeout: 10_000 });
      return;
    } catch (error) {
      if (tries === 10) {
        throw error;
      }
      // In the field and not in the page, where the key would end what waits.
      await field.press('Escape', { timeout: 500 }).catch(() => {
        // It has closed already.
      });
      await field.waitFor({ state: 'hidden', timeout: 2_000 }).catch(() => {
        // It did not hear the key: the next try opens it anew all the same.
      });
    }
  }
}

/** Presses a button that a row of a tree shows while the pointer is over it. */
export async function pressInRow(row: Locator, label: string): Promise<void> {
  const button = row.locator(`.action-label[aria-label^="${label}"]`);
  for (let tries = 1; ; tries += 1) {
    await row.hover();
    try {
      await button.waitFor({ timeout: 1_000 * tries });
      await button.click({ timeout: 10_000 });
      return;
    } catch (error) {
      // The tree was drawn anew, and the row has moved from under the pointer.
      if (tries === 10) {
        throw error;
      }
    }
  }
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

/** What stands in the editor in front. */
export async function editorText(page: Page): Promise<string> {
  const text = await page.locator('.editor-instance .view-lines').innerText();
  // VS Code draws no-break spaces.
  return text.replaceAll('\u00a0', ' ');
}

/** The content of the visible webview. */
export function panelFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready:visible').frameLocator('#active-frame');
}
