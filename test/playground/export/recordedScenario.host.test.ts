import { beforeEach, describe, expect, it } from 'vitest';
import { type CallRecord, fieldOf, itemsOf } from '../../../src/common/call.js';
import { parseCall, parseScenario } from '../../../src/common/notation/parser.js';
import type { RecordModel } from '../../../src/playground/export/recordSource.js';
import { codeLanguages, exportCode } from '../../../src/playground/export/exportCode.js';
import { recordedScenario } from '../../../src/playground/export/recordedSource.js';
import { Playground } from '../../../src/playground/playground.js';
import { ScenarioRun } from '../../../src/playground/scenarioRunner.js';
import { SocketHostProcess } from '../../../src/playground/socketHostProcess.js';
import { modulePath } from '../../socketHost/testHost.js';
import { hostedPlayground } from '../hostedPlayground.js';

let playground: Playground;

beforeEach(() => {
  ({ playground } = hostedPlayground());
});

function handleOf(text: string, socketName?: string) {
  const reading = parseCall(text, 'linux');
  if (!('call' in reading)) {
    throw new Error(`${text}: ${reading.diagnostics[0]?.message}`);
  }
  return playground.call(reading.call, socketName === undefined ? {} : { socketName });
}

/** Makes a call by hand and gives its result. */
async function make(text: string, socketName?: string): Promise<number> {
  return (await handleOf(text, socketName).returned).result!;
}

/** Makes a call that waits, and gives it when it does. */
async function begin(text: string): Promise<{ returned: Promise<CallRecord> }> {
  const { started, returned } = handleOf(text);
  expect((await started).kind).toBe('waiting');
  return { returned };
}

async function portOf(fd: number): Promise<number> {
  const { args } = await handleOf(`getsockname(${fd})`).returned;
  return (args[1] as { port: number }).port;
}

/** What the window offers for a pair of UDP sockets; the second is never bound, and so at every address. */
async function converseOverUdp(): Promise<void> {
  playground.createWatcher().watch('all');
  const a = await make('socket(AF_INET, SOCK_DGRAM, 0)', 'a');
  await make(`bind(${a}, 127.0.0.1:0)`);
  const port = await portOf(a);
  const b = await make('socket(AF_INET, SOCK_DGRAM, 0)', 'b');
  await make(`sendto(${b}, "hello\\n", 6, 0, 127.0.0.1:${port})`);
  const { args } = await handleOf(`recvfrom(${a}, 100)`).returned;
  const source = args[4] as { address: string; port: number };
  await make(`sendto(${a}, "hello\\n", 6, 0, ${source.address}:${source.port})`);
  await make(`recvfrom(${b}, 100)`);
  await untilNamed('b');
}

async function untilNamed(name: string): Promise<void> {
  await expect.poll(() => [...playground.sockets.values()].map((socket) => socket.name)).toContain(name);
}

