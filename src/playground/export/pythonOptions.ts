import { t } from '../../common/l10n.js';
import { Unsupported } from './code.js';
import { optionRoom } from './optionRoom.js';
import type { Call, CallContext, Helper } from './pythonContext.js';
import { pythonBytes } from './pythonLiterals.js';
import { intText, packed } from './pythonStructs.js';

export function setsockopt(context: CallContext): Call {
  const { step, method, arg, modules } = context;
  const [, , , value, length] = step.args;
  const given = length!.kind === 'number' ? Number(length.value) : undefined;
  const call = `${method('setsockopt')}, ${arg(1)}, ${arg(2)}`;
  switch (value!.kind) {
    case 'null':
    case 'omitted':
      if (given === undefined || !(given >= 0)) {
        throw new Unsupported(t('Python passes no null pointer.'));
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

export function getsockopt({ step, line, method, arg, number, helpers }: CallContext): Call {
  const { args, expected } = step;
  const length = args[4]!;
  const room = optionRoom(args, length.kind === 'number' ? Number(length.value) : undefined);
  const { value } = expected;
  const call = `${method('getsockopt')}, ${arg(1)}, ${arg(2)}`;
  if (args[3]!.kind === 'null' || length.kind === 'null') {
    throw new Unsupported(t('Python passes no null pointer.'));
  }
  if (length.kind === 'number' && !(Number(length.value) > 0 && Number(length.value) <= 1024)) {
    throw new Unsupported(t('Python chooses the length of this value by itself.'));
  }
  const check = (helper: Helper, what: string, got: string, said: string) =>
    `${helpers.use(helper)}(${line.number}, ${what}${got}, ${said})`;
  if (room === 4 && (value === null || value.kind === 'int')) {
    const after =
      value === null ? [] : [check('check_number', "'the value', ", 'answer', number(value.value))];
    return { text: call, after, isZero: true };
  }
  const text = `${call}, ${room}`;
  switch (value?.kind) {
    case undefined:
    case 'struct':
    case 'interfaces':
      return { text, after: [], isZero: true };
    case 'tcpState':
      return {
        text,
        after: [check('check_number', "'tcpi_state', ", 'answer[0]', String(value.value))],
        isZero: true,
      };
    case 'int':
      return {
        text,
        after: [
          check(
            'check_number',
            "'the value', ",
            'int.from_bytes(answer, sys.byteorder, signed=True)',
            number(value.value),
          ),
        ],
        isZero: true,
      };
    case 'bytes': {
      const end = value.bytes.indexOf(0);
      const bytes = value.isText && end >= 0 ? value.bytes.subarray(0, end) : value.bytes;
      const got = value.isText ? "answer.split(b'\\0')[0]" : 'answer';
      return { text, after: [check('check_data', '', got, pythonBytes(bytes))], isZero: true };
    }
  }
}
