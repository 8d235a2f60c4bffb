import type { BrowserContext } from 'playwright-core';
import { afterAll, afterEach, test } from 'vitest';
import { makeOutliving } from '../support/held.js';
import { launchChromium, startPageServer } from '../support/pageServer.js';

/** Where the pages of a process are opened. */
export interface PageBrowser {
  readonly context: BrowserContext;
  /** Where the page is served. */
  readonly url: string;
}

interface Opened extends PageBrowser {
  close(): Promise<void>;
}

interface Keeper {
  opened?: Opened | undefined;
}

// oxlint-disable-next-line no-empty-pattern -- vitest reads from it what this needs of others
const it = test.extend('browser', { scope: 'worker' }, ({}, { onCleanup }) => {
  const keeper: Keeper = {};
  onCleanup(() => end(keeper));
  return keeper;
});

async function end(keeper: Keeper): Promise<void> {
  const { opened } = keeper;
  keeper.opened = undefined;
  await opened?.close();
}

async function open(): Promise<Opened> {
  const server = await startPageServer();
  const browser = await launchChromium({ args: ['--renderer-process-limit=1'] });
  const context = await browser.newContext();
  // The process of the browser in which the pages are stays while one is there.
  const page = await context.newPage();
  await page.goto(`${server.url}blank`);
  return {
    context,
    url: server.url,
    close: async () => {
      await browser.close();
      await server.dispose();
    },
  };
}

/**
 * A browser, which files take over from each other unless a test has failed in it. All pages are in one process of it:
 * to read the page's code, and the driver's, takes longer than most tests, and so it is read once. A page keeps nothing
 * that another one could see.
 */
export function useBrowser(): PageBrowser {
  let keeper: Keeper = {};
  let hasFailed = false;
  it.beforeAll(async ({ browser }) => {
    keeper = browser;
    keeper.opened ??= await makeOutliving(open);
  });
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail';
  });
  afterAll(async () => {
    if (hasFailed) {
      await end(keeper);
    }
  });
  return {
    get context() {
      return keeper.opened!.context;
    },
    get url() {
      return keeper.opened!.url;
    },
  };
}
