import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Playground } from '../../src/playground/playground.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { modulePath } from '../socketHost/testHost.js';
import { DapClient, programPath } from './dapClient.js';

let host: SocketHostProcess;
let playground: Playground;
let clients: DapClient[] = [];

beforeAll(() => {
  host = new SocketHostProcess(modulePath);
  playground = new Playground(host);
});

afterEach(async () => {
  clients.forEach((client) => client.dispose());
  await Promise.all(clients.map((client) => client.ended));
  clients = [];
});

afterAll(async () => {
  await host.end();
  playground.dispose();
});

function clientFor(text: string): DapClient {
  const client = new DapClient(playground, text);
  clients.push(client);
  return client;
}

/** Sockets that are still open, once everything is known. */
async function openSockets(): Promise<number> {
  await playground.whenKnown(playground.lastSeq);
  return playground.openSockets.length;
}

const values = (variables: DebugProtocol.Variable[]) =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]));

const conversation = `# A conversation
server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
[server] peer = accept(server)

client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, getsockname(server)) = 0
n = send(client, "hello", 5)
[server] recv(peer, "hello", 100) = 5
close(client) = 0
`;

const refused = `a = socket(AF_INET, SOCK_STREAM, 0)
bind(a, 127.0.0.1:0) = 0
b = socket(AF_INET, SOCK_STREAM, 0)
connect(b, getsockname(a)) = 0
close(b) = 0
`;

const forever = `s = socket(AF_INET, SOCK_DGRAM, 0)
bind(s, 127.0.0.1:0) = 0
[reader] recv(s, 10)
[writer] read(s, 10)
`;

describe('a session', () => {
  it('stops in one thread while another waits, and a step ends the wait', async () => {
    const client = clientFor(conversation);
    const [verified] = await client.begin({ breakpoints: [{ line: 8 }] });
    expect(verified).toMatchObject({ verified: true, line: 8 });
    const stop = await client.stop();
    expect(stop).toMatchObject({ reason: 'breakpoint', thread: 'main' });
    expect(stop.frames[0]).toBe('main 8: connect(client, getsockname(server)) = 0');
    expect(stop.frames[1]).toMatch(/^server 5: waiting in accept\(\d+\) for \d+\.\d s$/);
    await client.request('next', { threadId: stop.threadId });
    const next = await client.stop();
    expect(next).toMatchObject({ reason: 'step', thread: 'main' });
    expect(next.frames).toEqual([
      'main 9: n = send(client, "hello", 5)',
      'server 10: recv(peer, "hello", 100) = 5',
    ]);
    await client.request('continue', { threadId: 1 });
    expect(await client.end()).toBe(0);
    expect(client.results).toMatchObject([{ outcome: 'passed' }]);
    expect(await openSockets()).toBe(0);
  });

  it('tells which threads begin and end, and prints what the kernel answers, with its line', async () => {
    const client = clientFor(conversation);
    await client.begin();
    expect(await client.end()).toBe(0);
    const threads = client.events.filter(({ event }) => event === 'thread').map(({ body }) => body as object);
    expect(threads).toEqual([
      { reason: 'started', threadId: 1 },
      { reason: 'started', threadId: 2 },
      { reason: 'exited', threadId: 2 },
      { reason: 'exited', threadId: 1 },
    ]);
    expect(client.printed).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\[server\] accept\(\d+.* = \d+$/)]),
    );
    expect(client.printed.at(-1)).toBe('Ended: everything as expected. Calls: 10');
    const bind = client.events.find(
      ({ event, body }) => event === 'output' && /bind/.test((body as { output: string }).output),
    );
    expect(bind?.body).toMatchObject({ category: 'stdout', line: 3, source: { path: programPath } });
  });

  it('without debugging stops nowhere', async () => {
    const client = clientFor(refused);
    await client.begin({
      launch: { noDebug: true, stopOnEntry: true },
      breakpoints: [{ line: 1 }],
      filters: ['unexpected'],
    });
    expect(await client.end()).toBe(1);
    expect(client.printed).toContain('✗ expected 0, got -1 ECONNREFUSED (Connection refused)');
  });

  it('without debugging stops nowhere, wherever breakpoints are set meanwhile', async () => {
    const client = clientFor(`a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nread(a, 1) = 1\nclose(b) = 0\n`);
    await client.begin({ launch: { noDebug: true } });
    await expect.poll(() => playground.hasWaiting).toBe(true);
    await client.setBreakpoints([{ line: 3 }]);
    await client.evaluate('write(b, "x")');
    expect(await client.end()).toBe(0);
  });

  it('stops on entry, or at the line where it is to', async () => {
    const first = clientFor(conversation);
    await first.begin({ launch: { stopOnEntry: true } });
    expect((await first.stop()).reason).toBe('entry');
    await first.request('disconnect');
    const second = clientFor(conversation);
    await second.begin({ launch: { stopAtLine: 6 } });
    expect((await second.stop()).frames[0]).toMatch(/^main 7: client = socket/);
  });

  it('says why a scenario cannot run', async () => {
    const client = clientFor(conversation);
    await client.request('initialize');
    await expect(client.request('launch', { program: '/elsewhere' })).rejects.toThrow(
      'There is no /elsewhere.',
    );
    await expect(client.request('launch', {})).rejects.toThrow('"program" is missing');
    await expect(client.request('stepBack')).rejects.toThrow('stepBack');
    await expect(client.request('threads')).rejects.toThrow('No scenario runs');
  });
});

