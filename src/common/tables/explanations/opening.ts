import { t } from '../../l10n.js';
import { constantName, formatFlags } from '../constants.js';
import { familyOf } from '../families.js';
import { ianaKeyword } from '../protocolNumbers.js';
import { noDescriptorLeft, noFileLeft, noMemory } from './shared.js';
import { badMemory } from './shared.js';
import { choose, type Facts, rule, type Rules } from './subject.js';

/** The names of what `socket(2)` was asked for. */
function asked({ args }: Facts): { domain: string; type: string; protocol: string } {
  const [domain, type, protocol = 0] = args.map((value) => (typeof value === 'number' ? value : 0));
  return {
    domain: constantName('domain', domain ?? 0, 'linux') ?? String(domain),
    type: formatFlags('socktype', type ?? 0, 'linux').split('|')[0]!,
    protocol:
      constantName('protocol', protocol, 'linux', domain) ?? ianaKeyword(protocol) ?? String(protocol),
  };
}

/** The error is explained of the call in general. */
const isGeneral = ({ args }: Facts) => args.length === 0;

const typeNumber = ({ args }: Facts) => (typeof args[1] === 'number' ? args[1] & 0xf : -1);
const isDomain =
  (...names: string[]) =>
  (facts: Facts) =>
    names.includes(asked(facts).domain);
const isRaw = (facts: Facts) => ['SOCK_RAW', 'SOCK_PACKET'].includes(asked(facts).type);

/** What of the arguments of `socket` and `socketpair` the kernel does not have. */
export const opening: Rules = {
  EAFNOSUPPORT: (facts) => {
    if (isGeneral(facts)) {
      return { meaning: t('This kernel does not have this address family.') };
    }
    const family = familyOf(asked(facts).domain);
    return family
      ? { meaning: t('This kernel has no {0}. {1}', family.name, family.purpose), remedy: family.needs }
      : {
          meaning: t('No kernel has an address family of this number.'),
          remedy: t('Take AF_INET, AF_INET6 or AF_UNIX; the support matrix shows what this kernel has.'),
        };
  },
  EPROTONOSUPPORT: choose(
    [isGeneral, rule(() => t('That family has no such protocol for this type of socket.'))],
    [
      (facts) => isRaw(facts) && asked(facts).protocol === 'IPPROTO_IP',
      rule(
        () => t('A raw socket must name its protocol: 0 is none.'),
        null,
        () => t('Take IPPROTO_ICMP, another protocol, or IPPROTO_RAW to send whole packets.'),
      ),
    ],
    [
      isDomain('AF_NETLINK'),
      rule(
        (facts) => t('Nothing in this kernel answers to {0}.', asked(facts).protocol),
        () => t('That part of the kernel is not there, or its module is not loaded.'),
        () => t('NETLINK_ROUTE, NETLINK_GENERIC and NETLINK_SOCK_DIAG are there on most machines.'),
      ),
    ],
    [
      isDomain('AF_INET', 'AF_INET6'),
      rule(
        (facts) =>
          t(
            '{0} has no {1} with the protocol {2}.',
            asked(facts).domain,
            asked(facts).type,
            asked(facts).protocol,
          ),
        () => t('The protocol belongs to another type of socket, or its module (sctp, dccp) is not there.'),
        () => t('0 takes the usual one: TCP of a stream, UDP of datagrams.'),
      ),
    ],
    rule(
      (facts) =>
        t(
          '{0} has no {1} with the protocol {2}.',
          asked(facts).domain,
          asked(facts).type,
          asked(facts).protocol,
        ),
      () => t('That family has no such protocol for this type of socket.'),
      () => t("Try 0, the family's own choice; the support matrix shows what this kernel has."),
    ),
  ),
  ESOCKTNOSUPPORT: rule(
    (facts) =>
      isGeneral(facts)
        ? t('This family has no sockets of this type.')
        : t('{0} has no sockets of the type {1}.', asked(facts).domain, asked(facts).type),
    () => t('Not every family has every type: UDP knows no streams, netlink no connections.'),
    () => t('Choose another type; the support matrix shows what this kernel has.'),
  ),
  EINVAL: choose(
    [
      (facts) => typeNumber(facts) > 10 || typeNumber(facts) === 0,
      rule(
        () => t('No kernel has a type of socket with this number.'),
        null,
        () => t('Take SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET or SOCK_RAW.'),
      ),
    ],
    rule(
      () => t('The kernel does not know this type of socket, or these flags.'),
      () =>
        t(
          'Beside the type only SOCK_NONBLOCK and SOCK_CLOEXEC may stand, and the protocol must be 0 to 262.',
        ),
    ),
  ),
  EPERM: choose(
    [
      isDomain('AF_KEY', 'AF_CAIF', 'AF_PHONET'),
      rule(
        (facts) => t('The process lacks the privilege for sockets of {0}.', asked(facts).domain),
        (facts) => familyOf(asked(facts).domain)!.needs,
      ),
    ],
    rule(
      () => t('Raw and packet sockets need the capability CAP_NET_RAW.'),
      () =>
        t(
          'They see and write packets of other programs, so the kernel gives them to privileged processes only.',
        ),
      () => t('Run as root, or in a network namespace of your own: unshare -rn.'),
    ),
  ),
  EACCES: choose(
    [
      (facts) => ['IPPROTO_ICMP', 'IPPROTO_ICMPV6'].includes(asked(facts).protocol),
      rule(
        () => t("Ping sockets are not open to this user's groups."),
        () =>
          t(
            'net.ipv4.ping_group_range names the groups that may ping without privilege; by default it is nobody.',
          ),
        () => t('Widen the range, or take SOCK_RAW with CAP_NET_RAW.'),
      ),
    ],
    rule(
      () => t('The process may not make a socket of this kind.'),
      () => t('A security module (SELinux, AppArmor, seccomp) or a missing capability forbids it.'),
    ),
  ),
  ENODEV: choose(
    [
      isDomain('AF_VSOCK'),
      rule(
        () => t('AF_VSOCK is there, but nothing carries sockets of this type.'),
        () => t('No transport is loaded that knows it: most know streams only.'),
        () => t('Take SOCK_STREAM, or load vsock_loopback or vhost_vsock.'),
      ),
    ],
    rule(() => t('The hardware or driver that this family needs is not there.')),
  ),
  EPROTOTYPE: rule(
    () => t('The protocol belongs to another type of socket.'),
    null,
    () => t('Leave the protocol at 0.'),
  ),
  EMFILE: noDescriptorLeft,
  ENFILE: noFileLeft,
  ENOMEM: noMemory,
  ENOBUFS: noMemory,
};

export const pairing: Rules = {
  ...opening,
  EOPNOTSUPP: rule(
    (facts) =>
      isGeneral(facts)
        ? t('This family has no pairs of sockets.')
        : t('{0} has no pairs of sockets.', asked(facts).domain),
    () => t('Only AF_UNIX (and AF_TIPC) sockets can be born connected.'),
    () => t('Take AF_UNIX, or make a listener, connect and accept.'),
  ),
  EFAULT: badMemory,
};
