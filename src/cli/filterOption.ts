import { parseFilter } from '../common/filter/parser.js';
import { type OptionValues, UsageError } from './command.js';

/** The filter of the panel that `--filter` gives; empty without one. @throws {UsageError} where it is none. */
export function filterOf({ filter = '' }: OptionValues): string {
  const text = String(filter);
  const [error] = parseFilter(text).errors;
  if (error) {
    throw new UsageError(`--filter: ${error.message}`);
  }
  return text;
}
