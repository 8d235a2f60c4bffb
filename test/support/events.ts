import type { Event } from '../../src/common/event.js';

/**
 * The first value of an event that fits. Ask before doing what causes it.
 * @param timeoutMs Then the promise rejects, naming `what`.
 */
export function nextEvent<T>(
  event: Event<T>,
  fits: (value: T) => boolean = () => true,
  { what = 'an event', timeoutMs = 20_000 } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      subscription.dispose();
      reject(new Error(`Waited ${timeoutMs} ms for ${what} in vain.`));
    }, timeoutMs);
    const subscription = event((value) => {
      if (fits(value)) {
        clearTimeout(timer);
        subscription.dispose();
        resolve(value);
      }
    });
  });
}

/**
 * Waits until a condition holds: looks now and after every event.
 * @param timeoutMs Then the promise rejects, naming `what`.
 */
export async function waitUntil(
  event: Event<unknown>,
  holds: () => boolean,
  { what = 'a condition', timeoutMs = 20_000 } = {},
): Promise<void> {
  if (!holds()) {
    await nextEvent(event, holds, { what, timeoutMs });
  }
}
