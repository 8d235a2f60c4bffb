import type { Value } from '../../common/call.js';
import { parseValueText } from '../../common/notation/parser.js';
import type { Parameter } from '../../common/tables/signatures.js';
import { platform } from '../platform.js';

/** A text as the argument it stands for, or what is wrong with it and where (the first column is 1). */
export type ArgumentReading =
  | { value: Value; hostName?: { host: string; port: number } }
  | { message: string; column: number };

/**
 * Reads what was typed for a parameter: the notation, and for data and paths also plain text with escapes.
 * @param request Of `ioctl(2)`: it says what its argument is.
 */
export function readArgument(text: string, parameter: Parameter, request?: number): ArgumentReading {
  const isPlain = parameter.type === 'data' || parameter.type === 'path';
  if (!isPlain || isDataNotation(text)) {
    return parseValueText(text, parameter.type, {
      platform,
      ...(request === undefined ? {} : { optname: request }),
    });
  }
  const { literal, typedColumn } = quote(text);
  const reading = parseValueText(literal, parameter.type, { platform });
  return 'message' in reading ? { message: reading.message, column: typedColumn(reading.column) } : reading;
}

/** Whether the text is data in the notation already: `"…"`, `hex("…")`, `base64("…")`. */
function isDataNotation(text: string): boolean {
  return /^\s*("|hex\s*\(|base64\s*\()/.test(text);
}

/**
 * A line as a person types it as a literal of the notation: backslash escapes count, quotes need none.
 * `typedColumn` leads from a place in the literal back to the one in what was typed.
 */
function quote(text: string): { literal: string; typedColumn: (column: number) => number } {
  const added: number[] = [];
  let inside = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (character === '"') {
      added.push(inside.length);
      inside += '\\"';
    } else if (character === '\\' && index + 1 < text.length) {
      index += 1;
      inside += character + text[index]!;
    } else {
      inside += character;
    }
  }
  return {
    literal: `"${inside}"`,
    typedColumn: (column) => {
      const place = column - 2;
      return Math.max(1, Math.min(place - added.filter((each) => each < place).length, text.length - 1) + 1);
    },
  };
}
