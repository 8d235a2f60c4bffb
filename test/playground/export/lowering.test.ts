import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { codeLanguages, exportCode } from '../../../src/playground/export/exportCode.js';
import { lower } from '../../../src/playground/export/lowering.js';

function programOf(...lines: string[]) {
  const scenario = parseScenario(`${lines.join('\n')}\n`);
  expect(scenario.diagnostics).toEqual([]);
  return lower(scenario);
}

it('tells which lines may wait for the same bytes: a program serves them in any order', () => {
  const program = programOf(
    's = socket(AF_INET, SOCK_STREAM, 0)',
    'bind(s, 127.0.0.1:0) = 0',
    'listen(s, 1) = 0',
    'a = socket(AF_INET, SOCK_STREAM, 0)',
    'connect(a, getsockname(s)) = 0',
    'b = accept(s)',
    '[one] recv(b, "x", 1, 0) = 1',
    '[two] recv(b, "y", 1, 0) = 1',
    '[other] recv(a, "z", 1, 0) = 1',
    '[one] send(b, "z", 1, 0) = 1',
    '[other] recv(b, _, 1, 0) = 0',
  );
  for (const language of codeLanguages) {
    const told = language
      .print(program)
      .lines.flatMap(({ line, remarks }) => remarks.map((remark) => [line.number, remark]));
    expect(told).toEqual([
      [8, 'Line 7 may wait for the same bytes: which of the two gets them is not certain here.'],
      [11, 'Line 8 may wait for the same bytes: which of the two gets them is not certain here.'],
    ]);
  }
});

it('tells which lines may wait for the same connection, whichever takes it', () => {
  const program = programOf(
    's = socket(AF_INET, SOCK_STREAM, 0)',
    'bind(s, 127.0.0.1:0) = 0',
    'listen(s, 5) = 0',
    '[one] a = accept(s)',
    '[two] b = accept(s)',
    'c = socket(AF_INET, SOCK_STREAM, 0)',
    'connect(c, getsockname(s)) = 0',
    'd = socket(AF_INET, SOCK_STREAM, 0)',
    'connect(d, getsockname(s)) = 0',
  );
  const told = (id: string) => {
    const { lines } = codeLanguages.find((each) => each.id === id)!.print(program);
    return lines.flatMap(({ line, remarks }) => remarks.map((remark) => [line.number, remark]));
  };
  const rival = 'Line 4 may wait for the same connection: which of the two gets it is not certain here.';
  expect(told('c')).toEqual([[5, rival]]);
  expect(told('python')).toEqual([[5, rival]]);
});

it('names no line that is left out as one that may wait', () => {
  const program = programOf(
    's = socket(AF_INET, SOCK_STREAM, 0)',
    'bind(s, 127.0.0.1:0) = 0',
    'listen(s, 5) = 0',
    'c = socket(AF_INET, SOCK_STREAM, 0)',
    'connect(c, getsockname(s)) = 0',
    'a = accept(s)',
    '[one] read(a, _, 0x8000000000000000) = -1 EFAULT',
    'a = accept(s)',
    '[two] recv(a, 1) = 0',
  );
  const programs = codeLanguages.map((language) => language.print(program));
  const without = programs.filter(({ omitted }) => omitted.some(({ line }) => line === 7));
  expect(without.length).toBeGreaterThan(0);
  for (const { lines } of without) {
    expect(lines.at(-1)!.remarks).not.toContainEqual(expect.stringMatching(/^Line 7 /));
  }
});

it('leaves a call out whose length is negative, also where C has made it very large', () => {
  const program = programOf(
    'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)',
    'write(a, "abc", -1) = -1 EFAULT',
    'read(a, _, 0x8000000000000000) = -1 EFAULT',
  );
  const omitted = codeLanguages.map((language) => language.print(program).omitted.map(({ line }) => line));
  expect(omitted).toEqual([
    [2, 3],
    [2, 3],
    [1, 2, 3],
  ]);
});

