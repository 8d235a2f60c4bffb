import { expect, it } from 'vitest';
import { dataValue } from '../../src/common/call.js';
import type { PanelCall } from '../../src/common/protocol/panel.js';
import { CallHistory } from '../../src/extension/panel/callHistory.js';

/** What VS Code keeps of a workspace: JSON. */
class Storage {
  private readonly values = new Map<string, string>();

  get<T>(key: string, fallback: T): T {
    const text = this.values.get(key);
    return text === undefined ? fallback : (JSON.parse(text) as T);
  }

  update(key: string, value: unknown): Promise<void> {
    this.values.set(key, JSON.stringify(value));
    return Promise.resolve();
  }
}

const storage = () => new Storage() as unknown as ConstructorParameters<typeof CallHistory>[0];
const send = (text: string, fd = 5): PanelCall => ({
  call: { name: 'send', args: [fd, dataValue(new TextEncoder().encode(text)), text.length, 0] },
});

it('offers the latest calls first, each once whatever its descriptor was, over a reload', () => {
  const kept = storage();
  const history = new CallHistory(kept);
  const named: PanelCall = {
    call: { name: 'connect', args: [5, { family: 'AF_INET', address: '0.0.0.0', port: 80 }] },
    hostName: { host: 'localhost', port: 80 },
  };
  const big: PanelCall = { call: { name: 'ioctl', args: [5, 1, 12345678901234567890n] } };
  for (const call of [send('a'), named, send('b'), big, send('a', 9)]) {
    history.add(call);
  }
  const expected = [send('a', 9), big, send('b'), named];
  expect(history.calls).toEqual(expected);
  expect(new CallHistory(kept).calls).toEqual(expected);
});

it('tells calls with variables apart by what was written', () => {
  const history = new CallHistory(storage());
  const source = { mode: 'text', text: '{{counter}}', ending: 'LF' } as const;
  const templates = [{ argument: 1, part: null, source }];
  history.add({ ...send('1'), templates });
  history.add({ ...send('2'), templates });
  history.add({ ...send('3'), templates: [{ ...templates[0]!, source: { ...source, ending: 'CR' } }] });
  expect(history.calls).toHaveLength(2);
});

it('keeps 40 calls, and a large one only until the window ends', () => {
  const kept = storage();
  const history = new CallHistory(kept);
  for (let count = 0; count < 50; count++) {
    history.add(send(String(count)));
  }
  history.add(send('x'.repeat(20_000)));
  history.add(send('x'.repeat(1_100_000)));
  expect(history.calls).toHaveLength(40);
  const reloaded = new CallHistory(kept).calls;
  expect(reloaded).toHaveLength(39);
  expect(reloaded[0]).toEqual(send('49'));
});

it('leaves out what is stored and no call', () => {
  const kept = storage();
  void kept.update('callHistory', [
    '{',
    '{"call":{"name":"nonsense","args":[]}}',
    5,
    '{"call":{"name":"socket","args":[2,1,0]}}',
  ]);
  expect(new CallHistory(kept).calls).toEqual([{ call: { name: 'socket', args: [2, 1, 0] } }]);
});
