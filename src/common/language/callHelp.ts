import { t } from '../l10n.js';
import type { CallName, ParameterType } from '../tables/signatures.js';

/** What a call does, for people who know it little or not at all, and how three languages write it. */
export interface CallHelp {
  /** What it does, in one or two sentences. */
  summary: () => string;
  /** What it gives back when it works. */
  result: () => string;
  /** Its declaration in C. */
  c: string;
  python: string;
  /** Null where Node.js makes the call by itself, or not at all. */
  node: string | null;
}

const zero = () => t('0.');
const descriptor = () => t('A new descriptor, the lowest that is free.');
const sent = () => t('How many bytes the kernel took, which may be fewer than were given.');
const received = () => t('How many bytes came; 0 at the end of a stream.');

/** In the order of the vocabulary. */
export const callHelp: Readonly<Record<CallName, CallHelp>> = {
  socket: {
    summary: () => t('Makes a socket: one end of a talk, without an address and without a peer yet.'),
    result: descriptor,
    c: 'int socket(int domain, int type, int protocol);',
    python: 's = socket.socket(socket.AF_INET, socket.SOCK_STREAM)',
    node: 'const client = new net.Socket();',
  },
  socketpair: {
    summary: () => t('Makes two sockets that are connected with each other, without any address.'),
    result: () => t('0; the two descriptors stand in sv.'),
    c: 'int socketpair(int domain, int type, int protocol, int sv[2]);',
    python: 'a, b = socket.socketpair()',
    node: null,
  },
  bind: {
    summary: () => t('Gives the socket its own address: the end by which others reach it.'),
    result: zero,
    c: 'int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen);',
    python: 's.bind(("127.0.0.1", 4000))',
    node: 'udp.bind(4000, "127.0.0.1");',
  },
  listen: {
    summary: () =>
      t('Makes the socket a listener: the kernel completes connections and queues them for accept.'),
    result: zero,
    c: 'int listen(int sockfd, int backlog);',
    python: 's.listen(5)',
    node: 'server.listen({ port: 4000, host: "127.0.0.1", backlog: 5 });',
  },
  accept: {
    summary: () =>
      t(
        'Takes the first connection off the queue of a listener, as a new socket; waits while there is none.',
      ),
    result: () => t('The descriptor of the connection; the listener goes on listening.'),
    c: 'int accept(int sockfd, struct sockaddr *addr, socklen_t *addrlen);',
    python: 'peer, address = s.accept()',
    node: 'server.on("connection", (peer) => {});',
  },
  accept4: {
    summary: () => t('As accept, and sets SOCK_NONBLOCK and SOCK_CLOEXEC on the new socket in one go.'),
    result: () => t('The descriptor of the connection; the listener goes on listening.'),
    c: 'int accept4(int sockfd, struct sockaddr *addr, socklen_t *addrlen, int flags);',
    python: 'peer, address = s.accept()',
    node: 'server.on("connection", (peer) => {});',
  },
  connect: {
    summary: () =>
      t(
        'Connects a stream with a listener and waits for its answer. On a datagram socket it only sets the peer: nothing is sent.',
      ),
    result: zero,
    c: 'int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen);',
    python: 's.connect(("127.0.0.1", 4000))',
    node: 'const client = net.connect(4000, "127.0.0.1");',
  },
  send: {
    summary: () =>
      t(
        'Hands bytes to the kernel for the peer; waits while the send queue is full. Arrival is not promised.',
      ),
    result: sent,
    c: 'ssize_t send(int sockfd, const void *buf, size_t len, int flags);',
    python: 'n = s.send(b"hello\\n")',
    node: 'client.write("hello\\n");',
  },
  sendto: {
    summary: () => t('Sends one datagram to an address; the socket needs no connection.'),
    result: sent,
    c: 'ssize_t sendto(int sockfd, const void *buf, size_t len, int flags,\n               const struct sockaddr *dest_addr, socklen_t addrlen);',
    python: 'n = s.sendto(b"hello\\n", ("127.0.0.1", 4000))',
    node: 'udp.send("hello\\n", 4000, "127.0.0.1");',
  },
  sendmsg: {
    summary: () =>
      t(
        'Sends several pieces of memory as one message, with an address and control data such as descriptors.',
      ),
    result: sent,
    c: 'ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags);',
    python: 'n = s.sendmsg([b"hello\\n"], [])',
    node: null,
  },
  recv: {
    summary: () => t('Takes what has arrived, up to the length of the buffer; waits while there is nothing.'),
    result: received,
    c: 'ssize_t recv(int sockfd, void *buf, size_t len, int flags);',
    python: 'data = s.recv(4096)',
    node: 'peer.on("data", (chunk) => {});',
  },
  recvfrom: {
    summary: () =>
      t('Takes one datagram and tells who sent it; what does not fit into the buffer is thrown away.'),
    result: received,
    c: 'ssize_t recvfrom(int sockfd, void *buf, size_t len, int flags,\n                 struct sockaddr *src_addr, socklen_t *addrlen);',
    python: 'data, address = s.recvfrom(4096)',
    node: 'udp.on("message", (data, sender) => {});',
  },
  recvmsg: {
    summary: () =>
      t(
        'Receives into several pieces of memory, with the sender, control data and the flags of the message.',
      ),
    result: received,
    c: 'ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags);',
    python: 'data, control, flags, address = s.recvmsg(4096, 256)',
    node: null,
  },
  read: {
    summary: () => t('Reads from any descriptor; on a socket it is recv without flags.'),
    result: received,
    c: 'ssize_t read(int fd, void *buf, size_t count);',
    python: 'data = os.read(fd, 4096)',
    node: 'const n = fs.readSync(fd, buffer);',
  },
  write: {
    summary: () => t('Writes to any descriptor; on a socket it is send without flags.'),
    result: sent,
    c: 'ssize_t write(int fd, const void *buf, size_t count);',
    python: 'n = os.write(fd, b"hello\\n")',
    node: 'const n = fs.writeSync(fd, "hello\\n");',
  },
  shutdown: {
    summary: () =>
      t('Ends one direction of a connection, or both, for all descriptors of it. The descriptor stays open.'),
    result: zero,
    c: 'int shutdown(int sockfd, int how);',
    python: 's.shutdown(socket.SHUT_WR)',
    node: 'client.end();',
  },
  close: {
    summary: () => t('Gives the descriptor back. With the last one of a socket its connection ends.'),
    result: zero,
    c: 'int close(int fd);',
    python: 's.close()',
    node: 'client.destroy();',
  },
  getsockname: {
    summary: () => t('Tells the own address of a socket, such as the port that the kernel has chosen.'),
    result: zero,
    c: 'int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen);',
    python: 'address = s.getsockname()',
    node: 'const { address, port } = server.address();',
  },
  getpeername: {
    summary: () => t('Tells the address of the other end of a connected socket.'),
    result: zero,
    c: 'int getpeername(int sockfd, struct sockaddr *addr, socklen_t *addrlen);',
    python: 'address = s.getpeername()',
    node: 'const { remoteAddress, remotePort } = client;',
  },
  getsockopt: {
    summary: () => t('Reads an option of a socket.'),
    result: zero,
    c: 'int getsockopt(int sockfd, int level, int optname,\n               void *optval, socklen_t *optlen);',
    python: 'value = s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)',
    node: 'const size = udp.getRecvBufferSize();',
  },
  setsockopt: {
    summary: () => t('Sets an option of a socket.'),
    result: zero,
    c: 'int setsockopt(int sockfd, int level, int optname,\n               const void *optval, socklen_t optlen);',
    python: 's.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)',
    node: 'client.setNoDelay(true);',
  },
  fcntl: {
    summary: () =>
      t('Reads or changes what belongs to a descriptor: O_NONBLOCK, close-on-exec, a duplicate.'),
    result: () => t('What the command asks for, otherwise 0.'),
    c: 'int fcntl(int fd, int cmd, ...);',
    python: 'flags = fcntl.fcntl(fd, fcntl.F_GETFL)',
    node: null,
  },
  ioctl: {
    summary: () => t('Asks or tells what a kind of descriptor has of its own, such as how many bytes wait.'),
    result: () => t('0 with most requests.'),
    c: 'int ioctl(int fd, unsigned long request, ...);',
    python: 'fcntl.ioctl(fd, termios.FIONREAD, buffer)',
    node: null,
  },
  poll: {
    summary: () => t('Waits until one of several descriptors has something to tell, or the time is over.'),
    result: () => t('How many descriptors have something to tell; 0 when the time is over.'),
    c: 'int poll(struct pollfd *fds, nfds_t nfds, int timeout);',
    python: 'p = select.poll()\np.register(s, select.POLLIN)\nready = p.poll(1000)',
    node: null,
  },
  dup: {
    summary: () => t('Makes a second descriptor of the same socket, file or pipe.'),
    result: descriptor,
    c: 'int dup(int oldfd);',
    python: 'fd = os.dup(s.fileno())',
    node: null,
  },
  pipe: {
    summary: () => t('Makes a pipe: what is written to its second descriptor is read from its first.'),
    result: () => t('0; the two descriptors stand in pipefd.'),
    c: 'int pipe(int pipefd[2]);',
    python: 'reader, writer = os.pipe()',
    node: null,
  },
  unlink: {
    summary: () => t('Removes a name from the file system: the file that a Unix socket leaves behind.'),
    result: zero,
    c: 'int unlink(const char *pathname);',
    python: 'os.unlink("/tmp/playground.sock")',
    node: 'fs.unlinkSync("/tmp/playground.sock");',
  },
};