describe('a small send', () => {
  it.each([
    ['a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)', 'never'],
    ['a = socket(AF_INET, SOCK_DGRAM, 0)', 'never'],
    ['a, b = socketpair(AF_UNIX, SOCK_DGRAM, 0)', 'maybe'],
    ['a, b = socketpair(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)', 'never'],
    ['x, y = socketpair(AF_UNIX, SOCK_DGRAM, 0)\na = dup(x)', 'maybe'],
    ['x = socket(AF_UNIX, SOCK_DGRAM, 0)\na = fcntl(x, F_DUPFD, 50)', 'maybe'],
  ])('after %s may wait: %s', (made, waits) => {
    expect(programOf(made, 'send(a, "x", 1, 0)').lines.at(-1)!.waits).toBe(waits);
  });

  it('on a descriptor that a recording names by its number may wait', () => {
    const lines = ['socketpair(AF_UNIX, SOCK_DGRAM, 0, [18, 19]) = 0', 'send(19, "x", 1, 0) = 1'];
    expect(programOf(...lines).lines.at(-1)!.waits).toBe('maybe');
  });

  it('may wait for the connection that another thread makes', () => {
    const made = 's = socket(AF_INET, SOCK_STREAM, 0)';
    const waits = (thread: string) =>
      programOf(made, `${thread}connect(s, 127.0.0.1:9)`, 'send(s, "x", 1, 0)').lines.at(-1)!.waits;
    expect(waits('[k] ')).toBe('maybe');
    expect(waits('')).toBe('never');
  });
});

describe('a receive', () => {
  it.each([
    ['MSG_DONTWAIT', 'never'],
    // Unix sockets pass over it.
    ['MSG_ERRQUEUE', 'maybe'],
  ])('with %s may wait: %s', (flag, waits) => {
    const made = 'a, b = socketpair(AF_UNIX, SOCK_DGRAM, 0)';
    expect(programOf(made, `recv(a, _, 10, ${flag})`).lines.at(-1)!.waits).toBe(waits);
  });
});

describe('room for an address', () => {
  const texts = (call: string) => {
    const program = programOf('s = socket(AF_INET, SOCK_DGRAM, 0)', call);
    return Object.fromEntries(codeLanguages.map((language) => [language.id, language.print(program)]));
  };

  it('without a length is a bad one in C, and in Python, which has the C library for it', () => {
    for (const call of ['getsockname(s, _, NULL)', 'recvfrom(s, _, 10, MSG_DONTWAIT, _, NULL)']) {
      const { c, python } = texts(`${call} = -1 EFAULT`);
      expect(c!.text).toContain('&peer.as.any, NULL)');
      expect(python!.omitted).toEqual([]);
      expect(python!.text).toMatch(/attempt\(libc, '\w+', s\.fileno\(\), .*, None\)/);
    }
  });

  it('that nobody asks for is none', () => {
    const { c, python } = texts('recvfrom(s, _, 10, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN');
    expect(c!.text).toContain('NULL, NULL)');
    expect(python!.omitted).toEqual([]);
  });
});

describe('a receive that an unsaid line would answer', () => {
  const omitted = async (id: string, ...lines: string[]) => {
    const language = codeLanguages.find((each) => each.id === id)!;
    const scenario = parseScenario(`${lines.join('\n')}\n`);
    expect(scenario.diagnostics).toEqual([]);
    const { omitted: left } = await exportCode(scenario, language, () => Promise.reject(new Error()));
    return left.map(({ line }) => line);
  };

  it('is not said either, behind it', async () => {
    const lines = [
      's = socket(AF_INET, SOCK_DGRAM, 0)',
      'bind(s, 127.0.0.1:0) = 0',
      'sendmsg(s, {msg_name=getsockname(s), msg_iov=[{iov_base="x"}], msg_control="no messages"}, 0) = 1',
      'recv(s, "x", 10) = 1',
    ];
    expect(await omitted('c', ...lines)).toEqual([3, 4]);
    expect(await omitted('c', ...lines.map((line) => line.replace(/\) = 1$/, ') = -1 EINVAL')))).toEqual([3]);
  });

  it('nor where its thread waits before it', async () => {
    const lines = [
      'r = socket(AF_INET, SOCK_DGRAM, 0)',
      '[reader] recv(r, "x", 10) = 1',
      'sendmsg(r, {msg_name=127.0.0.1:9, msg_iov=[{iov_base="x"}], msg_control="no messages"}, 0) = 1',
      '[reader] close(r) = 0',
    ];
    expect(await omitted('c', ...lines)).toEqual([2, 3, 4]);
    expect(
      await omitted('c', ...lines.map((line) => line.replace(', msg_control="no messages"', ''))),
    ).toEqual([]);
  });
});

