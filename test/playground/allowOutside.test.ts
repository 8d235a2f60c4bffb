import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { beforeEach, expect, test, vi } from 'vitest';
import { parseScenario } from '../../src/common/notation/parser.js';
import type { Playground } from '../../src/playground/playground.js';
import { type ScenarioOptions, ScenarioRun } from '../../src/playground/scenarioRunner.js';
import { stopClocks } from '../support/clocks.js';
import { hostedPlayground } from './hostedPlayground.js';

let playground: Playground;

beforeEach(() => {
  ({ playground } = hostedPlayground());
});

function prepare(text: string, allowOutside: () => Promise<boolean>, limits: ScenarioOptions['limits'] = {}) {
  const ask = vi.fn<(text: string) => Promise<boolean>>(allowOutside);
  const run = new ScenarioRun(playground, parseScenario(text), {
    name: 'test.sockets',
    folder: '/',
    loopbackOnly: true,
    allowOutside: ask,
    keepSockets: true,
    limits,
  });
  return { run, ask };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function calls(): Promise<string[]> {
  const records = await playground.readRecords(1, 100);
  return records.map(({ name, result }) => `${name} ${result}`);
}

/** A port that is bound only once, then two addresses that others can reach. */
const outside = (port: number) => `s = socket(AF_INET, SOCK_STREAM, 0)
bind(s, 127.0.0.1:${port}) = 0
a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 0.0.0.0:0) = 0
b = socket(AF_INET, SOCK_DGRAM, 0)
bind(b, 0.0.0.0:0) = 0
`;

test('once allowed, the run goes on at the call in question: nothing is made twice', async () => {
  const { run, ask } = prepare(outside(await freePort()), () => Promise.resolve(true));
  expect(await run.run()).toEqual({ outcome: 'passed', callCount: 6 });
  expect(ask.mock.calls).toEqual([['bind(a, 0.0.0.0:0) = 0']]);
  expect((await calls()).map((call) => call.split(' ')[0])).toEqual([
    'socket',
    'bind',
    'socket',
    'bind',
    'socket',
    'bind',
  ]);
});

test('once denied, the run has ended and its sockets are closed', async () => {
  const { run } = prepare(outside(await freePort()), () => Promise.resolve(false));
  expect(await run.run()).toEqual({ outcome: 'cancelled', callCount: 4 });
  expect((await calls()).slice(3)).toEqual(['close 0', 'close 0']);
});

test('the time until the answer is not that of the calls that wait meanwhile', async () => {
  const callMs = 1000;
  const text = `s = socket(AF_INET, SOCK_STREAM, 0)
bind(s, 127.0.0.1:0) = 0
listen(s, 1) = 0
[b] p = accept(s)
a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 0.0.0.0:0) = 0
c = socket(AF_INET, SOCK_STREAM, 0)
connect(c, getsockname(s)) = 0
`;
  const answer = async () => {
    await vi.advanceTimersByTimeAsync(2.5 * callMs);
    return true;
  };
  const { run } = prepare(text, answer, { callMs, runMs: 2 * callMs });
  await playground.start();
  stopClocks();
  expect((await run.run()).outcome).toBe('passed');
});

test('a run that is cancelled does not wait for the answer, and a late one makes no call', async () => {
  const port = await freePort();
  let answer!: (isAllowed: boolean) => void;
  let run!: ScenarioRun;
  const asked = new Promise<void>((resolve) => {
    ({ run } = prepare(outside(port), () => {
      resolve();
      return new Promise((resolveAnswer) => (answer = resolveAnswer));
    }));
  });
  const result = run.run();
  await asked;
  run.cancel();
  expect((await result).outcome).toBe('cancelled');
  const before = await calls();
  answer(true);
  await playground.settle();
  expect(await calls()).toEqual(before);
});
