import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, test } from 'vitest';
import { type Held, tempDir } from './disposal.js';
import { makeOutliving } from './held.js';
import { startWorkbench, type Workbench } from './workbench.js';
import { pick, runCommand } from './window.js';

/** A window, and the folder that is opened in it. */
interface SharedWindow {
  readonly workbench: Workbench;
  readonly folder: Held & { readonly path: string };
}

interface Keeper {
  window?: SharedWindow | undefined;
}

/** One window is opened in a process, and files take it over from each other. */
// oxlint-disable-next-line no-empty-pattern -- vitest reads from it what this needs of others
const it = test.extend('keeper', { scope: 'worker' }, ({}, { onCleanup }) => {
  const keeper: Keeper = {};
  onCleanup(() => end(keeper));
  return keeper;
});

async function end(keeper: Keeper): Promise<void> {
  const { window } = keeper;
  keeper.window = undefined;
  await window?.workbench.dispose();
  await window?.folder.dispose();
}

type Prepare = (folder: string) => Promise<unknown>;

async function open(prepare: Prepare | undefined): Promise<SharedWindow> {
  const folder = await tempDir();
  await prepare?.(folder.path);
  const workbench = await startWorkbench({
    folder: folder.path,
    settings: { 'workbench.colorTheme': 'Default Dark Modern' },
  });
  return { workbench, folder };
}

/** Puts the window back to how it was opened, but for the numbers of records, which go on. */
async function makeFresh(page: Page): Promise<void> {
  await runCommand(page, 'View: Close All Editors');
  // With one socket more there is surely something to close, and to clear: where there is nothing, neither says so.
  const count = page.locator('.statusbar-item', { has: page.locator('.codicon-plug') });
  await runCommand(page, 'Sockets: Create Socket…');
  await pick(page, 'TCP over IPv4');
  await count.waitFor();
  await runCommand(page, 'Sockets: Close All');
  await count.waitFor({ state: 'detached' });
  await runCommand(page, 'Sockets: Clear Records');
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Clear Records' }).click();
  await dialog.waitFor({ state: 'detached' });
  await runCommand(page, 'Notifications: Clear All Notifications');
  if (await page.locator('.part.panel').isVisible()) {
    await runCommand(page, 'View: Hide Panel');
  }
}

/**
 * A dark window on a folder that is empty if nothing prepares it. To open one costs ten times what it costs to put one
 * back: files that come one after the other in a process share theirs, unless a test has failed in it.
 */
export function useDarkWindow(
  prepare?: Prepare,
): Pick<Workbench, 'page' | 'url'> & { readonly folder: string } {
  let keeper: Keeper = {};
  let isFresh = false;
  let hasFailed = false;
  it.beforeAll(async ({ keeper: kept }) => {
    keeper = kept;
    const { window } = keeper;
    if (window === undefined) {
      keeper.window = await makeOutliving(() => open(prepare));
      isFresh = true;
      return;
    }
    for (const name of await readdir(window.folder.path)) {
      await rm(path.join(window.folder.path, name), { recursive: true });
    }
    // VS Code notices the files while it does the rest.
    await prepare?.(window.folder.path);
    await makeFresh(window.workbench.page);
    isFresh = true;
  });
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail';
  });
  afterAll(async () => {
    // Pictures tell of records from the first on.
    if (hasFailed || !isFresh || process.env['SCREENSHOTS']) {
      await end(keeper);
    }
  });
  return {
    get page() {
      return keeper.window!.workbench.page;
    },
    get url() {
      return keeper.window!.workbench.url;
    },
    get folder() {
      return keeper.window!.folder.path;
    },
  };
}
