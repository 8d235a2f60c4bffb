import { expect, it, vi } from 'vitest';
import { socket } from '../support/sockets.js';

vi.mock('vscode', () => ({ QuickPickItemKind: { Separator: -1 } }));

const { socketChoices } = await import('../../src/extension/commands/descriptorQuestions.js');

const listener = socket({ id: 1, fd: 23, role: 'listener', state: 'listening', backlog: 128 });
const client = socket({ id: 2, fd: 24, state: 'connected', bytesSent: 5 });
const peer = socket({ id: 3, fd: 25, state: 'connected', receiveQueue: 5 });
const other = socket({ id: 4, fd: 26, state: 'connected', receiveQueue: 0 });
const all = [listener, client, peer, other];

const answers = (...given: Parameters<typeof socketChoices>) =>
  socketChoices(...given).choices.map(({ answer }) => answer);

it('offers to receive first where bytes wait, says how many, and marks it in place of a socket that has none', () => {
  expect(answers('recv', all, 2)).toEqual(['3', '4', '2', undefined, '1']);
  const { choices, initial } = socketChoices('recv', all, 2);
  expect(choices.map(({ description }) => description)).toEqual([
    '5 B wait to be received · connected · fd 25',
    'connected · fd 26',
    'connected · fd 24 · ↑5 B',
    undefined,
    'listening · fd 23 · 0/128',
  ]);
  expect(initial).toBe('3');
  expect(socketChoices('recv', all, 3).initial).toBe('3');
  // What waits to be received is nothing to another call.
  expect(socketChoices('send', all, 2).initial).toBe('2');
  expect(answers('send', all, 2)).toEqual(['4', '3', '2', undefined, '1']);
  expect(socketChoices(undefined, all, 2).initial).toBe('2');
});

it('marks the socket that is selected where nothing waits anywhere', () => {
  const none = all.map((one) => ({ ...one, receiveQueue: null }));
  expect(socketChoices('recv', none, 2).initial).toBe('2');
  expect(socketChoices('recv', none, undefined).initial).toBeUndefined();
});

it('offers to accept first where somebody waits for it', () => {
  const later = { ...listener, id: 5 };
  expect(answers('accept', [{ ...listener, acceptQueue: 1 }, later], 5)).toEqual(['1', '5']);
  expect(socketChoices('accept', [{ ...listener, acceptQueue: 1 }, later], 5).initial).toBe('1');
});
