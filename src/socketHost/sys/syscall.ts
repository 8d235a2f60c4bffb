import koffi from 'koffi';
import { functions, type Int } from './libc.js';
import { type IntCell, Memory } from './memory.js';

/*
 * The system calls that the host makes, each through one function. A result is what the kernel returned,
 * or its errno made negative. Arguments have been checked: what does not fit a C int is a fault of ours
 * here, and so is a length beyond its memory.
 */

/** errno must be read before anything else runs: any call of `fs` overwrites it. */
function answer(result: Int): Int {
  return result === -1 ? -koffi.errno() : result;
}

/** The address of the first `length` bytes; 0 is NULL. */
function pointer(memory: Memory | null, length: Int): Int {
  return memory === null ? 0 : memory.at(0, length);
}

/** Corresponds to `socket(2)`, as each function here to the page of its name where nothing else is said. */
export function socket(domain: Int, type: Int, protocol: Int): Int {
  return answer(functions.socket(domain, type, protocol));
}

/** @param addrlen Passed as it is; the kernel refuses what is over 128 bytes before it reads. */
export function bind(fd: Int, addr: Memory | null, addrlen: Int): Int {
  return answer(functions.bind(fd, pointer(addr, readable(addrlen)), addrlen));
}

/** Corresponds to `listen(2)`. */
export function listen(fd: Int, backlog: Int): Int {
  return answer(functions.listen(fd, backlog));
}

/** @param addrlen As for {@link bind}. */
export function connect(fd: Int, addr: Memory | null, addrlen: Int): Int {
  return answer(functions.connect(fd, pointer(addr, readable(addrlen)), addrlen));
}

/** @param addr At least 128 bytes: the kernel writes no more, whatever the length says. */
export function accept4(fd: Int, addr: Memory | null, addrlen: IntCell | null, flags: Int): Int {
  return answer(functions.accept4(fd, pointer(addr, 128), addrlen?.address ?? 0, flags));
}

/** Sends `length` bytes of the data from `offset` on. Null is NULL; `addrlen` as for {@link bind}. */
export function sendto(
  fd: Int,
  data: Memory | null,
  offset: Int,
  length: Int,
  flags: Int,
  addr: Memory | null,
  addrlen: Int,
): Int {
  const at = data === null ? 0 : data.at(offset, length);
  return answer(functions.sendto(fd, at, length, flags, pointer(addr, readable(addrlen)), addrlen));
}

/** Receives into the buffer from `offset` on, at most `length` bytes. Null is NULL; `addr` as for {@link accept4}. */
export function recvfrom(
  fd: Int,
  buffer: Memory | null,
  offset: Int,
  length: Int,
  flags: Int,
  addr: Memory | null,
  addrlen: IntCell | null,
): Int {
  const at = buffer === null ? 0 : buffer.at(offset, length);
  return answer(functions.recvfrom(fd, at, length, flags, pointer(addr, 128), addrlen?.address ?? 0));
}

/** As {@link recvfrom} without an address: two arguments less to convert, where it is made very often. */
export function recv(fd: Int, buffer: Memory, offset: Int, length: Int): Int {
  const result = functions.recv(fd, buffer.at(offset, length), length, 0);
  return result === -1 ? -koffi.errno() : result;
}

/** As {@link sendto} without an address. */
export function send(fd: Int, data: Memory, offset: Int, length: Int): Int {
  const result = functions.send(fd, data.at(offset, length), length, 0);
  return result === -1 ? -koffi.errno() : result;
}

/** @param messages `count` structures of 64 bytes; what they point to must be held as well. */
export function recvmmsg(fd: Int, messages: Memory, count: Int): Int {
  return answer(functions.recvmmsg(fd, messages.at(0, 64 * count), count, 0, 0));
}

/** @param first The first of the structures to send. */
export function sendmmsg(fd: Int, messages: Memory, first: Int, count: Int): Int {
  return answer(functions.sendmmsg(fd, messages.at(64 * first, 64 * count), count, 0));
}

