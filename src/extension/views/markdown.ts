/**
 * Text as Markdown that shows it as it is, in one paragraph. Unlike `MarkdownString.appendText` it leaves blanks
 * as they are, so that a long sentence wraps.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[!-/:-@[-`{-~]/g, (character) => {
    switch (character) {
      case '<':
        return '&lt;';
      case '&':
        return '&amp;';
      default:
        return `\\${character}`;
    }
  });
}
