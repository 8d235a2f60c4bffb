import { findOption, usualLength } from '../../common/tables/options.js';
import type { Operand } from './program.js';

/** More than the kernel writes of an option. */
const mostRoom = 65536;

/**
 * The room for a value that getsockopt writes: as long as the line says, else the option's usual length. A negative length is a
 * very large one to IPv6.
 */
export function optionRoom(args: readonly Operand[], given: number | undefined): number {
  if (given !== undefined) {
    return given < 0 ? mostRoom : Math.min(given, mostRoom);
  }
  const [level, optname] = [args[1], args[2]].map((each) =>
    each?.kind === 'number' && each.value !== undefined ? Number(each.value) : -1,
  );
  return usualLength(findOption(level!, optname!, 'linux'));
}
