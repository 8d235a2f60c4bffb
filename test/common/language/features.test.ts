import { describe, expect, it } from 'vitest';
import { LanguageFile } from '../../../src/common/language/file.js';
import { hoverAt } from '../../../src/common/language/hover.js';
import {
  findDefinition,
  findReferences,
  findRenameable,
  whyNotRename,
} from '../../../src/common/language/navigation.js';
import { findSections, outlineCalls } from '../../../src/common/language/outline.js';
import { threadTokens } from '../../../src/common/language/semanticTokens.js';
import { signatureAt } from '../../../src/common/language/signatureHelp.js';
import { signatures } from '../../../src/common/tables/signatures.js';
import { head, withCaret } from './support.js';

describe('hover', () => {
  function hover(text: string): string {
    const { file, offset } = withCaret(text);
    return (hoverAt(file, offset)?.parts ?? [])
      .map((part) => (part.kind === 'rule' ? '---' : part.text))
      .join('\n');
  }

  it('tells of a call what it does, takes, gives, and how it fails, in three languages', () => {
    const text = hover('bi│nd(s, 127.0.0.1:0)');
    expect(text).toContain('int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen);');
    expect(text).toContain('Gives the socket its own address');
    expect(text).toContain('- `addr`: An address: 127.0.0.1:4000');
    expect(text).toContain('- `EADDRINUSE`: Another socket is bound to this address');
    expect(text).toContain('- `EADDRNOTAVAIL`: This address is not');
    expect(text).toMatch(/Also: .*`EBADF`/);
    expect(text).toContain('s.bind(("127.0.0.1", 4000))');
    expect(text).toContain('udp.bind(4000, "127.0.0.1");');
  });

  it('knows every call of the vocabulary', () => {
    for (const { name, parameters } of signatures.values()) {
      const text = hover(`│${name}(`);
      expect(text, name).toMatch(new RegExp(`\\b${name}\\(`));
      for (const parameter of parameters) {
        expect(text).toContain(`- \`${parameter.name}\`: `);
      }
      expect(text).toContain('- `E');
      // Nothing is known of its arguments.
      expect(text, name).not.toMatch(/AF_UNSPEC|IPPROTO_IP\b|undefined/);
    }
  });

  it('tells of a constant its number and what it is for', () => {
    expect(hover('socket(AF_│INET6, SOCK_STREAM)')).toMatch(/AF_INET6 = 10.*\n.*IPv6/);
    expect(hover('setsockopt(s, SOL_SOCKET, SO_REUSE│ADDR, 1)')).toMatch(/SO_REUSEADDR = 2/);
    expect(hover('send(s, "a", 1, MSG_NOSIG│NAL)')).toMatch(/MSG_NOSIGNAL = 0x4000/);
    expect(hover('socket(AF_NO│THING)')).toBe('');
  });

  it('tells of an error what it means of this call', () => {
    expect(hover('listen(s, 5) = -1 EADDR│INUSE')).toMatch(
      /EADDRINUSE = 98.*Address already in use\nAnother socket listens/,
    );
    expect(hover('bind(s, 127.0.0.1:1) = -1 EADDR│INUSE')).toContain('TIME_WAIT');
  });

  it('tells of a name which call gave it last', () => {
    const text = `${head}server = socket(AF_UNIX, SOCK_DGRAM)\n`;
    expect(hover(text.replace('listen(ser', 'listen(ser│'))).toBe(
      'A descriptor that line 1 gives: `AF_INET`, `SOCK_STREAM`.\nserver = socket(AF_INET, SOCK_STREAM, 0)',
    );
    expect(hover(`${text}close(serv│er)`)).toContain('line 5 gives: `AF_UNIX`, `SOCK_DGRAM`');
    expect(hover(`${head}bind(server, ad│dr)`)).toContain('An address that line 4 gives.');
    expect(hover(`${head}peer = accept(server)\nclose(pe│er)`)).toContain('line 5 gives: `AF_INET`');
  });

  it('counts the bytes of a text', () => {
    expect(hover('send(s, "안│녕")')).toBe('6 bytes\nec 95 88 eb 85 95');
    expect(hover('send(s, "│")')).toBe('0 bytes');
  });
});

describe('signature help', () => {
  it.each([
    ['bind(│', 0],
    ['bind(s, │127.0.0.1:0)', 1],
    ['recv(s, 100, │', 3],
    ['recv(s, "abc", │', 2],
    ['sendmsg(s, {msg_iov=[{iov_base="x", iov_len=1}], │', 1],
  ])('points at the argument: %s', (text, active) => {
    const { file, offset } = withCaret(text);
    expect(signatureAt(file, offset)?.active).toBe(active);
  });

  it('writes what may be left out in brackets', () => {
    const { file, offset } = withCaret('bind(│)');
    const found = signatureAt(file, offset)!;
    expect(found.label).toBe('bind(sockfd, addr, [addrlen])');
    expect(found.parameters.map(({ start, end }) => found.label.slice(start, end))).toEqual([
      'sockfd',
      'addr',
      '[addrlen]',
    ]);
  });

  it('is silent outside of a call', () => {
    for (const text of ['│bind(s)', 'bind(s)│', '# bind(│', 'bind(s) = │']) {
      const { file, offset } = withCaret(text);
      expect(signatureAt(file, offset), text).toBeUndefined();
    }
  });
});

