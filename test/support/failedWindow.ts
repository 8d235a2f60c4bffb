import type { Locator, Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { panelFrame } from './window.js';
import { open } from './workbench.js';

// Where a suite runs, often nobody sees the window that a test failed in.
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') {
    for (const page of open) {
      console.log(await stateOf(page));
    }
  }
});

/** What a window shows, and where the focus is. */
async function stateOf(page: Page): Promise<string> {
  const textOf = async (what: string, locator: Locator) => {
    const texts = await locator.allInnerTexts().catch((error: unknown) => [String(error)]);
    return texts.length === 0 ? [] : [`${what}: ${texts.join(' | ').slice(0, 1500)}`];
  };
  const focus = await page
    .evaluate(() => {
      const { tagName, className } = document.activeElement ?? document.body;
      return `${tagName.toLowerCase()}.${className}`;
    })
    .catch(String);
  return [
    `The window has the focus on ${focus}`,
    ...(await textOf('Tabs', page.locator('.tabs-container .tab'))),
    ...(await textOf('Quick input', page.locator('.quick-input-widget:visible'))),
    ...(await textOf('Notifications', page.locator('.notification-toast'))),
    ...(await textOf('Dialog', page.locator('.monaco-dialog-box'))),
    ...(await textOf('Panel', panelFrame(page).locator('body'))),
    ...(await textOf('Panel’s focus', panelFrame(page).locator(':focus'))),
  ].join('\n');
}
