import { expect, it } from 'vitest';
import { RowPresses } from '../../src/extension/commands/rowPresses.js';

it('takes the presses of a double press for one, also where the second meets the row behind', () => {
  let now = 1000;
  const presses = new RowPresses(() => now);
  const press = (socketId: number, after: number) => {
    now += after;
    return presses.isSecond(socketId);
  };
  expect(press(1, 0)).toBe(false);
  expect(press(2, 120)).toBe(true);
  expect(press(2, 120)).toBe(true);
  expect(press(2, 600)).toBe(false);
  // On the same row it is asked for again: it is still there.
  expect(press(2, 120)).toBe(false);
  expect(press(3, 500)).toBe(false);
});
