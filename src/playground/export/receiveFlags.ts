import type { Operand, SaidData } from './program.js';

/** Whether a receive returns the length of the whole datagram, also of what had no room: `MSG_TRUNC`. */
export function tellsWholeLength(flags: Operand | undefined): boolean {
  return has(flags, 0x20);
}

/** What the data is compared with; nothing where MSG_TRUNC may have had TCP throw it away, so that only its count is told. */
export function comparedData(
  said: SaidData | null | undefined,
  flags: Operand | undefined,
): SaidData | undefined {
  return said && (said.bytes.length > 0 || !tellsWholeLength(flags)) ? said : undefined;
}

/** Whether descriptors are to arrive with close-on-exec: `MSG_CMSG_CLOEXEC`. */
export function asksCloseOnExec(flags: Operand | undefined): boolean {
  return has(flags, 0x40000000);
}

function has(flags: Operand | undefined, flag: number): boolean {
  return flags?.kind === 'number' && (Number(flags.value ?? 0) & flag) !== 0;
}
