import { expect, test, vi } from 'vitest';
import { HostGivenUpError, HostLostError } from '../../src/playground/callHandle.js';
import type { Playground } from '../../src/playground/playground.js';

vi.mock('vscode', () => ({
  workspace: { getConfiguration: () => ({ get: (_name: string, fallback: unknown) => fallback }) },
}));

const { Calls } = await import('../../src/extension/commands/calls.js');

/** What a call has come to that the model rejects. */
async function outcomeOf(reason: Error) {
  const rejected = Promise.reject(reason);
  rejected.catch(() => {});
  const call = () => ({ started: rejected, returned: rejected });
  return new Calls({ call } as unknown as Playground).make({ name: 'socket', args: [2, 1, 0] });
}

test('a call for which no host is started is told of by the question alone', async () => {
  expect(await outcomeOf(new HostGivenUpError('It has ended 4 times.'))).toEqual({ kind: 'dismissed' });
  expect(await outcomeOf(new HostLostError('signal SIGKILL', null))).toEqual({
    kind: 'refused',
    argument: null,
    message: 'The socket host ended before the call returned: signal SIGKILL',
  });
});
