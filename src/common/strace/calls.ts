import type { CallName } from '../tables/signatures.js';

/** How a call that strace prints becomes a record. */
export interface ObservedCall {
  /** The record's. */
  as: CallName;
  /** Only a socket's number makes it a call on a socket: files have it too. */
  isOfFiles: boolean;
}

const onSockets = (as: CallName): ObservedCall => ({ as, isOfFiles: false });
const onFiles = (as: CallName): ObservedCall => ({ as, isOfFiles: true });

/** Calls whose first argument is the descriptor, or that make one. Those of another name amount to the record's call. */
export const observedCalls: ReadonlyMap<string, ObservedCall> = new Map([
  ['socket', onSockets('socket')],
  ['socketpair', onSockets('socketpair')],
  ['bind', onSockets('bind')],
  ['listen', onSockets('listen')],
  ['accept', onSockets('accept')],
  ['accept4', onSockets('accept4')],
  ['connect', onSockets('connect')],
  ['send', onSockets('send')],
  ['sendto', onSockets('sendto')],
  ['sendmsg', onSockets('sendmsg')],
  ['sendmmsg', onSockets('sendmsg')],
  ['recv', onSockets('recv')],
  ['recvfrom', onSockets('recvfrom')],
  ['recvmsg', onSockets('recvmsg')],
  ['recvmmsg', onSockets('recvmsg')],
  ['recvmmsg_time64', onSockets('recvmsg')],
  ['shutdown', onSockets('shutdown')],
  ['getsockname', onSockets('getsockname')],
  ['getpeername', onSockets('getpeername')],
  ['getsockopt', onSockets('getsockopt')],
  ['setsockopt', onSockets('setsockopt')],
  ['read', onFiles('read')],
  ['readv', onFiles('read')],
  ['write', onFiles('write')],
  ['writev', onFiles('write')],
  ['sendfile', onFiles('write')],
  ['sendfile64', onFiles('write')],
  ['splice', onFiles('read')],
  ['close', onFiles('close')],
  ['fcntl', onFiles('fcntl')],
  ['fcntl64', onFiles('fcntl')],
  ['ioctl', onFiles('ioctl')],
  ['dup', onFiles('dup')],
  ['dup2', onFiles('dup')],
  ['dup3', onFiles('dup')],
  ['poll', onFiles('poll')],
  ['ppoll', onFiles('poll')],
  ['ppoll_time64', onFiles('poll')],
  ['select', onFiles('poll')],
  ['_newselect', onFiles('poll')],
  ['pselect6', onFiles('poll')],
  ['pselect6_time64', onFiles('poll')],
]);

/** Calls that make a thread or a process. */
export const birthCalls: ReadonlySet<string> = new Set(['clone', 'clone2', 'clone3', 'fork', 'vfork']);

/** Calls that wait for sockets or move their bytes and are no records: they are counted. */
export const countedCalls: ReadonlySet<string> = new Set([
  'epoll_wait',
  'epoll_pwait',
  'epoll_pwait2',
  'epoll_ctl',
  'io_uring_setup',
  'io_uring_enter',
  'io_uring_register',
  'io_submit',
  'process_vm_readv',
  'process_vm_writev',
  'tee',
  'vmsplice',
]);

/** What `strace -e trace=` is given, so that a log shows the whole life of sockets. `?`: where this kernel has it. */
export const tracedCalls: string = [
  '%network',
  ...[...observedCalls.keys(), ...birthCalls, ...countedCalls]
    .filter((name) => !/^(?:_|tee$|vmsplice$|process_vm|clone2$)/.test(name))
    .map((name) => `?${name}`),
  '?execve',
  '?execveat',
  '?close_range',
  '?pidfd_getfd',
  // What became of a call that a signal has interrupted.
  '?restart_syscall',
  '?rt_sigreturn',
].join(',');
