import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { setTheme } from './panelPage.js';
import { mostDifferentThemes, type ThemeName } from './themes.js';

const axePath = fileURLToPath(import.meta.resolve('axe-core'));

/**
 * The rules of accessibility that the page, or a part of it, breaks, each with the elements that do.
 * @param rules Looks only for these.
 */
export async function axeViolations(page: Page, part = 'html', rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.evaluate(await readFile(path.join(path.dirname(axePath), 'axe.min.js'), 'utf8'));
  }
  return page.evaluate(
    async ([selector, values]) => {
      const { axe } = window as unknown as {
        axe: {
          run(
            selector: string,
            options: { resultTypes: string[]; runOnly?: { type: 'rule'; values: string[] } },
          ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
        };
      };
      const { violations } = await axe.run(selector, {
        resultTypes: ['violations'],
        ...(values === undefined ? {} : { runOnly: { type: 'rule', values } }),
      });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
      );
    },
    [part, rules] as const,
  );
}

/** Those that axe looks for when nothing else is asked and gives the tag `cat.color`. */
const rulesOfColours = ['color-contrast', 'link-in-text-block'];

/**
 * The rules of accessibility that the page breaks in themes: in the first any, in the others those of colours. Nothing
 * else of a page depends on the theme that a rule looks at.
 */
export async function axeViolationsInThemes(
  page: Page,
  names: readonly ThemeName[] = mostDifferentThemes,
): Promise<string[]> {
  const found: string[] = [];
  for (const [index, name] of names.entries()) {
    await setTheme(page, name);
    const violations = await axeViolations(page, 'html', index === 0 ? undefined : rulesOfColours);
    found.push(...violations.map((violation) => `${name}: ${violation}`));
  }
  return found;
}
