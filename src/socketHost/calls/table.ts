import { t } from '../../common/l10n.js';
import { type CallName, isCallName } from '../../common/tables/signatures.js';
import type { ArgumentReader } from '../argumentReader.js';
import type { HostCall } from '../hostCall.js';
import { refusal } from '../refusal.js';
import { AcceptCall } from './accept.js';
import { ConnectCall } from './connect.js';
import { FcntlCall, IoctlCall } from './control.js';
import type { CallContext } from './context.js';
import { BindCall, CloseCall, ListenCall, NameCall, ShutdownCall, SocketCall } from './lifecycle.js';
import { GetOptionCall, SetOptionCall } from './options.js';
import { DupCall, PipeCall, SocketPairCall } from './pairs.js';
import { PollCall } from './poll.js';
import { ReceiveCall } from './receive.js';
import { SendCall } from './send.js';
import { UnlinkCall } from './unlink.js';

type Maker = (reader: ArgumentReader, context: CallContext) => HostCall;

const makers: Readonly<Record<CallName, Maker>> = {
  socket: (reader, context) => new SocketCall(reader, context),
  socketpair: (reader, context) => new SocketPairCall(reader, context),
  bind: (reader, context) => new BindCall(reader, context),
  listen: (reader, context) => new ListenCall(reader, context),
  accept: (reader, context) => new AcceptCall(reader, context, false),
  accept4: (reader, context) => new AcceptCall(reader, context, true),
  connect: (reader, context) => new ConnectCall(reader, context),
  send: (reader, context) => new SendCall(reader, context, 'send'),
  sendto: (reader, context) => new SendCall(reader, context, 'sendto'),
  recv: (reader, context) => new ReceiveCall(reader, context, 'recv'),
  recvfrom: (reader, context) => new ReceiveCall(reader, context, 'recvfrom'),
  read: (reader, context) => new ReceiveCall(reader, context, 'read'),
  sendmsg: (reader, context) => new SendCall(reader, context, 'sendmsg'),
  recvmsg: (reader, context) => new ReceiveCall(reader, context, 'recvmsg'),
  write: (reader, context) => new SendCall(reader, context, 'write'),
  shutdown: (reader, context) => new ShutdownCall(reader, context),
  close: (reader, context) => new CloseCall(reader, context),
  getsockname: (reader, context) => new NameCall(reader, context, 'local'),
  getpeername: (reader, context) => new NameCall(reader, context, 'remote'),
  getsockopt: (reader, context) => new GetOptionCall(reader, context),
  setsockopt: (reader, context) => new SetOptionCall(reader, context),
  fcntl: (reader, context) => new FcntlCall(reader, context),
  ioctl: (reader, context) => new IoctlCall(reader, context),
  poll: (reader, context) => new PollCall(reader, context),
  dup: (reader, context) => new DupCall(reader, context),
  pipe: (reader, context) => new PipeCall(reader, context),
  unlink: (reader) => new UnlinkCall(reader),
};

/** How the named call is made; refuses a name that is none of the vocabulary. */
export function makerOf(name: string): Maker {
  if (!isCallName(name)) {
    throw refusal(null, t('The socket host does not make the call {0}.', name), 'unsupported');
  }
  return makers[name];
}
