import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backlogOf } from '../../src/socketHost/bufferLimits.js';

test('a backlog is unsigned, and no larger than the system lets it be', () => {
  const limit = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  expect(backlogOf(0)).toBe(0);
  expect(backlogOf(limit + 1)).toBe(limit);
  expect(backlogOf(-1)).toBe(limit);
});
