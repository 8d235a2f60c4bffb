import type { Operand } from './program.js';

/** Whether a receive returns the length of the whole datagram, also of what had no room: `MSG_TRUNC`. */
export function tellsWholeLength(flags: Operand | undefined): boolean {
  return has(flags, 0x20);
}

/** Whether descriptors are to arrive with close-on-exec: `MSG_CMSG_CLOEXEC`. */
export function asksCloseOnExec(flags: Operand | undefined): boolean {
  return has(flags, 0x40000000);
}

function has(flags: Operand | undefined, flag: number): boolean {
  return flags?.kind === 'number' && (Number(flags.value ?? 0) & flag) !== 0;
}
