import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import { type CallContext, checkNumber, plainArgument } from './cContext.js';
import { cString } from './cLiterals.js';
import { Unsupported } from './code.js';
import type { AddressOperand } from './program.js';
import { rawBytes } from './rawAddress.js';

/** An address to pass and its length. */
export function passedAddress(context: CallContext, index: number): string {
  const { step, block, use, number, variable } = context;
  const operand = step.args[index]!;
  const length = step.args[index + 1];
  const given = length?.kind === 'number' ? number(length) : undefined;
  if (operand.kind !== 'address') {
    return `NULL, ${given ?? '0'}`;
  }
  let name: string;
  if (operand.form === 'variable') {
    name = variable(operand.name);
  } else {
    name = 'address';
    const text = addressText(context, operand, step.args[0] ? plainArgument(context, 0) : '-1');
    block.before.push(`struct address address = ${text};`);
  }
  use('address');
  return `&${name}.as.any, ${given ?? `${name}.length`}`;
}

/** An address that the kernel writes: nothing is asked for where nothing is said of it. */
export function outAddress(context: CallContext, index: number): string {
  const { block, use, number, variable } = context;
  const { args, expected, name, targets } = context.step;
  const [address, length] = [args[index]!, args[index + 1]!];
  const isAddressCall = name === 'getsockname' || name === 'getpeername';
  const isWanted =
    isAddressCall || expected.address !== null || expected.length !== null || length.kind === 'number';
  const isBad = length.kind === 'null' && address.kind !== 'null';
  if (isBad) {
    use('address');
    block.before.push('struct address peer = {0};');
    return '&peer.as.any, NULL';
  }
  if (!isWanted || length.kind === 'null' || (address.kind === 'null' && length.kind === 'omitted')) {
    return 'NULL, NULL';
  }
  use('address');
  const target = isAddressCall && targets[0] !== undefined ? variable(targets[0]) : 'peer';
  const room = length.kind === 'number' ? number(length) : `sizeof ${target}.as`;
  if (target === 'peer') {
    block.before.push('struct address peer = {0};');
  }
  block.before.push(`${target}.length = ${room};`);
  if (expected.length) {
    const said = number(expected.length);
    block.after.push(checkNumber(context, 'the length of the address', `${target}.length`, said));
    if (length.kind === 'number' && Number(expected.length.value) > Number(length.value)) {
      // The kernel tells the whole length, and writes what there is room for.
      block.after.push(`${target}.length = ${room};`);
    }
  }
  checkAddress(context, target);
  return `${address.kind === 'null' ? 'NULL' : `&${target}.as.any`}, &${target}.length`;
}

/** Compares an address that has come with what the line says of it. */
export function checkAddress(context: CallContext, target: string): void {
  const { step, line, block, use, variable } = context;
  const { address } = step.expected;
  if (!address) {
    return;
  }
  if (address.form === 'port' && address.learns !== undefined) {
    block.compared.push(`${variable(address.learns)} = ${target};`);
  }
  const isVariable = address.form === 'variable';
  if (!isVariable) {
    block.compared.push(`struct address expected = ${addressText(context, address, '-1')};`);
  }
  const other = isVariable ? variable(address.name) : 'expected';
  block.compared.push(`${use('check_address')}(${line.number}, &${target}, &${other});`);
}

/** An address as an expression of the type `struct address`. */
export function addressText(
  { line, use, number, variable }: CallContext,
  operand: AddressOperand,
  fd: string,
): string {
  switch (operand.form) {
    case 'variable':
      return variable(operand.name);
    case 'known':
      return knownAddress(use, operand.address, null);
    case 'port':
      return knownAddress(use, operand.address, number(operand.port));
    case 'host':
      return `${use('resolve')}(${line.number}, ${fd}, ${cString(Buffer.from(operand.host))}, ${number(operand.port)})`;
  }
}

function knownAddress(use: CallContext['use'], address: SocketAddress, port: string | null): string {
  switch (address.family) {
    case 'AF_INET':
      return `${use('ipv4')}(${cString(Buffer.from(address.address))}, ${port ?? address.port})`;
    case 'AF_INET6': {
      const { scopeId = 0, flowinfo = 0 } = address;
      const scope =
        typeof scopeId === 'number' ? String(scopeId) : `if_nametoindex(${cString(Buffer.from(scopeId))})`;
      return `${use('ipv6')}(${cString(Buffer.from(address.address))}, ${port ?? address.port}, ${flowinfo}, ${scope})`;
    }
    case 'AF_UNIX': {
      if (!address.isAbstract && address.name.length === 0) {
        return `${use('raw_address')}("\\001\\000", 2)`;
      }
      const helper = use(address.isAbstract ? 'abstract_name' : 'path');
      return `${helper}(${cString(address.name)}, ${address.name.length})`;
    }
    default: {
      const bytes = rawBytes(address);
      if (!bytes || bytes.length > 128) {
        throw new Unsupported(t('An address of this family is not exported.'));
      }
      return `${use('raw_address')}(${cString(bytes)}, ${bytes.length})`;
    }
  }
}
