import { expect, it } from 'vitest';
import type { Call, CallRecord } from '../../src/common/call.js';
import { presets } from '../../src/common/presets.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { PresetRun } from '../../src/webview/state/presetRun.js';
import { recordOf } from '../support/records.js';
import { socket } from '../support/sockets.js';

/** A run of presets for a page that has one socket, and two of them. */
function begin(made: SocketInfo, fill: (call: Call) => void = () => {}) {
  const run = new PresetRun({
    socket: () => made,
    platform: () => 'linux',
    whenReachable: () => Promise.resolve(false),
    fill,
    shown: () => 'socket',
    makeCall: () => Promise.resolve(undefined),
  });
  const [server, client] = presets({
    peer: { family: 'AF_INET', address: '127.0.0.1', port: 80 },
    path: '/p',
  });
  return { run, server: server!, client: client! };
}

it('keeps a preset that another was begun before the end of, until its socket is gone', async () => {
  const made = socket({ id: 7, fd: 3, state: 'open' });
  const filled: Call[] = [];
  const { run, server, client } = begin(made, (call) => filled.push(call));
  await run.start(server);
  expect(run.left.value).toBeNull();
  run.progress.value = { ...run.progress.value!, step: 1, made: [[7]] };
  await run.start(client);
  expect([run.progress.value.preset.id, run.left.value]).toMatchObject([
    'tcpClient',
    { preset: { id: 'tcpServer' }, step: 1 },
  ]);
  await run.goBack();
  expect(run.progress.value).toMatchObject({ preset: { id: 'tcpServer' }, step: 1, made: [[7]] });
  expect(filled.at(-1)).toMatchObject({ name: 'bind', args: [3, { port: 0 }] });
  expect(run.left.value).toMatchObject({ preset: { id: 'tcpClient' } });
  await run.goBack();
  made.state = 'closed';
  run.followSockets();
  expect([run.progress.value.preset.id, run.left.value]).toEqual(['tcpClient', null]);
  // Where nothing was made there is nothing to go back to.
  await run.start(server);
  expect(run.left.value).toBeNull();
  // What the one that was left waits for is answered meanwhile.
  run.progress.value = { preset: client, step: 1, made: [[8]], waitingSeq: 5, isRunningAll: false };
  await run.start(server);
  run.followLeft({ seq: 4, status: 'returned', errno: null, createdIds: [] } as unknown as CallRecord);
  expect(run.left.value).toMatchObject({ waitingSeq: 5 });
  run.followLeft({ seq: 5, status: 'returned', errno: null, createdIds: [] } as unknown as CallRecord);
  expect(run.left.value).toBeNull();
});

it('keeps the preset that was left when the one after it has ended, and what its next calls came to', async () => {
  const made = socket({ id: 7, fd: 3, state: 'open' });
  const { run, server, client } = begin(made);
  await run.start(server);
  run.progress.value = { ...run.progress.value!, step: 1, made: [[7]] };
  await run.start(client);
  run.progress.value = { ...run.progress.value, step: 1, made: [[8]] };
  expect(await run.follow(recordOf('connect', [], { seq: 2, socketId: 8 }))).toBe(false);
  expect([run.progress.value, run.left.value]).toMatchObject([null, { step: 1 }]);
  // Others and another call on its socket leave it there, its next call made by hand leads it on.
  await run.follow(recordOf('bind', [], { seq: 3, socketId: 8 }));
  await run.follow(recordOf('getsockname', [], { seq: 4, socketId: 7 }));
  expect(run.left.value).toMatchObject({ step: 1 });
  await run.follow(recordOf('bind', [], { seq: 5, socketId: 7 }));
  expect(run.left.value).toMatchObject({ step: 2, made: [[7], []] });
  await run.goBack();
  expect([run.progress.value, run.left.value]).toMatchObject([
    { preset: { id: 'tcpServer' }, step: 2 },
    null,
  ]);
});
