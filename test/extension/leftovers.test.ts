import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { Leftovers } from '../../src/extension/scenarios/leftovers.js';
import { Playground } from '../../src/playground/playground.js';
import { ScenarioMemory } from '../../src/playground/scenarioScope.js';
import { record, ScriptedHost } from '../playground/scriptedHost.js';
import { socket } from '../support/sockets.js';
import { untilTestEnds } from '../support/disposal.js';
import { startUnixHolder } from '../support/peers.js';

it('looks at its socket files when a socket of the run is closed, not when others are', async () => {
  const host = new ScriptedHost();
  const playground = new Playground(host);
  void host.start();
  const memory = new ScenarioMemory();
  memory.sockets.add(1);
  const look = vi.spyOn(memory.files, 'removeLeft').mockResolvedValue();
  vi.spyOn(memory.files, 'count', 'get').mockReturnValue(1);
  host.tell({ sockets: [socket({ id: 1 }), socket({ id: 2 }), socket({ id: 3 })], lastSeq: 0 });
  await new Leftovers(playground).leave('x', memory);
  expect(look).toHaveBeenCalledTimes(1);
  host.tell({ sockets: [socket({ id: 2, state: 'closed' })] });
  expect(look).toHaveBeenCalledTimes(1);
  host.tell({ sockets: [socket({ id: 3 }), socket({ id: 1, state: 'closed' })] });
  expect(look).toHaveBeenCalledTimes(2);
  playground.dispose();
});

it('removes a socket file when the last process that has its socket ends, though nothing here does', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sp-left-'));
  const file = path.join(folder, 'a.sock');
  const holder = untilTestEnds(await startUnixHolder(file));
  const playground = new Playground(new ScriptedHost());
  const memory = new ScenarioMemory();
  const name = new TextEncoder().encode(file);
  await memory.files.note(
    record(1, { name: 'bind', args: [20, { family: 'AF_UNIX', name, isAbstract: false }], result: 0 }),
  );
  await new Leftovers(playground).leave('x', memory);
  expect(existsSync(file)).toBe(true);
  holder.endInput();
  await holder.waitForEnd();
  await expect.poll(() => existsSync(file), { timeout: 5000 }).toBe(false);
  playground.dispose();
  await rm(folder, { recursive: true });
});