it('a fault ends the run, which is shown as ended', async () => {
  vi.spyOn(playground, 'call').mockImplementationOnce(() => {
    throw new TypeError('a fault of ours');
  });
  const client = clientFor(conversation);
  await client.begin();
  expect(await client.end()).toBe(3);
  await client.ended;
  expect(client.results).toEqual([]);
  expect(client.printed).toContain('a fault of ours');
});

describe('a run that waits for ever', () => {
  it('is paused and seen, and ends with everything closed', async () => {
    const client = clientFor(forever);
    await client.begin();
    await expect.poll(() => playground.openSockets[0]?.waiting.length).toBe(2);
    await client.request('pause', { threadId: 1 });
    const stop = await client.stop();
    expect(stop.reason).toBe('pause');
    expect(stop.frames[0]).toMatch(/^reader 3: waiting in recv\(\d+\) for \d+\.\d s$/);
    expect(stop.frames[1]).toMatch(/^writer 4: waiting in read\(\d+\) for/);
    await client.request('terminate');
    expect(await client.end()).toBe(1);
    expect(client.results).toMatchObject([{ outcome: 'cancelled' }]);
    expect(await openSockets()).toBe(0);
    expect(playground.hasWaiting).toBe(false);
  });

  it('ends when the client goes while its calls wait', async () => {
    const client = clientFor(forever);
    await client.begin();
    await expect.poll(() => playground.hasWaiting).toBe(true);
    await client.request('disconnect');
    expect(client.results).toMatchObject([{ outcome: 'cancelled' }]);
    expect(await openSockets()).toBe(0);
  });

  it('ends when the session is disposed of', async () => {
    const client = clientFor(forever);
    await client.begin();
    await expect.poll(() => playground.hasWaiting).toBe(true);
    client.dispose();
    await expect.poll(() => client.results).toMatchObject([{ outcome: 'cancelled' }]);
    expect(await openSockets()).toBe(0);
  });
});

describe('while everything is held', () => {
  const answered = `a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)
[reader] n = read(a, 10)
[reader] send(a, "x", n) = 1
[late] write(b, "y", n) = 1
close(b) = 0
`;

  it('the frames of threads that go on say so at once, and the focus stays', async () => {
    const client = clientFor(answered);
    await client.begin({ breakpoints: [{ line: 5 }] });
    const { threadId, frames } = await client.stop();
    expect(frames.slice(1)).toEqual([
      expect.stringMatching(/^reader 2: waiting in read\(\d+\) for /),
      'late 4: waiting for the value of n',
    ]);
    await client.evaluate('write(b, "1") = 1');
    const told = [await client.further(), await client.further()];
    expect(told.map(({ frame }) => frame)).toEqual([
      'reader 3: send(a, "x", n) = 1',
      'late 4: write(b, "y", n) = 1',
    ]);
    expect(told[0]!.body).not.toHaveProperty('allThreadsStopped');
    await client.request('continue', { threadId });
    expect(await client.end()).toBe(0);
  });

  it('an answer that is not expected is told where it comes', async () => {
    const client = clientFor(answered.replace('read(a, 10)', 'read(a, 10) = 2'));
    await client.begin({ breakpoints: [{ line: 5 }], filters: ['unexpected'] });
    const { threadId } = await client.stop();
    await client.evaluate('write(b, "1") = 1');
    const { body, frame } = await client.further(({ reason }) => reason === 'exception');
    expect(frame).toMatch(/^reader 2: read\(\d+, "1", 10\) = 1$/);
    expect(body.text).toBe('Expected 2, got 1');
    const asked = { threadId: body.threadId };
    const info = await client.request<DebugProtocol.ExceptionInfoResponse['body']>('exceptionInfo', asked);
    expect(info.exceptionId).toBe('Unexpected result');
    expect(await client.request('exceptionInfo', { threadId })).toEqual({});
    await client.request('continue', { threadId });
    expect(await client.end()).toBe(1);
  });
});

