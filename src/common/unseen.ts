/** Characters that are not seen and may turn or break the text around them: controls, direction marks, line separators. */
export const unseen = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A name without them. */
export function plainName(text: string): string {
  return text.replaceAll(unseen, '');
}
