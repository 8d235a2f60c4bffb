import { isAddress, isData, isOfKind, type Value } from '../call.js';
import type { Platform } from '../tables/constants.js';
import { findOption, type SocketOption } from '../tables/options.js';
import { type CallName, type Parameter, type ParameterType, signatureOf } from '../tables/signatures.js';
import { addressLength, optionLength } from './lengths.js';

/** Every argument, as strace prints them: what was left out has its obvious value. */
export function filledArguments(name: CallName, args: readonly Value[], platform: Platform): Value[] {
  const values = [...args];
  for (const [index, { type }] of signatureOf(name).parameters.entries()) {
    if (index < values.length) {
      continue;
    }
    const value = obvious(type, values, index, name, platform);
    if (value === undefined) {
      break;
    }
    values[index] = value;
  }
  return values;
}

function obvious(
  type: ParameterType,
  values: readonly Value[],
  index: number,
  name: CallName,
  platform: Platform,
): Value | undefined {
  const previous = values[index - 1];
  switch (type) {
    case 'socklen':
      return isAddress(previous)
        ? addressLength(previous)
        : name === 'setsockopt'
          ? optionLength(optionOf(values, platform), previous)
          : 0;
    case 'size':
      return isData(previous) ? previous.length : 0;
    case 'nfds':
      return typeof previous === 'object' && previous && 'items' in previous ? previous.items.length : 0;
    case 'msgflags':
    case 'sockflags':
    case 'protocol':
      return 0;
    case 'timeout':
      return -1;
    case 'fdpair':
      return { kind: 'any' };
    case 'sockaddr':
    case 'sockaddrOut':
    case 'socklenInOut':
    case 'optvalOut':
      return null;
    default:
      return undefined;
  }
}

/** Without what says nothing at the end: an address's usual length, buffers of which nothing is known. */
export function shortenedArguments(name: CallName, args: readonly Value[], platform: Platform): Value[] {
  const values = [...args];
  const { parameters } = signatureOf(name);
  for (let index = values.length - 1; index >= 0; index--) {
    const parameter = parameters[index];
    if (!parameter?.isOptional || !isObvious(parameter, values, index, name, platform)) {
      break;
    }
    values.pop();
  }
  return values;
}

function isObvious(
  parameter: Parameter,
  values: readonly Value[],
  index: number,
  name: CallName,
  platform: Platform,
): boolean {
  const value = values[index];
  const previous = values[index - 1];
  switch (parameter.type) {
    case 'socklen':
      return isAddress(previous)
        ? value === addressLength(previous)
        : name === 'setsockopt' && value === optionLength(optionOf(values, platform), previous);
    case 'socklenInOut':
    case 'sockaddrOut':
    case 'optvalOut':
    case 'fdpair':
      return isOfKind(value, 'any') || (parameter.type === 'socklenInOut' && isWhole(value, previous));
    case 'sockflags':
    case 'fcntlarg':
      return value === 0 && (name === 'accept4' || parameter.type === 'fcntlarg');
    default:
      return false;
  }
}

/** Whether the length is the one that the address has anyway. */
function isWhole(value: Value | undefined, address: Value | undefined): boolean {
  return isAddress(address) && isOfKind(value, 'inout') && value.result === addressLength(address);
}

/** The option that a call is about. */
function optionOf(
  [, level, optname]: readonly (Value | undefined)[],
  platform: Platform,
): SocketOption | undefined {
  return typeof level === 'number' && typeof optname === 'number'
    ? findOption(level, optname, platform)
    : undefined;
}
