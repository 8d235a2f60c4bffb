import { formatIPv6 } from '../../common/ipAddress.js';
import { t } from '../../common/l10n.js';
import { Unsupported } from './code.js';
import { type NodeCall, type NodeContext, socketOf } from './nodeContext.js';
import { nodeString } from './nodeLiterals.js';
import { isSuccess, type NodeSocket, optionName, optionsOfMaking } from './nodeSockets.js';
import type { CallStep } from './program.js';
import { knownBytes } from './structOperand.js';

/** A value as the arguments of a method; undefined where Node.js does not take it. */
type Arguments = (value: CallStep['args'][number], context: NodeContext) => string | undefined;

interface Method {
  kinds: readonly NodeSocket['kind'][];
  method: string;
  take: Arguments;
}

const streams: readonly NodeSocket['kind'][] = ['client', 'connection'];
const datagrams: readonly NodeSocket['kind'][] = ['datagram'];

const aSwitch: Arguments = (value) => (value.kind === 'number' ? String(value.value !== 0) : undefined);
const aNumber: Arguments = (value, { number }) => (value.kind === 'number' ? number(value) : undefined);
/** IPv4 has interfaces by their addresses, IPv6 by their numbers. */
const addresses: Arguments = (value, context) => {
  if (value.kind !== 'struct' || value.fields.length === 0) {
    return undefined;
  }
  const parts = value.fields.map((field) =>
    field.value instanceof Uint8Array
      ? addressText(field.value)
      : interfaceText(Number(field.value), context),
  );
  const isIPv4 = value.fields.some(({ type }) => type === 'in_addr');
  return isIPv4 && value.fields.some((field) => !(field.value instanceof Uint8Array) && field.value !== 0)
    ? undefined
    : parts.filter((part) => part !== undefined).join(', ');
};
/** The address of an interface stands last in the structure: alone, or behind that of a group. */
const ownAddress: Arguments = (value) => {
  const fields = value.kind === 'struct' ? value.fields.map((field) => field.value) : [];
  const own = fields.findLast((each) => each instanceof Uint8Array);
  const hasIndex = fields.some((each) => !(each instanceof Uint8Array) && Number(each) !== 0);
  return own && !hasIndex ? addressText(own) : undefined;
};
/** The source stands last in the structure, and first among the arguments. */
const sourceFirst: Arguments = (value) => {
  if (value.kind !== 'struct' || value.fields.length !== 3) {
    return undefined;
  }
  const [group, own, source] = value.fields.map((field) => field.value);
  return [source, group, own].every((each) => each instanceof Uint8Array)
    ? [source, group, own].map((each) => addressText(each as Uint8Array)).join(', ')
    : undefined;
};
const anInterface: Arguments = (value, context) =>
  value.kind === 'number' && value.value !== undefined
    ? (interfaceText(Number(value.value), context) ?? "'::'")
    : undefined;

/** The options that Node.js sets by methods. */
const methods: Readonly<Record<string, Method>> = {
  TCP_NODELAY: { kinds: streams, method: 'setNoDelay', take: aSwitch },
  SO_KEEPALIVE: { kinds: streams, method: 'setKeepAlive', take: aSwitch },
  SO_BROADCAST: { kinds: datagrams, method: 'setBroadcast', take: aSwitch },
  SO_RCVBUF: { kinds: datagrams, method: 'setRecvBufferSize', take: aNumber },
  SO_SNDBUF: { kinds: datagrams, method: 'setSendBufferSize', take: aNumber },
  IP_TTL: { kinds: datagrams, method: 'setTTL', take: aNumber },
  IP_MULTICAST_TTL: { kinds: datagrams, method: 'setMulticastTTL', take: aNumber },
  IPV6_MULTICAST_HOPS: { kinds: datagrams, method: 'setMulticastTTL', take: aNumber },
  IP_MULTICAST_LOOP: { kinds: datagrams, method: 'setMulticastLoopback', take: aSwitch },
  IPV6_MULTICAST_LOOP: { kinds: datagrams, method: 'setMulticastLoopback', take: aSwitch },
  IP_ADD_MEMBERSHIP: { kinds: datagrams, method: 'addMembership', take: addresses },
  IP_DROP_MEMBERSHIP: { kinds: datagrams, method: 'dropMembership', take: addresses },
  IPV6_ADD_MEMBERSHIP: { kinds: datagrams, method: 'addMembership', take: addresses },
  IPV6_DROP_MEMBERSHIP: { kinds: datagrams, method: 'dropMembership', take: addresses },
  IP_ADD_SOURCE_MEMBERSHIP: { kinds: datagrams, method: 'addSourceSpecificMembership', take: sourceFirst },
  IP_DROP_SOURCE_MEMBERSHIP: { kinds: datagrams, method: 'dropSourceSpecificMembership', take: sourceFirst },
  IP_MULTICAST_IF: { kinds: datagrams, method: 'setMulticastInterface', take: ownAddress },
  IPV6_MULTICAST_IF: { kinds: datagrams, method: 'setMulticastInterface', take: anInterface },
};

/**
 * What stands for a call of setsockopt(2) in Node.js.
 * @throws Inexpressible where nothing does.
 */
export function setsockopt(context: NodeContext): NodeCall {
  const { step, sockets, use, remark } = context;
  const { name, text, socket: own } = socketOf(context);
  const option = optionName(step) ?? '';
  const value = step.args[3]!;
  if (value.kind === 'struct') {
    knownBytes(value);
  }
  if (optionsOfMaking[option] !== undefined && isSuccess(step)) {
    if (own.kind !== 'datagram' && option === 'SO_REUSEADDR') {
      remark(t('Node.js sets SO_REUSEADDR of sockets that listen by itself.'));
    } else {
      remark(t('Node.js takes this option when it makes the socket.'));
    }
    return { text: '', after: [] };
  }
  if (option === 'SO_LINGER' && value.kind === 'struct' && own.kind !== 'datagram') {
    const [onoff, linger] = value.fields.map((field) => field.value);
    own.isReset = onoff !== 0 && linger === 0;
    if (own.isReset) {
      remark(t('Node.js has no SO_LINGER: close() resets the connection instead.'));
      return { text: '', after: [] };
    }
  }
  const known = methods[option];
  if (!known || !known.kinds.includes(own.kind) || !isSuccess(step)) {
    throw new Unsupported(t('Node.js has no {0} for this socket.', option === '' ? 'setsockopt()' : option));
  }
  const before: string[] = [];
  if (own.kind === 'datagram' && !own.isBound) {
    if (sockets.isBoundLater(name, step)) {
      throw new Unsupported(t('Node.js has no {0} before bind().', option));
    }
    remark(t('Node.js sets options of bound sockets, so that it is bound before.'));
    own.isBound = true;
    before.push(`await ${use('bind')}(${text}, { port: 0 });`);
  }
  const argument = known.take(value, context);
  if (argument === undefined) {
    throw new Unsupported(t('An argument on this line is not exported.'));
  }
  // Some of them answer with what they were given.
  return { text: `void ${text}.${known.method}(${argument})`, before, after: [] };
}

function addressText(bytes: Uint8Array): string {
  return nodeString(bytes.length === 16 ? formatIPv6(bytes) : bytes.join('.'));
}

/** Nothing for the interface that the kernel chooses. */
function interfaceText(index: number, { use }: NodeContext): string | undefined {
  return index === 0 ? undefined : `${use('interfaceOf')}(${index})`;
}
