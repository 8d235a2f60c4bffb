import type { Page } from 'playwright-core';
import { afterEach, beforeEach } from 'vitest';
import { sharedByTests, untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { openPanel, type PanelPage, type PanelPageOptions } from './panelPage.js';

interface Shown {
  panel: PanelPage;
  page: Page;
}

interface Pages {
  /** A panel for one test. */
  (options?: PanelPageOptions): Promise<Shown>;
  /** One for all tests of a block, see `sharedByTests`, as `fill` leaves it. */
  share(fill: (shown: Shown) => Promise<unknown>): () => Shown;
}

/** Panels for the tests of a file. A test fails with a fault of the page that it is given. */
export function openPages(): Pages {
  const browser = useBrowser();
  let opened: PanelPage | undefined;

  afterEach(() => {
    const faults = opened?.faults ?? [];
    opened = undefined;
    if (faults.length > 0) {
      throw new Error(`The page had faults:\n${faults.join('\n')}`);
    }
  });

  const open = async (options: PanelPageOptions = {}): Promise<Shown> => {
    const panel = untilTestEnds(await openPanel(browser, options));
    opened = panel;
    return { panel, page: panel.page };
  };
  const share: Pages['share'] = (fill) => {
    const shared = sharedByTests(async () => {
      const panel = await openPanel(browser);
      await fill({ panel, page: panel.page });
      return panel;
    });
    beforeEach(() => {
      opened = shared();
    });
    return () => ({ panel: shared(), page: shared().page });
  };
  return Object.assign(open, { share });
}
