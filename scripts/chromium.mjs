// The browser that shows windows and pages in tests.
import { chromium } from 'playwright-core';
import { findChromium } from './tools.mjs';

/**
 * Starts a headless Chromium that asks nothing of the network by itself.
 * @param {Parameters<typeof findChromium>[0] & { args?: string[] }} [which] `args`: more of its switches.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launchChromium(which) {
  const executablePath = findChromium(which);
  if (!executablePath) {
    throw new Error(
      'No Chromium: run `node scripts/setup.mjs --tests`, or name one in the variable CHROMIUM.',
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      // Its sandbox does not start as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(which?.args ?? []),
    ],
  });
}

/**
 * A page for a window of VS Code, in which nothing moves without end: for an icon that turns while a call waits, or a bar of
 * progress, the window would be drawn sixty times a second, without a graphics card.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options] Default 1440×900, English.
 * @returns {Promise<import('playwright-core').Page>}
 */
export async function openStillPage(browser, options) {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  // VS Code's own move all the same.
  await page.addInitScript({
    content: `
      const still = new CSSStyleSheet();
      still.replaceSync('.codicon, .codicon::before, .progress-bit { animation: none !important; }');
      document.adoptedStyleSheets.push(still);`,
  });
  return page;
}
