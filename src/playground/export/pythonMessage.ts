import type { CallStep, ControlOperand, ExpectedControl, MessageOperand } from './program.js';
import { type Call, type CallContext, namesIn, NeedsLibc } from './pythonContext.js';
import { checkData } from './pythonData.js';
import { pythonBytes } from './pythonLiterals.js';
import { checkFields, packed } from './pythonStructs.js';
import { asksCloseOnExec, tellsWholeLength } from './receiveFlags.js';

/** sendmsg(2) in Python. */
export function sendmsg(context: CallContext): Call {
  const { step, method, arg, address } = context;
  const message = messageOf(step);
  const parts = partsOf(message.parts);
  const control = message.control.map((part) => controlText(part, context));
  const name = message.name ? `, ${address(message.name)}` : '';
  return {
    text: `${method('sendmsg', message.name ?? undefined)}, [${parts.join(', ')}], [${control.join(', ')}], ${arg(2)}${name}`,
    after: [],
  };
}

/** The buffers of a message in Python. */
export function partsOf(parts: MessageOperand['parts']): string[] {
  return parts.map(({ bytes, length }) => pythonBytes((bytes ?? new Uint8Array(0)).subarray(0, length)));
}

/** A control message in Python. */
export function controlText({ level, type, data }: ControlOperand, context: CallContext): string {
  const { number, descriptors, modules } = context;
  const kind = `${number(level)}, ${number(type)}`;
  if (data.kind !== 'descriptors') {
    return `(${kind}, ${packed(data, context)})`;
  }
  modules.add('struct');
  const fds = data.items.map((fd) => descriptors.number(fd)).join(', ');
  return `(${kind}, struct.pack('${data.items.length}i', ${fds}))`;
}

/** recvmsg(2) in Python. */
export function recvmsg(context: CallContext): Call {
  const { step, line, method, arg, number, helpers } = context;
  const message = messageOf(step);
  const { messageFlags, control } = step.expected;
  const room = `${message.controlLength}, ${arg(2)}`;
  const [part, ...others] = message.parts;
  // Into buffers it tells also of bytes that had no room there.
  const isScattered = others.length > 0 || tellsWholeLength(step.args[2]);
  const after = [
    // The bytes that went into several buffers are compared as one.
    ...(isScattered ? ["result = (b''.join(parts)[:result[0]], *result[1:])"] : []),
    ...checkData(context, step.args[2]),
    ...takeDescriptors(context, message),
    ...(control ? controlChecks(context, control) : []),
  ];
  if (messageFlags) {
    const flags = asksCloseOnExec(step.args[2]) ? 'result[2]' : 'result[2] & ~socket.MSG_CMSG_CLOEXEC';
    after.push(
      `${helpers.use('check_number')}(${line.number}, 'msg_flags', ${flags}, ${number(messageFlags)})`,
    );
  }
  if (!isScattered) {
    return { text: `${method('recvmsg')}, ${part?.length ?? 0}, ${room}`, after };
  }
  const buffers = message.parts.map(({ length }) => `bytearray(${length})`);
  return {
    before: [`parts = [${buffers.join(', ')}]`],
    text: `${method('recvmsg_into')}, parts, ${room}`,
    after,
  };
}

function takeDescriptors(
  { number, helpers, descriptors: known }: CallContext,
  { descriptors }: MessageOperand,
): string[] {
  if (descriptors.length === 0) {
    return [];
  }
  known.note(descriptors.flatMap(namesIn), 'either');
  return [
    `fds = ${helpers.use('received')}(result[1])`,
    ...descriptors.map((each, index) => `${number(each)} = fds[${index}] if len(fds) > ${index} else -1`),
  ];
}

function controlChecks(context: CallContext, control: readonly ExpectedControl[]): string[] {
  const { line, number, helpers } = context;
  const check = helpers.use('check_number');
  return [
    `${check}(${line.number}, 'the number of control messages', len(result[1]), ${control.length})`,
    ...control.flatMap((each, index) => [
      `part = ${helpers.use('control_part')}(${line.number}, result[1], ${index}, ${number(each.level)}, ${number(each.type)})`,
      ...partChecks(context, each),
    ]),
  ];
}

function partChecks(context: CallContext, { type, data }: ExpectedControl): string[] {
  const { line, number, helpers } = context;
  const what = type.node.kind === 'constant' ? type.node.name : 'the control message';
  switch (data?.kind) {
    case 'int':
      return [
        `${helpers.use('check_number')}(${line.number}, '${what}', ${helpers.use('control_number')}(part), ${number(data.value)})`,
      ];
    case 'bytes':
      return [`${helpers.use('check_data')}(${line.number}, part, ${pythonBytes(data.bytes)})`];
    case 'struct':
      return checkFields(context, data, 'part');
    default:
      return [];
  }
}

function messageOf({ args }: CallStep): MessageOperand {
  const operand = args[1]!;
  if (operand.kind !== 'message') {
    throw new NeedsLibc();
  }
  return operand;
}
