import { expect, it } from 'vitest';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { lineCodes } from '../../../src/playground/export/lineCode.js';

const text = `server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, getsockname(server)) = 0
call = accept(server)
send(client, "hello", 5, 0) = 5
recv(call, "hello", 100, 0) = 5
shutdown(client, SHUT_WR) = 0
recvfrom(call, "", 100, 0) = 0
a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)
close(call) = 0
close(server) = 0
close(server) = -1 EBADF
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
  expect(of(2, 'c').remark).toBe('Functions of the exported program: ipv4');
});

it('writes the calls in Python as they are written there, with a name for what they give and none for None', () => {
  const codes = lineCodes(parseScenario(text));
  const python = [...codes].map(([, each]) => each.find(({ language }) => language === 'python')!.text);
  expect(python).toEqual([
    'server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)',
    "server.bind(('127.0.0.1', 0))",
    'server.listen(5)',
    'client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)',
    'server_name = server.getsockname()\nclient.connect(server_name)',
    'call, addr = server.accept()',
    "sent = client.send(b'hello')",
    'data = call.recv(100)',
    'client.shutdown(socket.SHUT_WR)',
    'data, addr = call.recvfrom(100)',
    'a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM, 0)',
    'call.close()',
    'freed, server = server, server.fileno()  # another may be given this number\nclose(freed)',
    'close(server)',
  ]);
});

it('takes nothing in Node.js from a function that gives nothing', () => {
  const codes = lineCodes(parseScenario(text));
  const node = (line: number) => codes.get(line)!.find(({ language }) => language === 'node')!.text;
  expect(node(3)).toBe('await listen(server, 5);');
  expect(node(8)).toBe('const data = await receive(call, 100);');
  expect(node(12)).toBe('await close(call);');
});
