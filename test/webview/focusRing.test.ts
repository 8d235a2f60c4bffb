import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { Caller } from './caller.js';
import { useBrowser } from './browser.js';
import { openPanel, setTheme } from './panelPage.js';
import { mostDifferentThemes } from './themes.js';

const browser = useBrowser();

/**
 * What takes the focus and then has no full edge that it has not had before, as far as it is drawn now: the first of each
 * kind that is not known.
 */
async function unseen(page: Page, known: string[]): Promise<string[]> {
  // The edge is for who comes with the keyboard.
  await page.keyboard.press('Tab');
  const result = await page.evaluate((looked) => {
    const found = new Set<string>();
    const kinds = new Set(looked);
    /** The edges of it, of the box that a field's text is in, and of the lanes, whose own lies over their heads. */
    const edges = (element: HTMLElement) =>
      [
        getComputedStyle(element),
        getComputedStyle(element.closest('.field') ?? element),
        getComputedStyle(element.closest('.lanesrow') ?? element, '::after'),
      ].map(({ outlineStyle, outlineWidth, outlineColor }) => ({ outlineStyle, outlineWidth, outlineColor }));
    const all = document.querySelectorAll<HTMLElement>(
      'button, input, select, textarea, summary, [tabindex]',
    );
    for (const element of all) {
      const marks = ['aria-pressed', 'aria-checked', 'aria-selected', 'aria-current', 'aria-invalid'];
      const kind = [
        element.localName,
        element.className,
        element.parentElement!.className,
        ...marks.map((name) => element.getAttribute(name)),
      ].join();
      if (kinds.has(kind)) {
        continue;
      }
      if (
        element.tabIndex < 0 ||
        !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
      ) {
        continue;
      }
      kinds.add(kind);
      (document.activeElement as HTMLElement).blur();
      const before = edges(element);
      element.focus();
      const isNew = edges(element).some(
        (edge, index) =>
          edge.outlineStyle === 'solid' && JSON.stringify(edge) !== JSON.stringify(before[index]),
      );
      if (document.activeElement === element && !isNew) {
        found.add(element.outerHTML.replace(/(<[^>]*>).*/s, '$1').slice(0, 120));
      }
    }
    return { found: [...found], kinds: [...kinds] };
  }, known);
  known.splice(0, known.length, ...result.kinds);
  return result.found;
}

it('whatever has the focus shows it, in every theme', { timeout: 180_000 }, async () => {
  const panel = untilTestEnds(await openPanel(browser, { view: 'lanes', width: 1366 }));
  const { page, playground } = panel;
  const caller = new Caller(playground);
  const listener = await caller.listener();
  const [client, peer] = await caller.connection(listener);
  await caller.send(client, 'some bytes');
  await caller.recv(peer);
  await caller.call('listen', client, 1);
  const { seq } = await caller.wait('recv', peer, { kind: 'any' }, 16, 0);
  panel.request({ kind: 'showInspector' });
  panel.request({ kind: 'select', seq: 8, socketId: null });
  panel.request({ kind: 'prepare', call: { name: 'connect', args: [client] } });
  await page.locator('.form input').first().fill('x');
  await page.locator('.problem').first().waitFor();
  await page.getByRole('switch').first().waitFor();
  const known = { dark: [], light: [], highContrast: [], highContrastLight: [] };
  for (const view of ['lanes', 'table'] as const) {
    panel.request({ kind: 'showView', view });
    for (const record of [8, 10, seq]) {
      panel.request({ kind: 'select', seq: record, socketId: null });
      await page.locator(`#record-${record}[tabindex="0"]`).waitFor();
      for (const theme of mostDifferentThemes) {
        await setTheme(page, theme);
        expect.soft(await unseen(page, known[theme]), `${theme}, ${view}, record ${record}`).toEqual([]);
      }
    }
  }
});