const conversations: Record<string, () => Promise<void>> = {
  'a server and a client, one call after the other': async () => {
    const listener = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`bind(${listener}, 127.0.0.1:0)`);
    await make(`listen(${listener}, 5)`);
    const port = await portOf(listener);
    const client = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`connect(${client}, 127.0.0.1:${port})`);
    const connection = await make(`accept(${listener})`);
    await make(`send(${client}, "hello\\n", 6, 0)`);
    await make(`recv(${connection}, 100)`);
    await make(`bind(${listener}, 127.0.0.1:0)`);
    await make(`shutdown(${client}, SHUT_WR)`);
    await make(`recv(${connection}, 100)`);
    await make(`close(${client})`);
    await make(`close(${client})`);
  },
  'calls that wait while others are made': async () => {
    const listener = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`bind(${listener}, 127.0.0.1:0)`);
    await make(`listen(${listener}, 5)`);
    const port = await portOf(listener);
    const accepting = await begin(`accept(${listener})`);
    const client = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`connect(${client}, 127.0.0.1:${port})`);
    const connection = (await accepting.returned).result!;
    const receiving = await begin(`recv(${connection}, 100)`);
    await make(`send(${client}, "x" * 3000, 3000, 0)`);
    await receiving.returned;
    await make(`close(${connection})`);
    await make(`recv(${client}, 100)`);
  },
  'datagrams, and a descriptor that is given again': async () => {
    const receiver = await make('socket(AF_INET, SOCK_DGRAM, 0)');
    await make(`bind(${receiver}, 127.0.0.1:0)`);
    const port = await portOf(receiver);
    const sender = await make('socket(AF_INET, SOCK_DGRAM, 0)');
    await make(`sendto(${sender}, "one", 3, 0, 127.0.0.1:${port})`);
    await make(`close(${sender})`);
    const again = await make('socket(AF_INET, SOCK_DGRAM, 0)');
    await make(`sendto(${again}, "\\0\\377 *", 4, 0, 127.0.0.1:${port})`);
    await make(`recvfrom(${receiver}, 100)`);
    await make(`recvfrom(${receiver}, 2)`);
    await make(`recvfrom(${receiver}, _, 100, MSG_DONTWAIT)`);
  },
  'a port that the kernel chose at other addresses, and one of a socket that is closed': async () => {
    const one = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`bind(${one}, 127.0.0.1:0)`);
    const port = await portOf(one);
    const other = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`bind(${other}, 0.0.0.0:${port})`);
    await make(`bind(${other}, 127.0.0.2:${port})`);
    await make(`close(${one})`);
    const again = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`bind(${again}, 127.0.0.1:${port})`);
    await make(`listen(${again}, 5)`);
    await make(`close(${again})`);
    const client = await make('socket(AF_INET, SOCK_STREAM, 0)');
    await make(`connect(${client}, 127.0.0.1:${port})`);
    const receiver = await make('socket(AF_INET, SOCK_DGRAM, 0)');
    await make(`bind(${receiver}, 127.0.0.1:0)`);
    const to = `msg_name=127.0.0.1:${await portOf(receiver)}`;
    const sender = await make('socket(AF_INET, SOCK_DGRAM, 0)');
    await make(`sendmsg(${sender}, {${to}, msg_iov=[{iov_base="x", iov_len=1}]}, 0)`);
    await make(`recv(${receiver}, 10)`);
  },
  'an answer to a socket that the kernel bound at its first send': async () => {
    await converseOverUdp();
  },
  'pairs, options and poll': async () => {
    const { args } = await handleOf('socketpair(AF_UNIX, SOCK_STREAM, 0)').returned;
    const [left, right] = (args[3] as { items: number[] }).items;
    await make(`setsockopt(${left}, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=2})`);
    await make(`getsockopt(${left}, SOL_SOCKET, SO_LINGER)`);
    await make(`write(${left}, "abc", 3)`);
    await make(`poll([{fd=${left}, events=POLLIN}, {fd=${right}, events=POLLIN}], 2, 1000)`);
    await make(`ioctl(${right}, FIONREAD)`);
    await make(`read(${right}, 10)`);
    await make(`dup(${right})`);
    await make(`fcntl(${right}, F_GETFL)`);
  },
  'a descriptor that is passed': async () => {
    const { args } = await handleOf('socketpair(AF_UNIX, SOCK_STREAM, 0)').returned;
    const [left, right] = (args[3] as { items: number[] }).items;
    const rights = (inside: string) =>
      `{msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${inside}]}]}`;
    const socket = await make('socket(AF_INET, SOCK_DGRAM, 0)');
    await make(`sendmsg(${left}, ${rights(String(socket))}, 0)`);
    await make(`close(${socket})`);
    const received = await handleOf(`recvmsg(${right}, ${rights('_')}, 0)`).returned;
    const [part] = itemsOf(fieldOf(received.args[1], 'msg_control'));
    const [fd] = itemsOf(fieldOf(part, 'cmsg_data')) as number[];
    expect(received.createdIds).toHaveLength(1);
    await make(`bind(${fd}, 127.0.0.1:0)`);
    await make(`close(${fd})`);
  },
  'long messages of several parts': async () => {
    const { args } = await handleOf('socketpair(AF_UNIX, SOCK_DGRAM, 0)').returned;
    const [left, right] = itemsOf(args[3]) as number[];
    const part = (bytes: string, length: number) => `{iov_base=${bytes}, iov_len=${length}}`;
    const parts = [part('"ab" * 1000', 2000), part('"cde" * 500', 1500)].join(', ');
    await make(`sendmsg(${left}, {msg_iov=[${parts}]}, 0)`);
    await make(`recvmsg(${right}, {msg_iov=[${part('_', 1000)}, ${part('_', 4000)}]}, 0)`);
  },
  'requests that take a structure': async () => {
    const socket = await make('socket(AF_INET, SOCK_DGRAM, 0)');
    const lock = 'l_whence=SEEK_SET, l_start=0, l_len=10';
    await make(`fcntl(${socket}, F_GETLK, {l_type=F_WRLCK, ${lock}})`);
    await make(`fcntl(${socket}, F_SETLK, {l_type=F_WRLCK, ${lock}})`);
    await make(`fcntl(${socket}, F_OFD_GETLK, {l_type=F_RDLCK, ${lock}})`);
    await make(`fcntl(${socket}, F_OFD_SETLK, {l_type=F_RDLCK, ${lock}})`);
    await make(`fcntl(${socket}, F_GETOWN_EX)`);
    await make(`ioctl(${socket}, SIOCGIFNAME, {ifr_ifindex=1})`);
    await make(`ioctl(${socket}, SIOCGIFINDEX, {ifr_name="nope"})`);
    await make(`ioctl(${socket}, SIOCGIFCONF, {ifc_len=40})`);
    await make(`ioctl(${socket}, SIOCGIFCONF, {ifc_buf=NULL})`);
  },
};