/** @param message A `struct msghdr`; what it points to must be held as well. Null is NULL. */
export function sendmsg(fd: Int, message: Memory | null, flags: Int): Int {
  return answer(functions.sendmsg(fd, pointer(message, 56), flags));
}

/** @param message As for {@link sendmsg}. */
export function recvmsg(fd: Int, message: Memory | null, flags: Int): Int {
  return answer(functions.recvmsg(fd, pointer(message, 56), flags));
}

/** @param pair Room for two descriptors; null is NULL. */
export function socketpair(domain: Int, type: Int, protocol: Int, pair: Memory | null): Int {
  return answer(functions.socketpair(domain, type, protocol, pointer(pair, 8)));
}

/** @param pair As for {@link socketpair}. */
export function pipe2(pair: Memory | null, flags: Int): Int {
  return answer(functions.pipe2(pointer(pair, 8), flags));
}

/** Reads into the buffer from `offset` on, at most `length` bytes; null is NULL. */
export function read(fd: Int, buffer: Memory | null, offset: Int, length: Int): Int {
  return answer(functions.read(fd, buffer === null ? 0 : buffer.at(offset, length), length));
}

/** Writes `length` bytes of the data from `offset` on; null is NULL. */
export function write(fd: Int, data: Memory | null, offset: Int, length: Int): Int {
  return answer(functions.write(fd, data === null ? 0 : data.at(offset, length), length));
}

/** A length that is negative as a `ssize_t`: the kernel refuses it before it looks at the memory, of which there is none. */
export function readNegative(fd: Int): Int {
  return answer(functions.read(fd, 0, -1));
}

/** As {@link readNegative}, for `write(2)`. */
export function writeNegative(fd: Int): Int {
  return answer(functions.write(fd, 0, -1));
}

/** Never waits. @param fds Room for `count` structures of 8 bytes; null is NULL. */
export function pollNow(fds: Memory | null, count: Int): Int {
  return answer(functions.poll(pointer(fds, 8 * count), count, 0));
}

/** `struct pollfd`, and no time to wait. */
const polled = new Memory(8);
const noTime = new Memory(16);

/** Which of these events are up now, ERR and HUP unasked. By ppoll(2), because poll(2) is a call of the user's. */
export function readiness(fd: Int, events: Int): Int {
  const words = polled.i32!;
  words[0] = fd;
  words[1] = events;
  return functions.ppoll(polled.address, 1, noTime.address, 0) === 1 ? words[1] >> 16 : 0;
}

/** @param path Ends with NUL. */
export function unlink(path: Memory): Int {
  return answer(functions.unlink(path.address));
}

/** Corresponds to `shutdown(2)`. */
export function shutdown(fd: Int, how: Int): Int {
  return answer(functions.shutdown(fd, how));
}

/** Does not sleep where the socket does not linger: for one that may there is {@link closeInThread}. */
export function close(fd: Int): Int {
  return answer(functions.close(fd));
}

/** In another thread: a close that lingers sleeps whatever O_NONBLOCK says. */
export function closeInThread(fd: Int, done: (result: Int) => void): void {
  functions.close.async(fd, (_error, result) => done(answer(result)));
}

/** @param addr As for {@link accept4}. */
export function getsockname(fd: Int, addr: Memory | null, addrlen: IntCell | null): Int {
  return answer(functions.getsockname(fd, pointer(addr, 128), addrlen?.address ?? 0));
}

/** @param addr As for {@link accept4}. */
export function getpeername(fd: Int, addr: Memory | null, addrlen: IntCell | null): Int {
  return answer(functions.getpeername(fd, pointer(addr, 128), addrlen?.address ?? 0));
}

/** @param value Holds what the kernel may write for the length in `optlen`. */
export function getsockopt(
  fd: Int,
  level: Int,
  name: Int,
  value: Memory | null,
  optlen: IntCell | null,
): Int {
  const at = pointer(value, Math.max(0, optlen?.value ?? 0));
  return answer(functions.getsockopt(fd, level, name, at, optlen?.address ?? 0));
}

