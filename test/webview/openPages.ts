import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { launchChromium } from '../support/pageServer.js';
import { openPanel, type PanelPage, type PanelPageOptions } from './panelPage.js';

/** A browser for the tests of a file. What it gives opens a panel for one test, which fails with a fault of its page. */
export function openPages(): (options?: PanelPageOptions) => Promise<{ panel: PanelPage; page: Page }> {
  let browser: Browser;
  let opened: PanelPage | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  afterEach(() => {
    const faults = opened?.faults ?? [];
    opened = undefined;
    if (faults.length > 0) {
      throw new Error(`The page had faults:\n${faults.join('\n')}`);
    }
  });

  return async (options = {}) => {
    const panel = untilTestEnds(await openPanel(browser, options));
    opened = panel;
    return { panel, page: panel.page };
  };
}
