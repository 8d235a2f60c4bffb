import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { type ColumnsOf, columnsIn, mostColumns } from './textWidth.js';

/** How many characters the ruler has. */
export const rulerLength = 50;

/**
 * How large the lanes' area is, in px, and how wide what is written in it.
 * @param ruler An element with characters of the calls' font.
 */
export function useAreaSize(area: RefObject<HTMLElement | null>, ruler: RefObject<HTMLElement | null>) {
  const size = useSignal({ width: 0, height: 0 });
  const charWidth = useSignal(7.2);
  const columnsOf = useSignal<ColumnsOf>(mostColumns);
  useLayoutEffect(() => {
    const element = area.current!;
    const read = () => {
      size.value = { width: element.clientWidth, height: element.clientHeight };
      const width = ruler.current!.getBoundingClientRect().width / rulerLength;
      if (width !== charWidth.value || columnsOf.value === mostColumns) {
        charWidth.value = width;
        columnsOf.value = columnsIn(ruler.current!);
      }
    };
    const observer = new ResizeObserver(read);
    observer.observe(element);
    observer.observe(ruler.current!);
    read();
    return () => observer.disconnect();
  }, []);
  return { size, charWidth, columnsOf };
}