describe('two sessions', () => {
  it('go on independently of each other', async () => {
    const [a, b] = [clientFor(conversation), clientFor(conversation)];
    await a.begin({ breakpoints: [{ line: 8 }] });
    await a.stop();
    await b.begin({ breakpoints: [{ line: 11 }] });
    expect((await b.stop()).frames[0]).toMatch(/^main 11/);
    await a.request('continue', { threadId: 1 });
    expect(await a.end()).toBe(0);
    await b.request('continue', { threadId: 1 });
    expect(await b.end()).toBe(0);
  });
});

describe('breakpoints', () => {
  it('in comments move to the next call, and behind the last one there is none', async () => {
    const client = clientFor(conversation);
    const answers = await client.begin({ breakpoints: [{ line: 1 }, { line: 6 }, { line: 99 }] });
    expect(answers.map(({ verified, line }) => [verified, line])).toEqual([
      [true, 2],
      [true, 7],
      [false, undefined],
    ]);
    expect(answers[2]!.message).toBe('No call follows here.');
    expect((await client.stop()).frames[0]).toMatch(/^main 2/);
  });

  it('of other files do not hold here', async () => {
    const client = clientFor(conversation);
    await client.begin({ launch: { stopOnEntry: true } });
    await client.stop();
    const [answer] = await client.setBreakpoints([{ line: 3 }], { source: { path: '/other.sockets' } });
    expect(answer).toMatchObject({ verified: false, message: 'This file does not run in this session.' });
  });

  it('on an errno stop behind the call', async () => {
    const client = clientFor(refused);
    await client.begin({
      breakpoints: [
        { line: 4, condition: 'errno == ECONNREFUSED' },
        { line: 5, condition: 'errno == EBADF' },
      ],
    });
    const stop = await client.stop();
    expect(stop.frames[0]).toMatch(
      /^main 4: connect\(\d+, 127\.0\.0\.1:\d+\) = -1 ECONNREFUSED \(Connection refused\)$/,
    );
    expect((await client.evaluate('errno', 'watch', stop.threadId)).result).toBe('ECONNREFUSED');
    const scopes = await client.scopes(stop.threadId);
    expect(values(scopes['Last call of main']!)).toMatchObject({
      errno: 'ECONNREFUSED',
      result: '-1 ECONNREFUSED (Connection refused)',
    });
    await client.request('next', { threadId: stop.threadId });
    expect((await client.stop()).frames[0]).toMatch(/^main 5/);
  });

  it('say what is wrong with a condition', async () => {
    const client = clientFor(refused);
    const [answer] = await client.begin({ breakpoints: [{ line: 4, condition: 'errn == ECONNREFUSED' }] });
    expect(answer!.verified).toBe(false);
    expect(answer!.message).toMatch(/errn/);
  });

  it('can be at every line that makes a call', async () => {
    const client = clientFor(conversation);
    await client.begin({ launch: { stopOnEntry: true } });
    await client.stop();
    const { breakpoints } = await client.request<DebugProtocol.SetBreakpointsResponse['body']>(
      'setFunctionBreakpoints',
      { breakpoints: [{ name: 'connect' }, { name: 'conect' }] },
    );
    expect(breakpoints.map(({ verified }) => verified)).toEqual([true, false]);
    await client.request('continue', { threadId: 1 });
    expect(await client.stop()).toMatchObject({ reason: 'breakpoint' });
  });

  it('with a message print it, with what the call has come to', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 9, logMessage: 'sent {n}, {result}, {errno}, {nothing}' }] });
    expect(await client.end()).toBe(0);
    expect(client.printed).toContain('sent 5, 5, 0, {nothing}');
  });
});

