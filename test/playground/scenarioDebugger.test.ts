import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { once } from '../../src/common/event.js';
import { isAddress } from '../../src/common/call.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import type { BreakpointRequest } from '../../src/playground/breakpoints.js';
import { Playground } from '../../src/playground/playground.js';
import { ScenarioDebugger } from '../../src/playground/scenarioDebugger.js';
import { ScenarioRun } from '../../src/playground/scenarioRunner.js';
import { ScenarioMemory } from '../../src/playground/scenarioScope.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { modulePath } from '../socketHost/testHost.js';
import { stopClocks } from '../support/clocks.js';

let host: SocketHostProcess;
let playground: Playground;

beforeAll(() => {
  host = new SocketHostProcess(modulePath);
  playground = new Playground(host);
});

afterAll(async () => {
  await host.end();
  playground.dispose();
});

function debug(text: string) {
  const scenario = parseScenario(text);
  expect(scenario.diagnostics).toEqual([]);
  const memory = new ScenarioMemory();
  const run = new ScenarioRun(playground, scenario, {
    name: 'debugged',
    folder: '/',
    memory,
  });
  const held = new ScenarioDebugger(run, scenario.statements, playground);
  const lines: number[] = [];
  run.onDidStart(({ line }) => lines.push(line));
  return {
    held,
    run,
    lines,
    memory,
    /** The stop that comes of what is done. */
    stopAfter: async (action: () => unknown): Promise<string> => {
      const stopped = once(held.onDidStop);
      action();
      const { reason, thread } = await stopped;
      return `${reason.kind} ${describePlace(held, thread)}`;
    },
  };
}

/** Where a thread stands: `server waiting 4`. */
function describePlace(held: ScenarioDebugger, thread: string): string {
  const place = held.placeOf(thread);
  return place.kind === 'ended' ? `${thread} ended` : `${thread} ${place.kind} ${place.statement.line}`;
}

const places = (held: ScenarioDebugger) => held.threads.map((thread) => describePlace(held, thread));

const conversation = `server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
[server] peer = accept(server)
client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, getsockname(server)) = 0
[server] send(peer, "hello", 5) = 5
recv(client, "hello", 100) = 5
`;

const refused = `a = socket(AF_INET, SOCK_STREAM, 0)
bind(a, 127.0.0.1:0) = 0
b = socket(AF_INET, SOCK_STREAM, 0)
connect(b, getsockname(a)) = 0
close(b) = 0
`;

const at = (line: number, more: Partial<BreakpointRequest> = {}): BreakpointRequest => ({
  id: line,
  at: { line },
  ...more,
});

describe('stepping', () => {
  it('from line to line goes in the order of a run that nobody holds', async () => {
    const plain = debug(conversation);
    expect((await plain.run.run()).outcome).toBe('passed');
    const { held, run, lines, stopAfter } = debug(conversation);
    held.stopAtEntry();
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('entry main before 1');
    const seen: string[] = [];
    for (let step = 0; step < 7; step++) {
      seen.push(await stopAfter(() => held.stepIn()));
    }
    expect(seen).toEqual([
      'step main before 2',
      'step main before 3',
      'step server before 4',
      'step main before 5',
      'step main before 6',
      'step server before 7',
      'step main before 8',
    ]);
    held.stepIn();
    expect((await result).outcome).toBe('passed');
    expect(lines).toEqual(plain.lines);
  });

  it('over a call that ends the wait of another thread stays in its own', async () => {
    const { held, run, stopAfter } = debug(conversation);
    held.setBreakpoints([at(6)]);
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('breakpoint main before 6');
    expect(places(held)).toEqual(['main before 6', 'server waiting 4']);
    expect(await stopAfter(() => held.next('main'))).toBe('step main before 8');
    expect(places(held)).toEqual(['main before 8', 'server ended']);
    held.next('main');
    expect((await result).outcome).toBe('passed');
  });

  it('over a call that waits shows what the others do meanwhile, and over a waiting one comes back to it', async () => {
    const { held, run, stopAfter } = debug(conversation);
    held.setBreakpoints([at(4)]);
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('breakpoint server before 4');
    expect(await stopAfter(() => held.next('server'))).toBe('step main before 5');
    expect(places(held)).toEqual(['main before 5', 'server waiting 4']);
    expect(await stopAfter(() => held.next('server'))).toBe('step server before 7');
    expect(await stopAfter(() => held.stepOut('server'))).toBe('step main before 8');
    held.continue();
    expect((await result).outcome).toBe('passed');
  });
});

