import { randomBytes } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { dataValue, itemsOf } from '../../../src/common/call.js';
import { recordedScenario } from '../../../src/playground/export/recordedSource.js';
import { Playground } from '../../../src/playground/playground.js';
import { SocketHostProcess } from '../../../src/playground/socketHostProcess.js';
import { modulePath } from '../../socketHost/testHost.js';

// As little as makes a large scenario.
vi.mock('../../../src/common/fileLimits.js', () => ({ mostInputMiB: 1 }));

it('makes no scenario that is larger than what is read', async () => {
  const host = new SocketHostProcess(modulePath);
  const playground = new Playground(host);
  const pair = await playground.call({ name: 'socketpair', args: [1, 1, 0, { kind: 'any' }] }).returned;
  const [fd, other] = itemsOf(pair.args[3]) as [number, number];
  // Bytes that no text has: each is four characters.
  const bytes = randomBytes(100_000).map((byte) => (byte & 0x1f) | 0x80);
  for (let count = 0; count < 2; count++) {
    await playground.call({ name: 'send', args: [fd, dataValue(bytes)] }).returned;
    await playground.call({ name: 'recv', args: [other, { kind: 'any' }, bytes.length] }).returned;
  }
  const scenario = (filter: string) =>
    recordedScenario(playground, { filter }, { title: '', hasExpectations: true });
  await expect(scenario('')).rejects.toThrow(
    'The scenario would have more than 1 MiB, the most that is read: choose fewer records with a filter.',
  );
  expect(await scenario('call != recv')).toContain('send(');
  await host.end();
  playground.dispose();
});