describe('a result that is not expected', () => {
  it('stops the run, with what was expected and what came', async () => {
    const client = clientFor(refused);
    await client.begin({ filters: ['unexpected'] });
    const stop = await client.stop();
    expect(stop).toMatchObject({
      reason: 'exception',
      text: 'Expected 0, got -1 ECONNREFUSED (Connection refused)',
    });
    const info = await client.request<DebugProtocol.ExceptionInfoResponse['body']>('exceptionInfo', {
      threadId: 1,
    });
    expect(info.exceptionId).toBe('Unexpected result');
    expect(info.description).toMatch(/Expected: 0\nGot: -1 ECONNREFUSED/);
    await client.request('continue', { threadId: 1 });
    expect(await client.end()).toBe(1);
  });

  it('stops a run that was stopped before, too', async () => {
    const client = clientFor(refused);
    await client.begin({ launch: { stopOnEntry: true }, filters: ['unexpected'] });
    expect((await client.stop()).reason).toBe('entry');
    await client.request('continue', { threadId: 1 });
    expect((await client.stop()).reason).toBe('exception');
    await client.request('disconnect');
  });

  it('is printed where nobody wants to stop', async () => {
    const client = clientFor(refused);
    await client.begin();
    expect(await client.end()).toBe(1);
    expect(client.printed).toContain('✗ expected 0, got -1 ECONNREFUSED (Connection refused)');
    expect(client.printed.at(-1)).toBe('Ended. Calls: 6, not as expected: 1');
  });
});

