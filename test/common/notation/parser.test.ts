import { describe, expect, it } from 'vitest';
import type { CallStatement, Scenario } from '../../../src/common/notation/ast.js';
import { callCount } from '../../../src/common/notation/ast.js';
import { parseScenario } from '../../../src/common/notation/parser.js';

const base = 's = socket(AF_INET, SOCK_STREAM, 0)\n';

function calls(scenario: Scenario): CallStatement[] {
  return scenario.statements.filter((each): each is CallStatement => each.kind === 'call');
}

/** The errors as `line:column message`. */
function errors(text: string): string[] {
  return parseScenario(text).diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** The only call of a text without errors. */
function only(text: string): CallStatement {
  const scenario = parseScenario(text);
  expect(scenario.diagnostics).toEqual([]);
  expect(calls(scenario)).toHaveLength(1);
  return calls(scenario)[0]!;
}

describe('a scenario', () => {
  it('has no title when it does not begin with one', () => {
    expect(parseScenario('s = socket(AF_INET, SOCK_STREAM, 0)  # buy a phone\n# later\n').title).toBe('');
    expect(parseScenario('\u0001noise\n# later\n').title).toBe('');
    expect(parseScenario('\n  # Title\n').title).toBe('Title');
  });

  it('has a title, a description, needs and a number of calls', () => {
    const scenario = parseScenario(
      '\n# Half-close: one direction ends.\n# The other goes on.\n# Second line.\n# needs: root,  not   root ,ipv6\n' +
        base +
        '# needs: nothing that counts here\nbind(s, getsockname(s)) = 0\nsleep(0.1)\ntimeout(2)\n',
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(scenario.title).toBe('Half-close: one direction ends.');
    expect(scenario.description).toBe('The other goes on. Second line.');
    expect(scenario.needs).toEqual(['root', 'not root', 'ipv6']);
    expect(callCount(scenario.statements)).toBe(3);
    expect(scenario.statements.map(({ kind }) => kind)).toEqual(['call', 'call', 'sleep', 'timeout']);
  });

  it('is empty without a fault', () => {
    for (const text of ['', '\n\n', '# only a comment', '\uFEFF', '   \t ']) {
      expect(parseScenario(text).diagnostics).toEqual([]);
      expect(parseScenario(text).statements).toEqual([]);
    }
  });

  it('refuses a need that it does not know, at its place', () => {
    expect(errors('# needs: root, windows\n')).toEqual([
      '1:16 What a file can need: root, not root, linux, darwin, win32, ipv6.',
    ]);
  });

  it('takes lines that end with CR LF, and a byte order mark', () => {
    const scenario = parseScenario(`\uFEFF${base.replace('\n', '\r\n')}close(s) = 0\r\n`);
    expect(scenario.diagnostics).toEqual([]);
    expect(calls(scenario).map(({ line }) => line)).toEqual([1, 2]);
  });
});

describe('a line', () => {
  it('names its thread', () => {
    const scenario = parseScenario(
      `${base}[client] close(s)\n[pid  4101] close(s)\n4102 close(s)\n[7] close(s)\n`,
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(scenario.statements.map(({ thread }) => thread)).toEqual([
      'main',
      'client',
      'pid 4101',
      'pid 4102',
      '7',
    ]);
  });

  it('gives names what the call gives', () => {
    const { targets } = only('a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)');
    expect(targets.map(({ name, range }) => [name, range.start])).toEqual([
      ['a', 0],
      ['b', 3],
    ]);
  });

  it('takes a number in the place of a buffer as its length', () => {
    for (const [text, kinds] of [
      ['recv(1, 1024)', [null, 'number', null]],
      ['recv(1, 10, MSG_DONTWAIT)', [null, 'number', 'constant']],
      ['recv(1, "abc", 10, 0)', ['data', 'number', 'number']],
      ['recv(1, 0x7ffd08c28490, 16, 0)', ['number', 'number', 'number']],
      ['recv(1, NULL, 5, 0)', ['null', 'number', 'number']],
      ['recv(1, 8*1024)', [null, 'operation', null]],
    ] as const) {
      expect(
        only(text)
          .args.slice(1)
          .map((node) => node?.kind ?? null),
        text,
      ).toEqual(kinds);
    }
  });

  it('reads every form of result', () => {
    const outcomes = (text: string) =>
      only(`close(1) ${text}`).result!.outcomes.map((outcome) =>
        outcome.kind === 'error' ? `error ${outcome.errno}` : outcome.kind,
      );
    expect(outcomes('= 0')).toEqual(['value']);
    expect(outcomes('= -1 EADDRINUSE (Address already in use)')).toEqual(['error EADDRINUSE']);
    expect(outcomes('= -1 EACCES | 3')).toEqual(['error EACCES', 'value']);
    expect(outcomes('= 1..4096')).toEqual(['range']);
    expect(outcomes('= ?')).toEqual(['any']);
    expect(outcomes('= ? ERESTARTSYS (To be restarted if SA_RESTART is set)')).toEqual(['any']);
    expect(outcomes('= -1')).toEqual(['error null']);
    expect(outcomes('= 0x802 (flags O_RDWR|O_NONBLOCK)')).toEqual(['value']);
    expect(outcomes('= 0 (Timeout)')).toEqual(['value']);
    expect(outcomes('= 8*1024')).toEqual(['value']);
    expect(
      only('poll([{fd=3, events=POLLIN}], 1, 0) = 1 ([{fd=3, revents=POLLIN}])').result!.output?.kind,
    ).toBe('list');
  });

  it('reads what other platforms answer, and times', () => {
    const statement = only(
      'bind(1, 127.0.0.1:0) = 0 <0.04..0.9> ; darwin: = -1 EINVAL ; win32: = -1 WSAEINVAL  # x',
    );
    expect(statement.time).toMatchObject({ min: 0.04, max: 0.9, isRange: true });
    expect(statement.platformResults.map(({ platform }) => platform)).toEqual(['darwin', 'win32']);
    expect(only('close(1) = 0 <0.080123>').time).toMatchObject({ min: 0.080123, isRange: false });
  });

  it('reads over what strace adds to descriptors and numbers', () => {
    const { args, result } = only(
      'accept4(3<TCP:[127.0.0.1:1->127.0.0.1:2]>, NULL, NULL, 0x5 /* SOCK_??? */) = 4<socket:[77]> <0.000012>',
    );
    expect(args[0]).toMatchObject({ kind: 'number', value: 3 });
    expect(args[3]).toMatchObject({ kind: 'number', value: 5 });
    expect(result!.outcomes[0]).toMatchObject({ kind: 'value', value: { value: 4 } });
  });

  it('collects its blanks', () => {
    const text =
      'socket(___, SOCK_STREAM, 0) = 3\n___(3, 127.0.0.1:___) = 0\nclose(3) = ___\nclose(3) = -1 ___\n';
    const { blanks, diagnostics, statements } = parseScenario(text);
    expect(diagnostics).toEqual([]);
    expect(blanks.map(({ start, end }) => text.slice(start, end))).toEqual(Array(5).fill('___'));
    expect(statements.map(({ kind }) => kind)).toEqual(['call', 'blank', 'call', 'call']);
  });
});

describe('strace', () => {
  it('gets its split calls joined, each at the place where it began', () => {
    const text =
      '[pid 1] accept(3, NULL, NULL <unfinished ...>\n[pid 2] recv(4,  <unfinished ...>\n' +
      '[pid 1] <... accept resumed>) = 5\n[pid 2] <... recv resumed>"ab", 10, 0) = 2\n[pid 3] close(9 <unfinished ...>\n';
    const scenario = parseScenario(text);
    expect(scenario.diagnostics).toEqual([]);
    expect(
      calls(scenario).map(({ name, line, thread, result }) => [name, line, thread, result !== null]),
    ).toEqual([
      ['accept', 1, 'pid 1', true],
      ['recv', 2, 'pid 2', true],
      ['close', 5, 'pid 3', false],
    ]);
    expect(calls(scenario)[1]!.args[1]).toMatchObject({ kind: 'data' });
  });

  it('gets its torn lines joined, and ends without a thread where only one is left', () => {
    const scenario = parseScenario(
      'recv(3, strace: Process 1088 attached\n <unfinished ...>\n[pid 1088] close(3) = 0\n' +
        '[pid 1088] recv(4,  <unfinished ...>\n[pid 1088] <... recv resumed>"a", 5, 0) = 1\n' +
        '[pid 7] <... recv resumed>"bc", 5, 0) = 2\n[pid 1088] accept(5 <unfinished ...>\n' +
        '[pid 7] +++ exited with 0 +++\n<... accept resumed>, NULL, NULL) = 3\nclose(4) = 0\n',
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(calls(scenario).map(({ name, thread, line }) => [name, thread, line])).toEqual([
      ['recv', 'main', 1],
      ['close', 'pid 1088', 3],
      ['recv', 'pid 1088', 4],
      ['accept', 'pid 1088', 7],
      ['close', 'pid 1088', 10],
    ]);
    expect(calls(scenario).map(({ result }) => result?.outcomes[0])).toMatchObject([
      { value: { value: 2 } },
      { value: { value: 0 } },
      { value: { value: 1 } },
      { value: { value: 3 } },
      { value: { value: 0 } },
    ]);
  });

  it.each([
    [
      'the first process, which is named only while there are others',
      'socket(AF_INET, SOCK_STREAM, 0) = 3\nstrace: Process 8 attached\n[pid 7] recv(3,  <unfinished ...>\n' +
        '[pid 8] close(4) = 0\n[pid 8] +++ exited with 0 +++\n<... recv resumed>"", 5, 0) = 0\nclose(3) = 0\n',
      ['1 main', '3 main', '4 pid 8', '7 main'],
    ],
    [
      'the process that is left when the first has ended',
      'strace: Process 8 attached\n[pid 7] close(3) = 0\n[pid 7] +++ killed by SIGTERM +++\nclose(4) = 0\n',
      ['2 main', '4 pid 8'],
    ],
    [
      'processes that strace was attached to',
      'strace: Process 8 attached\nclose(3) = 0\nstrace: Process 9 attached\n[pid 8] close(4) = 0\n[pid 9] close(4) = 0\n' +
        '[pid 8] +++ exited with 0 +++\nclose(5) = 0\n',
      ['2 pid 8', '4 pid 8', '5 pid 9', '7 pid 9'],
    ],
    [
      'processes of which nothing is said',
      'close(3) = 0\n[pid 7] close(3) = 0\n[pid 8] close(4) = 0\n',
      ['1 main', '2 pid 7', '3 pid 8'],
    ],
    [
      'a file that names the process on every line',
      '7 close(3) = 0\n8 close(3) = 0\n8 +++ exited with 0 +++\n7 close(4) = 0\n',
      ['1 pid 7', '2 pid 8', '4 pid 7'],
    ],
  ])('gives each line its thread: %s', (_what, text, threads) => {
    const scenario = parseScenario(text);
    expect(scenario.diagnostics).toEqual([]);
    expect(calls(scenario).map(({ line, thread }) => `${line} ${thread}`)).toEqual(threads);
  });

  it('reads over netlink messages that it decoded, and does not send them', () => {
    const decoded =
      '[{nlmsg_len=20, nlmsg_type=RTM_GETLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP, nlmsg_seq=1, nlmsg_pid=0}, {ifi_family=AF_UNSPEC, ...}]';
    const scenario = parseScenario(
      `sendto(3, ${decoded}, 20, 0, NULL, 0) = 20\nrecvfrom(3, [${decoded}, [[{nla_len=10}, 2e:11:22:33:4f:55]]], 65536, 0, NULL, NULL) = 2952\n` +
        `recvmsg(3, {msg_iov=[{iov_base=${decoded}, iov_len=65536}]}, 0) = 20\n`,
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(scenario.notes.map(({ line }) => line)).toEqual([1]);
    expect(calls(scenario).map(({ name }) => name)).toEqual(['recvfrom', 'recvmsg']);
  });

  it('skips the calls on descriptors that are none of the vocabulary, until their numbers are given again', () => {
    const scenario = parseScenario(
      'write(1, "before", 6) = 6\nopenat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 3\nread(3, "127", 4096) = 3\n' +
        'dup(3) = 4\nclose(3) = 0\nclose(4) = 0\nwrite(1, "out", 3) = 3\nsocket(AF_INET, SOCK_STREAM, 0) = 3\n' +
        'epoll_create1(EPOLL_CLOEXEC) = 5\npoll([{fd=3, events=POLLIN}, {fd=5, events=POLLIN}], 2, 0) = 0\nclose(3) = 0\n',
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(calls(scenario).map(({ name, line }) => `${line} ${name}`)).toEqual([
      '1 write',
      '8 socket',
      '11 close',
    ]);
    expect(scenario.notes).toHaveLength(8);
  });

  it('skips other calls, remarks and what cannot be sent, and says so', () => {
    const scenario = parseScenario(
      'strace: Process 12 attached\nepoll_wait(3, [], 1, 0) = 0\nsendto(3, "abc"..., 5, 0, NULL, 0) = 5\n' +
        '--- SIGPIPE {si_signo=SIGPIPE} ---\n12 +++ exited with 0 +++\n[pid 7] <... futex resumed>) = 0\n' +
        'recv(3, "abc"..., 5, 0) = 5\nioctl(3, TIOCGPGRP, 0x7ffe11eb0be0) = -1 ENOTTY\n',
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(scenario.notes.map(({ line, column }) => `${line}:${column}`)).toEqual([
      '2:1',
      '3:11',
      '6:1',
      '8:10',
    ]);
    expect(calls(scenario).map(({ name }) => name)).toEqual(['recv']);
  });

  it('skips all that a program does beside its sockets', () => {
    const scenario = parseScenario(
      'execve("/usr/bin/curl", ["curl", "-s"], 0x7ffd0f8c6a10 /* 20 vars */) = 0\nbrk(NULL) = 0x55d0c1a4c000\n' +
        'sysinfo({uptime=2817, loads=[1, 2, 3], totalram=25279291392, mem_unit=1}) = 0\n12  geteuid() = 0\n' +
        'uname({sysname="Linux", nodename="vm", ...}) = 0\n[pid 7] prctl(PR_SET_NAME, "curl") = 0\nclose(3) = 0\n',
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(scenario.notes).toHaveLength(6);
    expect(calls(scenario).map(({ name }) => name)).toEqual(['close']);
  });

  it('takes calls of other names as the records that they amount to', () => {
    const scenario = parseScenario(
      'readv(3, [{iov_base="ab", iov_len=2}, {iov_base="c", iov_len=5}], 2) = 3\n' +
        'writev(3, [{iov_base="ab", iov_len=2}], 1) = 2\ndup2(3, 7) = 7\ndup3(3, 8, O_CLOEXEC) = 8\n' +
        'ppoll([{fd=3, events=POLLIN}], 1, {tv_sec=1, tv_nsec=500000000}, NULL, 8) = 0 (Timeout)\n' +
        'ppoll([{fd=3, events=POLLIN}], 1, NULL, NULL, 8) = 0\npipe2([3, 4], O_CLOEXEC) = 0\n' +
        'sendmmsg(3, [{msg_hdr={msg_iov=[{iov_base="a", iov_len=1}]}, msg_len=1}, {msg_hdr={msg_iov=[]}, msg_len=0}], 2, 0) = 2\n',
    );
    expect(scenario.diagnostics).toEqual([]);
    expect(
      calls(scenario)
        .map(({ name }) => name)
        .join(' '),
    ).toBe('read write dup dup poll poll pipe sendmsg sendmsg');
    expect(calls(scenario)[0]!.args[2]).toMatchObject({ value: 7 });
    expect(calls(scenario)[4]!.args[2]).toMatchObject({ value: 1500 });
    expect(calls(scenario)[5]!.args[2]).toMatchObject({ kind: 'negative' });
  });
});

describe('an error', () => {
  it.each([
    ['bind(s, 127.0.0.1:65536)', '2:19 65536 does not fit here: from 0 to 65535.'],
    ['bind(s, 127.0.0.1:-1)', '2:19 -1 does not fit here: from 0 to 65535.'],
    ['bind(s, 127.0.0.1:80.5)', '2:19 A whole number is expected, not 80.5.'],
    ['bind(s, 127.0.0.1:(htons(65536)))', '2:26 65536 does not fit here: from 0 to 65535.'],
    ['bind(s, 127.0.0.1)', '2:9 The port is missing: 127.0.0.1:PORT'],
    ['bind(s, 127.0.0.256:1)', '2:9 127.0.0.256 is no IPv4 address.'],
    ['bind(s, [::1::]:1)', '2:9 ::1:: is no IPv6 address.'],
    ['bind(s, {sa_family=AF_INET, sin_port=htons(65536)})', '2:44 65536 does not fit here: from 0 to 65535.'],
    ['bind(s, {sa_family=AF_INET, sin_port=80})', '2:38 sin_port is in network order: sin_port=htons(…)'],
    [
      'setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, [if_nametoindex(3)], 4)',
      '2:64 Data is expected here, such as "text" or hex("00 ff").',
    ],
    ['bind(s, 5)', '2:9 An address is expected here, such as 127.0.0.1:4000 or unix:/tmp/x.sock.'],
    [
      `bind(s, unix:/${'x'.repeat(108)})`,
      '2:9 The path of a Unix socket has at most 108 bytes; this one has 109.',
    ],
    [`bind(s, unix:@${'x'.repeat(108)})`, '2:9 An abstract name has at most 107 bytes; this one has 108.'],
    ['send(s, hex("de a"))', '2:17 A byte has two hexadecimal digits; the last one has only one.'],
    ['send(s, hex("dg"))', '2:15 g is no hexadecimal digit.'],
    ['send(s, base64("a=b"))', '2:18 = does not belong here in Base64.'],
    ['send(s, "a\\qb")', '2:11 This escape stands for no byte: \\q'],
    ['send(s, "abc)', '2:9 This string has no closing quote.'],
    ['send(s, abc)', '2:9 Nothing gives abc a value.'],
    ['listen(s, 4294967296)', '2:11 4294967296 does not fit here: from -2147483648 to 4294967295.'],
    ...(
      [
        ['{cmsg_level=*4294967297, cmsg_type=1}', 'int'],
        ['{cmsg_level=1, cmsg_type=*-2147483649}', 'int'],
        ['{cmsg_level=IPPROTO_UDP, cmsg_type=UDP_SEGMENT, cmsg_data=*65536}', 'u16'],
        ['{cmsg_level=IPPROTO_UDP, cmsg_type=UDP_SEGMENT, cmsg_data=*-1}', 'u16'],
        ['{cmsg_level=IPPROTO_IP, cmsg_type=IP_TTL, cmsg_data=[*4294967360]}', 'int'],
        ['{cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=1, uid=*4294967296}}', 'int'],
      ] as const
    ).map(([message, type]): [string, string] => {
      const call = `sendmsg(s, {msg_control=[${message}]}, 0)`;
      const at = call.indexOf('*');
      const [number] = /-?\d+/.exec(call.slice(at))!;
      const range = type === 'int' ? 'from -2147483648 to 4294967295' : 'from 0 to 65535';
      return [call.replace('*', ''), `2:${at + 1} ${number} does not fit here: ${range}.`];
    }),
    [
      'sendmsg(s, {msg_flags=4294967296}, 0)',
      '2:23 4294967296 does not fit here: from -2147483648 to 4294967295.',
    ],
    [
      'setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=9223372036854775808})',
      '2:48 9223372036854775808 does not fit here: from -9223372036854775808 to 9223372036854775807.',
    ],
    ['poll([{fd=3, events=65536}], 0)', '2:21 65536 does not fit here: from -32768 to 65535.'],
    ['listen(s, 1e3)', '2:11 A whole number is expected, not 1e3.'],
    ['listen(s, 12abc)', '2:11 12abc is no number.'],
    ['listen(s, 089)', '2:11 089 begins with 0 and so is octal, which has no 8 and no 9.'],
    ['listen(s)', '2:8 listen needs backlog.'],
    ['listen(s, 1, 2)', '2:14 listen takes 2 arguments.'],
    ['recv(s, _)', '2:6 recv needs len.'],
    ['lisen(s, 1)', '2:1 There is no call lisen here. Did you mean listen?'],
    ['frobnicate(s)', '2:1 There is no call frobnicate here.'],
    ['socket(AF_INTE, SOCK_STREAM)', '2:8 There is no constant AF_INTE. Did you mean AF_INET?'],
    ['close(sever)', '2:7 Nothing gives sever a value.'],
    ['close(s) = EINVAL', '2:12 A call that fails returns -1: = -1 EINVAL'],
    ['close(s) = -1 EBADFD | -1 EADRINUSE', '2:27 There is no error EADRINUSE. Did you mean EADDRINUSE?'],
    ['close(s) = -1 constructor', '2:15 There is no error constructor.'],
    ['close(s) 0', '2:10 “=” and a result are expected here, or the end of the line.'],
    ['close(s', '2:8 “)” is expected here.'],
    ['close', '2:1 The arguments of close are missing.'],
    ['hello', '2:1 A call is expected here: name(arguments)'],
    ['[a', '2:3 “]” is expected here.'],
    ['close(s) = 0 ; solaris: = 1', '2:16 A platform is expected here: linux, darwin or win32.'],
    ['sleep(abc)', '2:7 A number of seconds is expected here.'],
    ['sleep(1e400)', '2:7 A number of seconds is expected here.'],
    ['send(s, "a" * 99999999)', '2:15 99999999 does not fit here: from 0 to 67108864.'],
    ['close(s) = 0 § 1', '2:14 The end of the line is expected here.'],
    ['send(s, §)', '2:9 § has no meaning here.'],
    [`close(${'('.repeat(60)}s${')'.repeat(60)})`, '2:57 This is nested too deeply.'],
  ])('of %s stands at its place', (line, expected) => {
    expect(errors(`${base}${line}\n`)).toContain(expected);
  });

  it('does not hide the others of its line and file', () => {
    expect(errors(`bind(1, 127.0.0.1:65536)\nsend(1, hex("f"), "x", ?)\nclose(1) = 0\nclse(1)`)).toEqual([
      '1:19 65536 does not fit here: from 0 to 65535.',
      '2:14 A byte has two hexadecimal digits; the last one has only one.',
      '2:19 A number is expected here.',
      '2:24 A value is missing here.',
      '4:1 There is no call clse here. Did you mean close?',
    ]);
  });

  it('is told once, also of data whose length follows from it', () => {
    const told = '1:15 99999999 does not fit here: from 0 to 67108864.';
    expect(errors('send(1, "a" * 99999999)')).toEqual([told]);
  });

  it('keeps its line from running, and no other', () => {
    const scenario = parseScenario('close(1)\nclose(\nclose(3)');
    expect(calls(scenario).map(({ line }) => line)).toEqual([1, 3]);
  });

  it('of a name that is nearly right says which', () => {
    expect(errors('server = socket(AF_INET, SOCK_STREAM)\nclose(sever)')).toEqual([
      '2:7 Nothing gives sever a value. Did you mean server?',
    ]);
  });

  it('does not make the names of its line unknown', () => {
    expect(errors('s = socket(AF_INET\nt = lisen(s)\nclose(s)\nclose(t)\n')).toEqual([
      '1:19 “)” is expected here.',
      '2:5 There is no call lisen here. Did you mean listen?',
    ]);
  });

  it('is one of a thousand at most', () => {
    const { diagnostics } = parseScenario('x\n'.repeat(5000));
    expect(diagnostics).toHaveLength(1001);
    expect(diagnostics.at(-1)!.message).toBe('Too many errors: the rest was not read.');
  });
});
