import { expect, it, vi } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { Emitter } from '../../src/common/event.js';
import type { Panels } from '../../src/extension/panel/panels.js';
import type { Playground } from '../../src/playground/playground.js';
import { recordOf } from '../support/records.js';

const shown = vi.hoisted(() => new Set<string>());

vi.mock('vscode', () => ({
  window: {
    setStatusBarMessage: (text: string) => {
      shown.add(text);
      return { dispose: () => shown.delete(text) };
    },
  },
}));

const { Reporter } = await import('../../src/extension/commands/reporter.js');

it('leaves the result of a call in the status bar until a person has made another one', () => {
  const returns = new Emitter<CallRecord>();
  const playground = { onDidReturn: returns.event } as Partial<Playground> as Playground;
  const reporter = new Reporter(playground, {} as Panels);
  const call = (seq: number, madeBy: string | null) =>
    ({
      seq,
      name: 'close',
      args: [5],
      status: 'returned',
      result: 0,
      errno: null,
      madeBy,
    }) as Partial<CallRecord> as CallRecord;
  const record = call(7, null);
  reporter.report({
    kind: 'started',
    start: { kind: 'returned', record },
    returned: Promise.resolve(record),
  });
  expect([...shown]).toEqual(['$(check) close(5) = 0']);
  returns.fire(record);
  returns.fire(call(8, 'auto-echo'));
  expect(shown.size).toBe(1);
  returns.fire(call(9, null));
  expect(shown.size).toBe(0);
});

it('keeps the data short, so that the end of the text, which says the result, is not cut off', () => {
  const reporter = new Reporter(
    { onDidReturn: new Emitter<CallRecord>().event } as Partial<Playground> as Playground,
    {} as Panels,
  );
  const bytes = new TextEncoder().encode(Array.from({ length: 500 }, (_, index) => index).join(' '));
  const data = { kind: 'data', bytes, length: bytes.length } as const;
  const record = recordOf('send', [24, data, 1400, 0], { result: 1400 });
  reporter.report({
    kind: 'started',
    start: { kind: 'returned', record },
    returned: Promise.resolve(record),
  });
  expect([...shown]).toEqual(['$(check) send(24, "0 1 2 3 4 5 6 7 "..., 1400, 0) = 1400']);
  reporter.dispose();
});
