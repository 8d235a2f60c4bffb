import type { Parameter, ParameterType, Signature } from '../../common/tables/signatures.js';
import type { LineEnding, PayloadMode } from '../text/payload.js';

/** What a parameter is entered with. A further call of the vocabulary needs no more than its signature. */
export type ControlKind = 'target' | 'constant' | 'flags' | 'payload' | 'text' | 'none';

const controls: Partial<Record<ParameterType, ControlKind>> = {
  fd: 'target',
  domain: 'constant',
  socktype: 'constant',
  protocol: 'constant',
  how: 'constant',
  level: 'constant',
  optname: 'constant',
  fcntlcmd: 'constant',
  ioctlrequest: 'constant',
  msgflags: 'flags',
  sockflags: 'flags',
  data: 'payload',
  // The kernel writes these: there is nothing to enter.
  buffer: 'none',
  sockaddrOut: 'none',
  socklenInOut: 'none',
  optvalOut: 'none',
  fdpair: 'none',
};

export function controlOf({ type }: Parameter): ControlKind {
  return controls[type] ?? 'text';
}

/** Parameters that hardly anybody sets: shown when asked for, and when they hold something. */
export function isAdvanced(signature: Signature, index: number): boolean {
  const parameter = signature.parameters[index]!;
  return (
    parameter.type === 'socklen' ||
    (parameter.type === 'size' && signature.parameters[index - 1]?.type === 'data')
  );
}

/** The payload as it is being written, in each of its forms. */
export interface PayloadDraft {
  mode: PayloadMode;
  text: string;
  ending: LineEnding;
  hex: string;
  base64: string;
  file: { name: string; bytes: Uint8Array } | null;
}

/** What the form holds of a call, by the index of the parameter. */
export interface Draft {
  texts: Readonly<Record<number, string>>;
  flags: Readonly<Record<number, number>>;
  payload: PayloadDraft;
}

export const emptyPayload: PayloadDraft = {
  mode: 'text',
  text: '',
  ending: 'LF',
  hex: '',
  base64: '',
  file: null,
};

export const emptyDraft: Draft = { texts: {}, flags: {}, payload: emptyPayload };
