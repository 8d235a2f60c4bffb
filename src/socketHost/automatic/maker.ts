import type { Automation } from '../../common/socket.js';

/** Who made a record, as it says. */
export function makerOf({ mode }: Pick<Automation, 'mode'>): string {
  return `auto-${mode}`;
}
