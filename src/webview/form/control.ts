import { parseValueText } from '../../common/notation/parser.js';
import type { SocketInfo } from '../../common/socket.js';
import { constantValue, type Platform } from '../../common/tables/constants.js';
import { controlLayout } from '../../common/tables/controlMessages.js';
import type { OptionLayout } from '../../common/tables/optionLayouts.js';
import { type SentControl, sentControl, sentControls } from '../../common/tables/sentControl.js';
import { type StructDraft, type StructField, structFields } from './structFields.js';

/** What a control message carries, by its level and type. */
export type ControlKind =
  /** Descriptors of ours: SCM_RIGHTS. */
  | 'descriptors'
  /** Process, user and group: SCM_CREDENTIALS. */
  | 'credentials'
  /** A structure by its fields, such as in_pktinfo. */
  | 'struct'
  /** Bits with names: SO_TIMESTAMPING. */
  | 'flags'
  /** A number that the kernel takes here: IP_TOS. */
  | 'number'
  | 'value';

/** One control message of a message to send. */
export interface ControlDraft {
  level: string;
  type: string;
  /** Its level and type are entered by hand, also where they are those of one that is known. */
  isOther?: boolean;
  descriptors: readonly string[];
  credentials: { pid: string; uid: string; gid: string };
  /** The fields of another structure. */
  struct: StructDraft;
  /** Anything else: a number, a structure, or bytes in the notation. */
  data: string;
}

export const emptyControl: ControlDraft = {
  level: 'SOL_SOCKET',
  type: 'SCM_RIGHTS',
  descriptors: [],
  credentials: { pid: '', uid: '', gid: '' },
  struct: {},
  data: '',
};

/** What the fields of a control message are. */
export function controlKind(draft: Pick<ControlDraft, 'level' | 'type'>, platform: Platform): ControlKind {
  const layout = layoutOfControl(draft, platform);
  const isSocket = numberOf(draft.level, 'level', platform) === constantValue('SOL_SOCKET', platform);
  const type = isSocket ? numberOf(draft.type, 'optname', platform) : undefined;
  if (type !== undefined && type === constantValue('SCM_RIGHTS', platform)) {
    return 'descriptors';
  }
  if (type !== undefined && type === constantValue('SCM_CREDENTIALS', platform)) {
    return 'credentials';
  }
  if (structFields(layout, platform)) {
    return 'struct';
  }
  const sent = sentControlOf(draft, platform);
  return sent?.flags ? 'flags' : sent ? 'number' : 'value';
}

/** What is known of a control message that is sent; undefined for one that is entered by hand. */
export function sentControlOf(
  { level, type }: Pick<ControlDraft, 'level' | 'type'>,
  platform: Platform,
): SentControl | undefined {
  const [levelValue, typeValue] = [numberOf(level, 'level', platform), numberOf(type, 'optname', platform)];
  return levelValue === undefined || typeValue === undefined
    ? undefined
    : sentControl(levelValue, typeValue, platform);
}

/** The bits of one that is several flags; 0 where what is written is no number. */
export function controlFlags(draft: ControlDraft, platform: Platform): number {
  const [level, optname] = [
    numberOf(draft.level, 'level', platform),
    numberOf(draft.type, 'optname', platform),
  ];
  const read = parseValueText(draft.data, 'optval', { platform, level: level!, optname: optname! });
  return 'value' in read && typeof read.value === 'number' ? read.value : 0;
}

/** The control message to begin with on a socket, with a value that can be sent. TCP passes over those of single packets. */
export function usualControl(socket: Pick<SocketInfo, 'domain' | 'type'> | undefined): ControlDraft {
  const ofDatagram = { AF_INET: 'IP_TOS', AF_INET6: 'IPV6_TCLASS' }[String(socket?.domain)];
  const type = !ofDatagram ? 'SCM_RIGHTS' : socket?.type === 'SOCK_STREAM' ? 'SO_TIMESTAMPING' : ofDatagram;
  const sent = sentControls('linux').find((one) => one.type === type)!;
  return { ...emptyControl, level: sent.level, type, data: sent.usual };
}

/** The fields of the structure that a control message carries. */
export function controlStruct(
  draft: Pick<ControlDraft, 'level' | 'type'>,
  platform: Platform,
): readonly StructField[] {
  return structFields(layoutOfControl(draft, platform), platform) ?? [];
}

function layoutOfControl(
  { level, type }: Pick<ControlDraft, 'level' | 'type'>,
  platform: Platform,
): OptionLayout {
  const [levelValue, typeValue] = [numberOf(level, 'level', platform), numberOf(type, 'optname', platform)];
  return levelValue === undefined || typeValue === undefined
    ? 'bytes'
    : controlLayout(levelValue, typeValue, platform);
}

function numberOf(text: string, type: 'level' | 'optname', platform: Platform): number | undefined {
  const read = parseValueText(text, type, { platform });
  return 'value' in read && typeof read.value === 'number' ? read.value : undefined;
}
