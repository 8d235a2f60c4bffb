import { type CallRecord, isData, type Value } from '../../common/call.js';
import { dataOf } from '../../common/messageText.js';
import { type PrintedToken, printTokens, printValue } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';
import { type Parameter, parameterIndex, signatureOf } from '../../common/tables/signatures.js';
import { resultText } from '../../common/recordText.js';
import { previewText } from '../text/bytes.js';
import { type ColumnsOf, mostColumns } from './textWidth.js';

/** What a chip says of a call. */
export interface ChipText {
  tokens: readonly PrintedToken[];
  /** `14`, `-1 ECONNREFUSED`; empty while it waits. */
  result: string;
  /** The beginning of what a call received; null for other calls. */
  received: string | null;
  /** Columns of the call and its result. */
  length: number;
}

/** Bytes of data in a call, and of what it received. */
const shownData = 16;
const shownReceived = 24;
/** Columns of what was received that are worth leaving out some of the call; and the fewest that say anything. */
const briefReceived = 6;
export const leastReceived = 4;

const texts = new WeakMap<CallRecord, ChipText>();

/** The text of a record's chip: the call as people write it, without what it leaves to the kernel. */
export function chipText(record: CallRecord, platform: Platform): ChipText {
  let text = texts.get(record);
  if (!text) {
    text = textWith(record, callTokens(record, platform, shownData), resultText(record), mostColumns);
    texts.set(record, text);
  }
  return text;
}

/** The same with as much of what it sends as there is room for, in columns. */
export function roomyText(
  record: CallRecord,
  platform: Platform,
  chars: number,
  columnsOf: ColumnsOf = mostColumns,
): ChipText {
  const usual = measured(chipText(record, platform), columnsOf);
  const isCut = record.payload?.direction === 'out' && (dataOf(record)?.length ?? 0) > shownData;
  let data = shownData + (isCut ? chars - usual.length + 3 : 0);
  while (data > shownData) {
    const text = textWith(record, callTokens(record, platform, data), usual.result, columnsOf);
    if (text.length <= chars) {
      return text;
    }
    // Some bytes are written as several characters.
    data -= Math.ceil(text.length - chars);
  }
  return usual;
}

/** What a call has read into an argument, where its result only says that it did: `131072` of an option. */
export function answerText({ name, args, status, errno }: CallRecord, platform: Platform): string | null {
  const index = parameterIndex(name, 'optvalOut');
  const value = args[index];
  if (value === undefined || status !== 'returned' || errno !== null) {
    return null;
  }
  const text = printValue(value, 'optvalOut', { style: 'short', platform, maxData: shownData }, args);
  return text.replace(/^\[([^,]*)\]$/, '$1');
}

/** What a call returned, and what it read where that says nothing of it: `0 → 131072`. */
export function withAnswer(result: string, answer: string | null): string {
  return answer === null ? result : `${result} → ${answer}`;
}

/**
 * The most that fits of what a chip may say: the call as people write it; without the socket, which its lane says, and
 * without lengths; or no more than its name. What was received comes before how much it was.
 * @param chars Columns of the call's font that there are.
 * @param beside How many of them should stay free; without the room a plain 0 is left out for it, and so is the number of
 * what was opened there: an arrow leads to it.
 */
