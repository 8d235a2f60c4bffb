import { fieldOf, isAddress, type Value } from '../call.js';
import { ipv4Number } from '../ipAddress.js';
import { t } from '../l10n.js';
import type { SocketAddress } from '../socket.js';
import type { CallName } from '../tables/signatures.js';
import type { GroupFacts } from './systemSocket.js';

export type GroupAddress = SocketAddress & { family: 'AF_INET' | 'AF_INET6' };

/** The multicast group that a call has sent to; undefined where its control messages may choose another way for it. */
export function multicastGroupOf(call: { name: CallName; args: readonly Value[] }): GroupAddress | undefined {
  const { name, args } = call;
  const [, message] = args;
  if (name === 'sendto') {
    return args.find(isGroup);
  }
  const address = name === 'sendmsg' ? fieldOf(message, 'msg_name') : undefined;
  return isGroup(address) && fieldOf(message, 'msg_control') === undefined ? address : undefined;
}

function isGroup(value: Value | undefined): value is GroupAddress {
  if (value === undefined || !isAddress(value)) {
    return false;
  }
  return value.family === 'AF_INET'
    ? ipv4Number(value.address) >>> 28 === 0xe
    : value.family === 'AF_INET6' && /^ff/i.test(value.address);
}

/** Why none of our members of the group has got it. */
export function groupSentence({ address, sentBy, members }: GroupFacts): string {
  const interfaces = [...new Set(members.flatMap((member) => member.interfaces))].join(', ');
  const who = members.map(({ fd, name }) => (name === null ? `fd ${fd}` : `fd ${fd} ${name}`)).join(', ');
  return t(
    'It was sent by {0}, where nobody on this machine has joined the group. {1} has joined it on {2} and gets nothing of it; {3} chooses the interface to send by.',
    sentBy,
    who,
    interfaces,
    address.family === 'AF_INET' ? 'IP_MULTICAST_IF' : 'IPV6_MULTICAST_IF',
  );
}
