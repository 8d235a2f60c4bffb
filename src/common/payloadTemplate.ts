import { t } from './l10n.js';
import { join, unescape } from './notation/literal.js';
import { bytesOfHex, type LineEnding, lineEndings, maskDump } from './payloadText.js';
import { encodeUtf8 } from './utf8.js';

/** A payload as a person writes it: text with escapes or hexadecimal bytes, with variables between. */
export interface TemplateSource {
  mode: 'text' | 'hex';
  text: string;
  /** What a line break of the text is sent as. */
  ending: LineEnding;
}

/** A whole number as bytes; null for decimal digits. */
type NumberFormat = 'u8' | 'u16be' | 'u16le' | 'u32be' | 'u32le' | null;

const widths: Record<Exclude<NumberFormat, null>, number> = { u8: 1, u16be: 2, u16le: 2, u32be: 4, u32le: 4 };

/** A variable of a template: what it stands for is known when the bytes are made. */
export type Variable =
  /** How many times the template was used, from 1. */
  | { name: 'counter'; format: NumberFormat }
  /** UTC to the second; with a format the seconds since 1970. */
  | { name: 'time'; format: NumberFormat }
  /** So many bytes; as digits twice as many. */
  | { name: 'random'; length: number; isHex: boolean }
  /** How many bytes follow it. */
  | { name: 'len'; format: NumberFormat }
  /** What a group of a rule's pattern has matched; 0 for all of it. */
  | { name: 'group'; index: number };

type Part = { bytes: Uint8Array } | { variable: Variable; text: string; offset: number };

export interface PayloadTemplate {
  parts: readonly Part[];
  /** Its variables as they are written, in order. */
  variables: readonly { variable: Variable; text: string }[];
}

/** What is wrong with a template, and where: an offset in UTF-16 units. */
export interface TemplateProblem {
  message: string;
  offset: number;
}

/** What the variables stand for in one call. */
export interface TemplateValues {
  counter: number;
  /** In ms since 1970. */
  time: number;
  /** Bytes that nobody knows before; each request gets others. */
  random(length: number): Uint8Array;
  /** What a rule's pattern has matched: the whole, then its groups; empty where a group took no part. */
  groups?: readonly Uint8Array[];
}

/** Random bytes of one variable, at most. */
export const maxRandom = 65_536;

/** Bytes that a template is made into, at most. */
const maxTemplateBytes = 16 * 1024 * 1024;

/**
 * Reads a template. A variable stands in double braces; `\{` is a brace that begins none.
 * @param groupCount Where `$0` to `$9` stand for what a pattern has matched: how many groups it has. `$$` is a dollar.
 */
export function parseTemplate(
  { mode, text, ending }: TemplateSource,
  groupCount?: number,
): PayloadTemplate | TemplateProblem {
  let problem: TemplateProblem | undefined;
  const report = (message: string, offset: number) => {
    problem ??= { message, offset };
  };
  const source = mode === 'hex' ? maskDump(text) : text;
  const lineEnd = encodeUtf8(lineEndings[ending]);
  const parts: Part[] = [];
  const plain = (start: number, end: number) => {
    const piece = source.slice(start, end);
    if (piece !== '') {
      const bytes =
        mode === 'hex'
          ? bytesOfHex(piece, (message, range) => report(message, start + range.start))
          : bytesOfText(piece, start, lineEnd, report);
      parts.push({ bytes });
    }
  };
  let from = 0;
  for (const found of source.matchAll(mode === 'hex' ? inHex : groupCount === undefined ? inText : inReply)) {
    const [whole] = found;
    const at = found.index;
    if (whole[0] === '\\' && whole !== '\\{') {
      continue;
    }
    plain(from, at);
    from = at + whole.length;
    if (whole === '\\{') {
      parts.push({ bytes: encodeUtf8('{') });
    } else if (whole === '$$') {
      parts.push({ bytes: encodeUtf8('$') });
    } else {
      const variable = whole[0] === '$' ? groupOf(whole, groupCount!) : variableOf(whole);
      if (typeof variable === 'string') {
        report(variable, at);
      } else {
        parts.push({ variable, text: whole, offset: at });
      }
    }
  }
  plain(from, source.length);
  return problem ?? { parts, variables: parts.flatMap((part) => ('variable' in part ? [part] : [])) };
}

const inHex = /\{\{[^{}]*(?:\}\})?/g;
/** An escape is taken whole, so that a backslash before one is no escape of a brace. */
const inText = /\\[\s\S]|\{\{[^{}]*(?:\}\})?/g;
const inReply = /\\[\s\S]|\{\{[^{}]*(?:\}\})?|\$[$\d]?/g;

