import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, test } from 'vitest';
import { type Held, tempDir } from './disposal.js';
import { makeOutliving } from './held.js';
import { startWorkbench, type Workbench } from './workbench.js';

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

const takesPictures = Boolean(process.env['SCREENSHOTS']);

type Prepare = (folder: string) => Promise<unknown>;

/** Does all of {@link makeFresh} at once: to find each command in the palette would take most of its time. */
const freshKey = 'Control+Alt+Shift+F12';
const freshKeybinding = {
  key: 'ctrl+alt+shift+f12',
  command: 'runCommands',
  args: {
    commands: [
      'workbench.action.closeAllEditors',
      // With one socket more there is surely something to close, and to clear: where there is nothing, neither is done.
      { command: 'socketPlayground.socket', args: { family: 'AF_INET SOCK_STREAM' } },
      'socketPlayground.closeAll',
      'notifications.clearAll',
      'workbench.action.closePanel',
      // It asks.
      'socketPlayground.clear',
    ],
  },
};

async function open(prepare: Prepare | undefined, isDark: boolean): Promise<SharedWindow> {
  const folder = await tempDir();
  await prepare?.(folder.path);
  const workbench = await startWorkbench({
    folder: folder.path,
    settings: isDark ? { 'workbench.colorTheme': 'Default Dark Modern' } : {},
    keybindings: [freshKeybinding],
  });
  return { workbench, folder };
}

/** Puts the window back to how it was opened, but for the numbers of records, which go on. */
async function makeFresh(page: Page): Promise<void> {
  await page.keyboard.press(freshKey);
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Clear Records' }).click();
  await dialog.waitFor({ state: 'detached' });
}

/**
 * A dark window on a folder that is empty if nothing prepares it. To open one costs ten times what it costs to put one
 * back: files that come one after the other in a process share theirs, unless a test has failed in it. Where pictures are
 * taken each has its own, which can have VS Code's own colours.
 */
export function useDarkWindow(
  prepare?: Prepare,
  { picturesAreDark = true } = {},
): Pick<Workbench, 'page' | 'url' | 'serverPid'> & { readonly folder: string } {
  let keeper: Keeper = {};
  let isFresh = false;
  let hasFailed = false;
  it.beforeAll(async ({ keeper: kept }) => {
    keeper = kept;
    const { window } = keeper;
    if (window === undefined) {
      keeper.window = await makeOutliving(() => open(prepare, picturesAreDark || !takesPictures));
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
    if (hasFailed || !isFresh || takesPictures) {
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
    get serverPid() {
      return keeper.window!.workbench.serverPid;
    },
    get folder() {
      return keeper.window!.folder.path;
    },
  };
}