describe('variables', () => {
  it('are the names of the file; the kernel is asked about a socket when it is unfolded', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 10 }] });
    const stop = await client.stop();
    const { Variables: variables } = await client.scopes(stop.threadId);
    expect(variables!.map(({ name }) => name)).toEqual(['server', 'client', 'peer', 'n']);
    expect(variables!.map(({ type }) => type)).toEqual(['socket', 'socket', 'socket', 'number']);
    expect(values(variables!)).toMatchObject({
      n: '5',
      server: expect.stringMatching(/^\d+ · TCP/) as string,
    });
    const inside = await client.unfold(variables!.find(({ name }) => name === 'peer')!.variablesReference);
    expect(values(inside)).toMatchObject({
      '5-tuple': expect.stringMatching(/^TCP 127\.0\.0\.1:\d+ → 127\.0\.0\.1:\d+$/) as string,
      'state of TCP': 'ESTABLISHED',
      'receive queue': '5 bytes',
      'send queue': '0 bytes',
    });
    const listener = await client.unfold(variables![0]!.variablesReference);
    expect(values(listener)).toMatchObject({ 'accept queue': '0 of 5', 'state of TCP': 'LISTEN' });
    const levels = await client.unfold(listener.find(({ name }) => name === 'options')!.variablesReference);
    const level = levels.find(({ name }) => name === 'SOL_SOCKET')!;
    expect(values(await client.unfold(level.variablesReference))).toMatchObject({
      SO_ACCEPTCONN: 'on',
      SO_TYPE: 'SOCK_STREAM (1)',
    });
    const info = inside.find(({ name }) => name === 'TCP_INFO')!;
    expect(values(await client.unfold(info.variablesReference))).toHaveProperty('tcpi_rtt');
    await client.request('continue', { threadId: 1 });
    expect(await client.end()).toBe(0);
  });

  it('can be set: names by expressions, options by calls', async () => {
    const client = clientFor(
      `a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nn = write(a, "hello", 5)\nread(b, n) = 3\nread(a, 1) = -1 EBADF\n`,
    );
    await client.begin({ breakpoints: [{ line: 3 }] });
    const stop = await client.stop();
    const { scopes } = await client.request<DebugProtocol.ScopesResponse['body']>('scopes', {
      frameId: stop.threadId,
    });
    const names = scopes[0]!.variablesReference;
    const set = (variablesReference: number, name: string, value: string) =>
      client.request<DebugProtocol.SetVariableResponse['body']>('setVariable', {
        variablesReference,
        name,
        value,
      });
    expect((await set(names, 'n', ' n - 2')).value).toBe('3');
    expect(await set(names, 'a', 'b')).toMatchObject({ type: 'socket' });
    expect(await set(names, 'a', '-1')).toMatchObject({ type: 'number', variablesReference: 0 });
    await expect(set(names, 'n', 'm + 1')).rejects.toThrow('m has no value yet.');
    await expect(set(names, 'n', '1 +')).rejects.toThrow('A value is missing here.');
    const socket = (await client.unfold(names)).find(({ name }) => name === 'b')!.variablesReference;
    const options = (await client.unfold(socket)).find(({ name }) => name === 'options')!.variablesReference;
    const level = (await client.unfold(options)).find(
      ({ name }) => name === 'SOL_SOCKET',
    )!.variablesReference;
    expect((await set(level, 'SO_PASSCRED', 'on')).value).toBe('on');
    expect((await set(level, 'SO_RCVLOWAT', '7 bytes')).value).toBe('7 bytes');
    expect((await set(level, 'SO_LINGER', '{l_onoff=1, l_linger=2}')).value).toContain('l_linger=2');
    expect(client.printed).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^setsockopt\(\d+, SOL_SOCKET, SO_RCVLOWAT, \[7\]\) = 0$/),
      ]),
    );
    await expect(set(level, 'SO_RCVLOWAT', '7 ms')).rejects.toThrow('is expected here');
    await expect(set(level, 'SO_ERROR', '1')).rejects.toThrow('ENOPROTOOPT');
    await expect(set(socket, 'state', 'closed')).rejects.toThrow('This cannot be set: state');
    // Its options are those of the socket that was unfolded, whatever its name stands for by now.
    await set(names, 'a', 'b');
    await set(names, 'b', '-1');
    expect((await set(level, 'SO_RCVLOWAT', '9')).value).toBe('9 bytes');
    await set(names, 'b', 'a');
    await set(names, 'a', '-1');
    await client.request('continue', { threadId: stop.threadId });
    expect(await client.end()).toBe(0);
  });

  it('of a closed socket are what was known of it', async () => {
    const client = clientFor(`s = socket(AF_INET, SOCK_DGRAM, 0)\nclose(s) = 0\nr, w = pipe()\n`);
    await client.begin({ breakpoints: [{ line: 3 }] });
    const stop = await client.stop();
    const { Variables: variables } = await client.scopes(stop.threadId);
    expect(variables![0]!.value).toMatch(/closed$/);
    const inside = values(await client.unfold(variables![0]!.variablesReference));
    expect(inside['state']).toBe('closed');
    expect(inside).not.toHaveProperty('options');
  });
});

