import { describe, expect, it } from 'vitest';
import { findWarnings } from '../../../src/common/language/warnings.js';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { scenarioFiles } from '../notation/support.js';

function warnings(text: string): string[] {
  const scenario = parseScenario(text);
  expect(scenario.diagnostics).toEqual([]);
  return findWarnings(scenario, 'linux').map(
    ({ line, column, message, range }) =>
      `${line}:${column} ${text.slice(range.start, range.end)}: ${message}`,
  );
}

const sockets = 's = socket(AF_INET, SOCK_STREAM, 0)\nsix = socket(AF_INET6, SOCK_STREAM, 0)\n';

describe('warnings', () => {
  it.each([
    [
      'bind(s, [::1]:0) = 0',
      '3:9 [::1]:0: The socket is of AF_INET, this address of AF_INET6: the call fails.',
    ],
    [
      'bind(s, unix:/tmp/x)',
      '3:9 unix:/tmp/x: The socket is of AF_INET, this address of AF_UNIX: the call fails.',
    ],
    [
      'connect(s, getsockname(six))',
      '3:12 getsockname(six): The socket is of AF_INET, this address of AF_INET6: the call fails.',
    ],
    ['close(s) = 3', '3:12 3: close returns 0 or -1, never 3.'],
    ['close(s) = 0 | 3', '3:16 3: close returns 0 or -1, never 3.'],
    ['close(s) = -2', '3:12 -2: A call that fails returns -1, with an error: = -1 EINVAL'],
    ['send(s, "abc", 3, 0) = 4', '3:24 4: At most 3 bytes can come of this call, never 4.'],
    ['send(s, "abc") = 4', '3:18 4: At most 3 bytes can come of this call, never 4.'],
    ['recv(s, 10) = 11', '3:15 11: At most 10 bytes can come of this call, never 11.'],
    ['recv(s, "abc", 10) = 2', '3:22 2: The data that is expected has 3 bytes, the result says 2.'],
  ])('are given of %s', (line, warning) => {
    expect(warnings(sockets + line)).toEqual([warning]);
  });

  it('follow accept and dup to the family', () => {
    const [warning] = warnings(`${sockets}p = accept(six)\nq = dup(p)\nconnect(q, 127.0.0.1:1)`);
    expect(warning).toMatch(/^5:12 .*AF_INET6/);
  });

  it.each([
    'bind(s, [::1]:0) = -1 EINVAL',
    'bind(s, raw:hex("0a00"))',
    'connect(s, "localhost":80)',
    'udp = socket(AF_INET6, SOCK_DGRAM)\nconnect(udp, 127.0.0.1:1)',
    'recv(s, "abc"..., 10) = 10',
    'recv(s, "abc", 10, MSG_TRUNC) = 20',
    'recv(s, "abc", 10) = 2 | 3',
    'recv(s, _, 10) = 1..10',
    'read(s, _, -1) = 0',
    'x = socket(AF_INET, SOCK_STREAM) = 3',
    'fcntl(s, F_GETFL) = 2',
    'unknown = dup(s)\nbind(unknown, 127.0.0.1:0)',
  ])('are not given of %s', (line) => {
    expect(warnings(sockets + line)).toEqual([]);
  });

  it('are given of none of our own files', () => {
    for (const folder of ['scenarios', 'test/conformance']) {
      for (const { file, text } of scenarioFiles(folder)) {
        expect(findWarnings(parseScenario(text), 'linux'), file).toEqual([]);
      }
    }
  });
});