/** What is the same in another run: which call, and what it answered; of a descriptor only that there is one. */
function outlineOf({ name, result, errno, createdIds }: CallRecord): string {
  return `${name} ${errno ?? (createdIds.length > 0 ? 'made' : result)}`;
}

describe('a scenario of what was done by hand', () => {
  it.each(Object.entries(conversations))('gives the same results again: %s', async (_name, converse) => {
    await converse();
    const made = await playground.readRecords(playground.firstSeq, 1000);
    for (const hasExpectations of [true, false]) {
      const text = await recordedScenario(playground, {}, { title: 'By hand', hasExpectations });
      const scenario = parseScenario(text);
      expect(scenario.diagnostics, text).toEqual([]);
      const secondHost = new SocketHostProcess(modulePath);
      const second = new Playground(secondHost);
      try {
        const run = new ScenarioRun(second, scenario, { name: 'again', folder: '.', keepSockets: true });
        expect(await run.run(), text).toMatchObject({ outcome: 'passed' });
        const records = await second.readRecords(second.firstSeq, 1000);
        const isAsked = ({ name }: CallRecord) => name === 'getsockname';
        const others = (all: readonly CallRecord[]) => all.filter((each) => !isAsked(each)).map(outlineOf);
        expect(others(records), text).toEqual(others(made));
      } finally {
        await secondHost.end();
        second.dispose();
      }
    }
  });

  it('writes no character of a name that hides what stands behind it', async () => {
    await make('socket(AF_INET, SOCK_DGRAM, 0)');
    const title = 'a\u202eb\0c\u2028d\u0085e\nf';
    const text = await recordedScenario(playground, {}, { title, hasExpectations: true });
    expect(text.split('\n')[0]).toBe('# a\\u{202e}b\\u{0}c\\u{2028}d\\u{85}e f');
  });

  it('says of a call that the data in its message is no longer kept', async () => {
    await conversations['long messages of several parts']!();
    const model: RecordModel = Object.assign(Object.create(playground) as Playground, {
      readData: () => Promise.resolve(new Uint8Array(1600)),
    });
    const text = await recordedScenario(model, {}, { title: 'By hand', hasExpectations: true });
    expect(parseScenario(text).diagnostics).toEqual([]);
    expect(text.match(/^# its data is no longer kept: \w+/gm)).toEqual([
      '# its data is no longer kept: sendmsg',
      '# its data is no longer kept: recvmsg',
    ]);
  });

  it('asks for the port of an address that a socket has among others', async () => {
    await converseOverUdp();
    const text = await recordedScenario(playground, {}, { title: 'By hand', hasExpectations: true });
    expect(text).toContain('sendto(b, "hello\\n", 6, 0, getsockname(a)) = 6\n');
    expect(text).toContain('sendto(a, "hello\\n", 6, 0, 127.0.0.1:(getsockname(b).port)) = 6\n');
    const python = codeLanguages.find(({ id }) => id === 'python')!;
    const program = await exportCode(parseScenario(text), python, () => Promise.reject(new Error('no file')));
    expect(program.text).not.toMatch(/127\.0\.0\.1', [1-9]/);
  });

  it('names sockets as the user did where the notation can', async () => {
    for (const name of ['server', 'server', 'with space', 'Upper', 'or', '한글', 'socket', 'a1_b']) {
      await make('socket(AF_INET, SOCK_DGRAM, 0)', name);
    }
    await untilNamed('a1_b');
    const text = await recordedScenario(playground, {}, { title: 'By hand', hasExpectations: true });
    expect(parseScenario(text).diagnostics).toEqual([]);
    expect(text.match(/^\w+(?= = )/gm)).toEqual([
      'server',
      'server2',
      'socket',
      'socket2',
      'or',
      'socket3',
      'socket4',
      'a1_b',
    ]);
  });

  it('names sockets by what they do, and gives a call that waited a thread of its own', async () => {
    await conversations['calls that wait while others are made']!();
    const text = await recordedScenario(playground, {}, { title: 'By hand', hasExpectations: true });
    expect(text).toContain('server = socket(AF_INET, SOCK_STREAM, 0)\n');
    expect(text).toContain('[server] server_peer = accept(server)\n');
    expect(text).toContain('connect(client, getsockname(server)) = 0\n');
    expect(text).toContain(`[server] recv(server_peer, "${'x'.repeat(100)}", 100, 0) = 100\n`);
  });
});
