import { t } from '../l10n.js';

/** One type of socket: how it carries what is sent. */
export interface SocketTypeRow {
  /** The constant: `SOCK_STREAM`. */
  name: string;
  /** One localised sentence. */
  readonly description: string;
}

const row = (name: string, describe: () => string): SocketTypeRow => ({
  name,
  get description() {
    return describe();
  },
});

/** Types and flags of `socket(2)`, in the order of their numbers. */
export const socketTypes: readonly SocketTypeRow[] = [
  row('SOCK_STREAM', () => t('A connection that carries bytes in order, without borders between sends.')),
  row('SOCK_DGRAM', () =>
    t('Single messages, each sent to an address; they may get lost or change their order.'),
  ),
  row('SOCK_RAW', () =>
    t("The network's own packets, headers included or not; mostly for privileged programs."),
  ),
  row('SOCK_RDM', () => t('Single messages that arrive for certain, though not in order.')),
  row('SOCK_SEQPACKET', () => t('A connection that carries whole messages in order.')),
  row('SOCK_DCCP', () => t('Datagrams over a connection with congestion control (DCCP).')),
  row('SOCK_PACKET', () => t('The old way to whole packets, before AF_PACKET.')),
];

export const socketTypeFlags: readonly SocketTypeRow[] = [
  row('SOCK_NONBLOCK', () => t("The socket's calls do not wait: they return EAGAIN or EINPROGRESS.")),
  row('SOCK_CLOEXEC', () => t('The descriptor is closed when the program executes another.')),
];

const byName: ReadonlyMap<string, SocketTypeRow> = new Map(
  [...socketTypes, ...socketTypeFlags].map((one) => [one.name, one]),
);

/** What a type or flag means, by the constant's name. */
export function socketTypeOf(name: string | number | undefined): SocketTypeRow | undefined {
  return typeof name === 'string' ? byName.get(name) : undefined;
}
