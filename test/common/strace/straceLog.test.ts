import type { CallRecord } from '../../../src/common/call.js';
import { describe, expect, it } from 'vitest';
import { StraceLog } from '../../../src/common/strace/straceLog.js';
import { fixture, observe } from './support.js';

const text = new TextEncoder();

/** What each thread of `echo.c` does, with the port that the kernel chose left out. */
const life = {
  server: [
    'socket(AF_INET, SOCK_STREAM, 0) = 3',
    'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1) = 0',
    'bind(3, 127.0.0.1:0) = 0',
    'listen(3, 5) = 0',
    'getsockname(3, 127.0.0.1:PORT) = 0',
    'accept(3, NULL, NULL) = 4',
    'close(4) = 0',
    'close(3) = 0',
  ],
  client: [
    'close(3) = 0',
    'socket(AF_INET, SOCK_STREAM, 0) = 3',
    'connect(3, 127.0.0.1:PORT) = 0',
    String.raw`sendto(3, "hello \1안녕 9\n", 16, 0, NULL, 0) = 16`,
    String.raw`recvfrom(3, "hello \1안녕 9\n", 64, 0, NULL, NULL) = 16`,
    'shutdown(3, SHUT_WR) = 0',
    'recvfrom(3, "", 64, 0, NULL, NULL) = 0',
    'close(3) = 0',
  ],
  child: [
    'close(3) = 0',
    String.raw`recvfrom(4, "hello \1안녕 9\n", 64, 0, NULL, NULL) = 16`,
    String.raw`write(4, "hello \1안녕 9\n", 16) = 16`,
    'recvfrom(4, "", 64, 0, NULL, NULL) = 0',
    'close(4) = 0',
  ],
};

