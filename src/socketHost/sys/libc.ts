import koffi from 'koffi';

const libc = koffi.load(null);

/** A C int, a length or an address: what does not fit is a fault of ours. */
export type Int = number;

/** The functions of the C library that the host calls, as C declares them. Who calls one reads errno before anything else. */
export const functions = {
  socket: libc.func('int socket(int, int, int)') as (domain: Int, type: Int, protocol: Int) => Int,
  bind: libc.func('int bind(int, uintptr, uint32)') as (fd: Int, addr: Int, len: Int) => Int,
  listen: libc.func('int listen(int, int)') as (fd: Int, backlog: Int) => Int,
  connect: libc.func('int connect(int, uintptr, uint32)') as (fd: Int, addr: Int, len: Int) => Int,
  accept4: libc.func('int accept4(int, uintptr, uintptr, int)') as (
    fd: Int,
    addr: Int,
    len: Int,
    flags: Int,
  ) => Int,
  recv: libc.func('int recv(int, uintptr, uintptr, int)') as (
    fd: Int,
    buf: Int,
    length: Int,
    flags: Int,
  ) => Int,
  send: libc.func('int send(int, uintptr, uintptr, int)') as (
    fd: Int,
    buf: Int,
    length: Int,
    flags: Int,
  ) => Int,
  recvmmsg: libc.func('int recvmmsg(int, uintptr, uint32, int, uintptr)') as (
    fd: Int,
    messages: Int,
    count: Int,
    flags: Int,
    timeout: Int,
  ) => Int,
  sendmmsg: libc.func('int sendmmsg(int, uintptr, uint32, int)') as (
    fd: Int,
    messages: Int,
    count: Int,
    flags: Int,
  ) => Int,
  sendto: libc.func('int sendto(int, uintptr, uintptr, int, uintptr, uint32)') as (
    fd: Int,
    buf: Int,
    length: Int,
    flags: Int,
    addr: Int,
    addrlen: Int,
  ) => Int,
  recvfrom: libc.func('int recvfrom(int, uintptr, uintptr, int, uintptr, uintptr)') as (
    fd: Int,
    buf: Int,
    length: Int,
    flags: Int,
    addr: Int,
    addrlen: Int,
  ) => Int,
  socketpair: libc.func('int socketpair(int, int, int, uintptr)') as (
    domain: Int,
    type: Int,
    protocol: Int,
    pair: Int,
  ) => Int,
  pipe2: libc.func('int pipe2(uintptr, int)') as (pair: Int, flags: Int) => Int,
  read: libc.func('int read(int, uintptr, int64)') as (fd: Int, buf: Int, length: Int) => Int,
  write: libc.func('int write(int, uintptr, int64)') as (fd: Int, buf: Int, length: Int) => Int,
  poll: libc.func('int poll(uintptr, ulong, int)') as (fds: Int, count: Int, timeout: Int) => Int,
  ppoll: libc.func('int ppoll(uintptr, ulong, uintptr, uintptr)') as (
    fds: Int,
    count: Int,
    timeout: Int,
    signals: Int,
  ) => Int,
  unlink: libc.func('int unlink(uintptr)') as (path: Int) => Int,
  sendmsg: libc.func('int sendmsg(int, uintptr, int)') as (fd: Int, message: Int, flags: Int) => Int,
  recvmsg: libc.func('int recvmsg(int, uintptr, int)') as (fd: Int, message: Int, flags: Int) => Int,
  shutdown: libc.func('int shutdown(int, int)') as (fd: Int, how: Int) => Int,
  close: libc.func('int close(int)') as ((fd: Int) => Int) & {
    async: (fd: Int, callback: (error: unknown, result: Int) => void) => void;
  },
  getsockname: libc.func('int getsockname(int, uintptr, uintptr)') as (fd: Int, addr: Int, len: Int) => Int,
  getpeername: libc.func('int getpeername(int, uintptr, uintptr)') as (fd: Int, addr: Int, len: Int) => Int,
  getsockopt: libc.func('int getsockopt(int, int, int, uintptr, uintptr)') as (
    fd: Int,
    level: Int,
    name: Int,
    value: Int,
    len: Int,
  ) => Int,
  setsockopt: libc.func('int setsockopt(int, int, int, uintptr, uint32)') as (
    fd: Int,
    level: Int,
    name: Int,
    value: Int,
    len: Int,
  ) => Int,
  fcntl: libc.func('int fcntl(int, int, int)') as (fd: Int, command: Int, argument: Int) => Int,
  fcntlPointer: libc.func('int fcntl(int, int, uintptr)') as (fd: Int, command: Int, argument: Int) => Int,
  ioctl: libc.func('int ioctl(int, ulong, uintptr)') as (fd: Int, request: Int, argument: Int) => Int,
  dup3: libc.func('int dup3(int, int, int)') as (fd: Int, target: Int, flags: Int) => Int,
  epoll_create1: libc.func('int epoll_create1(int)') as (flags: Int) => Int,
  epoll_ctl: libc.func('int epoll_ctl(int, int, int, uintptr)') as (
    epfd: Int,
    op: Int,
    fd: Int,
    event: Int,
  ) => Int,
  epoll_wait: libc.func('int epoll_wait(int, uintptr, int, int)') as (
    epfd: Int,
    events: Int,
    count: Int,
    timeout: Int,
  ) => Int,
  kill: libc.func('int kill(int, int)') as (pid: Int, signal: Int) => Int,
  // Without names in older C libraries; the numbers are the same on every machine.
  syscall: libc.func('long syscall(long, long, long, long, long)') as (
    number: Int,
    a: Int,
    b: Int,
    c: Int,
    d: Int,
  ) => Int,
  signal: libc.func('uintptr signal(int, uintptr)') as (signal: Int, handler: Int) => Int,
  prctl: libc.func('int prctl(int, ulong, ulong, ulong, ulong)') as (
    option: Int,
    arg2: Int,
    arg3: Int,
    arg4: Int,
    arg5: Int,
  ) => Int,
  if_nametoindex: libc.func('uint32 if_nametoindex(str)') as (name: string) => Int,
  if_indextoname: libc.func('str if_indextoname(uint32, uintptr)') as (
    index: Int,
    name: Int,
  ) => string | null,
  inet_pton: libc.func('int inet_pton(int, str, uintptr)') as (family: Int, text: string, to: Int) => Int,
  inet_ntop: libc.func('str inet_ntop(int, uintptr, uintptr, uint32)') as (
    family: Int,
    from: Int,
    text: Int,
    size: Int,
  ) => string | null,
};
