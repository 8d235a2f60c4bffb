import { expect, it } from 'vitest';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { lineCodes } from '../../../src/playground/export/lineCode.js';

const text = `server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
`;

it('says which functions are of the exported program, and of no others', () => {
  const codes = lineCodes(parseScenario(text));
  const of = (line: number, wanted: string) => codes.get(line)!.find(({ language }) => language === wanted)!;
  expect(of(1, 'node')).toMatchObject({
    text: expect.stringContaining('makeListener()') as string,
    remark: 'Functions of the exported program: makeListener',
  });
  expect(of(1, 'python').remark).toBe('');
  expect(of(1, 'c').remark).toBe('');
});