describe('a log of strace', () => {
  const options = ['f', 'f-t', 'f-tt', 'f-ttt-yy', 'f-r', 'f-xx', 'stderr', 'stderr-yy'];
  it.each(options)('tells what each process did on its sockets: %s', (name) => {
    const { log, records, texts } = observe(fixture(name));
    expect(log.problems).toEqual([]);
    const byThread = new Map<string | null, string[]>();
    records.forEach(({ thread }, index) => {
      const line = texts[index]!.replace(/127\.0\.0\.1:\d{2,}/, '127.0.0.1:PORT');
      byThread.set(thread, [...(byThread.get(thread) ?? []), line]);
    });
    expect([...byThread.values()]).toEqual([life.server, life.client, life.child]);
    expect([...byThread.keys()].every((thread) => thread!.startsWith('echo'))).toBe(true);
    expect(records.every(({ madeBy }) => madeBy === 'strace')).toBe(true);
  });

  it.each(['f-ttt-yy', 'f-xx', 'f-s4', 'stderr-yy'])('joins both ends of a connection: %s', (name) => {
    const { records, socket } = observe(fixture(name));
    const sent = records.find((record) => record.name === 'sendto')!;
    const received = records.find((record) => record.name === 'recvfrom' && record.fd === 4)!;
    const client = socket(sent.socketId!);
    const child = socket(received.socketId!);
    expect(client).toMatchObject({ role: 'client', bytesSent: 16, bytesReceived: 16, state: 'closed' });
    expect(child).toMatchObject({ role: 'accepted', bytesSent: 16, bytesReceived: 16, peerId: client.id });
    // The child's descriptor is another one of the same connection.
    expect(child.sharedWith).toHaveLength(1);
    expect([child.id, ...child.sharedWith]).toContain(client.peerId);
    expect(client.local).toEqual(child.remote);
    expect(sent.payload).toMatchObject({ direction: 'out', length: 16, offset: 0 });
  });

  it('does not guess which connection is whose where the log does not say', () => {
    const { records, socket } = observe(fixture('f'));
    const sent = records.find((record) => record.name === 'sendto')!;
    expect(socket(sent.socketId!)).toMatchObject({ peerId: null, local: null });
    expect(sent.peerId).toBeNull();
  });

  it.each([
    [
      'getsockname',
      ['getsockname(3, {sa_family=AF_INET, sin_port=htons(PORT), sin_addr=inet_addr("0.0.0.0")}, [16]) = 0'],
    ],
    [
      'what stands beside the descriptor',
      ['recvfrom(3<UDP:[0.0.0.0:PORT]>, 0x7f, 1, 64, NULL, NULL) = -1 EAGAIN (x)'],
    ],
  ])('calls a socket bound once its port is told, which sendto had the kernel choose: %s', (_name, lines) => {
    const to = '{sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16';
    const made = ['socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3', `sendto(3, "x", 1, 0, ${to}) = 1`];
    const stateWith = (port: number) =>
      observe([...made, ...lines.map((line) => line.replace('PORT', String(port)))]).socket(1).state;
    expect([stateWith(0), stateWith(40000)]).toEqual(['open', 'bound']);
  });

  it('keeps of cut data the beginning and the true length', () => {
    const { records, data, texts } = observe(fixture('f-s4'));
    const sent = records.find((record) => record.name === 'sendto')!;
    expect(sent.payload).toMatchObject({ length: 16, captured: 4 });
    expect(data.get(sent.seq)).toEqual(text.encode('hell'));
    expect(texts[sent.seq - 1]).toBe('sendto(3, "hell"..., 16, 0, NULL, 0) = 16');
  });

  it('keeps every byte', () => {
    const every = Uint8Array.from({ length: 256 }, (_, index) => index);
    const printed = [...every].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const hex = [...every].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
    const { data } = observe([
      'socket(AF_UNIX, SOCK_STREAM, 0) = 3',
      `write(3, "${printed}", 256) = 256`,
      `write(3, "${hex}", 256) = 256`,
    ]);
    expect(data.get(2)).toEqual(every);
    expect(data.get(3)).toEqual(every);
  });

  it('knows how exact its times are', () => {
    const timings = ['f', 'f-t', 'f-tt', 'f-ttt-yy', 'f-r'].map(
      (name) => observe(fixture(name)).log.clock.timing,
    );
    expect(timings).toEqual([
      { kind: 'none', digits: 0, hasDurations: false },
      { kind: 'day', digits: 0, hasDurations: true },
      { kind: 'day', digits: 6, hasDurations: true },
      { kind: 'epoch', digits: 6, hasDurations: true },
      { kind: 'relative', digits: 6, hasDurations: false },
    ]);
  });

  it('takes times as they are printed', () => {
    const { records, log } = observe([
      '1700000000.000100 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3 <0.000012>',
      '1700000000.250000 listen(3, 5) = 0 <0.000001>',
    ]);
    expect(log.clock.originMs).toBeCloseTo(1_700_000_000_000.1, 3);
    expect(records[0]).toMatchObject({ startNs: 1, endNs: 12_001 });
    expect(records[1]!.startNs).toBe(249_900_000);
  });

  it('leaves open how long a call took where it does not say', () => {
    const { records } = observe([
      '10 1700000000.100000 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 1700000000.200000 accept(3, NULL, NULL <unfinished ...>',
      '11 1700000000.300000 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 1700000000.500000 <... accept resumed>) = 4',
      '10 1700000000.600000 recvfrom(4, <unfinished ...>',
    ]);
    expect(
      records.map(({ name, startNs, endNs }) => [name, endNs === null ? null : endNs - startNs]),
    ).toEqual([
      ['socket', null],
      ['accept', 300_000_000],
      ['socket', null],
      ['recvfrom', null],
    ]);
  });

  it('knows nothing of how long a call took that others came between, where it has no times or coarse ones', () => {
    const taken = (...times: string[]) => {
      const [socket, begun, other, resumed] = times;
      const { records } = observe([
        `10 ${socket}socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3`,
        `10 ${begun}accept(3, NULL, NULL <unfinished ...>`,
        `11 ${other}socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3`,
        `10 ${resumed}<... accept resumed>) = 4`,
      ]);
      const [, { startNs, endNs, hasWaited }] = records as [CallRecord, CallRecord];
      return { took: endNs === null ? null : endNs - startNs, hasWaited };
    };
    expect(taken('', '', '', '')).toEqual({ took: null, hasWaited: true });
    const second = '12:00:01 ';
    expect(taken(second, second, second, second)).toEqual({ took: null, hasWaited: true });
    const tick = '12:00:01.000002 ';
    expect(taken(tick, tick, tick, tick)).toEqual({ took: null, hasWaited: true });
    expect(taken('12:00:01.000000 ', '12:00:01.000001 ', tick, '12:00:01.000004 ').took).toBe(3000);
  });

  it('goes on past midnight', () => {
    const { records } = observe([
      '23:59:59.900000 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3',
      '00:00:00.100000 listen(3, 5) = 0',
    ]);
    expect(records[1]!.startNs - records[0]!.startNs).toBe(200_000_000 - 1);
  });

  it('keeps lines of one second in their order', () => {
    const { records } = observe(fixture('f-t'));
    const starts = records.map(({ startNs }) => startNs);
    expect(new Set(starts).size).toBe(starts.length);
  });
});

