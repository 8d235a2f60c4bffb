import type { Operand } from './program.js';

/** Whether a receive returns the length of the whole datagram, also of what had no room: `MSG_TRUNC`. */
export function tellsWholeLength(flags: Operand | undefined): boolean {
  return flags?.kind === 'number' && (Number(flags.value ?? 0) & 0x20) !== 0;
}
