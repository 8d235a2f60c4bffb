import { t } from '../../common/l10n.js';
import { type CallContext, checkNumber, plainArgument } from './cContext.js';
import { checkFields, valueInMemory } from './cStructs.js';
import { Unsupported } from './code.js';
import type { ExpectedValue } from './program.js';

const interfaceSize = 40;

/** `fcntl(2)` and `ioctl(2)`: a number, or a pointer to what the request reads and writes. */
export function request(context: CallContext): string {
  const { step } = context;
  const argument = argumentOf(context);
  const rest = argument === '' ? '' : `, ${argument}`;
  return `${step.name}(${plainArgument(context, 0)}, ${plainArgument(context, 1)}${rest})`;
}

function argumentOf(context: CallContext): string {
  const { step, block, number } = context;
  const operand = step.args[2]!;
  const { value } = step.expected;
  switch (operand.kind) {
    case 'omitted':
      return '';
    case 'null':
    case 'number':
      return plainArgument(context, 2);
    case 'int':
    case 'struct': {
      const { address } = valueInMemory(context, operand);
      block.after.push(...checksOf(context, value));
      return address;
    }
    case 'room': {
      const isArray = operand.type.endsWith(']');
      const isStruct = operand.type.startsWith('struct ');
      const [element, count = ''] = operand.type.split('[');
      block.before.push(
        isArray ? `${element} value[${count} = {0};` : `${operand.type} value = ${isStruct ? '{0}' : '0'};`,
      );
      block.after.push(...checksOf(context, value));
      return isArray ? 'value' : '&value';
    }
    case 'interfaces': {
      const { length, isNull } = operand;
      if (!isNull) {
        block.before.push(`struct ifreq list[${Math.max(1, Math.ceil(length / interfaceSize))}];`);
      }
      block.before.push(
        `struct ifconf value = {.ifc_len = ${length}, .ifc_buf = ${isNull ? 'NULL' : '(char *)list'}};`,
      );
      if (value?.kind === 'interfaces') {
        const { items, length: said } = value;
        block.after.push(
          ...(said ? [checkNumber(context, 'ifc_len', 'value.ifc_len', number(said))] : []),
          ...(items
            ? [
                checkNumber(
                  context,
                  'the number of interfaces',
                  'value.ifc_len / sizeof(struct ifreq)',
                  String(items.length),
                ),
              ]
            : []),
          ...(items ?? []).flatMap((item, index) =>
            checkFields(context, item, `list[${index}].`, `(char *)&list[${index}]`),
          ),
        );
      }
      return '&value';
    }
    default:
      throw new Unsupported(t('An argument on this line is not exported.'));
  }
}

function checksOf(context: CallContext, value: ExpectedValue | null): string[] {
  switch (value?.kind) {
    case 'int':
      return [checkNumber(context, 'the value', 'value', context.number(value.value))];
    case 'struct':
      return checkFields(context, value, 'value.', '(char *)&value');
    default:
      return [];
  }
}