describe('groups of IPv6', () => {
  it('are joined in Node.js by the name of the interface', () => {
    const group = (index: number) =>
      `{inet_pton(AF_INET6, "ff02::114", &ipv6mr_multiaddr), ipv6mr_interface=${index}}`;
    const program = programOf(
      's = socket(AF_INET6, SOCK_DGRAM, 0)',
      'bind(s, [::1]:0) = 0',
      `setsockopt(s, IPPROTO_IPV6, IPV6_JOIN_GROUP, ${group(1)}) = 0`,
      `setsockopt(s, IPPROTO_IPV6, IPV6_LEAVE_GROUP, ${group(0)}) = 0`,
      'setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1) = 0',
    );
    const { text, omitted } = codeLanguages.find(({ id }) => id === 'node')!.print(program);
    expect(omitted).toEqual([]);
    const calls = [...text.matchAll(/void (s\..*\))\)/g)].map(([, call]) => call);
    expect(calls).toEqual([
      "s.addMembership('ff02::114', interfaceOf(1))",
      "s.dropMembership('ff02::114')",
      's.setMulticastInterface(interfaceOf(1))',
    ]);
  });
});

describe('the interface of multicast packets', () => {
  it('is in Node.js the one of the structure, whichever it is', () => {
    const own = 'imr_multiaddr=inet_addr("0.0.0.0"), imr_address=inet_addr("127.0.0.1")';
    const program = programOf(
      's = socket(AF_INET, SOCK_DGRAM, 0)',
      'bind(s, 127.0.0.1:0) = 0',
      'setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, {s_addr=inet_addr("127.0.0.1")}) = 0',
      `setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, {${own}, imr_ifindex=0}) = 0`,
      `setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, {${own}, imr_ifindex=1}) = 0`,
    );
    const { text, omitted } = codeLanguages.find(({ id }) => id === 'node')!.print(program);
    expect(omitted.map(({ line }) => line)).toEqual([5]);
    const set = "s.setMulticastInterface('127.0.0.1')";
    expect(text.match(/s\.setMulticastInterface\(.*'\)/g)).toEqual([set, set]);
  });
});

describe('a name that a Python program has itself', () => {
  it.each(['answer', 'fds', 'part', 'parts', 'thread', 'threads', 'fileno', 'interfaces', 'control_part'])(
    'is no variable: %s',
    (name) => {
      const { text } = codeLanguages
        .find(({ id }) => id === 'python')!
        .print(programOf(`${name} = socket(AF_INET, SOCK_DGRAM, 0)`));
      expect(text).toContain(`    ${name}_ = made(result)\n`);
    },
  );
});

it('compares only the beginning of a message of which only that is said', () => {
  const receive = (...bases: string[]) => {
    const parts = bases.map((base) => `{iov_base=${base}, iov_len=10}`);
    const { lines } = programOf(
      's = socket(AF_INET, SOCK_DGRAM, 0)',
      `recvmsg(s, {msg_iov=[${parts.join(', ')}]}, 0)`,
    );
    const [step] = lines[1]!.steps;
    return step?.kind === 'call' ? step.expected.data : undefined;
  };
  const bytes = Uint8Array.from(Buffer.from('ab'));
  expect(receive('"ab"')).toMatchObject({ bytes, isPrefix: false });
  expect(receive('"ab"...')).toMatchObject({ bytes, isPrefix: true });
  expect(receive('"a"', '"b"...')).toMatchObject({ bytes, isPrefix: true });
  expect(receive('"a"...', '"b"')).toBeNull();
});

describe('what a program writes otherwise', () => {
  const texts = (...lines: string[]) =>
    ['c', 'python'].map((id) => codeLanguages.find((each) => each.id === id)!.print(programOf(...lines)));

  it("is IANA's name of a protocol: its number", () => {
    for (const { text, omitted } of texts('socket(AF_INET, SOCK_DGRAM, UDP)')) {
      expect(omitted).toEqual([]);
      expect(text).toMatch(/SOCK_DGRAM, 17\b/);
    }
  });

  it('is a field that a line leaves open: not at all', () => {
    const data = '{ee_errno=ECONNREFUSED, offender=_}';
    for (const { text, omitted } of texts(
      's = socket(AF_INET, SOCK_DGRAM, 0)',
      `recvmsg(s, {msg_iov=[{iov_base="x", iov_len=9}], msg_control=[{cmsg_level=IPPROTO_IP, cmsg_type=IP_RECVERR, cmsg_data=${data}}]}, MSG_ERRQUEUE) = 1`,
    )) {
      expect(omitted).toEqual([]);
      expect(text).toContain('ee_errno');
    }
  });

  it('is a message without buffers: without room for them', () => {
    const [c] = texts('recvmsg(-1, {msg_iov=[]}, 0) = -1 EBADF');
    expect(c!.text).toContain('recvmsg(');
    expect(c!.text).not.toContain('data[');
  });

  it('is a descriptor that another one is compared with: its number, and no descriptor comes of it', () => {
    const [, python] = texts(
      's = socket(AF_INET, SOCK_DGRAM, 0)',
      'd = dup(s)',
      'fcntl(s, F_DUPFD_QUERY, d) = 1',
    );
    expect(python!.text).toContain('fcntl.fcntl, s.fileno(), F_DUPFD_QUERY, d.fileno()');
    expect(python!.text).toMatch(/check\(3, 'fcntl', result, .* == 1\)/);
  });

  it('is a descriptor that the kernel makes for a message: taken as one that was sent', () => {
    const control = '[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_PIDFD, cmsg_data=[p]}]';
    const [c, python] = texts(
      'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)',
      `recvmsg(b, {msg_iov=[{iov_base="x", iov_len=9}], msg_control=${control}, msg_flags=MSG_CMSG_CLOEXEC}, MSG_CMSG_CLOEXEC) = 1`,
    );
    expect(c!.text).toContain('memcpy(&p, CMSG_DATA(part), sizeof(int));');
    expect(python!.text).toContain('kind in (socket.SCM_RIGHTS, SCM_PIDFD)');
    expect(python!.text).toContain("'msg_flags', result[2], socket.MSG_CMSG_CLOEXEC)");
  });

  it('is a descriptor that an option makes: taken, not compared', () => {
    const [c, python] = texts(
      'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)',
      'getsockopt(a, SOL_SOCKET, SO_PEERPIDFD, [p], [4]) = 0',
      'getsockopt(a, SOL_SOCKET, SO_PEERPIDFD, [33], [4]) = 0',
      'close(p) = 0',
      'close(33) = 0',
    );
    expect([c!.omitted, python!.omitted]).toEqual([[], []]);
    expect(c!.text).toContain('p = value;');
    expect(c!.text).toContain('close(fd33);');
    expect(c!.text).not.toContain('"the value"');
    expect(python!.text).toContain('fd33 = answer');
    expect(python!.text).toContain('os.close, p)');
  });

  it('is the room for an option whose length is negative: IPv6 writes all that there is', () => {
    const [c, python] = texts(
      's = socket(AF_INET6, SOCK_DGRAM, 0)',
      'getsockopt(s, IPPROTO_IPV6, IPV6_PATHMTU, _, [-1 => 32]) = 0',
    );
    expect(c!.text).toContain('unsigned char value[65536] = {0};\n        socklen_t length = -1;');
    expect(python!.text).toContain('create_string_buffer(65536)\n    size = ctypes.c_int(-1)');
  });

  it('is the length of a path that leaves no room for its NUL', () => {
    const [c] = texts('s = socket(AF_UNIX, SOCK_STREAM, 0)', `bind(s, unix:/${'a'.repeat(107)})`);
    expect(c!.text).toContain('+ size + (size < sizeof address.as.local.sun_path)');
  });

  const rights = '[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[s]}]';

  it.each([
    'msg_name=127.0.0.1:9, msg_namelen=28',
    'msg_name=unix:/a, msg_namelen=110',
    'msg_name=NULL, msg_namelen=28',
    `msg_control=${rights}, msg_controllen=20`,
  ])('are lengths of a message that make no difference: %s', (fields) => {
    for (const { omitted } of texts(
      's = socket(AF_INET, SOCK_DGRAM, 0)',
      `sendmsg(s, {${fields}}, 0) = -1`,
    )) {
      expect(omitted).toEqual([]);
    }
  });

  it.each([
    'msg_iov=[{iov_base="x", iov_len=-1}]',
    'msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=-1',
    'msg_name=127.0.0.1:9, msg_namelen=15',
    'msg_name=unix:@a, msg_namelen=110',
    'msg_control=NULL, msg_controllen=100',
    `msg_control=${rights}, msg_controllen=16`,
  ])('is not said where it is a length that is no length: %s', (fields) => {
    for (const { omitted } of texts(
      's = socket(AF_INET, SOCK_DGRAM, 0)',
      `sendmsg(s, {${fields}}, 0) = -1`,
    )) {
      expect(omitted.map(({ line }) => line)).toEqual([2]);
    }
  });
});

it('leaves a socket as it is where only a failing call on it is left out, and names the line that is missed', () => {
  const program = programOf(
    's = socket(AF_INET, SOCK_STREAM, 0)',
    'accept(s) = -1 EINVAL',
    'bind(s, 127.0.0.1:0) = 0',
    'listen(s, 5) = 0',
    'accept(s, _, [-1]) = -1 EFAULT | -1 EINVAL',
    'listen(s, 6) = 0',
  );
  const { omitted } = codeLanguages.find((each) => each.id === 'node')!.print(program);
  expect(omitted.map(({ line }) => line)).toEqual([2, 5, 6]);
  expect(omitted.at(-1)!.reason).toBe('It needs what line 5 would do with s.');
});
