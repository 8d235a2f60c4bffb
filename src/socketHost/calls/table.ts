import { t } from '../../common/l10n.js';
import { type CallName, isCallName } from '../../common/tables/signatures.js';
import type { ArgumentReader } from '../argumentReader.js';
import type { HostCall } from '../hostCall.js';
import { refusal } from '../refusal.js';
import { AcceptCall } from './accept.js';
import { ConnectCall } from './connect.js';
import type { CallContext } from './context.js';
import { BindCall, CloseCall, ListenCall, NameCall, ShutdownCall, SocketCall } from './lifecycle.js';
import { GetOptionCall, SetOptionCall } from './options.js';
import { ReceiveCall } from './receive.js';
import { SendCall } from './send.js';

type Maker = (reader: ArgumentReader, context: CallContext) => HostCall;

const makers: Readonly<Partial<Record<CallName, Maker>>> = {
  socket: (reader, context) => new SocketCall(reader, context),
  bind: (reader, context) => new BindCall(reader, context),
  listen: (reader, context) => new ListenCall(reader, context),
  accept: (reader, context) => new AcceptCall(reader, context, false),
  accept4: (reader, context) => new AcceptCall(reader, context, true),
  connect: (reader, context) => new ConnectCall(reader, context),
  send: (reader, context) => new SendCall(reader, context, false),
  sendto: (reader, context) => new SendCall(reader, context, true),
  recv: (reader, context) => new ReceiveCall(reader, context, false),
  recvfrom: (reader, context) => new ReceiveCall(reader, context, true),
  shutdown: (reader, context) => new ShutdownCall(reader, context),
  close: (reader, context) => new CloseCall(reader, context),
  getsockname: (reader, context) => new NameCall(reader, context, 'local'),
  getpeername: (reader, context) => new NameCall(reader, context, 'remote'),
  getsockopt: (reader, context) => new GetOptionCall(reader, context),
  setsockopt: (reader, context) => new SetOptionCall(reader, context),
};

/** Whether this host makes calls of that name. */
export function isMade(name: CallName): boolean {
  return Object.hasOwn(makers, name);
}

/** How the named call is made; refuses one that this host does not make. */
export function makerOf(name: string): Maker {
  const make = isCallName(name) && isMade(name) ? makers[name] : undefined;
  if (!make) {
    throw refusal(null, t('The socket host does not make the call {0}.', name), 'unsupported');
  }
  return make;
}
