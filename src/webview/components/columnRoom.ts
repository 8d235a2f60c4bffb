import type { RefObject } from 'preact';
import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { columnIds, type ColumnId } from '../state/columns.js';
import { characterWidth, padding } from './tableHead.js';

/** In a font in which these are not equally wide only the browser knows how wide a text is. */
const probes = ['0', 'i', 'W'];

/** The room in the columns of a table. A cell whose text fits need not be cut, and to cut costs more than to draw. */
export class ColumnRoom {
  /**
   * @param charWidth Of each printable ASCII character, in px; infinite where they differ.
   * @param widths Of what is within a cell, in px, by the places of the columns; 0 where there is none.
   */
  constructor(
    private readonly charWidth: number,
    private readonly widths: readonly number[],
  ) {}

  /**
   * The classes of a cell.
   * @param text All that is in it; null where that is not only text in the font of the rows.
   * @param before What stands before the text, in px.
   */
  cell(id: ColumnId, text: string | null, before = 0): string {
    const place = columnIds.indexOf(id);
    const room = this.widths[place] ?? 0;
    const fits = text !== null && before + text.length * this.charWidth <= room && isAscii(text);
    return fits ? `c${place} fits` : `c${place}`;
  }
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** Measures the room, and again where the columns change, which are as wide as the font says. */
export function useColumnRoom(table: RefObject<HTMLElement>): ColumnRoom {
  const room = useSignal(new ColumnRoom(Infinity, []));
  useLayoutEffect(() => {
    const head = table.current.querySelector<HTMLElement>('.th')!;
    const measure = () => {
      const [width = 0, ...others] = probes.map((char) => characterWidth(head, char));
      const isMonospaced = others.every((other) => Math.abs(other - width) < 0.01);
      const widths = columnIds.map((_, place) => {
        const cell = head.querySelector<HTMLElement>(`.c${place}`)!;
        return Math.max(0, cell.offsetWidth - padding);
      });
      room.value = new ColumnRoom(isMonospaced ? width : Infinity, widths);
    };
    const observer = new ResizeObserver(measure);
    for (const cell of head.children) {
      observer.observe(cell);
    }
    return () => observer.disconnect();
  }, [room, table]);
  return room.value;
}