function bytesOfText(
  piece: string,
  start: number,
  lineEnd: Uint8Array,
  report: (message: string, offset: number) => void,
): Uint8Array {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const line of piece.split('\n')) {
    if (offset > 0) {
      parts.push(lineEnd);
    }
    parts.push(unescape(line, start + offset, (message, range) => report(message, range.start)));
    offset += line.length + 1;
  }
  return join(parts);
}

/** The variable, or what is wrong with it. */
function variableOf(text: string): Variable | string {
  if (!text.endsWith('}}')) {
    return t('This variable has no end. For two braces as they are, write {0}.', '\\{{');
  }
  const [name, ...args] = text
    .slice(2, -2)
    .split(':')
    .map((part) => part.trim());
  switch (name) {
    case 'counter':
    case 'time':
    case 'len': {
      const [format = null, ...rest] = args;
      return rest.length > 0 || !isFormat(format)
        ? t('{0} takes one of {1}, or nothing for decimal digits.', name, Object.keys(widths).join(', '))
        : { name, format };
    }
    case 'random': {
      const [length = '', format, ...rest] = args;
      const isLength = /^\d{1,6}$/.test(length) && Number(length) >= 1 && Number(length) <= maxRandom;
      return !isLength || rest.length > 0 || (format !== undefined && format !== 'hex')
        ? t(
            'random takes a number of bytes from 1 to {0}, and then hex for digits: {1}.',
            maxRandom,
            '{{random:8:hex}}',
          )
        : { name, length: Number(length), isHex: format === 'hex' };
    }
    default:
      return t(
        'There is no variable {0}. There are {1}; for two braces as they are, write {2}.',
        JSON.stringify(name ?? ''),
        'counter, time, random, len',
        '\\{{',
      );
  }
}

function isFormat(format: string | null): format is NumberFormat {
  return format === null || Object.hasOwn(widths, format);
}

function groupOf(text: string, groupCount: number): Variable | string {
  const index = text.length > 1 ? Number(text[1]) : Number.NaN;
  return Number.isNaN(index)
    ? t('A group is {0} to {1}; for a dollar as it is, write {2}.', '$0', '$9', '$$')
    : index > groupCount
      ? t('The pattern has no group {0}.', index)
      : { name: 'group', index };
}

/** The bytes of a template. Made from its end, because `len` counts what follows it. */
export function expandTemplate(
  { parts }: PayloadTemplate,
  values: TemplateValues,
): Uint8Array | TemplateProblem {
  const pieces: Uint8Array[] = [];
  // Drawn in the order in which they are written.
  const random = parts.map((part) =>
    'variable' in part && part.variable.name === 'random' ? values.random(part.variable.length) : undefined,
  );
  let length = 0;
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index]!;
    const piece = 'bytes' in part ? part.bytes : valueOf(part.variable, values, length, random[index]);
    if (typeof piece === 'string') {
      return { message: piece, offset: 'offset' in part ? part.offset : 0 };
    }
    length += piece.length;
    if (length > maxTemplateBytes) {
      return {
        message: t('This makes more than {0} bytes.', maxTemplateBytes),
        offset: 'offset' in part ? part.offset : 0,
      };
    }
    pieces.push(piece);
  }
  return join(pieces.reverse());
}

function valueOf(
  variable: Variable,
  values: TemplateValues,
  following: number,
  random: Uint8Array | undefined,
): Uint8Array | string {
  switch (variable.name) {
    case 'counter':
      return numberBytes('counter', values.counter, variable.format);
    case 'len':
      return numberBytes('len', following, variable.format);
    case 'time': {
      const seconds = Math.floor(values.time / 1000);
      return variable.format === null
        ? encodeUtf8(`${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`)
        : numberBytes('time', seconds, variable.format);
    }
    case 'random':
      return variable.isHex
        ? encodeUtf8(Array.from(random!, (byte) => byte.toString(16).padStart(2, '0')).join(''))
        : random!;
    case 'group':
      return values.groups?.[variable.index] ?? new Uint8Array(0);
  }
}

function numberBytes(name: string, value: number, format: NumberFormat): Uint8Array | string {
  if (format === null) {
    return encodeUtf8(String(value));
  }
  const width = widths[format];
  if (value >= 2 ** (8 * width)) {
    return t('{0} is {1} here, which does not fit into {2}.', name, value, format);
  }
  const bytes = new Uint8Array(width);
  for (let index = 0; index < width; index++) {
    bytes[format.endsWith('le') ? index : width - 1 - index] = Math.floor(value / 2 ** (8 * index)) & 255;
  }
  return bytes;
}

/** What the variables stand for, with random bytes from where they come. Each request takes the next ones. */
export function templateValues(
  counter: number,
  time: number,
  fill: (bytes: Uint8Array) => Uint8Array,
  groups?: readonly Uint8Array[],
): TemplateValues {
  return { counter, time, random: (length) => fill(new Uint8Array(length)), ...(groups ? { groups } : {}) };
}