describe('the console', () => {
  it('makes a call as a record of its own, with the names of the run', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 8 }] });
    const stop = await client.stop();
    expect((await client.evaluate('getsockname(server)')).result).toMatch(/^getsockname\(\d+, .*\) = 0$/);
    const record = await playground.readRecord(playground.lastSeq);
    expect(record).toMatchObject({ name: 'getsockname', thread: 'console', madeBy: 'debugged' });
    expect((await client.evaluate('getsockname(server).port + 1')).result).toMatch(/^\d+$/);
    const made = await client.evaluate('extra = socket(AF_INET, SOCK_DGRAM, 0)');
    expect(made.result).toMatch(/^socket\(AF_INET, SOCK_DGRAM, .*\) = \d+$/);
    expect((await client.evaluate('extra')).result).toMatch(/^\d+ · UDP · open$/);
    expect((await client.evaluate('extra', 'hover')).result).toMatch(/UDP/);
    const { Variables: variables } = await client.scopes(stop.threadId);
    expect(variables!.map(({ name }) => name)).toContain('extra');
    await client.request('continue', { threadId: 1 });
    expect(await client.end()).toBe(0);
    expect(await openSockets()).toBe(0);
  });

  it('can end what a thread waits for', async () => {
    const client = clientFor(forever);
    await client.begin();
    await expect.poll(() => playground.hasWaiting).toBe(true);
    await client.request('pause', { threadId: 1 });
    await client.stop();
    await client.evaluate('c = socket(AF_INET, SOCK_DGRAM, 0)');
    await client.evaluate('sendto(c, "x", 1, 0, getsockname(s)) = 1');
    await client.event('invalidated');
    await expect
      .poll(async () => {
        const { threads } = await client.request<DebugProtocol.ThreadsResponse['body']>('threads');
        return threads.length;
      })
      .toBe(1);
  });

  it('says of a call that it waits, and later what came', async () => {
    const client = clientFor(`a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nclose(a) = 0\n`);
    await client.begin({ breakpoints: [{ line: 2 }] });
    await client.stop();
    expect((await client.evaluate('recv(b, 10)')).result).toMatch(/^recv\(\d+, .*\) waits\.$/);
    await client.request('continue', { threadId: 1 });
    await client.end();
    await expect.poll(() => client.printed.find((line) => line.includes('recv'))).toMatch(/= 0$/);
  });

  it('looks only what is known where nobody asked for a call', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 8 }] });
    await client.stop();
    const before = playground.lastSeq;
    await expect(client.evaluate('getsockname(server)', 'watch')).rejects.toThrow('debug console only');
    await expect(client.evaluate('getsockname(server).port', 'hover')).rejects.toThrow('debug console only');
    await expect(client.evaluate('peer', 'watch')).rejects.toThrow('peer has no value yet.');
    expect((await client.evaluate('AF_INET6', 'watch')).result).toBe('10');
    expect(playground.lastSeq).toBe(before);
  });

  it('says what is wrong with a line', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 8 }] });
    await client.stop();
    await expect(client.evaluate('getsockname(sever)')).rejects.toThrow('Did you mean server?');
    await expect(client.evaluate('sever')).rejects.toThrow('sever has no value yet.');
    await expect(client.evaluate('close()')).rejects.toThrow('close needs fd.');
    await expect(client.evaluate('1 +')).rejects.toThrow('A value is missing here.');
    await expect(client.evaluate('close(server)\nclose(client)')).rejects.toThrow('close cannot stand here');
    await expect(client.evaluate('connect(client, 192.0.2.1:80)')).rejects.toThrow('loopback');
  });

  it('offers calls, constants and names', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 8 }] });
    await client.stop();
    const labels = async (text: string) => {
      const { targets } = await client.request<DebugProtocol.CompletionsResponse['body']>('completions', {
        text,
        column: text.length + 1,
      });
      return targets.map(({ label }) => label);
    };
    expect(await labels('get')).toEqual(expect.arrayContaining(['getsockname', 'server']));
    expect(await labels('getsockopt(server, SOL_SOCKET, SO_')).toContain('SO_REUSEADDR');
    expect(await labels('getsockname(')).toContain('server');
  });
});

describe('while the text is edited', () => {
  it('frames and breakpoints follow their lines, and what was changed is said not to hold', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 8 }] });
    await client.stop();
    client.editorText = conversation.replace('bind(', '# above\nbind(').replace('n = send', 'n = write');
    const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: 2,
    });
    expect(stackFrames[0]).toMatchObject({ line: 0 });
    client.editorText = `# above\n${conversation}`;
    const moved = await client.setBreakpoints([{ line: 12 }, { line: 1 }], { sourceModified: true });
    expect(moved.map(({ verified, line }) => [verified, line])).toEqual([
      [true, 12],
      [false, undefined],
    ]);
    await client.request('continue', { threadId: 1 });
    expect((await client.stop()).frames[0]).toMatch(/^main 12: close/);
  });
});

describe('a restart', () => {
  it('ends the run and begins it anew, with the text as it is now', async () => {
    const client = clientFor(conversation);
    await client.begin({ breakpoints: [{ line: 8 }] });
    await client.stop();
    client.text = conversation.replace('connect(', '# before\nconnect(');
    await client.request('restart', {});
    const { breakpoint } = await client.event<DebugProtocol.BreakpointEvent['body']>('breakpoint');
    expect(breakpoint).toMatchObject({ verified: true, line: 9 });
    expect((await client.stop()).frames[0]).toMatch(/^main 9: connect/);
    expect(client.results).toMatchObject([{ outcome: 'cancelled' }]);
    await client.request('continue', { threadId: 1 });
    expect(await client.end()).toBe(0);
    expect(await openSockets()).toBe(0);
  });
});
