import { type CallRecord, isAddress, type Value } from '../../common/call.js';
import { dataOf } from '../../common/messageText.js';
import { type PrintedKind, type PrintedToken, printValue } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';
import { type ParameterType, signatureOf } from '../../common/tables/signatures.js';
import { resultText } from '../../common/recordText.js';
import { previewText } from '../text/bytes.js';

/** What a chip says of a call. */
export interface ChipText {
  tokens: readonly PrintedToken[];
  /** `14`, `-1 ECONNREFUSED`; empty while it waits. */
  result: string;
  /** The beginning of what a call received; null for other calls. */
  received: string | null;
  /** Characters of the call and its result. */
  length: number;
}

/** Bytes of data in a call, and of what it received. */
const shownData = 16;
const shownReceived = 24;

const texts = new WeakMap<CallRecord, ChipText>();

/** The text of a record's chip: the call as people write it, without what it leaves to the kernel. */
export function chipText(record: CallRecord, platform: Platform): ChipText {
  let text = texts.get(record);
  if (!text) {
    const tokens = callTokens(record, platform);
    const result = resultText(record);
    const length = tokens.reduce((sum, token) => sum + token.text.length, 0);
    text = {
      tokens,
      result,
      received: receivedText(record),
      length: length + (result === '' ? 0 : result.length + 3),
    };
    texts.set(record, text);
  }
  return text;
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
function callTokens({ name, args }: CallRecord, platform: Platform): PrintedToken[] {
  const { parameters } = signatureOf(name);
  const isKept = (value: Value, index: number) => {
    const parameter = parameters[index];
    return (
      parameter !== undefined &&
      !filled.has(parameter.type) &&
      !(parameter.name === 'flags' && value === 0) &&
      !(parameter.type === 'socklen' && isAddress(args[index - 1]))
    );
  };
  const tokens: PrintedToken[] = [{ text: name, kind: 'call' }];
  let separator = '(';
  args.forEach((value, index) => {
    if (isKept(value, index)) {
      const { type } = parameters[index]!;
      const text = printValue(
        value,
        type,
        { style: 'short', platform, maxData: shownData },
        args.slice(0, index),
      );
      tokens.push({ text: separator, kind: 'punctuation' }, { text, kind: kindOf(text, isAddress(value)) });
      separator = ', ';
    }
  });
  tokens.push({ text: separator === '(' ? '()' : ')', kind: 'punctuation' });
  return tokens;
}

/** What only the kernel fills. */
const filled: ReadonlySet<ParameterType> = new Set(['buffer', 'sockaddrOut', 'socklenInOut']);

function kindOf(text: string, isOfAddress: boolean): PrintedKind {
  if (isOfAddress) {
    return 'address';
  }
  return text.startsWith('"') ? 'string' : /^[A-Z]/.test(text) ? 'constant' : 'number';
}

function receivedText(record: CallRecord): string | null {
  const { payload } = record;
  return payload?.direction === 'in' && payload.length > 0 && record.errno === null
    ? payloadText(record)
    : null;
}
