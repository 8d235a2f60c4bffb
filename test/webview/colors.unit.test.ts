import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { themes } from './themes.js';

/** The relative luminance of an opaque colour. */
function luminance(color: string): number {
  expect(color).toMatch(/^#[0-9a-f]{6}$/);
  const parts = [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0]! + 0.7152 * parts[1]! + 0.0722 * parts[2]!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

/** The grounds of VS Code's other themes that differ most from its own: Monokai, Solarized Dark and Light. */
const grounds = { dark: ['#1e1f1c', '#272822', '#00212b'], light: ['#eee8d5', '#fdf6e3'] };

describe('the colours of the states stand out from the panel and the side bar', () => {
  it.each(Object.entries(themes))('%s', (_name, { variables }) => {
    for (const state of [
      'editorLineNumber-foreground',
      'charts-blue',
      'charts-green',
      'socketPlayground-connecting',
      'socketPlayground-closing',
    ]) {
      for (const ground of ['sideBar-background', 'editor-background']) {
        const found = contrast(variables[`--vscode-${state}`]!, variables[`--vscode-${ground}`]!);
        expect(found, `${state} on ${ground}`).toBeGreaterThan(3);
      }
    }
  });

  it.each(packageJson.contributes.colors)('$id in other themes', ({ defaults }) => {
    for (const kind of ['dark', 'light'] as const) {
      for (const ground of grounds[kind]) {
        expect(contrast(defaults[kind], ground), `${kind}, ${ground}`).toBeGreaterThan(3);
      }
    }
  });
});
