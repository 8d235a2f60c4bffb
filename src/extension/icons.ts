/**
 * Text of a peer's or a stranger's making for a place that makes icons of `$(name)`: quick picks, the status bar.
 * It shows what it says.
 */
export function escapeIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}