/** What an argument is for, by its type. */
export const parameterHelp: Readonly<Record<ParameterType, () => string>> = {
  fd: () => t('The descriptor: a name that an earlier line gave.'),
  domain: () => t('The family of addresses, such as AF_INET.'),
  socktype: () => t('The kind of talk: SOCK_STREAM, SOCK_DGRAM …, with SOCK_NONBLOCK and SOCK_CLOEXEC.'),
  protocol: () => t('The protocol; 0 is the usual one of family and type.'),
  backlog: () => t('How many connections may wait for accept.'),
  how: () => t('Which direction ends: SHUT_RD, SHUT_WR or SHUT_RDWR.'),
  level: () => t('The level that the option belongs to: SOL_SOCKET, IPPROTO_TCP …'),
  optname: () => t('The option.'),
  msgflags: () => t('Flags such as MSG_DONTWAIT, joined with |; 0 where it is left out.'),
  sockflags: () => t('SOCK_NONBLOCK and SOCK_CLOEXEC; 0 where it is left out.'),
  fcntlcmd: () => t('What to do: F_GETFL, F_SETFL …'),
  fcntlarg: () => t('What the command takes.'),
  ioctlrequest: () => t('What to ask or tell: FIONREAD, SIOCOUTQ …'),
  timeout: () => t('The longest wait in milliseconds; −1 is without end.'),
  nfds: () => t('How many descriptors are in the list; it may be left out.'),
  size: () => t('The length in bytes.'),
  data: () => t('The bytes that are sent: "text", hex("00 ff"), "a" * 1000, file("name").'),
  buffer: () => t('The bytes that are expected, or _; a number here is the length of the buffer.'),
  sockaddr: () => t('An address: 127.0.0.1:4000, [::1]:4000, unix:/tmp/x.sock, getsockname(server).'),
  socklen: () => t("The length of the address or value; the structure's where it is left out."),
  sockaddrOut: () => t('The address that is expected, or _; it may be left out.'),
  socklenInOut: () => t('The length as it is passed and comes back: [128 => 16]; it may be left out.'),
  optval: () => t('The value: a number, or a structure such as {l_onoff=1, l_linger=0}.'),
  optvalOut: () => t('The value that is expected: [0]; it may be left out.'),
  msghdr: () => t('The message: {msg_iov=[{iov_base="x", iov_len=1}]}.'),
  msghdrOut: () => t('The message that is expected, with the lengths of its buffers.'),
  pollfds: () => t('The descriptors and what is waited for: [{fd=s, events=POLLIN}].'),
  ioctlarg: () => t('What the request takes, or what is expected: [100].'),
  fdpair: () => t('The two descriptors; name them on the left instead: a, b = …'),
  path: () => t('The path, in quotes.'),
};

/** What `sleep` and `timeout` do, which are no calls. */
export const pauseHelp: Readonly<Record<'sleep' | 'timeout', () => string>> = {
  sleep: () => t('No call: the thread waits for so many seconds.'),
  timeout: () => t('No call: how many seconds each later call of the thread may take; 10 without it.'),
};
