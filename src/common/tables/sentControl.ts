import { t } from '../l10n.js';
import { type ConstantGroup, constantValue, type Platform } from './constants.js';
import type { OptionUnit } from './optionRows/row.js';

/** A control message that a program sends with its data: what the kernel takes from `sendmsg(2)`. */
export interface SentControl {
  level: string;
  type: string;
  unit?: OptionUnit;
  /** The number is several flags, of this group, of which these are taken. */
  flags?: { group: ConstantGroup; usual: readonly string[] };
  /** A value to begin with. */
  usual: string;
  /** One localised sentence. */
  readonly description: string;
}

const row = (
  level: string,
  type: string,
  describe: () => string,
  extra: Partial<Pick<SentControl, 'unit' | 'flags' | 'usual'>> = {},
): SentControl => ({
  level,
  type,
  usual: '',
  ...extra,
  get description() {
    return describe();
  },
});

const trafficClass = () => t('The traffic class of this datagram, DSCP and ECN: 0 to 255.');
const source = () => t('The address that this datagram comes from, and the interface by which it leaves.');

const rows: readonly SentControl[] = [
  row('SOL_SOCKET', 'SCM_RIGHTS', () => t('Passes descriptors to whoever receives the message.')),
  row('SOL_SOCKET', 'SCM_CREDENTIALS', () =>
    t('Says which process, user and group sends; another than your own needs privileges.'),
  ),
  row(
    'SOL_SOCKET',
    'SO_TIMESTAMPING',
    () => t('Which times of this message are told, in the error queue; SO_TIMESTAMPING says of what clock.'),
    {
      flags: {
        group: 'optvalue:SO_TIMESTAMPING',
        usual: [
          'SOF_TIMESTAMPING_TX_SOFTWARE',
          'SOF_TIMESTAMPING_TX_SCHED',
          'SOF_TIMESTAMPING_TX_ACK',
          'SOF_TIMESTAMPING_TX_HARDWARE',
          'SOF_TIMESTAMPING_TX_COMPLETION',
        ],
      },
      usual: 'SOF_TIMESTAMPING_TX_SOFTWARE',
    },
  ),
  row(
    'SOL_SOCKET',
    'SCM_TS_OPT_ID',
    () => t('The number that the times of this message are told with; needs SOF_TIMESTAMPING_OPT_ID.'),
    {
      usual: '1',
    },
  ),
  row('SOL_SOCKET', 'SCM_TXTIME', () =>
    t('When the message is to leave, in ns of the clock of SO_TXTIME, which is set before.'),
  ),
  row('SOL_SOCKET', 'SO_PRIORITY', () => t('Queueing priority of this datagram: 0 to 6 need no privilege.'), {
    usual: '6',
  }),
  row('SOL_SOCKET', 'SO_MARK', () => t('Mark on this datagram, for routing rules; needs CAP_NET_ADMIN.'), {
    usual: '1',
  }),
  row('IPPROTO_IP', 'IP_TOS', trafficClass, { usual: '16' }),
  row('IPPROTO_IP', 'IP_TTL', () => t('How many routers this datagram may pass: 1 to 255.'), {
    unit: 'hops',
    usual: '64',
  }),
  row('IPPROTO_IP', 'IP_PKTINFO', source),
  row('IPPROTO_IPV6', 'IPV6_TCLASS', trafficClass, { usual: '16' }),
  row(
    'IPPROTO_IPV6',
    'IPV6_HOPLIMIT',
    () => t("How many routers this datagram may pass: 0 to 255, -1 for the socket's own."),
    { unit: 'hops', usual: '64' },
  ),
  row('IPPROTO_IPV6', 'IPV6_PKTINFO', source),
  row('IPPROTO_IPV6', 'IPV6_DONTFRAG', () => t('1 sends no fragments: too long a datagram is EMSGSIZE.'), {
    usual: '1',
  }),
  row('IPPROTO_UDP', 'UDP_SEGMENT', () => t('Splits the message into datagrams of this size.'), {
    unit: 'bytes',
    usual: '512',
  }),
];

/** The control messages that can be sent on a platform, by level. */
export function sentControls(platform: Platform): SentControl[] {
  return rows.filter(
    ({ level, type }) =>
      constantValue(level, platform) !== undefined && constantValue(type, platform) !== undefined,
  );
}

/** The control message of a level and type, where it is one that is sent. */
export function sentControl(level: number, type: number, platform: Platform): SentControl | undefined {
  return rows.find(
    (one) => constantValue(one.level, platform) === level && constantValue(one.type, platform) === type,
  );
}
