/** The parts of a Python program that its lines use, in the order in which they stand there. */
export const pythonHelpers = {
  kept: {
    text: `
# Every socket stays open until the program closes it, also where no name is left for it.
kept = []`,
  },
  attempt: {
    text: `
def attempt(call, *args):
    """Makes a call and returns its answer; of one that fails, the error."""
    try:
        return call(*args)
    except OSError as error:
        return error`,
  },
  failed: {
    text: `
def failed(result):
    return isinstance(result, OSError)`,
  },
  number: {
    needs: ['failed'],
    text: `
def number(result):
    """The number that the call has returned in C; of an error the errno, negative."""
    if failed(result):
        return -(result.errno or 0)
    if isinstance(result, tuple):
        result = result[0]
    if isinstance(result, socket.socket):
        return result.fileno()
    if isinstance(result, (bytes, list)):
        return len(result)
    return 0 if result is None else result`,
  },
  zero: {
    needs: ['failed'],
    text: `
def zero(result):
    """0 for an answer that is no number."""
    return result if failed(result) else 0`,
  },
  no_socket: {
    text: `
def refused(*_):
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class NoDescriptor:
    """-1 as C has it: Python's fcntl and ioctl take no negative number, and ask what else they get for its own."""

    _as_parameter_ = -1
    fileno = refused

    def __index__(self):
        return -1


class NoSocket(socket.socket):
    """In the place of a socket that could not be made: calls on it say EBADF, as on -1 in C."""

    def __init__(self):
        pass

    def __getattribute__(self, name):
        if name == 'family':
            refused()
        return NoDescriptor if name == 'fileno' else refused`,
  },
  made: {
    needs: ['kept', 'failed', 'no_socket'],
    text: `
def made(result):
    """The socket that a call has made, or the number of a pipe."""
    if failed(result):
        return NoSocket()
    sock = result[0] if isinstance(result, tuple) else result
    if isinstance(sock, socket.socket):
        kept.append(sock)
    return sock`,
  },
  failures: {
    text: `
failures = []`,
  },
  mismatch: {
    needs: ['failures'],
    text: `
def mismatch(line, what):
    print(f'{line}: {what}: not as expected', file=sys.stderr)
    failures.append(line)`,
  },
  check: {
    needs: ['mismatch', 'number'],
    text: `
def check(line, call, result, is_expected):
    """Tells what a call has returned, behind the number that it has in the comments."""
    answer = f'-1 ({result})' if failed(result) else number(result)
    print(f'{line}: {call} = {answer}', flush=True)
    if not is_expected:
        mismatch(line, call)`,
  },
  check_made: {
    needs: ['check'],
    text: `
def check_made(line, call, result, is_expected):
    """As check(), of a call that gives names their values: where it has failed, the program ends."""
    check(line, call, result, is_expected)
    if failed(result) and not is_expected:
        print(f'{line}: the program ends: {call} has not given what it was to', file=sys.stderr, flush=True)
        end()`,
  },
  check_data: {
    needs: ['mismatch', 'failed'],
    text: `
def check_data(line, result, expected):
    """Compares what has been received."""
    if not failed(result) and (result[0] if isinstance(result, tuple) else result) != expected:
        mismatch(line, 'the data')`,
  },
  check_prefix: {
    needs: ['mismatch', 'failed'],
    text: `
def check_prefix(line, result, expected):
    """Compares the beginning of what has been received."""
    if not failed(result) and not (result[0] if isinstance(result, tuple) else result).startswith(expected):
        mismatch(line, 'the data')`,
  },
  is_other_file: {
    text: `
def is_other_file(path):
    """Whether something that is no socket has this name: only the files of sockets are removed."""
    return os.path.lexists(path) and not stat.S_ISSOCK(os.lstat(path).st_mode)`,
  },
  check_file: {
    needs: ['is_other_file'],
    text: `
def check_file(line, path):
    """Ends the program before it removes what is no socket."""
    if is_other_file(path):
        print(f'{line}: the program ends: {os.fsdecode(path)} is no socket file', file=sys.stderr, flush=True)
        end()`,
  },
  check_number: {
    needs: ['mismatch'],
    text: `
def check_number(line, what, value, expected):
    if value != expected:
        mismatch(line, f'{what} is {value}')`,
  },
  check_time: {
    needs: ['mismatch'],
    text: `
def check_time(line, seconds, least, most):
    if not least <= seconds <= most:
        mismatch(line, f'it took {seconds} s')`,
  },
  plain_address: {
    text: `
def plain_address(address):
    """An address to compare: host and port, or the bytes of a path."""
    return os.fsencode(address) if isinstance(address, (str, bytes)) else tuple(address[:2])`,
  },
  check_address: {
    needs: ['mismatch', 'plain_address'],
    text: `
def check_address(line, address, expected):
    if plain_address(address) != plain_address(expected):
        mismatch(line, f'the address is {address}')`,
  },
  close: {
    text: `
def close(sock):
    return os.close(sock) if isinstance(sock, int) else sock.close()`,
  },
  adopt: {
    needs: ['kept'],
    text: `
def adopt(fd):
    """A descriptor as a socket, where it is one."""
    try:
        sock = socket.socket(fileno=fd)
    except (OSError, ValueError):
        return fd
    kept.append(sock)
    return sock`,
  },
  fileno: {
    text: `
def fileno(descriptor):
    """The number of a socket, or of anything else."""
    return descriptor if isinstance(descriptor, int) else descriptor.fileno()`,
  },
  call_on: {
    needs: ['adopt'],
    text: `
def call_on(descriptor, family, method, *args):
    """Makes a call on a number, or on a socket with an address of another family than its own."""
    sock = adopt(descriptor) if isinstance(descriptor, int) else descriptor
    if not isinstance(sock, socket.socket):
        # Python has no object of what is no socket: a copy of it is put in the place of one.
        with socket.socket(family or socket.AF_INET, socket.SOCK_DGRAM) as place:
            try:
                os.dup2(descriptor, place.fileno(), inheritable=False)
            except OSError:
                place.close()  # there is no such descriptor: the object has none either
            return getattr(place, method)(*args)
    if family not in (None, sock.family):
        sock = socket.socket(family, sock.type, sock.proto, sock.fileno())
        kept.append(sock)
    return getattr(sock, method)(*args)`,
  },
  inheritable: {
    text: `
def inheritable(result):
    """Takes FD_CLOEXEC away, which Python sets on all that it makes."""
    for each in result if isinstance(result, tuple) else (result,):
        if isinstance(each, socket.socket):
            each.set_inheritable(True)
        elif isinstance(each, int):
            os.set_inheritable(each, True)`,
  },
  duplicate: {
    text: `
def duplicate(sock):
    if isinstance(sock, int):
        return os.dup(sock)
    return socket.socket(sock.family, sock.type, sock.proto, os.dup(sock.fileno()))`,
  },
  received: {
    needs: ['adopt'],
    text: `
def received(control):
    """The descriptors in the control data of a message."""
    SCM_PIDFD = 4
    fds = []
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind in (socket.SCM_RIGHTS, SCM_PIDFD):
            count = len(data) // 4
            fds.extend(adopt(fd) for fd in struct.unpack(f'{count}i', data[:count * 4]))
    return fds`,
  },
  control_part: {
    needs: ['mismatch'],
    text: `
def control_part(line, control, place, level, kind):
    """The data of the control message at a place, which has to be of this kind."""
    if place < len(control) and control[place][:2] == (level, kind):
        return control[place][2]
    mismatch(line, 'the control messages')
    return b''`,
  },
  control_number: {
    text: `
def control_number(part):
    """The number in a control message: an int, or what has another length."""
    return int.from_bytes(part, sys.byteorder, signed=len(part) == 4)`,
  },
  interfaces: {
    text: `
def interfaces(fd, request, length):
    """What SIOCGIFCONF tells: the length in bytes and the structures; with None only the length."""
    room = array.array('B', bytes(length or 0))
    address = 0 if length is None else room.buffer_info()[0]
    told = struct.unpack('iP', fcntl.ioctl(fd, request, struct.pack('iP', length or 0, address)))[0]
    return told, room.tobytes()[:told]`,
  },
  libc: {
    text: `
c_library = ctypes.CDLL(None, use_errno=True)


def libc(call, *args):
    """Makes a call as C does; one that fails raises its error, as those of Python's modules do."""
    result = getattr(c_library, call)(*args)
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result`,
  },
  sockaddr: {
    text: `
def sockaddr(address):
    """An address of Python's as the bytes of C's structure."""
    if isinstance(address, (str, bytes)):
        path = os.fsencode(address)
        end = b'' if path[:1] in (b'', b'\\0') or len(path) >= 108 else b'\\0'
        return struct.pack('H', socket.AF_UNIX) + path + end
    host, port, *rest = address
    if ':' not in host:
        return struct.pack('!2sH4s8x', struct.pack('=H', socket.AF_INET), port, socket.inet_aton(host))
    flowinfo, scope = rest or (0, 0)
    begin = struct.pack('=H', socket.AF_INET6) + struct.pack('!HI', port, flowinfo)
    return begin + socket.inet_pton(socket.AF_INET6, host) + struct.pack('=I', scope)`,
  },
  address_in: {
    text: `
def address_in(name, size):
    """The address that the kernel has written, as Python has it."""
    data = name.raw
    family = int.from_bytes(data[:2], sys.byteorder)
    port = int.from_bytes(data[2:4], 'big')
    if family == socket.AF_INET:
        return socket.inet_ntop(family, data[4:8]), port
    if family == socket.AF_INET6:
        return socket.inet_ntop(family, data[8:24]), port
    path = data[2:size.value]
    return path if path[:1] == b'\\0' else path.split(b'\\0')[0]`,
  },
  pollfds: {
    text: `
class PollFd(ctypes.Structure):
    _fields_ = [('fd', ctypes.c_int), ('events', ctypes.c_short), ('revents', ctypes.c_short)]


def pollfds(*items):
    """The array of structures that C's poll() takes."""
    return (PollFd * len(items))(*items)`,
  },
  msghdr: {
    text: `
class Iovec(ctypes.Structure):
    _fields_ = [('iov_base', ctypes.c_char_p), ('iov_len', ctypes.c_size_t)]


class Msghdr(ctypes.Structure):
    _fields_ = [
        ('msg_name', ctypes.c_char_p),
        ('msg_namelen', ctypes.c_uint),
        ('msg_iov', ctypes.POINTER(Iovec)),
        ('msg_iovlen', ctypes.c_size_t),
        ('msg_control', ctypes.c_char_p),
        ('msg_controllen', ctypes.c_size_t),
        ('msg_flags', ctypes.c_int),
    ]


def msghdr(name, parts, control):
    """The structure of a message to send: each control message has a length, its kind and padding."""
    iov = (Iovec * len(parts))(*[(part, len(part)) for part in parts])
    head = struct.calcsize('Nii')
    data = b''.join(
        struct.pack('Nii', head + len(each), level, kind) + each + bytes(-len(each) % struct.calcsize('N'))
        for level, kind, each in control
    )
    return Msghdr(name or None, len(name), iov, len(parts), data or None, len(data))`,
  },
  poll: {
    text: `
def poll(fds, timeout):
    poller = select.poll()
    for fd, events in fds:
        if int(fd) >= 0:  # the kernel passes over the others
            poller.register(fd, events)
    return poller.poll(timeout)`,
  },
} as const satisfies Readonly<Record<string, { needs?: readonly string[]; text: string }>>;

