import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import { launchChromium, openStillPage } from '../../scripts/chromium.mjs';
import { serve, windowUrl } from '../../scripts/serve.mjs';
import type { Held } from './disposal.js';
import { waitForWindow } from './window.js';

export * from './window.js';

/** The current VS Code and the oldest supported one. */
export type VSCodeVersion = '1.139.1' | '1.100.3';

declare module 'vitest' {
  interface ProvidedContext {
    /** For each VS Code, the folder in which the packaged extension is installed. */
    extensionsFolders: Record<VSCodeVersion, string>;
  }
}

export interface WorkbenchOptions {
  /** Default the current one. */
  version?: VSCodeVersion;
  /** User settings besides those of a clean window. */
  settings?: Record<string, unknown>;
  /** User keybindings; default none. */
  keybindings?: object[];
  /** Default English. */
  locale?: 'ko';
  /** The folder that is opened; default the repository's `scenarios`. */
  folder?: string;
  /** Whether workspace trust is asked for, as in a user's window; the folder then starts out restricted. Default: all is trusted. */
  asksForTrust?: boolean;
  /** Default 1440×900. */
  viewport?: { width: number; height: number };
}

/** A real VS Code window with the packaged extension installed. */
export interface Workbench extends Held {
  readonly page: Page;
  readonly url: string;
  /** The server's process; the extension host and the socket host descend from it. */
  readonly serverPid: number;
}

/** The windows that are open. */
export const open = new Set<Page>();

const scenarios = fileURLToPath(new URL('../../scenarios', import.meta.url));

/** Opens a window and waits until it can be worked with. */
export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const { version = '1.139.1', settings = {}, locale, folder = scenarios, asksForTrust = false } = options;
  const own = await mkdtemp(path.join(tmpdir(), 'socket-playground-workbench-'));
  const endings = [() => rm(own, { recursive: true, force: true, maxRetries: 3 })];
  const dispose = async () => {
    for (const end of endings.splice(0).toReversed()) {
      await end();
    }
  };
  try {
    const server = await serve({
      version,
      folder: own,
      extensionsFolder: inject('extensionsFolders')[version],
      settings,
      ...(options.keybindings ? { keybindings: options.keybindings } : {}),
      ...(locale ? { locale } : {}),
      trust: asksForTrust,
    });
    endings.push(server.stop);
    const browser = await launchChromium();
    endings.push(() => browser.close());
    const page = await openStillPage(browser, {
      ...(options.viewport ? { viewport: options.viewport } : {}),
      ...(locale ? { locale } : {}),
    });
    // A file of the page that gets lost on its way is given up by VS Code after half a minute, and the page comes up then.
    page.setDefaultTimeout(60_000);
    open.add(page);
    endings.push(() => Promise.resolve(void open.delete(page)));
    const url = windowUrl({ port: server.port, folder });
    await page.goto(url);
    await waitForWindow(page);
    return { page, url, serverPid: server.pid, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
