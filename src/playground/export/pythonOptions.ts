import { t } from '../../common/l10n.js';
import { Unsupported } from './code.js';
import { optionRoom } from './optionRoom.js';
import { type Call, type CallContext, type Helper, NeedsLibc } from './pythonContext.js';
import { pythonBytes } from './pythonLiterals.js';
import { intText, numberIn, packed } from './pythonStructs.js';
import { namesOf } from './stepNames.js';

/**
 * setsockopt(2) in Python.
 * @throws NeedsLibc where its own method cannot do it.
 */
export function setsockopt(context: CallContext): Call {
  const { step, method, arg, modules } = context;
  const [, , , value, length] = step.args;
  const given = length!.kind === 'number' ? Number(length.value) : undefined;
  const call = `${method('setsockopt')}, ${arg(1)}, ${arg(2)}`;
  switch (value!.kind) {
    case 'null':
    case 'omitted':
      if (given === undefined || !(given >= 0)) {
        throw new NeedsLibc();
      }
      return { text: `${call}, None, ${given}`, after: [] };
    case 'number': {
      if (given !== undefined && given !== 4) {
        if (!(given >= 0 && given < 4)) {
          throw new Unsupported(t('The length says more bytes than there are.'));
        }
        modules.add('struct');
        return { text: `${call}, struct.pack('i', ${context.number(value)})[:${given}]`, after: [] };
      }
      return { text: `${call}, ${intText(value, context)}`, after: [] };
    }
    case 'struct': {
      const { bytes } = value;
      if (given !== undefined && !(given >= 0 && given <= bytes.length)) {
        throw new Unsupported(t('The length says more bytes than there are.'));
      }
      const slice = given === undefined || given === bytes.length ? '' : `[:${given}]`;
      return { text: `${call}, ${packed(value, context)}${slice}`, after: [] };
    }
    default:
      throw new Unsupported(t('An argument on this line is not exported.'));
  }
}

/**
 * getsockopt(2) in Python.
 * @throws NeedsLibc where its own method cannot do it.
 */
export function getsockopt(context: CallContext): Call {
  const { step, line, method, arg, number, helpers } = context;
  const { args, expected } = step;
  const length = args[4]!;
  const room = optionRoom(args, length.kind === 'number' ? Number(length.value) : undefined);
  const { value } = expected;
  if (args[3]!.kind === 'null' || length.kind === 'null') {
    throw new NeedsLibc();
  }
  if (length.kind === 'number' && !(Number(length.value) > 0 && Number(length.value) <= 1024)) {
    throw new NeedsLibc();
  }
  const call = `${method('getsockopt')}, ${arg(1)}, ${arg(2)}`;
  if (value?.kind === 'descriptor') {
    context.descriptors.note(namesOf(value.value), 'number');
    return { text: call, after: [`${number(value.value)} = answer`], isZero: true };
  }
  if (room === 4 && (value === null || value.kind === 'int')) {
    const after =
      value === null
        ? []
        : [`${helpers.use('check_number')}(${line.number}, 'the value', answer, ${number(value.value)})`];
    return { text: call, after, isZero: true };
  }
  return { text: `${call}, ${room}`, after: valueChecks(context), isZero: true };
}

/** Compares a value that stands in `answer` as bytes. */
export function valueChecks({ step, line, number, helpers }: CallContext): string[] {
  const { value } = step.expected;
  const check = (helper: Helper, what: string, got: string, said: string) =>
    `${helpers.use(helper)}(${line.number}, ${what}${got}, ${said})`;
  switch (value?.kind) {
    case undefined:
    case 'struct':
    case 'interfaces':
    case 'descriptor':
      return [];
    case 'tcpState':
      return [check('check_number', "'tcpi_state', ", 'answer[0]', String(value.value))];
    case 'int':
      return [check('check_number', "'the value', ", numberIn('answer', true), number(value.value))];
    case 'bytes': {
      const end = value.bytes.indexOf(0);
      const bytes = value.isText && end >= 0 ? value.bytes.subarray(0, end) : value.bytes;
      const got = value.isText ? "answer.split(b'\\0')[0]" : 'answer';
      return [check('check_data', '', got, pythonBytes(bytes))];
    }
  }
}
