import type { Call, CallRecord, Value } from '../call.js';
import { t } from '../l10n.js';
import { type MovedPart, movedPart } from '../requestedLength.js';
import { constantValue, formatFlags, type Platform } from '../tables/constants.js';
import { errnoMessage } from '../tables/errnos.js';
import { isObserved } from '../observed.js';
import { signatureOf, type ParameterType } from '../tables/signatures.js';
import { TokenWriter, type PrintedToken } from './tokens.js';
import { filledArguments, shortenedArguments } from './obviousArguments.js';
import { type PrintOptions, ValuePrinter } from './valuePrinter.js';

export { printAddress } from './addressPrinter.js';
export type { PrintStyle } from './text.js';
export type { PrintedToken } from './tokens.js';
export type { PrintOptions } from './valuePrinter.js';

/** What can be printed as a call: a call to make, or a record of one. */
export type PrintableCall = Pick<Call, 'name' | 'args'>;

/** What can be printed with its result. */
export type PrintableRecord = Pick<CallRecord, 'name' | 'args' | 'status' | 'result' | 'errno'> &
  Partial<Pick<CallRecord, 'payload' | 'resolution' | 'madeBy'>>;

/** The exact call: `bind(18, 127.0.0.1:0)`, in strace's style with the long address and its length. */
export function printCall(call: PrintableCall, options: PrintOptions = {}): string {
  const writer = new TokenWriter();
  writeCall(writer, call, options);
  return writer.text;
}

/** The pieces of {@link printCall}, for a coloured display. */
export function printTokens(call: PrintableCall, options: PrintOptions = {}): PrintedToken[] {
  const writer = new TokenWriter();
  writeCall(writer, call, options);
  return writer.tokens;
}

/**
 * The transcript's line of a record: the call with its result. One that waits, was cancelled or lost has none, and says
 * so in a comment; so does a host name with all its addresses.
 */
export function printRecord(record: PrintableRecord, options: PrintOptions = {}): string {
  return printRecordTokens(record, options)
    .map(({ text }) => text)
    .join('');
}

/** The pieces of {@link printRecord}. */
function printRecordTokens(record: PrintableRecord, options: PrintOptions = {}): PrintedToken[] {
  const writer = new TokenWriter();
  writeCall(writer, record, options);
  writer.write('punctuation', ' ');
  writeResult(writer, record, options);
  writeComment(writer, record);
  return writer.tokens;
}

/** The result alone: `= 14`, `= -1 EINVAL (Invalid argument)`, `= ?`. */
export function printResult(record: PrintableRecord, options: PrintOptions = {}): string {
  const writer = new TokenWriter();
  writeResult(writer, record, options);
  return writer.text;
}

/**
 * Any value; with the type of its parameter numbers get their names.
 * @param before The arguments before it, on which the names of some depend.
 */
export function printValue(
  value: Value,
  type?: ParameterType,
  options: PrintOptions = {},
  before: readonly Value[] = [],
): string {
  const writer = new TokenWriter();
  new ValuePrinter(writer, options).value(value, type ?? 'optval', before);
  return writer.text;
}

function writeCall(writer: TokenWriter, { name, args }: PrintableCall, options: PrintOptions): void {
  writer.write('call', name);
  const printer = new ValuePrinter(writer, options);
  const { parameters } = signatureOf(name);
  const { style, platform = 'linux' } = options;
  const shown = style === 'strace' ? filledArguments : shortenedArguments;
  const values = shown(name, args, platform);
  const printed = values.slice(0, parameters.length);
  writer.list('(', [...printed.entries()], ')', ([index, value]) => {
    printer.value(value, parameters[index]!.type, values, name);
  });
}

/** What a line says beyond the call and its result: why there is none, what a host name stood for. */
function writeComment(writer: TokenWriter, record: PrintableRecord): void {
  const { status, resolution, madeBy = null } = record;
  const remarks: string[] = [];
  if (status !== 'returned') {
    remarks.push(
      {
        waiting: t('waiting'),
        cancelled: t('cancelled: not an answer of the kernel'),
        lost: isObserved({ madeBy })
          ? t('its return is not in the log')
          : t('the host ended before it returned'),
      }[status],
    );
  }
  const part = status === 'cancelled' || status === 'lost' ? movedPart(record) : undefined;
  if (part) {
    remarks.push(movedRemark(part));
  }
  if (resolution) {
    remarks.push(t('{0} is {1}', resolution.host, resolution.addresses.join(', ')));
  }
  if (remarks.length > 0) {
    writer.write('punctuation', `  # ${remarks.join('; ')}`);
  }
}

function movedRemark({ direction, moved, of, isAtLeast }: MovedPart): string {
  if (direction === 'out') {
    return isAtLeast
      ? t('it had taken at least {0} of {1} bytes', moved, of)
      : t('it had taken {0} of {1} bytes', moved, of);
  }
  return isAtLeast
    ? t('it had given at least {0} of {1} bytes', moved, of)
    : t('it had given {0} of {1} bytes', moved, of);
}

function writeResult(writer: TokenWriter, record: PrintableRecord, options: PrintOptions): void {
  const { name, args, status, result, errno } = record;
  writer.write('punctuation', '= ');
  if (status !== 'returned' || result === null) {
    writer.write('number', '?');
    return;
  }
  if (errno !== null) {
    writer.write('number', '-1');
    writer.write('punctuation', ' ');
    writer.write('error', String(errno));
    writer.write('punctuation', ` (${errnoMessage(errno)})`);
    return;
  }
  const platform = options.platform ?? 'linux';
  const flags = name === 'fcntl' ? flagsResult(args, result, platform) : undefined;
  writer.write('number', flags ? `0x${result.toString(16)}` : String(result));
  if (flags) {
    writer.write('punctuation', ` (flags ${flags})`);
  } else if (name === 'poll') {
    writePollResult(writer, args[0], result, options);
  }
}

/** The flags that F_GETFL and F_GETFD answer with; undefined where the result is a plain number. */
function flagsResult(args: readonly Value[], result: number, platform: Platform): string | undefined {
  if (args[1] === constantValue('F_GETFL', platform)) {
    return formatFlags('openflags', result, platform);
  }
  return args[1] === constantValue('F_GETFD', platform) && result > 0
    ? formatFlags('fdflags', result, platform)
    : undefined;
}

function writePollResult(
  writer: TokenWriter,
  fds: Value | undefined,
  result: number,
  options: PrintOptions,
): void {
  if (result === 0) {
    writer.write('punctuation', ' (Timeout)');
    return;
  }
  const ready = readyFds(fds);
  if (ready.length > 0) {
    writer.write('punctuation', ' (');
    new ValuePrinter(writer, options).value({ kind: 'list', items: ready }, 'pollfds', []);
    writer.write('punctuation', ')');
  }
}

/** The descriptors that poll found ready, as `{fd=3, revents=POLLIN}`. */
export function readyFds(fds: Value | undefined): Value[] {
  if (typeof fds !== 'object' || fds === null || !('kind' in fds) || fds.kind !== 'list') {
    return [];
  }
  return fds.items.flatMap((item) => {
    if (typeof item !== 'object' || item === null || !('kind' in item) || item.kind !== 'struct') {
      return [];
    }
    const kept = item.fields.filter(({ name }) => name === 'fd' || name === 'revents');
    return kept.some(({ name, value }) => name === 'revents' && value !== 0)
      ? [{ kind: 'struct', fields: kept } satisfies Value]
      : [];
  });
}