describe('while the run is held', () => {
  it('no limit of time counts, and sleep stands still', async () => {
    const { held, run, stopAfter } = debug(
      `[b] sleep(1)
[b] s = socket(AF_INET, SOCK_DGRAM, 0)
[c] timeout(1)
[c] r, w = pipe()
[c] read(r, 10)
a = socket(AF_INET, SOCK_DGRAM, 0)
write(w, "x") = 1
`,
    );
    stopClocks();
    held.setBreakpoints([at(7)]);
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('breakpoint main before 7');
    const before = places(held);
    // Longer than the limit of the call, and the sleep.
    await vi.advanceTimersByTimeAsync(1100);
    expect(places(held)).toEqual(before);
    held.continue();
    await expect.poll(() => describePlace(held, 'c')).toBe('c ended');
    await vi.advanceTimersByTimeAsync(1000);
    expect((await result).outcome).toBe('passed');
  });

  it('what waits may be answered, and then its thread comes first', async () => {
    const { held, run, memory, stopAfter } = debug(
      `server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
address = getsockname(server)
[server] peer = accept(server) <0..0.001>
[server] close(peer) = 0
a = socket(AF_INET, SOCK_DGRAM, 0)
`,
    );
    held.setBreakpoints([at(7)]);
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('breakpoint main before 7');
    const address = memory.variables.get('address');
    const port = isAddress(address) && 'port' in address ? address.port : 0;
    const moved = once(held.onDidMove, () => held.placeOf('server').kind === 'before');
    const socket = connect(port, '127.0.0.1');
    await moved;
    expect(await stopAfter(() => held.stepIn())).toBe('step server before 6');
    held.continue();
    // The time that the run was held is not held against it.
    expect((await result).outcome).toBe('passed');
    socket.destroy();
  });

  it('a run can be ended: what waits is cancelled, and every descriptor closed', async () => {
    const { held, run, stopAfter } = debug(
      `s = socket(AF_INET, SOCK_DGRAM, 0)\nbind(s, 127.0.0.1:0) = 0\nrecv(s, 10)\n`,
    );
    const waits = once(run.onDidWait);
    const result = run.run();
    await waits;
    expect(await stopAfter(() => held.pause())).toBe('pause main waiting 3');
    run.cancel();
    expect((await result).outcome).toBe('cancelled');
    await playground.whenKnown(playground.lastSeq);
    expect(playground.openSockets).toEqual([]);
  });
});

describe('a pause', () => {
  it('stops before the next line, from which a step goes on', async () => {
    const { held, run, stopAfter } = debug(`sleep(0.01)\ns = socket(AF_INET, SOCK_DGRAM, 0)\nclose(s) = 0\n`);
    const started = once(run.onDidFinish);
    const result = run.run();
    await started;
    expect(await stopAfter(() => held.pause())).toMatch(/^pause main before [23]$/);
    held.continue();
    expect((await result).outcome).toBe('passed');
  });
});

