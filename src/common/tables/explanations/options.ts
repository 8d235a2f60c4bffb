import { t } from '../../l10n.js';
import { findOption } from '../options.js';
import { badMemory, noInterface, noMemory } from './shared.js';
import { choose, type Facts, levelText, optionText, rule, type Rule, type Rules } from './subject.js';

/** What the tables know of the option of the call. */
function known({ args }: Facts) {
  const [, level, name] = args;
  return typeof level === 'number' && typeof name === 'number' ? findOption(level, name, 'linux') : undefined;
}

const noSuchOption: Rule = choose(
  [
    (facts) => facts.call === 'getsockopt' && known(facts)?.canGet === false,
    rule((facts) => t('{0} can be set, not read.', optionText(facts))),
  ],
  [
    (facts) => facts.call === 'setsockopt' && known(facts)?.canSet === false,
    rule((facts) => t('{0} can be read, not set.', optionText(facts))),
  ],
  [
    (facts) => known(facts) !== undefined,
    rule(
      (facts) => t('This socket has no option {0} of {1}.', optionText(facts), levelText(facts)),
      () => t('It belongs to another kind of socket, or this kernel is built without it.'),
      () => t('The inspector lists the options that this socket has.'),
    ),
  ],
  rule(
    (facts) => t('The level {1} has no option {0}.', optionText(facts), levelText(facts)),
    () => t('The number belongs to another level, or to a newer kernel.'),
    () => t('The inspector lists the options that this socket has.'),
  ),
);

const noSuchLevel = choose(
  [
    (facts) => known(facts) !== undefined,
    rule(
      (facts) => t('This kind of socket does not know {0}.', optionText(facts)),
      () => t('It belongs to another kind of socket, or this kernel is built without it.'),
      () => t('The inspector lists the options that this socket has.'),
    ),
  ],
  rule(
    (facts) => t('This kind of socket has no options of the level {0}.', levelText(facts)),
    () => t('Each family answers for its own levels; all sockets have SOL_SOCKET.'),
    () => t("Take SOL_SOCKET, or the level of the socket's own protocol."),
  ),
);

const notConnected = rule(
  (facts) => t('{0} needs a connected socket.', optionText(facts)),
  null,
  () => t('Connect the socket first.'),
);

export const gettingOptions: Rules = {
  ENOPROTOOPT: noSuchOption,
  EOPNOTSUPP: noSuchLevel,
  EINVAL: choose(
    [
      ({ args }) =>
        typeof args[4] === 'object' && args[4] !== null && 'value' in args[4] && args[4].value < 0,
      rule(
        () => t('The length of the value cannot be negative.'),
        null,
        () => t('Leave it out: the buffer then suits the option.'),
      ),
    ],
    rule(
      (facts) => t('The length is wrong for {0}, or it cannot be asked in this state.', optionText(facts)),
      null,
      () => t('Leave the length out: the buffer then suits the option.'),
    ),
  ),
  ENOTCONN: notConnected,
  EADDRNOTAVAIL: rule((facts) =>
    t('What {0} asks about is not there: no such group or interface.', optionText(facts)),
  ),
  ENOENT: rule((facts) => t('There is nothing that {0} could give.', optionText(facts))),
  ENODATA: rule((facts) => t('There is nothing that {0} could give.', optionText(facts))),
  ERANGE: rule(
    (facts) => t('The buffer is too short for {0}.', optionText(facts)),
    null,
    () => t('Pass a larger length.'),
  ),
  EPERM: rule((facts) => t('The process lacks the privilege to read {0}.', optionText(facts))),
  EACCES: rule((facts) => t('The process lacks the privilege to read {0}.', optionText(facts))),
  ENODEV: noInterface,
  EFAULT: badMemory,
  ENOMEM: noMemory,
  ENOBUFS: noMemory,
};

export const settingOptions: Rules = {
  ENOPROTOOPT: noSuchOption,
  EOPNOTSUPP: noSuchLevel,
  EINVAL: rule(
    (facts) => t('{0} does not take this value, this length, or not in this state.', optionText(facts)),
    (facts) =>
      known(facts)?.effect ??
      t('The value is out of range, has a wrong length, or the option cannot change any more.'),
    () => t('The inspector shows what the option takes; an int has 4 bytes.'),
  ),
  EPERM: rule(
    (facts) => t('The process lacks the privilege to set {0}.', optionText(facts)),
    (facts) => t('It needs {0}.', known(facts)?.needs ?? 'CAP_NET_ADMIN'),
    () => t('Run as root, or in a network namespace of your own: unshare -rn.'),
  ),
  EACCES: rule(
    (facts) => t('The process lacks the privilege to set {0}.', optionText(facts)),
    (facts) => t('It needs {0}.', known(facts)?.needs ?? 'CAP_NET_ADMIN'),
    () => t('Run as root, or in a network namespace of your own: unshare -rn.'),
  ),
  ENOENT: rule(
    (facts) => t('The kernel has nothing of this name for {0}.', optionText(facts)),
    () => t('A congestion control or upper layer protocol is a module, and that one is not loaded.'),
    () => t('/proc/sys/net/ipv4/tcp_available_congestion_control lists what is there.'),
  ),
  ENODEV: rule(
    () => t('There is no such network interface.'),
    () => t('The name or number of the value is no interface of this network namespace.'),
    () => t('See ip link for the names and numbers.'),
  ),
  EDOM: rule(
    (facts) => t('The value is out of the range that {0} takes.', optionText(facts)),
    () => t('The microseconds of a time-out are 0 to 999999.'),
    () => t('Write whole seconds in tv_sec.'),
  ),
  EADDRNOTAVAIL: rule(
    () => t('The interface or the group of this request does not fit.'),
    () => t('To leave a group it must have been joined before, on the same interface.'),
    () => t('Name the interface by its address or number.'),
  ),
  EADDRINUSE: rule(
    () => t('The socket has joined this group already.'),
    null,
    () => t('Once is enough: nothing needs to be done.'),
  ),
  EPROTO: rule(
    () => t('Groups are joined by sockets of datagrams only.'),
    () => t('A connection has one peer: there is no multicast over TCP.'),
    () => t('Take a socket of type SOCK_DGRAM.'),
  ),
  EBUSY: rule(
    (facts) => t('{0} cannot change while it is in use.', optionText(facts)),
    null,
    () => t('Close the socket and make a new one.'),
  ),
  ENOTCONN: notConnected,
  EISCONN: rule(
    (facts) => t('{0} cannot be set on a connected socket.', optionText(facts)),
    null,
    () => t('Set it before connect.'),
  ),
  EALREADY: rule((facts) => t('{0} is set already and cannot change.', optionText(facts))),
  EEXIST: rule((facts) => t('{0} is set already and cannot change.', optionText(facts))),
  ENOTSUP: noSuchLevel,
  EPROTONOSUPPORT: rule((facts) => t("This socket's protocol does not know {0}.", optionText(facts))),
  ENOBUFS: rule(
    (facts) => t('{0} would take more memory than the kernel gives one socket.', optionText(facts)),
    () => t('Too many groups or filters: net.ipv4.igmp_max_memberships and net.core.optmem_max limit them.'),
  ),
  EFAULT: badMemory,
  ENOMEM: noMemory,
};
