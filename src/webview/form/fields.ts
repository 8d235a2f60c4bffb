import type { Value } from '../../common/call.js';
import type { Platform } from '../../common/tables/constants.js';
import { findPointerRequest } from '../../common/tables/pointerRequests.js';
import { fcntlArgument, ioctlArgument } from '../../common/tables/requests.js';
import type { Parameter, ParameterType, Signature } from '../../common/tables/signatures.js';
import type { AddressDraft } from './addressKinds.js';
import { emptyMessage, emptyRoom, type MessageDraft, type RoomDraft } from './message.js';
import { emptyPayload, type PayloadDraft } from './payload.js';
import type { PollDraft } from './poll.js';
import { requestStruct, type StructDraft, type StructField } from './structFields.js';

/** What a parameter is entered with. A further call of the vocabulary needs no more than its signature. */
export type ControlKind =
  | 'target'
  | 'constant'
  | 'flags'
  | 'payload'
  | 'address'
  | 'message'
  | 'room'
  | 'pollfds'
  | 'path'
  | 'switch'
  | 'struct'
  | 'text'
  /** The kernel writes it: shown, nothing to enter. */
  | 'written'
  | 'none';

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
  sockaddr: 'address',
  msghdr: 'message',
  msghdrOut: 'room',
  pollfds: 'pollfds',
  path: 'path',
  fdpair: 'written',
  // The kernel writes these: there is nothing to enter.
  buffer: 'none',
  sockaddrOut: 'none',
  socklenInOut: 'none',
  optvalOut: 'none',
};

/** The control of a parameter. That of `fcntl` and `ioctl`'s last one goes by the command before it. */
export function controlOf(
  { type }: Parameter,
  before: readonly (Value | undefined)[],
  platform: Platform,
): ControlKind {
  if (type !== 'fcntlarg' && type !== 'ioctlarg') {
    return controls[type] ?? 'text';
  }
  const command = typeof before[1] === 'number' ? before[1] : undefined;
  const argument = (type === 'fcntlarg' ? fcntlArgument : ioctlArgument)(command, platform);
  switch (argument) {
    case 'none':
      return 'none';
    case 'written':
      return 'written';
    case 'openflags':
    case 'fdflags':
      return 'flags';
    case 'switch':
      return 'switch';
    default:
      return structOfRequest(type, command, platform) ? 'struct' : 'text';
  }
}

/** The fields of the structure that a command of fcntl, or a request of ioctl, is given; undefined where it takes none. */
export function structOfRequest(
  type: ParameterType,
  command: Value | undefined,
  platform: Platform,
): readonly StructField[] | undefined {
  const request = typeof command === 'number' ? findPointerRequest(type, command >>> 0, platform) : undefined;
  return request && requestStruct(request, platform);
}

/** Parameters that hardly anybody sets: shown when asked for, and when they hold something. */
export function isAdvanced(signature: Signature, index: number): boolean {
  const parameter = signature.parameters[index]!;
  return (
    parameter.type === 'socklen' ||
    parameter.type === 'nfds' ||
    (parameter.type === 'size' && signature.parameters[index - 1]?.type === 'data')
  );
}

/** What the form holds of a call, by the index of the parameter. */
export interface Draft {
  texts: Readonly<Record<number, string>>;
  flags: Readonly<Record<number, number>>;
  /** Addresses in fields; one that is not here is the text of the same index. `msg_name` goes by its message's index. */
  addresses: Readonly<Record<number, AddressDraft>>;
  payload: PayloadDraft;
  message: MessageDraft;
  room: RoomDraft;
  fds: readonly PollDraft[];
  /** The fields of structures. */
  structs: Readonly<Record<number, StructDraft>>;
}

export const emptyDraft: Draft = {
  texts: {},
  flags: {},
  addresses: {},
  payload: emptyPayload,
  message: emptyMessage,
  room: emptyRoom,
  fds: [],
  structs: {},
};