/** Keeps the order of the lines of several threads. */
export const pythonTurns = `
class Turns:
    """
    The order of the lines. The next to start is always the first in the file, not yet started, whose thread does not
    wait. Nothing tells a program that a call of another thread sleeps: one that may sleep and has not returned within
    \`patience\` counts as waiting, and as long a time is given to a wait that the latest call may have ended.
    """

    patience = 0.1

    def __init__(self, upcoming):
        self.changed = threading.Condition()
        self.upcoming = upcoming  # the line that each thread starts next
        self.states = {thread: 'idle' for thread in upcoming}
        self.since = {}
        self.done = set()
        self.latest = 0.0

    def is_turn(self, thread, line):
        now = time.monotonic()
        for other, state in self.states.items():
            if other == thread:
                continue
            goes_first = self.upcoming[other] < line
            if state == 'runs' or (state == 'idle' and goes_first):
                return False
            if state == 'may wait' and now - self.since[other] < self.patience:
                return False
            if state != 'idle' and goes_first and now - self.latest < self.patience:
                return False
        return True

    def begin(self, thread, line, upcoming, state, givers=()):
        """Returns when it is a line's turn, and the lines whose values it uses are done."""
        with self.changed:
            if not self.done.issuperset(givers):
                self.states[thread] = 'waits'
                self.changed.wait_for(lambda: self.done.issuperset(givers))
                self.states[thread] = 'idle'
            while not self.is_turn(thread, line):
                self.changed.wait(0.01)
            self.states[thread] = state
            self.since[thread] = time.monotonic()
            self.upcoming[thread] = upcoming

    def end(self, thread, line):
        with self.changed:
            self.states[thread] = 'idle'
            self.done.add(line)
            self.latest = time.monotonic()
            self.changed.notify_all()
`;
