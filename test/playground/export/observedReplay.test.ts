import { describe, expect, it } from 'vitest';
import { ObservedReplay, type Replay } from '../../../src/playground/export/observedReplay.js';
import { scenarioOfRecords } from '../../../src/playground/export/recordedScenario.js';
import { isObserved } from '../../../src/common/observed.js';
import { observe } from '../../common/strace/support.js';

/** What is played of the lines of a log. */
function replay(...lines: string[]): Replay & { text: string } {
  const { records, data, socket } = observe(lines);
  const ids = records.flatMap(({ socketId, createdIds }) => [...createdIds, ...(socketId ? [socketId] : [])]);
  const infos = new Map(ids.map((id) => [id, socket(id)]));
  const made = new ObservedReplay(
    records.map((record) => ({ record, payload: data.get(record.seq) })),
    infos,
  ).make();
  const options = { title: '', hasExpectations: true, platform: 'linux' } as const;
  const text = scenarioOfRecords(made.records, options)
    .replace(/^#.*\n/gm, '')
    .replace(/\n+/g, '\n')
    .trim();
  return { ...made, text };
}

it('is not made of what a scenario has done, whatever its name begins with', () => {
  const makers = ['strace', 'strace: writev', 'strace-echo', null];
  expect(makers.map((madeBy) => isObserved({ madeBy }))).toEqual([true, true, false, false]);
});

describe('a replay', () => {
  it('receives nothing where the program has only looked', () => {
    const message =
      '{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=0}';
    const { records } = replay(
      'socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0',
      'write(4, "ab", 2) = 2',
      'recvfrom(3, "a", 1, MSG_PEEK, NULL, NULL) = 1',
      `recvmsg(3, ${message}, MSG_PEEK) = 2`,
      `recvmsg(3, ${message}, 0) = 2`,
    );
    expect(records.map(({ name }) => name)).toEqual(['socketpair', 'send', 'recv']);
  });

  const to = (port: number) =>
    `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("127.0.0.1")}, 16`;

  it('fails where the program did, for the same reasons', () => {
    const { text, notes } = replay(
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      `connect(3, ${to(9)}) = -1 ECONNREFUSED (Connection refused)`,
      'shutdown(3, SHUT_WR) = -1 ENOTCONN (Transport endpoint is not connected)',
      'sendto(3, "x", 1, MSG_NOSIGNAL, NULL, 0) = -1 EPIPE (Broken pipe)',
      `bind(3, ${to(22)}) = -1 EADDRINUSE (Address already in use)`,
      'close(3) = 0',
      'socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3',
      `connect(3, ${to(9)}) = -1 EINPROGRESS (Operation now in progress)`,
      'getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0',
      'close(3) = 0',
      'socket(AF_UNIX, SOCK_STREAM, 0) = 3',
      'connect(3, {sa_family=AF_UNIX, sun_path="/run/no.sock"}, 110) = -1 ENOENT (No such file or directory)',
      'close(3) = 0',
      'socket(AF_UNIX, SOCK_STREAM, 0) = 3',
      'connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file or directory)',
      'close(3) = 0',
    );
    expect(text).toBe(`client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
[peer] socket = socket(AF_INET, SOCK_STREAM, 0)
[peer] bind(socket, 127.0.0.1:0) = 0
[peer] getsockname(socket) = 0
connect(client, getsockname(socket)) = -1 ECONNREFUSED
shutdown(client, SHUT_WR) = -1 ENOTCONN
send(client, "x", 1, 0) = -1 EPIPE
[peer2] socket2 = socket(AF_INET, SOCK_STREAM, 0)
[peer2] bind(socket2, 127.0.0.1:0) = 0
[peer2] getsockname(socket2) = 0
bind(client, getsockname(socket2)) = -1 EADDRINUSE
close(client) = 0
client2 = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
[peer3] socket3 = socket(AF_INET, SOCK_STREAM, 0)
[peer3] bind(socket3, 127.0.0.1:0) = 0
[peer3] getsockname(socket3) = 0
connect(client2, getsockname(socket3)) = -1 ECONNREFUSED
close(client2) = 0
client3 = socket(AF_UNIX, SOCK_STREAM, 0)
connect(client3, unix:/no-such-socket-4) = -1 ENOENT
close(client3) = 0`);
    expect(notes.slice(1)).toEqual([
      'Left out, because nothing depends on it here: getsockopt 1, socket 1, connect 1, close 1.',
      'Nobody listened at 127.0.0.1:9: nobody does so at the address in its place.',
      'Somebody who is not in the log had 127.0.0.1:22: a socket is made that has it.',
      'Nobody listened at /run/no.sock: nobody does so at the address in its place.',
    ]);
  });

  it('leaves out what failed for what the log does not have', () => {
    const { text, notes } = replay(
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = -1 EMFILE (Too many open files)',
      'socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) = -1 EPROTONOSUPPORT (Protocol not supported)',
      'socketpair(AF_UNIX, SOCK_STREAM, 0, [3<UNIX-STREAM:[70->71]>, 4<UNIX-STREAM:[71->70]>]) = 0',
      'bind(3<UNIX-STREAM:[70->71]>, {sa_family=AF_UNIX, sun_path="/run/one"}, 11) = 0',
      'bind(3<UNIX-STREAM:[70->71]>, {sa_family=AF_UNIX, sun_path="/run/two"}, 11) = -1 EINVAL (Invalid argument)',
      'connect(3<UNIX-STREAM:[70->71]>, {sa_family=AF_UNIX, sun_path="/run/three"}, 13) = -1 EISCONN (Transport endpoint is already connected)',
    );
    expect(text).toBe(`socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) = -1 EPROTONOSUPPORT
left, right = socketpair(AF_UNIX, SOCK_STREAM, 0)
bind(left, unix:@replay-1) = 0
bind(left, unix:@replay-2) = -1 EINVAL`);
    const reason = 'Left out, it failed, for a reason that is not here';
    expect(notes.slice(1)).toEqual([
      expect.stringMatching(`${reason}: socket\\(.* EMFILE`),
      expect.stringMatching(`${reason}: connect\\(.* EISCONN`),
    ]);
  });

  it('makes a listener first that was there before strace was attached', () => {
    const { text, notes } = replay(
      '7 accept4(3<TCP:[127.0.0.1:80]>, {sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("127.0.0.1")}, [16], 0) = 4<TCP:[127.0.0.1:80->127.0.0.1:4000]>',
      '7 recvfrom(4<TCP:[127.0.0.1:80->127.0.0.1:4000]>, "hi", 9, 0, NULL, NULL) = 2',
      '7 write(1<UNIX-STREAM:[5->6]>, "told", 4) = 4',
      '7 close(4<TCP:[127.0.0.1:80->127.0.0.1:4000]>) = 0',
    );
    expect(text).toBe(`server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
getsockname(server) = 0
listen(server, 128) = 0
[peer] client = socket(AF_INET, SOCK_STREAM, 0)
[peer] connect(client, getsockname(server)) = 0
[pid_7] server_peer = accept(server)
[peer] send(client, "hi", 2, 0) = 2
[pid_7] recv(server_peer, "hi", 2, MSG_WAITALL) = 2
[pid_7] close(server_peer) = 0`);
    expect(notes).toContain(
      'It was there before the log begins, and is made first: the socket of 127.0.0.1:80.',
    );
  });

  it('passes descriptors where the log has who receives them', () => {
    const rights = (fd: string) =>
      `{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="f", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${fd}]}], msg_controllen=24, msg_flags=0}`;
    const inode = (number: number, peer: number) => `<UNIX-STREAM:[${number}->${peer}]>`;
    const { text, notes } = replay(
      `10 socketpair(AF_UNIX, SOCK_STREAM, 0, [3${inode(70, 71)}, 4${inode(71, 70)}]) = 0`,
      `10 socketpair(AF_UNIX, SOCK_STREAM, 0, [5${inode(80, 81)}, 6${inode(81, 80)}]) = 0`,
      '10 clone(child_stack=NULL, flags=SIGCHLD) = 11',
      `10 sendmsg(3${inode(70, 71)}, ${rights(`5${inode(80, 81)}`)}, 0) = 1`,
      `10 close(5${inode(80, 81)}) = 0`,
      `11 recvmsg(4${inode(71, 70)}, ${rights(`9${inode(80, 81)}`)}, 0) = 1`,
      `11 write(9${inode(80, 81)}, "hi", 2) = 2`,
      `10 read(6${inode(81, 80)}, "hi", 2) = 2`,
    );
    const message = (fd: string) =>
      `{msg_iov=[{iov_base="f", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${fd}]}]}`;
    expect(text).toBe(`[pid_10] left, right = socketpair(AF_UNIX, SOCK_STREAM, 0)
[pid_10] left2, right2 = socketpair(AF_UNIX, SOCK_STREAM, 0)
[pid_10] sendmsg(left, ${message('left2')}, 0) = 1
[pid_10] close(left2) = 0
[pid_11] recvmsg(right, ${message('received')}, 0) = 1
[pid_11] send(received, "hi", 2, 0) = 2
[pid_10] recv(right2, "hi", 2, MSG_WAITALL) = 2`);
    expect(notes).toHaveLength(1);
  });

  it('closes nothing that another process still has, which ends without a close', () => {
    const { text } = replay(
      '10 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0',
      '10 clone(child_stack=NULL, flags=SIGCHLD) = 11',
      '10 close(4) = 0',
      '11 close(3) = 0',
      '11 write(4, "hi", 2) = 2',
      '11 +++ exited with 0 +++',
      '10 read(3, "hi", 2) = 2',
      '10 read(3, "", 2) = 0',
      '10 close(3) = 0',
    );
    expect(text).toBe(`[pid_10] left, right = socketpair(AF_UNIX, SOCK_STREAM, 0)
[pid_11] send(right, "hi", 2, 0) = 2
[pid_10] recv(left, "hi", 2, MSG_WAITALL) = 2
shutdown(right, SHUT_WR) = 0
[pid_10] recv(left, "", 1, 0) = 0
[pid_10] close(left) = 0`);
  });
});
