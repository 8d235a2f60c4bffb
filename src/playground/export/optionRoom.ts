import { findOption, usualLength } from '../../common/tables/options.js';
import type { Operand } from './program.js';

/** The room for a value that getsockopt writes: as long as the line says, else the option's usual length. */
export function optionRoom(args: readonly Operand[], given: number | undefined): number {
  if (given !== undefined) {
    return Math.max(0, Math.min(given, 65536));
  }
  const [level, optname] = [args[1], args[2]].map((each) =>
    each?.kind === 'number' && each.value !== undefined ? Number(each.value) : -1,
  );
  return usualLength(findOption(level!, optname!, 'linux'));
}
