import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/common/notation/ast.js';
import { formatScenario } from '../../../src/common/notation/format.js';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { scenarioFiles } from './support.js';

/** What a scenario says, wherever it stands. */
function meaning({ statements, needs, title, diagnostics }: Scenario): string {
  return JSON.stringify({ statements, needs, title, errors: diagnostics.length }, (key, value: unknown) =>
    /range$/i.test(key) || key === 'line' ? undefined : typeof value === 'bigint' ? value.toString() : value,
  );
}

describe('formatting', () => {
  it('spaces lines evenly', () => {
    expect(
      formatScenario(
        's=socket( AF_INET,SOCK_STREAM , 0 )   \n\n\n[client]   bind(s,127.0.0.1:0)=-1 EACCES|0;darwin:=0   # why\r\n' +
          'a,b = socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC,0)\nsetsockopt(s, 1, 13, { l_onoff = 1 , l_linger=0 } )     = 0\n' +
          'accept(s, _, [ 128=>16 ])\nconnect(s, "localhost":80) #x\nsend(s, "a  ,b" * 2,4)\n\n',
      ),
    ).toBe(
      's = socket(AF_INET, SOCK_STREAM, 0)\n\n[client] bind(s, 127.0.0.1:0) = -1 EACCES | 0 ; darwin: = 0   # why\n' +
        'a, b = socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0)\nsetsockopt(s, 1, 13, {l_onoff=1, l_linger=0}) = 0\n' +
        'accept(s, _, [128 => 16])\nconnect(s, "localhost":80)  #x\nsend(s, "a  ,b" * 2, 4)\n',
    );
  });

  it('leaves what it cannot read as it is', () => {
    for (const line of ['send(s,  "open', 'what  is § this', 'close(1 /* two  blanks */  )']) {
      expect(formatScenario(`${line}  \n`)).toBe(`${line}\n`);
    }
    expect(formatScenario('')).toBe('');
    expect(formatScenario('\n\n')).toBe('');
  });

  it('changes no meaning, and nothing the second time', () => {
    const files = [...scenarioFiles('test/conformance'), ...scenarioFiles('scenarios')];
    expect(files.length).toBeGreaterThan(230);
    for (const { file, text } of files) {
      const formatted = formatScenario(text);
      expect(formatScenario(formatted), file).toBe(formatted);
      expect(meaning(parseScenario(formatted)), file).toBe(meaning(parseScenario(text)));
    }
  });

  it('leaves the built-in scenarios as they are', () => {
    for (const { file, text } of scenarioFiles('scenarios')) {
      expect(formatScenario(text), file).toBe(text);
    }
  });
});
