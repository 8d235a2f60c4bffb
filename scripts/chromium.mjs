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
