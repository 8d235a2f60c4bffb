/** Columns of a font, all of whose own letters are as wide as another, that a text takes. */
export type ColumnsOf = (text: string) => number;

const usual = /^[ -~]*$/;

/** The most that it can take: letters that the font does not have come from another one, and may be twice as wide. */
export function mostColumns(text: string): number {
  return usual.test(text) ? text.length : text.length + text.replace(/[ -~]/g, '').length;
}

/** What a text takes in the font of an element. */
export function columnsIn(element: Element): ColumnsOf {
  const context = document.createElement('canvas').getContext('2d')!;
  context.font = getComputedStyle(element).font;
  const widthOf = (letter: string) => context.measureText(letter).width;
  const known = new Map<string, number>();
  const own = widthOf('0');
  const columnsOf = (letter: string): number => {
    let columns = known.get(letter);
    if (columns === undefined) {
      columns = widthOf(letter) / own;
      known.set(letter, columns);
    }
    return columns;
  };
  return (text) =>
    usual.test(text) ? text.length : Array.from(text).reduce((sum, letter) => sum + columnsOf(letter), 0);
}

/** As many of its letters as have room, the last one for `…` where not all have. */
export function cutTo(text: string, columns: number, columnsOf: ColumnsOf): string {
  if (columnsOf(text) <= columns) {
    return text;
  }
  const letters = Array.from(text);
  let room = columns - 1;
  const kept = letters.findIndex((letter) => (room -= columnsOf(letter)) < 0);
  return `${letters.slice(0, kept).join('')}…`;
}
