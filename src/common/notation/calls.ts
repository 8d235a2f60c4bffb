import { signatureOf, type CallName, type Parameter, type ParameterType } from '../tables/signatures.js';

const writtenByKernel: ReadonlySet<ParameterType> = new Set([
  'buffer',
  'sockaddrOut',
  'optvalOut',
  'fdpair',
  'msghdrOut',
]);

/** Whether the kernel writes the argument, so that what a line says of it is an expectation. */
export function isWrittenByKernel(type: ParameterType): boolean {
  return writtenByKernel.has(type);
}

/** A parameter of a call, counted from 0; the call has one there. */
export function parameterOf(name: CallName, index: number): Parameter {
  return signatureOf(name).parameters[index]!;
}

/** How a call is written, without its arguments: `bind(sockfd, …)`. */
export function callForm(name: CallName): string {
  const { parameters } = signatureOf(name);
  return `${name}(${parameters[0]!.name}${parameters.length > 1 ? ', …' : ''})`;
}
