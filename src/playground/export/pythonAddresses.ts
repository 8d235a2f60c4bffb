import { constantName } from '../../common/tables/constants.js';
import type { AddressOperand, NumberOperand, Operand } from './program.js';
import { NeedsLibc } from './pythonContext.js';
import type { PythonDescriptors } from './pythonDescriptors.js';
import { isUnnamed, knownAddress, pythonString, usualLength } from './pythonLiterals.js';

/** How a program writes what addresses are made of. */
export interface AddressSpelling {
  descriptors: PythonDescriptors;
  variable: (name: string) => string;
  number: (operand: NumberOperand) => string;
}

/** An address to pass: Python finds its length by itself. */
export function passedAddress(operand: Operand, length: Operand, spelling: AddressSpelling): string {
  if (operand.kind !== 'address') {
    throw new NeedsLibc();
  }
  if (length.kind === 'number') {
    const usual =
      operand.form === 'known' || operand.form === 'port' ? usualLength(operand.address) : undefined;
    const said = length.value === undefined ? undefined : Number(length.value);
    if (said !== usual || usual === undefined) {
      throw new NeedsLibc();
    }
  }
  return addressText(operand, spelling);
}

/** An address in Python. */
export function addressText(operand: AddressOperand, { variable, number }: AddressSpelling): string {
  switch (operand.form) {
    case 'variable':
      return variable(operand.name);
    case 'host':
      return `(${pythonString(operand.host)}, ${number(operand.port)})`;
    case 'known':
      return knownAddress(operand.address, null);
    case 'port':
      return knownAddress(operand.address, number(operand.port));
  }
}

/**
 * The family of an address that a call on this descriptor passes; undefined where it is the one that its object has.
 * Python writes addresses by the family of the object.
 */
export function otherFamily(
  operand: AddressOperand,
  fd: Operand,
  { descriptors }: AddressSpelling,
): string | undefined {
  const family = familyOf(operand, descriptors);
  const own = constantName('domain', descriptors.familyOf(fd) ?? -1, 'linux');
  const isOwn = descriptors.kindOf(fd) === 'socket' && (own === undefined || own === family);
  return isOwn ? undefined : family;
}

function familyOf(operand: AddressOperand, descriptors: PythonDescriptors): string | undefined {
  switch (operand.form) {
    case 'host':
      return undefined;
    case 'variable':
      return constantName('domain', descriptors.addressFamily(operand.name) ?? -1, 'linux');
    default: {
      const { address } = operand;
      return address.family === 'raw' ? (isUnnamed(address.bytes) ? 'AF_UNIX' : undefined) : address.family;
    }
  }
}
