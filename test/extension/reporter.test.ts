import { expect, it, vi } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { Emitter } from '../../src/common/event.js';
import type { Panels } from '../../src/extension/panel/panels.js';
import type { Playground } from '../../src/playground/playground.js';

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