export function briefText(
  record: CallRecord,
  platform: Platform,
  chars: number,
  beside = 0,
  columnsOf: ColumnsOf = mostColumns,
): ChipText {
  const whole = measured(chipText(record, platform), columnsOf);
  const receivedColumns = columnsOf(whole.received ?? '');
  const received = whole.received === null ? 0 : Math.min(receivedColumns, briefReceived);
  const fits = ({ length }: ChipText) => length + received + beside <= chars;
  if (fits(whole)) {
    return whole;
  }
  const { name } = record;
  const answer = answerText(record, platform);
  const main = textWith(record, briefTokens(record, platform), withAnswer(whole.result, answer), columnsOf);
  if (fits(main)) {
    return main;
  }
  const nameOnly: PrintedToken[] = [{ kind: 'call', text: name }];
  if (answer !== null) {
    // That it succeeded goes without saying where the value is there. Behind `=` stands what the call returned, and nothing else.
    const value: PrintedToken = { kind: 'number', text: withAnswer('', answer) };
    const told = [briefTokens(record, platform), nameOnly].map((tokens) =>
      textWith(record, [...tokens, value], '', columnsOf),
    );
    const first = told.find(fits);
    if (first) {
      return first;
    }
  }
  const least = textWith(record, nameOnly, whole.result, columnsOf);
  // The beginning of the bytes tells more than how many there are.
  const isBegun = received > 0 && name.length + Math.min(receivedColumns, leastReceived) + beside <= chars;
  const isShown = beside > 0 && signatureOf(name).returns === 'fd' && record.errno === null && !fits(least);
  const isPlain = beside > 0 && least.result === '0' && least.length > chars;
  return isShown || isPlain || (isBegun && !fits(least))
    ? { ...least, result: '', length: name.length }
    : least;
}

function textWith(
  record: CallRecord,
  tokens: readonly PrintedToken[],
  result: string,
  columnsOf: ColumnsOf,
): ChipText {
  return measured({ tokens, result, received: receivedText(record), length: 0 }, columnsOf);
}

/** With how long it is in this font. */
function measured(text: ChipText, columnsOf: ColumnsOf): ChipText {
  const call = text.tokens.reduce((sum, token) => sum + columnsOf(token.text), 0);
  return { ...text, length: call + (text.result === '' ? 0 : text.result.length + 3) };
}

/** Arguments that the lane says, or the result. */
const saidElsewhere: ReadonlySet<string> = new Set<Parameter['type']>([
  'fd',
  'size',
  'level',
  'socklen',
  'buffer',
  'optvalOut',
]);

/** The call's name, and behind it what tells this call from another: not written as a call, because it is not all of it. */
function briefTokens(record: CallRecord, platform: Platform): PrintedToken[] {
  const { name, args } = record;
  const { parameters } = signatureOf(name);
  const options = { style: 'short', platform, maxData: shownData } as const;
  const said = args.flatMap((value, index): PrintedToken[] => {
    const parameter = parameters[index];
    if (!parameter || saidElsewhere.has(parameter.type) || isLeftOut(parameter, value)) {
      return [];
    }
    const text = ` ${printValue(value, parameter.type, options, args)}`;
    return [{ kind: parameter.type === 'data' ? 'string' : 'number', text }];
  });
  return [{ kind: 'call', text: name }, ...said];
}

/** The beginning of a call's payload on one line. */
export function payloadText(record: CallRecord, from = 0, to = Infinity, room = shownReceived): string {
  const data = dataOf(record);
  if (!data) {
    return '';
  }
  const length = Math.min(to, record.payload?.length ?? data.length) - from;
  return previewText(data.bytes.subarray(from, from + Math.min(length, room)), length);
}

/** The call as people write it: without the arguments that only the kernel fills, and without flags that are 0. */
function callTokens({ name, args }: CallRecord, platform: Platform, maxData: number): PrintedToken[] {
  const { parameters } = signatureOf(name);
  const kept = [...args];
  while (isLeftOut(parameters[kept.length - 1], kept.at(-1))) {
    kept.pop();
  }
  const buffer = parameters.findIndex(({ type }) => type === 'buffer');
  if (buffer >= 0 && isData(kept[buffer])) {
    kept[buffer] = { kind: 'any' };
  }
  return printTokens({ name, args: kept }, { style: 'short', platform, maxData }).map((token) =>
    token.kind === 'punctuation' ? { ...token, text: token.text.replace('_, ', '') } : token,
  );
}

/** Whether an argument at the end goes without saying. */
function isLeftOut(parameter: Parameter | undefined, value: Value | undefined): boolean {
  return (
    parameter !== undefined &&
    ((parameter.name === 'flags' && value === 0) || ['sockaddrOut', 'socklenInOut'].includes(parameter.type))
  );
}

function receivedText(record: CallRecord): string | null {
  const { payload } = record;
  return payload?.direction === 'in' && payload.length > 0 && record.errno === null
    ? payloadText(record)
    : null;
}