describe('descriptors', () => {
  it('are followed through dup, dup2, fcntl and close', () => {
    const { records, socket, texts } = observe([
      'socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3',
      'dup(3) = 4',
      'dup2(4, 9) = 9',
      'fcntl(9, F_DUPFD_CLOEXEC, 20) = 20',
      'close(3) = 0',
      'write(20, "x", 1) = 1',
      'write(3, "y", 1) = -1 EBADF (Bad file descriptor)',
      'write(1, "y", 1) = 1',
    ]);
    expect(texts).toEqual([
      'socket(AF_INET, SOCK_DGRAM, 0) = 3',
      'dup(3) = 4',
      'dup(4) = 9',
      'fcntl(9, F_DUPFD_CLOEXEC, 20) = 20',
      'close(3) = 0',
      'write(20, "x", 1) = 1',
      'write(3, "y", 1) = -1 EBADF (Bad file descriptor)',
    ]);
    expect(records[2]!.madeBy).toBe('strace: dup2');
    expect(socket(4)).toMatchObject({ fd: 20, isCloseOnExec: true, sharedWith: [1, 2, 3], bytesSent: 1 });
    expect(socket(1).state).toBe('closed');
    expect(records[6]!.socketId).toBeNull();
  });

  it('end where a process becomes another program, or ends', () => {
    const { socket } = observe([
      '10 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3',
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4',
      '10 execve("/usr/bin/worker", ["worker"], 0x7ffe /* 3 vars */) = 0',
      '10 listen(4, 5) = 0',
    ]);
    expect(socket(1).state).toBe('closed');
    expect(socket(2).state).toBe('listening');
    const ended = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 +++ killed by SIGKILL +++',
    ]);
    expect(ended.socket(1).state).toBe('closed');
  });

  it('stay where a process becomes another program by the mark that was set last', () => {
    const { records, socket } = observe([
      '10 socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, [3, 4]) = 0',
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5',
      '10 clone(child_stack=NULL, flags=SIGCHLD) = 11',
      '11 fcntl(4, F_SETFD, 0) = 0',
      '11 close_range(5, 5, CLOSE_RANGE_CLOEXEC) = 0',
      '11 fcntl(5, F_SETFD, 0) = 0',
      '11 close_range(5, 5, CLOSE_RANGE_CLOEXEC) = 0',
      '11 clone(child_stack=NULL, flags=SIGCHLD) = 12',
      '12 execve("/usr/bin/worker", ["worker"], 0x7ffe /* 3 vars */) = 0',
      '12 write(4, "x", 1) = 1',
      '12 write(5, "x", 1) = -1 EBADF (Bad file descriptor)',
      '10 read(3, "x", 1) = 1',
    ]);
    const write = records.find(({ name }) => name === 'write')!;
    expect(socket(write.socketId!)).toMatchObject({ fd: 4, domain: 'AF_UNIX', bytesSent: 1 });
    expect(socket(write.socketId!).sharedWith).toContain(2);
    expect(records.find(({ errno }) => errno === 'EBADF')?.socketId).toBeNull();
  });

  it('are shared by threads and copied for processes', () => {
    const { records, socket } = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, exit_signal=0} => {parent_tid=[11]}, 88) = 11',
      '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      '12 listen(3, 1) = 0',
      '10 <... clone resumed>) = 12',
      '11 listen(3, 2) = 0',
      '12 close(3) = 0',
      '11 listen(3, 3) = 0',
    ]);
    expect(records.map(({ socketId }) => socketId)).toEqual([null, 2, 1, 2, 1]);
    expect(socket(2)).toMatchObject({ state: 'closed', sharedWith: [1], name: 'pid 12' });
    expect(socket(1)).toMatchObject({ state: 'listening', backlog: 3, name: 'pid 10' });
  });

  it('are those of the right parent, also where two processes become parents at once', () => {
    const { records, socket, log } = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '11 socket(AF_UNIX, SOCK_DGRAM, 0) = 3',
      '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      '11 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      '13 execve("/bin/second", ["second"], 0x7ffe /* 3 vars */) = 0',
      '12 execve("/bin/first", ["first"], 0x7ffe /* 3 vars */) = 0',
      '10 <... clone resumed>) = 12',
      '11 <... clone resumed>) = 13',
      '12 listen(3, 5) = 0',
      '13 shutdown(3, SHUT_RD) = 0',
    ]);
    expect(records.slice(2).map(({ thread, socketId }) => [thread, socket(socketId!).domain])).toEqual([
      ['first[12]', 'AF_INET'],
      ['second[13]', 'AF_UNIX'],
    ]);
    expect(log.problemCount).toBe(0);
  });

  it('that a process has used as those of a wrong parent are a problem', () => {
    const { log } = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '11 socket(AF_UNIX, SOCK_DGRAM, 0) = 3',
      '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      '11 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      '13 shutdown(3, SHUT_RD) = 0',
      '11 <... clone resumed>) = 13',
      '10 <... clone resumed>) = 12',
    ]);
    expect(log.problems).toEqual([{ line: 6, text: 'clone(child_stack=NULL, flags=SIGCHLD) = 13' }]);
  });

  it.each(['? ERESTARTNOINTR (To be restarted)', '-1 EAGAIN (Resource temporarily unavailable)'])(
    'are those of the parent that has made the process, where another one got %s',
    (answer) => {
      const { records, socket, log } = observe([
        '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
        '11 socket(AF_UNIX, SOCK_DGRAM, 0) = 3',
        '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
        '11 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
        '13 execve("/bin/second", ["second"], 0x7ffe /* 3 vars */) = 0',
        `10 <... clone resumed>) = ${answer}`,
        '11 <... clone resumed>) = 13',
        '13 shutdown(3, SHUT_RD) = 0',
      ]);
      expect(socket(records[2]!.socketId!).domain).toBe('AF_UNIX');
      expect(log.problemCount).toBe(0);
    },
  );

  it('that a process has made itself stay its own, whoever its parent is', () => {
    const { records, socket, log } = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '11 socket(AF_UNIX, SOCK_DGRAM, 0) = 3',
      '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      '11 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
      '13 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 4',
      '11 <... clone resumed>) = 13',
      '10 <... clone resumed>) = 12',
      '13 listen(4, 5) = 0',
    ]);
    expect(records[3]!.socketId).toBe(records[2]!.createdIds[0]);
    expect(socket(records[3]!.socketId!)).toMatchObject({ domain: 'AF_INET6', state: 'listening' });
    expect(log.problems.map(({ line }) => line)).toEqual([6]);
  });

  it('that were there before the log begins are known by their annotations', () => {
    const { socket, texts } = observe([
      '10 read(0</dev/null<char 1:3>>, "", 10) = 0',
      '10 read(7<pipe:[123]>, "x", 1) = 1',
      '10 read(5<TCPv6:[[::1]:8080->[::1]:40000]>, "hi", 100) = 2',
      '10 write(6<UNIX-STREAM:[100->200,"/run/\\353\\260\\251.sock"]>, "yo", 2) = 2',
      '10 recvfrom(9, "?", 1, 0, NULL, NULL) = 1',
    ]);
    expect(texts).toEqual([
      'read(5, "hi", 100) = 2',
      'write(6, "yo", 2) = 2',
      'recvfrom(9, "?", 1, 0, NULL, NULL) = 1',
    ]);
    expect(socket(1)).toMatchObject({
      domain: 'AF_INET6',
      type: 'SOCK_STREAM',
      state: 'connected',
      remote: { address: '::1', port: 40000 },
    });
    expect(socket(2)).toMatchObject({
      domain: 'AF_UNIX',
      local: { isAbstract: false, name: text.encode('/run/방.sock') },
    });
    expect(socket(3)).toMatchObject({ domain: null, type: null });
  });

  it('are where the last connect has said, and nowhere where it was refused', () => {
    const to = (port: number) =>
      `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("127.0.0.1")}, 16`;
    const { socket } = observe([
      'socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3',
      `connect(3, ${to(53)}) = 0`,
      `connect(3, ${to(54)}) = 0`,
      'socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_IP) = 4',
      `connect(4, ${to(53)}) = -1 EINPROGRESS (Operation now in progress)`,
      'getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0',
    ]);
    expect(socket(1)).toMatchObject({ state: 'connected', remote: { port: 54 } });
    expect(socket(2).state).toBe('open');
  });

  it('are shut down no more where AF_UNSPEC has dissolved a TCP connection', () => {
    const to = '{sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}, 16';
    const dissolve = (fd: number) => `connect(${fd}, {sa_family=AF_UNSPEC, sa_data="\\0\\0\\0\\0"}, 6) = 0`;
    const { socket } = observe([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3',
      `connect(3, ${to}) = 0`,
      'shutdown(3, SHUT_RDWR) = 0',
      dissolve(3),
      'socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 4',
      `connect(4, ${to}) = 0`,
      'shutdown(4, SHUT_RDWR) = 0',
      dissolve(4),
    ]);
    expect(socket(1)).toMatchObject({ state: 'open', isShutdownRead: false, isShutdownWrite: false });
    expect(socket(2)).toMatchObject({ state: 'open', isShutdownRead: true, isShutdownWrite: true });
  });

  it('are given back where the log has missed their end', () => {
    const { records } = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3<TCP:[5]>',
      '10 read(3</etc/hosts>, "127.0.0.1", 9) = 9',
    ]);
    expect(records).toHaveLength(1);
  });

  it('arrive in messages as the socket that they are', () => {
    const { records, socket } = observe([
      '10 socketpair(AF_UNIX, SOCK_STREAM, 0, [3<UNIX-STREAM:[50->51]>, 4<UNIX-STREAM:[51->50]>]) = 0',
      '10 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 5<UDP:[70]>',
      '10 sendmsg(3<UNIX-STREAM:[50->51]>, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="f", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5<UDP:[70]>]}], msg_controllen=24, msg_flags=0}, 0) = 1',
      '10 recvmsg(4<UNIX-STREAM:[51->50]>, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="f", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[6<UDP:[70]>]}], msg_controllen=24, msg_flags=0}, 0) = 1',
    ]);
    expect(records[3]!.createdIds).toEqual([4]);
    expect(socket(4)).toMatchObject({ fd: 6, sharedWith: [3], domain: 'AF_INET' });
    expect(socket(1).peerId).toBe(2);
  });

  it('arrive in messages also when who passed them has ended before', () => {
    const message = (fd: string) =>
      `{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="f", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${fd}]}], msg_controllen=24, msg_flags=0}`;
    const connection = '<TCP:[127.0.0.1:80->127.0.0.1:90]>';
    const log = (sending: string[]) => [
      '10 socketpair(AF_UNIX, SOCK_STREAM, 0, [3<UNIX-STREAM:[50->51]>, 4<UNIX-STREAM:[51->50]>]) = 0',
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5<TCP:[70]>',
      '10 fork() = 11',
      '10 recvmsg(3<UNIX-STREAM:[50->51]>,  <unfinished ...>',
      `11 accept(5<TCP:[127.0.0.1:80]>, NULL, NULL) = 6${connection}`,
      ...sending,
      '11 +++ exited with 0 +++',
      `10 <... recvmsg resumed>${message(`8${connection}`)}, 0) = 1`,
    ];
    for (const sending of [
      [`11 sendmsg(4<UNIX-STREAM:[51->50]>, ${message(`6${connection}`)}, 0) = 1`],
      [
        `11 sendmsg(4<UNIX-STREAM:[51->50]>, ${message(`6${connection}`)}, 0 <unfinished ...>`,
        '11 <... sendmsg resumed>) = 1',
      ],
    ]) {
      const { records, socket } = observe(log(sending));
      const accepted = records.find(({ name }) => name === 'accept')!.createdIds[0]!;
      const received = records.find(({ name }) => name === 'recvmsg')!.createdIds[0]!;
      expect(socket(received)).toMatchObject({ fd: 8, sharedWith: [accepted], state: 'connected' });
    }
  });
});