describe('names', () => {
  const text = `a, b = socketpair(AF_UNIX, SOCK_STREAM)
[one] send(a, "a", 1, 0) = 1
sendmsg(a, {msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[b]}]}, 0) = 1
[one] recvmsg(b, {msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[c]}]}, 0) = 1
broken line with a in it (
a = accept(a, getsockname(b), = 5
close(a) = 0 # a
`;
  const file = new LanguageFile(text, 'linux');
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const offsetOf = (part: string, more = 0) => text.indexOf(part) + more;

  it('are found everywhere, in lines that cannot be read too, but not in texts and comments', () => {
    const found = findReferences(file, offsetOf('close(a', 6));
    expect(found.map(({ start }) => lineOf(start))).toEqual([1, 2, 3, 5, 6, 6, 7]);
    expect(found.filter(({ isGiven }) => isGiven).map(({ start }) => lineOf(start))).toEqual([1, 6]);
  });

  it('lead to where they are given: the last place above', () => {
    expect(findDefinition(file, offsetOf('close(a', 6))).toMatchObject({ start: offsetOf('a = accept') });
    expect(findDefinition(file, offsetOf('send(a', 5))).toMatchObject({ start: 0 });
    expect(findDefinition(file, offsetOf('cmsg_data=[c', 11))).toMatchObject({
      start: offsetOf('cmsg_data=[c', 11),
    });
    expect(findDefinition(file, offsetOf('SOCK_STREAM'))).toBeUndefined();
  });

  it('of threads are names too', () => {
    expect(findReferences(file, offsetOf('one'))).toHaveLength(2);
  });

  it('can be changed to what is one and is free', () => {
    const word = findRenameable(file, 0)!;
    expect(word.text).toBe('a');
    expect(whyNotRename(file, word, 'server')).toBeUndefined();
    expect(whyNotRename(file, word, 'a')).toBeUndefined();
    expect(whyNotRename(file, word, 'b')).toMatch(/taken/);
    for (const name of ['', 'Server', '1a', 'a b', '_', 'a-b']) {
      expect(whyNotRename(file, word, name), name).toMatch(/lower-case/);
    }
    const thread = findRenameable(file, offsetOf('one'))!;
    expect(whyNotRename(file, thread, 'Two')).toBeUndefined();
    expect(whyNotRename(file, thread, 'pid')).toBeDefined();
    expect(findRenameable(file, offsetOf('msg_iov'))).toBeUndefined();
    expect(findRenameable(file, offsetOf('AF_UNIX'))).toBeUndefined();
  });
});

describe('the outline', () => {
  const text = `# Title
# What it shows.

# First part
server = socket(AF_INET, SOCK_STREAM, 0)  # a comment behind
# in between
listen(server, 5) = 0

[client] sleep(0.1)

# Second part
close(server) = 0
`;
  const file = new LanguageFile(text, 'linux');

  it('has a section for each comment that stands apart', () => {
    expect(findSections(file)).toEqual([
      { title: 'Title', first: 0, last: 1, firstCall: undefined },
      { title: 'First part', first: 3, last: 8, firstCall: 4 },
      { title: 'Second part', first: 10, last: 11, firstCall: 11 },
    ]);
  });

  it('has a section of the calls alone where there is no comment', () => {
    expect(findSections(new LanguageFile('\na = dup(1)\n\nclose(a)\n', 'linux'))).toEqual([
      { title: 'a = dup(1)', first: 1, last: 3, firstCall: 1 },
    ]);
    expect(findSections(new LanguageFile('', 'linux'))).toEqual([]);
  });

  it('shows names with their calls', () => {
    expect(outlineCalls(file, 3, 8)).toEqual([
      { name: 'server', detail: 'socket(AF_INET, SOCK_STREAM, 0)', line: 4, givesNames: true },
      { name: 'listen', detail: '(server, 5) = 0', line: 6, givesNames: false },
      { name: 'sleep', detail: '(0.1)', line: 8, givesNames: false },
    ]);
  });
});

describe('colours by thread', () => {
  it('give each thread its own, with the calls inside values', () => {
    const file = new LanguageFile(
      'a = dup(1)\n[x] connect(a, getsockname(a))\n[y] close(a)\n[x] sleep(1)\n# [z] comment\n',
      'linux',
    );
    const tokens = threadTokens(file).map(
      ({ line, start, length, color }) =>
        `${file.text.split('\n')[line]!.slice(start, start + length)}:${color}`,
    );
    expect(tokens).toEqual([
      'dup:0',
      'x:1',
      'connect:1',
      'getsockname:1',
      'y:2',
      'close:2',
      'x:1',
      'sleep:1',
    ]);
  });

  it('begin again after the last', () => {
    const text = Array.from({ length: 12 }, (_, index) => `[t${index}] close(1)`).join('\n');
    const colors = threadTokens(new LanguageFile(text, 'linux')).map(({ color }) => color);
    expect(new Set(colors)).toEqual(new Set([1, 2, 3, 4, 5]));
  });
});
