import { expect, it } from 'vitest';
import { escapeMarkdown } from '../../src/extension/views/markdown.js';

it.each([
  ['127.0.0.1:4000 → [::1]:5', '127\\.0\\.0\\.1\\:4000 → \\[\\:\\:1\\]\\:5'],
  ['<img src=x onerror=alert(1)>', '&lt;img src\\=x onerror\\=alert\\(1\\)\\>'],
  ['a\n\n# b\t& c;', 'a \\# b &amp; c\\;'],
  ['[x](command:y) $(zap) `code`', '\\[x\\]\\(command\\:y\\) \\$\\(zap\\) \\`code\\`'],
])('escapes %j', (text, markdown) => {
  expect(escapeMarkdown(text)).toBe(markdown);
});
