import { describe, expect, it } from 'vitest';
import { completeAt } from '../../../src/common/language/completion.js';
import { expandSnippet, snippets } from '../../../src/common/language/snippets.js';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { signatures } from '../../../src/common/tables/signatures.js';
import { head, withCaret } from './support.js';

function labels(text: string): string[] {
  const { file, offset } = withCaret(text);
  return completeAt(file, offset).items.map(({ label }) => label);
}

describe('completion', () => {
  it.each(['│', 'so│', '  │', '[client] │', 'a = │', 'a, b = so│', '[client] a = │'])(
    'offers every call where one can begin: %s',
    (text) => {
      expect(labels(text)).toEqual(expect.arrayContaining([...signatures.keys(), 'sleep', 'timeout']));
    },
  );

  it.each([
    ['socket(│', 'AF_INET'],
    ['socket(AF_INET, │', 'SOCK_STREAM'],
    ['socket(AF_INET, SOCK_STREAM|│', 'SOCK_NONBLOCK'],
    ['socket(AF_NETLINK, SOCK_RAW, │', 'NETLINK_ROUTE'],
    ['setsockopt(s, │', 'SOL_SOCKET'],
    ['setsockopt(s, IPPROTO_TCP, │', 'TCP_NODELAY'],
    ['setsockopt(s, SOL_SOCKET, SO_LINGER, │', '{l_onoff, l_linger}'],
    ['setsockopt(s, SOL_SOCKET, SO_LINGER, {│', 'l_onoff'],
    ['setsockopt(s, SOL_SOCKET, SO_LINGER, {l_onoff=1, │', 'l_linger'],
    ['getsockopt(s, SOL_SOCKET, SO_TYPE, │', '[SOCK_STREAM]'],
    ['send(s, "hi", 2, MSG│', 'MSG_DONTWAIT'],
    ['recv(s, 10, │', 'MSG_PEEK'],
    ['recv(s, _, 10, │', 'MSG_PEEK'],
    ['send(s, "안녕", │', '6'],
    ['send(s, "안녕", 6, 0) = │', '6'],
    ['shutdown(s, │', 'SHUT_WR'],
    ['fcntl(s, │', 'F_GETFL'],
    ['fcntl(s, F_SETFL, │', 'O_NONBLOCK'],
    ['ioctl(s, │', 'FIONREAD'],
    ['ioctl(s, SIOCGIFADDR, │', '{ifr_name="lo"}'],
    ['ioctl(s, SIOCGIFADDR, {│', 'ifr_addr'],
    ['ioctl(s, FIONREAD, │', '[0]'],
    ['fcntl(s, F_SETLK, {│', 'l_whence'],
    ['fcntl(s, F_SETLK, {l_type=│', 'F_WRLCK'],
    ['fcntl(s, F_GETOWN_EX, │', '{type=F_OWNER_PID, pid=0}'],
    ['poll([{│', 'events'],
    ['poll([{fd=s, events=│', 'POLLIN'],
    ['sendmsg(s, {│', 'msg_iov'],
    ['sendmsg(s, {msg_iov=[{│', 'iov_base'],
    ['sendmsg(s, {msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=│', 'SCM_RIGHTS'],
    ['accept(s) = -1 │', 'EAGAIN'],
    ['accept(s) = -1 EAG│', 'EAGAIN'],
    ['close(s) = │', '0'],
    ['close(s) = 0 ; │', 'darwin'],
    ['# needs: │', 'not root'],
    ['# needs: linux, │', 'ipv6'],
    ['[client] close(1)\n[│', 'client'],
  ])('knows what fits: %s', (text, label) => {
    expect(labels(text)).toContain(label);
  });

  it('puts the likeliest first', () => {
    expect(labels('socket(│')[0]).toBe('AF_INET');
    expect(labels('bind(s, 127.0.0.1:0) = -1 │')[0]).toBe('EADDRINUSE');
    expect(labels('close(s) = │')[0]).toBe('0');
    expect(labels(`${head}listen(│`)[0]).toBe('server');
  });

  it('offers the sockets that lines above give, and no others', () => {
    expect(labels(`${head}listen(│\nlater = socket(AF_INET, SOCK_DGRAM)\n`)).toEqual(['server']);
    expect(labels(`${head}connect(server, getsockname(│`)).toEqual(['server']);
    expect(labels('close(│')).toEqual([]);
  });

  it('offers addresses of the family of the socket', () => {
    const items = labels(
      `${head}c = socket(AF_INET, SOCK_STREAM)\nu = socket(AF_UNIX, SOCK_STREAM)\nconnect(c, │`,
    );
    expect(items).toEqual(expect.arrayContaining(['getsockname(server)', 'addr', '127.0.0.1:0']));
    expect(items).not.toContain('getsockname(u)');
    expect(items).not.toContain('[::1]:0');
    expect(labels('u = socket(AF_UNIX, SOCK_STREAM)\nbind(u, │')).toContain('unix:/tmp/…');
  });

  it.each([
    '# a comment so│',
    'send(s, "te│xt',
    'send(s, "te│xt")',
    'close(s)│',
    'close(s) = 0│',
    '1│',
    'nonsense(│',
  ])('offers nothing where nothing fits: %s', (text) => {
    expect(labels(text)).toEqual([]);
  });

  it('replaces the word at the caret', () => {
    const { file, offset } = withCaret('socket(AF_I│NET6, SOCK_STREAM)');
    const { range } = completeAt(file, offset);
    expect(file.text.slice(range.start, range.end)).toBe('AF_INET6');
    const needs = withCaret('# needs: not r│');
    expect(completeAt(needs.file, needs.offset).range).toEqual({ start: 9, end: 14 });
  });

  it('has snippets that can be read as they stand', () => {
    for (const each of snippets) {
      expect(parseScenario(expandSnippet(each)).diagnostics, each.prefix).toEqual([]);
    }
  });
});