describe('breakpoints', () => {
  it('with a condition stop behind the call that fits', async () => {
    const { held, run, stopAfter } = debug(refused.replace('= 0\nclose', '= -1 ECONNREFUSED\nclose'));
    const [first] = held.setBreakpoints([
      at(1, { condition: 'errno == ECONNREFUSED' }),
      at(4, { condition: 'errno == ECONNREFUSED' }),
    ]);
    expect(first!.problem).toBeUndefined();
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('breakpoint main after 4');
    expect(held.lastRecordOf('main')).toMatchObject({ name: 'connect', errno: 'ECONNREFUSED' });
    expect(await stopAfter(() => held.stepIn())).toBe('step main before 5');
    held.continue();
    expect((await result).outcome).toBe('passed');
  });

  it('say what is wrong with their conditions, and never hold then', async () => {
    const { held, run } = debug(refused.replace('= 0\nclose', '= -1 ECONNREFUSED\nclose'));
    const problems = held
      .setBreakpoints([at(1, { condition: 'errn == 1' }), at(2, { hitCondition: 'often' })])
      .map(({ problem }) => problem);
    expect(problems[0]).toMatch(/errn/);
    expect(problems[1]).toMatch(/number of hits/);
    expect((await run.run()).outcome).toBe('passed');
  });

  it('at a call stop at every line that makes it, as often as they are to', async () => {
    const { held, run, stopAfter } = debug(conversation);
    held.setBreakpoints([{ id: 1, at: { call: 'socket' }, hitCondition: '2' }]);
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('breakpoint main before 5');
    held.continue();
    expect((await result).outcome).toBe('passed');
  });

  it('go on counting when others are set', async () => {
    const calls = Array.from({ length: 5 }, () => 'dup(s)\n').join('');
    const { held, run, lines, stopAfter } = debug(`s = socket(AF_INET, SOCK_DGRAM, 0)\n${calls}`);
    const counted: BreakpointRequest = { id: 1, at: { call: 'dup' }, hitCondition: '== 4' };
    held.setBreakpoints([counted, at(4)]);
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('breakpoint main before 4');
    held.setBreakpoints([at(6), { ...counted, id: 7 }]);
    expect(await stopAfter(() => held.continue())).toBe('breakpoint main before 5');
    // Another condition is another breakpoint.
    held.setBreakpoints([{ ...counted, hitCondition: '== 1' }]);
    expect(await stopAfter(() => held.continue())).toBe('breakpoint main before 6');
    held.continue();
    await result;
    expect(lines).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('with a message say it and go on', async () => {
    const { held, run } = debug(conversation);
    const said: string[] = [];
    held.onDidLog(({ message, record }) => said.push(`${message} ${record.name}`));
    held.setBreakpoints([at(8, { logMessage: 'got' })]);
    expect((await run.run()).outcome).toBe('passed');
    expect(said).toEqual(['got recv']);
  });
});

describe('an unexpected result', () => {
  it('stops behind its call where that is wanted', async () => {
    const { held, run, stopAfter } = debug(refused);
    held.setFilters({ unexpected: true, failed: null });
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('unexpected main after 4');
    held.continue();
    expect((await result).outcome).toBe('failed');
  });

  it('of the last line stops too, and its thread is there until the run goes on', async () => {
    const { held, run, stopAfter } = debug(refused.replace('close(b) = 0\n', ''));
    held.setFilters({ unexpected: true, failed: null });
    const ended: string[] = [];
    held.onDidEndThread((thread) => ended.push(thread));
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('unexpected main after 4');
    expect(ended).toEqual([]);
    held.continue();
    expect((await result).outcome).toBe('failed');
    expect(ended).toEqual(['main']);
  });

  it('is one of the results otherwise', async () => {
    const { held, run } = debug(refused);
    held.onDidStop(() => held.continue());
    expect((await run.run()).outcome).toBe('failed');
  });

  it('is told of before a problem ends the run', async () => {
    const { held, run, stopAfter } = debug(
      `s = socket(AF_INET, SOCK_DGRAM, 0)\ntimeout(0.05)\nrecv(s, 1)\nclose(s)\n`,
    );
    held.setFilters({ unexpected: true, failed: null });
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('problem main waiting 3');
    held.continue();
    expect((await result).outcome).toBe('stopped');
  });

  it('or a failed call stops, whatever the file expects', async () => {
    const { held, run, stopAfter } = debug(refused.replace('= 0\nclose', '= -1 ECONNREFUSED\nclose'));
    held.setFilters({ unexpected: true, failed: { condition: '' } });
    let result!: Promise<{ outcome: string }>;
    expect(await stopAfter(() => (result = run.run()))).toBe('failed main after 4');
    held.continue();
    expect((await result).outcome).toBe('passed');
  });
});
