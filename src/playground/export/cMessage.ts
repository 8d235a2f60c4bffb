import { addressText, checkAddress } from './cAddresses.js';
import { type CallContext, checkNumber } from './cContext.js';
import { checkReceived } from './cData.js';
import { cString } from './cLiterals.js';
import { checkFields, valueInPlace } from './cStructs.js';
import type { ControlOperand, ExpectedControl, MessageOperand } from './program.js';

/** The `struct msghdr` of `sendmsg(2)` and `recvmsg(2)`, with everything that it points to. */
export function messageArgument(context: CallContext): string {
  const operand = context.step.args[1]!;
  if (operand.kind !== 'message') {
    return 'NULL';
  }
  const isReceived = context.step.name === 'recvmsg';
  const { before } = context.block;
  const parts = isReceived ? roomFor(context, operand) : dataOf(operand);
  before.push('struct msghdr message = {0};');
  if (parts.length > 0) {
    before.push(
      `struct iovec parts[] = {${parts.join(', ')}};`,
      'message.msg_iov = parts;',
      `message.msg_iovlen = ${parts.length};`,
    );
  }
  nameOf(context, operand, isReceived);
  if (isReceived) {
    receivedControl(context, operand);
    const room = operand.parts.reduce((sum, { length }) => sum + length, 0);
    checkReceived(context, context.step.args[2], String(room));
    const { messageFlags } = context.step.expected;
    if (messageFlags) {
      const said = context.number(messageFlags);
      context.block.after.push(checkNumber(context, 'msg_flags', 'message.msg_flags', said));
    }
  } else {
    passedControl(context, operand);
  }
  return '&message';
}

function dataOf({ parts }: MessageOperand): string[] {
  return parts.map(({ bytes, length }) => `{(char *)${cString(bytes ?? new Uint8Array(0))}, ${length}}`);
}

function roomFor({ block }: CallContext, { parts }: MessageOperand): string[] {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  if (parts.length > 0) {
    block.before.push(`static char data[${Math.max(1, total)}];`);
  }
  let at = 0;
  return parts.map(({ length }) => {
    const text = `{data${at === 0 ? '' : ` + ${at}`}, ${length}}`;
    at += length;
    return text;
  });
}

function nameOf(context: CallContext, { name }: MessageOperand, isReceived: boolean): void {
  if (!name) {
    return;
  }
  const { before, after } = context.block;
  const text = isReceived ? '{0}' : addressText(context, name, '-1');
  context.use('address');
  before.push(
    `struct address name = ${text};`,
    'message.msg_name = &name.as;',
    `message.msg_namelen = ${isReceived ? 'sizeof name.as' : 'name.length'};`,
  );
  if (isReceived) {
    after.push('name.length = message.msg_namelen;');
    checkAddress(context, 'name');
  }
}

function passedControl({ block, use, number }: CallContext, { control }: MessageOperand): void {
  if (control.length === 0) {
    return;
  }
  const parts = control.map(({ level, type, data }) => {
    const { address, size } = dataInPlace(data, number);
    return {
      size,
      text: `${use('add_control')}(&message, ${number(level)}, ${number(type)}, ${address}, ${size});`,
    };
  });
  block.before.push(
    `union { struct cmsghdr align; char room[${parts.map(({ size }) => `CMSG_SPACE(${size})`).join(' + ')}]; } control = {0};`,
    'message.msg_control = &control;',
    ...parts.map(({ text }) => text),
  );
}

function dataInPlace(
  data: ControlOperand['data'],
  number: CallContext['number'],
): { address: string; size: string } {
  return data.kind === 'descriptors'
    ? {
        address: `(int[]){${data.items.map(number).join(', ')}}`,
        size: `${data.items.length} * sizeof(int)`,
      }
    : valueInPlace(data, number);
}

function receivedControl(context: CallContext, { controlLength, descriptors }: MessageOperand): void {
  const { step, block, use, number } = context;
  const { control } = step.expected;
  if (controlLength > 0) {
    block.before.push(
      `union { struct cmsghdr align; char room[${controlLength}]; } control = {0};`,
      'message.msg_control = &control;',
      `message.msg_controllen = ${controlLength};`,
    );
  }
  if (!control) {
    return;
  }
  block.after.push(
    checkNumber(
      context,
      'the number of control messages',
      `${use('control_count')}(&message)`,
      String(control.length),
    ),
  );
  const names = descriptors.map(number);
  if (control.length > 0) {
    block.after.push('struct cmsghdr *part;');
  }
  control.forEach((each, index) => {
    const own = names.splice(0, each.descriptors);
    const checks = [...own.map(takeDescriptor), ...checksOf(context, each)];
    const text = `${use('control_part')}(${context.line.number}, &message, ${index}, ${number(each.level)}, ${number(each.type)}, ${leastLength(each, own.length)})`;
    block.after.push(
      ...(checks.length === 0
        ? [`part = ${text};`, '(void)part;']
        : [`part = ${text};`, 'if (part != NULL) {', ...checks.map((line) => `    ${line}`), '}']),
    );
  });
}

function takeDescriptor(name: string, index: number): string {
  return `memcpy(&${name}, CMSG_DATA(part)${index === 0 ? '' : ` + ${index} * sizeof(int)`}, sizeof(int));`;
}

function leastLength({ data }: ExpectedControl, count: number): string {
  if (count > 0) {
    return `${count} * sizeof(int)`;
  }
  return data?.kind === 'struct' ? String(data.size) : data?.kind === 'int' ? '1' : '0';
}

function checksOf(context: CallContext, { type, data }: ExpectedControl): string[] {
  const { line, use, number } = context;
  const what = type.node.kind === 'constant' ? type.node.name : 'the control message';
  switch (data?.kind) {
    case 'int':
      return [checkNumber(context, what, `${use('control_number')}(part)`, number(data.value))];
    case 'bytes':
      return [
        `${use('check_data')}(${line.number}, CMSG_DATA(part), part->cmsg_len - CMSG_LEN(0), ${cString(data.bytes)}, ${data.bytes.length});`,
      ];
    case 'struct': {
      const checks = checkFields(context, data, 'got->', 'CMSG_DATA(part)');
      const isNamed = checks.some((text) => text.includes('got->'));
      return [...(isNamed ? [`const ${data.type} *got = (const void *)CMSG_DATA(part);`] : []), ...checks];
    }
    default:
      return [];
  }
}