describe('calls', () => {
  it('that a signal has interrupted are one call with the one that the kernel makes again', () => {
    const { records } = observe([
      '10 1.000000 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 1.100000 accept(3, NULL, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
      '10 1.200000 --- SIGCHLD {si_signo=SIGCHLD} ---',
      '10 1.300000 accept(3, NULL, NULL) = 4',
    ]);
    expect(records).toHaveLength(2);
    expect(records[1]).toMatchObject({ name: 'accept', result: 4, errno: null, hasWaited: true });
  });

  it('that a signal has stopped go on by restart_syscall, also when others come between', () => {
    const { records, log } = observe([
      '10 1.000000 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 1.100000 poll([{fd=3, events=POLLIN}], 1, 50 <unfinished ...>',
      '11 1.200000 +++ exited with 0 +++',
      '10 1.200001 <... poll resumed>) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)',
      '10 1.200002 --- SIGCHLD {si_signo=SIGCHLD} ---',
      '10 1.200003 restart_syscall(<... resuming interrupted poll ...> <unfinished ...>',
      '12 1.300000 +++ exited with 0 +++',
      '10 1.400000 <... restart_syscall resumed>) = 0',
    ]);
    expect(log.problemCount).toBe(0);
    expect(records).toHaveLength(2);
    expect(records[1]).toMatchObject({ name: 'poll', status: 'returned', result: 0, hasWaited: true });
  });

  it('that wait for nothing have not waited, however long they stood', () => {
    const { records } = observe([
      '10 1700000000.1 socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3 <0.000010>',
      '10 1700000000.2 accept(3, NULL, NULL <unfinished ...>',
      '11 1700000000.3 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3 <0.000010>',
      '10 1700000000.4 <... accept resumed>) = -1 EAGAIN (Resource temporarily unavailable) <0.200000>',
      '11 1700000000.5 recvfrom(3, 0x7ffe, 1, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable) <0.200000>',
      '11 1700000000.8 poll([{fd=3, events=POLLIN}], 1, 0) = 0 (Timeout) <0.200000>',
      '11 1700000001.0 poll([{fd=3, events=POLLIN}], 1, 200) = 0 (Timeout) <0.200000>',
      '11 1700000001.3 recvfrom(3, "", 1, 0, NULL, NULL) = 0 <0.200000>',
    ]);
    expect(records.map(({ hasWaited }) => hasWaited)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('that are not made again have ended with EINTR', () => {
    const { texts } = observe([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'accept(3, NULL, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
      'close(3) = 0',
    ]);
    expect(texts).toEqual([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'accept(3, NULL, NULL) = -1 EINTR (Interrupted system call)',
      'close(3) = 0',
    ]);
  });

  it('are another call where the program has seen EINTR', () => {
    const { texts } = observe([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'accept(3, NULL, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
      '--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---',
      'rt_sigreturn({mask=[]}) = -1 EINTR (Interrupted system call)',
      'accept(3, NULL, NULL) = 4',
    ]);
    expect(texts.slice(1)).toEqual([
      'accept(3, NULL, NULL) = -1 EINTR (Interrupted system call)',
      'accept(3, NULL, NULL) = 4',
    ]);
  });

  it('that end with their process have no answer', () => {
    const { records } = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 accept(3, NULL, NULL <unfinished ...>',
      '10 <... accept resumed> <unfinished ...>) = ?',
      '10 +++ killed by SIGTERM +++',
      '11 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '11 recvfrom(3, <unfinished ...>',
    ]);
    expect(records.map(({ status, result }) => [status, result])).toEqual([
      ['returned', 3],
      ['lost', null],
      ['returned', 3],
      ['lost', null],
    ]);
  });

  it('of several buffers and messages amount to those of one', () => {
    const { texts, records, data } = observe([
      'socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3',
      'connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
      'writev(3, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=1}], 2) = 3',
      'readv(3, [{iov_base="x", iov_len=1}, {iov_base="yz", iov_len=100}], 2) = 3',
      'sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="one", iov_len=3}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=3}, {msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="four", iov_len=4}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=4}], 2, MSG_NOSIGNAL) = 2',
      'sendfile(3, 7, NULL, 4096) = 1000',
      'splice(7, NULL, 3, NULL, 500, SPLICE_F_MOVE) = 400',
    ]);
    expect(texts.slice(2)).toEqual([
      'write(3, "abc", 3) = 3',
      'read(3, "xyz", 101) = 3',
      'sendmsg(3, {msg_iov=[{iov_base="one", iov_len=3}]}, MSG_NOSIGNAL) = 3',
      'sendmsg(3, {msg_iov=[{iov_base="four", iov_len=4}]}, MSG_NOSIGNAL) = 4',
      'write(3, ""..., 4096) = 1000',
      'write(3, ""..., 500) = 400',
    ]);
    expect(records.map(({ madeBy }) => madeBy).slice(2)).toEqual([
      'strace: writev',
      'strace: readv',
      'strace: sendmmsg',
      'strace: sendmmsg',
      'strace: sendfile',
      'strace: splice',
    ]);
    expect(data.get(3)).toEqual(text.encode('abc'));
    expect(records[6]!.payload).toMatchObject({ length: 1000, captured: 0 });
  });

  it('that wait for several descriptors are polls', () => {
    const { texts } = observe([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'poll([{fd=3, events=POLLIN|POLLOUT}], 1, 1000) = 1 ([{fd=3, revents=POLLOUT}])',
      'ppoll([{fd=3, events=POLLIN}, {fd=0, events=POLLIN}], 2, {tv_sec=1, tv_nsec=500000000}, NULL, 8) = 0 (Timeout)',
      'select(4, [0 3], [3], NULL, NULL) = 2 (in [3], out [3])',
      'poll([{fd=0, events=POLLIN}], 1, -1) = 1 ([{fd=0, revents=POLLIN}])',
    ]);
    expect(texts.slice(1)).toEqual([
      'poll([{fd=3, events=POLLIN|POLLOUT}], 1, 1000) = 1 ([{fd=3, revents=POLLOUT}])',
      'poll([{fd=3, events=POLLIN}, {fd=0, events=POLLIN}], 2, 1500) = 0 (Timeout)',
      'poll([{fd=0, events=POLLIN}, {fd=3, events=POLLIN|POLLOUT}], 2, -1) = 1 ([{fd=3, revents=POLLIN|POLLOUT}])',
    ]);
  });

  it('of which strace has printed the beginning leave the rest open', () => {
    const { texts, records } = observe([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'writev(3, [{iov_base="ab", iov_len=2}, ...], 40) = 90',
      'readv(3, [{iov_base="ab", iov_len=2}, ...], 40) = 90',
      'poll([{fd=3, events=POLLIN}, ...], 40, -1) = 1 ([{fd=3, revents=POLLIN}])',
    ]);
    expect(texts.slice(1)).toEqual([
      'write(3, "ab"..., _) = 90',
      'read(3, "ab"..., _) = 90',
      'poll(_, 40, -1) = 1',
    ]);
    expect(records.slice(1, 3).map(({ payload }) => payload!.length)).toEqual([90, 90]);
  });

  it('that look at a stream leave it as it is', () => {
    const { records } = observe([
      'socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0',
      'recvfrom(3, "ab", 2, MSG_PEEK, NULL, NULL) = 2',
      'recvfrom(3, "ab", 2, 0, NULL, NULL) = 2',
    ]);
    expect(records[1]!.payload!.offset).toBeNull();
    expect(records[2]!.payload!.offset).toBe(0);
  });

  it('with the names of interfaces and with hardware addresses are read', () => {
    const { texts, log } = observe([
      'socket(AF_PACKET, SOCK_RAW, htons(0 /* ETH_P_??? */)) = 5',
      'setsockopt(5, SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_ifindex=if_nametoindex("lo"), mr_type=PACKET_MR_PROMISC, mr_alen=0, mr_address=}, 16) = 0',
      'setsockopt(5, SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_ifindex=if_nametoindex("lo"), mr_type=PACKET_MR_MULTICAST, mr_alen=6, mr_address=01:00:5e:00:00:01}, 16) = 0',
      'setsockopt(5, SOL_IPV6, IPV6_ADD_MEMBERSHIP, {inet_pton(AF_INET6, "ff02::5", &ipv6mr_multiaddr), ipv6mr_interface=if_nametoindex("lo")}, 20) = 0',
      'setsockopt(5, SOL_IP, MCAST_JOIN_GROUP, {gr_interface=if_nametoindex("lo"), gr_group={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("239.1.2.4")}}, 136) = 0',
      'getsockname(5, {sa_family=AF_PACKET, sa_data="\\0\\3\\1\\0\\0\\0\\4\\3\\0\\6\\0\\0\\0\\0\\0\\0"}, [20 => 18]) = 0',
      'ioctl(5, SIOCGIFHWADDR, {ifr_name="lo", ifr_hwaddr={sa_family=ARPHRD_LOOPBACK, sa_data=02:00:00:00:00:09}}) = 0',
    ]);
    expect(log.problems).toEqual([]);
    expect(texts.slice(1)).toEqual([
      'setsockopt(5, SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_ifindex=if_nametoindex("lo"), mr_type=PACKET_MR_PROMISC, mr_alen=0, mr_address=""}) = 0',
      'setsockopt(5, SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_ifindex=if_nametoindex("lo"), mr_type=PACKET_MR_MULTICAST, mr_alen=6, mr_address="\\1\\0^\\0\\0\\1"}) = 0',
      'setsockopt(5, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, {inet_pton(AF_INET6, "ff02::5", &ipv6mr_multiaddr), ipv6mr_interface=if_nametoindex("lo")}) = 0',
      'setsockopt(5, IPPROTO_IP, MCAST_JOIN_GROUP, {gr_interface=if_nametoindex("lo"), gr_group=239.1.2.4:0}) = 0',
      'getsockname(5, raw:hex("110000030100000004030006000000000000")) = 0',
      'ioctl(5, SIOCGIFHWADDR, {ifr_name="lo", ifr_hwfamily=_, ifr_hwaddr="\\2\\0\\0\\0\\0\\t"}) = 0',
    ]);
  });

  it('with options and addresses of all kinds are read', () => {
    const { texts, log } = observe([
      'socket(AF_INET6, SOCK_DGRAM|SOCK_NONBLOCK, IPPROTO_UDP) = 3',
      'setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8) = 0',
      'getsockopt(3, SOL_TCP, TCP_NODELAY, [0], [4]) = 0',
      'bind(3, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "fe80::1", &sin6_addr), sin6_scope_id=if_nametoindex("lo")}, 28) = -1 EADDRNOTAVAIL (Cannot assign requested address)',
      'connect(3, {sa_family=AF_UNIX, sun_path=@"abc"}, 6) = -1 EAFNOSUPPORT (Address family not supported by protocol)',
      'connect(3, {sa_family=AF_UNSPEC, sa_data="\\0\\0\\0\\0"}, 6) = 0',
      'ioctl(3, FIONREAD, [100]) = 0',
      'fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)',
      'recvfrom(3, 0x7ffe12345678, 100, MSG_DONTWAIT, 0x7ffe, [28]) = -1 EAGAIN (Resource temporarily unavailable)',
      'setsockopt(3, SOL_SOCKET, 0x7777 /* SO_??? */, "\\1\\0", 2) = -1 ENOPROTOOPT (Protocol not available)',
      'send(-1, "x", 1, 0) = -1 EBADF (Bad file descriptor)',
    ]);
    expect(log.problems).toEqual([]);
    expect(texts.slice(1)).toEqual([
      'setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}) = 0',
      'getsockopt(3, IPPROTO_TCP, TCP_NODELAY, [0], [4]) = 0',
      'bind(3, [fe80::1%lo]:53) = -1 EADDRNOTAVAIL (Cannot assign requested address)',
      'connect(3, unix:@abc) = -1 EAFNOSUPPORT (Address family not supported by protocol)',
      'connect(3, raw:hex("000000000000")) = 0',
      'ioctl(3, FIONREAD, [100]) = 0',
      'fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)',
      'recvfrom(3, _, 100, MSG_DONTWAIT, _, [28]) = -1 EAGAIN (Resource temporarily unavailable)',
      String.raw`setsockopt(3, SOL_SOCKET, 30583, "\1\0") = -1 ENOPROTOOPT (Protocol not available)`,
      'send(-1, "x", 1, 0) = -1 EBADF (Bad file descriptor)',
    ]);
  });

  it('that are no records are counted by name', () => {
    const { log, records } = observe([
      'epoll_wait(4, [{events=EPOLLIN, data={u32=3, u64=3}}], 8, -1) = 1',
      'epoll_wait(4, [], 8, 0) = 0',
      'io_uring_enter(5, 1, 1, IORING_ENTER_GETEVENTS, NULL, 8) = 1',
    ]);
    expect(records).toEqual([]);
    expect([...log.counted]).toEqual([
      ['epoll_wait', 2],
      ['io_uring_enter', 1],
    ]);
  });

  it('that are written to the end of the log are shown while they wait', () => {
    const told: string[] = [];
    const log = new StraceLog({
      didBegin: ({ seq, name, status }) => told.push(`${seq} ${name} ${status}`),
      didEnd: ({ seq, name, status, result }) => told.push(`${seq} ${name} ${status} ${result}`),
      didChange: () => {},
    });
    log.push('10 1.000000 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3 <0.000010>');
    log.peek('10 1.100000 accept(3, ');
    log.peek('10 1.100000 accept(3, ');
    expect(told).toEqual(['1 socket returned 3', '2 accept waiting']);
    log.push('10 1.100000 accept(3, NULL, NULL) = 4 <0.500000>');
    log.peek('10 2.000000 accept(3, ');
    log.push('10 2.000000 accept(3,  <unfinished ...>');
    log.push('11 2.100000 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3');
    log.push('10 2.200000 <... accept resumed>NULL, NULL) = 5 <0.200000>');
    expect(told.slice(2)).toEqual([
      '2 accept returned 4',
      '3 accept waiting',
      '4 socket returned 3',
      '3 accept returned 5',
    ]);
  });
});

describe('what is not understood', () => {
  it('is listed with its line, and the rest goes on', () => {
    const { log, texts } = observe([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'what is this?',
      'bind(3, {sa_family=AF_INET',
      'listen(3, 5) = 0',
    ]);
    expect(log.problems).toEqual([
      { line: 2, text: 'what is this?' },
      { line: 3, text: 'bind(3, {sa_family=AF_INET' },
    ]);
    expect(texts).toEqual(['socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3', 'listen(3, 5) = 0']);
  });

  it('are one for a call in two lines, and what it began before is over', () => {
    const { log, records } = observe([
      '10 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      '10 recv(3,  <unfinished ...>',
      '10 bind(3, @@ <unfinished ...>',
      '11 close(9) = -1 EBADF (Bad file descriptor)',
      '10 <... bind resumed>) = 0',
      '10 prctl(@@ <unfinished ...>',
      '11 close(9) = -1 EBADF (Bad file descriptor)',
      '10 <... prctl resumed>) = 0',
      '10 listen(3, 5) = 0',
    ]);
    expect([log.problemCount, log.problems]).toEqual([
      1,
      [{ line: 3, text: '10 bind(3, @@ <unfinished ...>' }],
    ]);
    expect(records.map(({ name, status }) => [name, status])).toEqual([
      ['socket', 'returned'],
      ['recv', 'lost'],
      ['listen', 'returned'],
    ]);
  });
});