/** @param value Holds `optlen` bytes; null is NULL. A negative length is the kernel's to refuse. */
export function setsockopt(fd: Int, level: Int, name: Int, value: Memory | null, optlen: Int): Int {
  return answer(functions.setsockopt(fd, level, name, pointer(value, Math.max(0, optlen)), optlen));
}

/** For commands whose argument is an int, or that take none. */
export function fcntl(fd: Int, command: Int, argument: Int): Int {
  return answer(functions.fcntl(fd, command, argument));
}

/** @param argument Holds whatever the command reads and writes; null is NULL. */
export function fcntlMemory(fd: Int, command: Int, argument: Memory | null): Int {
  return answer(functions.fcntlPointer(fd, command, argument?.address ?? 0));
}

/** For requests that write one int. */
export function ioctl(fd: Int, request: Int, cell: IntCell): Int {
  return answer(functions.ioctl(fd, request, cell.address));
}

/** @param argument Holds whatever the request reads and writes; null is NULL. */
export function ioctlMemory(fd: Int, request: Int, argument: Memory | null): Int {
  return answer(functions.ioctl(fd, request, argument?.address ?? 0));
}

/** Corresponds to `dup3(2)`. */
export function dup3(fd: Int, target: Int, flags: Int): Int {
  return answer(functions.dup3(fd, target, flags));
}

/** Corresponds to `epoll_create1(2)`. */
export function epollCreate(flags: Int): Int {
  return answer(functions.epoll_create1(flags));
}

/**
 * Corresponds to `epoll_ctl(2)`.
 * @param event A `struct epoll_event`, of 12 bytes.
 */
export function epollControl(epfd: Int, op: Int, fd: Int, event: Memory): Int {
  return answer(functions.epoll_ctl(epfd, op, fd, event.at(0, 12)));
}

/** @param events Room for `count` events of 12 bytes. */
export function epollFetch(epfd: Int, events: Memory, count: Int, timeoutMs: Int): Int {
  return answer(functions.epoll_wait(epfd, events.at(0, 12 * count), count, timeoutMs));
}

/** Corresponds to `kill(2)`. */
export function kill(pid: Int, signal: Int): Int {
  return answer(functions.kill(pid, signal));
}

/** A descriptor that stands for a process; the kernel sets close-on-exec. */
export function pidfdOpen(pid: Int): Int {
  const SYS_pidfd_open = 434;
  return answer(functions.syscall(SYS_pidfd_open, pid, 0, 0, 0));
}

/** Corresponds to `pidfd_send_signal(2)`: unlike {@link kill} it reaches no later process with the same number. */
export function pidfdSignal(pidfd: Int, signal: Int): Int {
  const SYS_pidfd_send_signal = 424;
  return answer(functions.syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0));
}

/** Corresponds to `signal(2)` with SIG_IGN. */
export function ignoreSignal(signal: Int): void {
  const SIG_IGN = 1;
  functions.signal(signal, SIG_IGN);
}

/** The signal that the kernel sends to this process when its parent ends. */
export function signalAtParentsEnd(signal: Int): void {
  const PR_SET_PDEATHSIG = 1;
  functions.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
}

/** The index of an interface; 0 when there is none of that name. */
export function interfaceIndex(name: string): number {
  return functions.if_nametoindex(name);
}

/** The name of an interface; null when there is none of that index. */
export function interfaceName(index: number, scratch: Memory): string | null {
  return functions.if_indextoname(index, scratch.at(0, 16));
}

/** Writes 4 or 16 bytes; false when the text is no address of the family. */
export function addressFromText(family: Int, text: string, to: Memory): boolean {
  return functions.inet_pton(family, text, to.at(0, 16)) === 1;
}

/** Corresponds to `inet_ntop(3)`: the text of 4 or 16 bytes, as the family has them. */
export function addressToText(family: Int, from: Memory, scratch: Memory): string {
  return functions.inet_ntop(family, from.at(0, 16), scratch.at(0, 64), 64) ?? '';
}

/** What the kernel reads of a sockaddr of this length: nothing when it refuses the length itself. */
function readable(addrlen: Int): Int {
  return addrlen < 0 || addrlen > 128 ? 0 : addrlen;
}
