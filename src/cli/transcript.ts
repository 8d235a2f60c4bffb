import { type CallRecord, isData, type Value } from '../common/call.js';
import type { CallStatement } from '../common/notation/ast.js';
import { type PrintStyle, printRecord } from '../common/notation/printer.js';
import type { Playground } from '../playground/playground.js';
import type { ScenarioRecord } from '../playground/runCalls.js';
import { base64, jsonValue } from '../playground/export/jsonValue.js';
import type { Terminal } from './terminal.js';
import { jsonLine, visible } from './visible.js';

export interface TranscriptFormat {
  style: PrintStyle;
  isJson: boolean;
}

/** Data beyond this many bytes is cut, as strace does it. */
const dataLimit = 1_000_000;

/** Prints records in the order in which they are added: that in which the calls have returned. */
export class TranscriptWriter {
  private lines: Promise<void> = Promise.resolve();

  constructor(
    private readonly terminal: Terminal,
    private readonly format: TranscriptFormat,
    /** The file's name where there are several. */
    private readonly file: string | undefined,
  ) {
    if (file !== undefined && !format.isJson) {
      terminal.print(`# ${visible(file)}`);
    }
  }

  /** @param playground Gives more of the data than the record carries. */
  add(record: ScenarioRecord, playground: Playground): void {
    this.lines = this.lines.then(() => this.print(record, playground));
  }

  /** Resolves when everything that was added is printed. */
  end(): Promise<void> {
    return this.lines;
  }

  private async print(
    { record: short, call, statement }: ScenarioRecord,
    playground: Playground,
  ): Promise<void> {
    const payload = await payloadOf(short, playground);
    const record = {
      ...short,
      args: short.args.map((value, index) => whole(value, call.args[index], payload)),
    };
    const text = printRecord(record, {
      style: this.format.style,
      platform: playground.platform,
      maxData: dataLimit,
    });
    this.terminal.printDone(
      this.format.isJson ? this.json(record, statement, text, payload) : threadMark(record) + text,
    );
  }

  private json(
    record: CallRecord,
    { line }: CallStatement,
    text: string,
    payload: Uint8Array | undefined,
  ): string {
    const { seq, name, result, errno, startNs, endNs } = record;
    return jsonLine({
      ...(this.file === undefined ? {} : { file: this.file }),
      seq,
      thread: threadOf(record),
      line,
      call: name,
      args: record.args.map((value) =>
        payload && isData(value) ? { length: value.length } : jsonValue(value),
      ),
      text,
      result,
      errno,
      startNs,
      endNs,
      data: payload ? base64(payload) : null,
    });
  }
}

/** The bytes that a call moved; the host is asked only for what the record does not carry. */
async function payloadOf(
  { seq, payload, args }: CallRecord,
  playground: Playground,
): Promise<Uint8Array | undefined> {
  if (!payload) {
    return undefined;
  }
  const carried = args.find(isData)?.bytes.subarray(0, payload.length);
  return carried?.length === payload.length ? carried : playground.readData(seq, 0, payload.length);
}

function threadOf({ thread }: CallRecord): string {
  return thread ?? 'main';
}

function threadMark(record: CallRecord): string {
  const thread = threadOf(record);
  return thread === 'main' ? '' : `[${thread}] `;
}

/** Data of which the record carries the beginning: as it was passed, or as it came. */
function whole(value: Value, passed: Value | undefined, payload: Uint8Array | undefined): Value {
  if (!isData(value) || value.bytes.length >= value.length) {
    return value;
  }
  if (isData(passed) && passed.length >= value.length) {
    return { ...value, bytes: passed.bytes };
  }
  return payload && payload.length > value.bytes.length
    ? { ...value, bytes: payload.subarray(0, value.length) }
    : value;
}
