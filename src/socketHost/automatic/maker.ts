import { makers } from '../../common/rows/rowLayout.js';
import type { Automation } from '../../common/socket.js';

/** Who made a record, as it says. */
export function makerOf({ mode }: Pick<Automation, 'mode'>): string {
  return `auto-${mode}`;
}

const codes = new Map<string | null, number>(makers.map((maker, code) => [maker, code]));

/** The same, as rows of moved payload have it; 0 where a row has none for it. */
export function makerCode(automation: Pick<Automation, 'mode'> | null): number {
  return automation ? (codes.get(makerOf(automation)) ?? 0) : 0;
}
