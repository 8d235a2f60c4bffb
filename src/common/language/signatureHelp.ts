import { signatureOf } from '../tables/signatures.js';
import { callHelp, parameterHelp } from './callHelp.js';
import type { LanguageFile } from './file.js';
import { placeAt } from './place.js';

/** What an editor shows while the arguments of a call are written. */
export interface CallSignature {
  /** `bind(sockfd, addr, [addrlen])` */
  label: string;
  documentation: string;
  parameters: { start: number; end: number; documentation: string }[];
  /** The argument at the caret. */
  active: number;
}

/** The signature of the call whose arguments the caret is in. */
export function signatureAt(file: LanguageFile, offset: number): CallSignature | undefined {
  const place = placeAt(file, offset);
  if (place.kind !== 'argument') {
    return undefined;
  }
  const { name, parameters } = signatureOf(place.call);
  let label = `${name}(`;
  const shown = parameters.map((parameter, index) => {
    label += index === 0 ? '' : ', ';
    const start = label.length;
    label += parameter.isOptional ? `[${parameter.name}]` : parameter.name;
    return { start, end: label.length, documentation: parameterHelp[parameter.type]() };
  });
  return {
    label: `${label})`,
    documentation: callHelp[name].summary(),
    parameters: shown,
    active: place.index,
  };
}
