import { t } from '../../common/l10n.js';
import { constantName } from '../../common/tables/constants.js';
import { duplicatingCommands } from '../../common/tables/requests.js';
import { Unsupported } from './code.js';
import type { ExpectedValue } from './program.js';
import { type Call, type CallContext, NeedsLibc } from './pythonContext.js';
import { checkFields, numberIn, packed } from './pythonStructs.js';

/** The most bytes that `fcntl.fcntl()` takes. */
const mostBytes = 1024;
/** `struct ifreq`, of which `SIOCGIFCONF` gives a list. */
const interfaceSize = 40;

/** `fcntl(2)` and `ioctl(2)`: a number, or bytes that the request reads and writes. */
export function request(context: CallContext): Call {
  const { step, descriptors, arg, modules, helpers } = context;
  const [fd, command] = step.args;
  const operand = step.args[2]!;
  if (fd!.kind === 'number' && fd.value !== undefined && fd.value < 0) {
    throw new NeedsLibc();
  }
  const name =
    step.name === 'fcntl'
      ? constantName('fcntlcmd', command!.kind === 'number' ? Number(command.value) : -1, 'linux')
      : undefined;
  modules.add('fcntl');
  const entry = `fcntl.${step.name}`;
  const first = `${descriptors.number(fd!)}, ${arg(1)}`;
  const { value } = step.expected;
  switch (operand.kind) {
    case 'omitted':
      return { text: `${entry}, ${first}`, after: [] };
    case 'number':
      if (name === 'F_DUPFD_QUERY') {
        return { text: `${entry}, ${first}, ${descriptors.number(operand)}`, after: [] };
      }
      if (name !== undefined && duplicatingCommands.has(name)) {
        helpers.use('adopt');
        descriptors.inherit(step.targets, fd!, 'either');
        return { text: `lambda *args: adopt(${entry}(*args)), ${first}, ${arg(2)}`, after: [] };
      }
      return { text: `${entry}, ${first}, ${arg(2)}`, after: [] };
    case 'int':
    case 'struct':
      return {
        text: `${entry}, ${first}, ${packed(operand, context)}`,
        after: checksOf(context, value),
        isZero: true,
      };
    case 'room': {
      if (operand.length > mostBytes) {
        throw new Unsupported(t('A buffer of this length is not exported.'));
      }
      if (step.name === 'ioctl' && value === null) {
        // With room that it may write to, the function gives what the kernel answered: a descriptor, it may be.
        return { text: `${entry}, ${first}, bytearray(${operand.length})`, after: [] };
      }
      return {
        text: `${entry}, ${first}, bytes(${operand.length})`,
        after: checksOf(context, value),
        isZero: true,
      };
    }
    case 'interfaces': {
      const length = operand.isNull ? 'None' : String(operand.length);
      modules.add('array');
      modules.add('struct');
      return {
        text: `${helpers.use('interfaces')}, ${first}, ${length}`,
        after: interfaceChecks(context, value),
        isZero: true,
      };
    }
    case 'null':
      return { text: `${entry}, ${first}, 0`, after: [] };
    default:
      throw new Unsupported(t('An argument on this line is not exported.'));
  }
}

function checksOf(context: CallContext, value: ExpectedValue | null): string[] {
  switch (value?.kind) {
    case 'int': {
      const { line, helpers, number } = context;
      return [
        `${helpers.use('check_number')}(${line.number}, 'the value', ${numberIn('answer', true)}, ${number(value.value)})`,
      ];
    }
    case 'struct':
      return checkFields(context, value, 'answer');
    default:
      return [];
  }
}

function interfaceChecks(context: CallContext, value: ExpectedValue | null): string[] {
  if (value?.kind !== 'interfaces') {
    return [];
  }
  const { line, helpers, number } = context;
  const { length, items } = value;
  const check = helpers.use('check_number');
  return [
    ...(length ? [`${check}(${line.number}, 'ifc_len', answer[0], ${number(length)})`] : []),
    ...(items
      ? [
          `${check}(${line.number}, 'the number of interfaces', len(answer[1]) // ${interfaceSize}, ${items.length})`,
        ]
      : []),
    ...(items ?? []).flatMap((item, index) => {
      const start = index * interfaceSize;
      return checkFields(context, item, `answer[1][${start}:${start + interfaceSize}]`);
    }),
  ];
}
