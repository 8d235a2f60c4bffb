import { fieldOf, itemsOf, type Value } from '../../common/call.js';
import { readDescriptor } from './message.js';
import type { Problems } from './problem.js';

/** One descriptor that `poll(2)` looks at. */
export interface PollDraft {
  fd: string;
  /** The bits of `events`. */
  events: number;
}

/** The `struct pollfd` array; what is wrong with it goes to the problems. */
export function readPollFds(fds: readonly PollDraft[], index: number, problems: Problems): Value {
  const items = fds.map(({ fd, events }, place): Value => {
    const number = readDescriptor(fd, { index, problems }, `fds.${place}`);
    return {
      kind: 'struct',
      fields: [
        { name: 'fd', value: number ?? -1 },
        { name: 'events', value: events },
      ],
    };
  });
  return { kind: 'list', items };
}

/** The fields that show an array of `struct pollfd`. */
export function pollDraftsOf(value: Value): PollDraft[] {
  return itemsOf(value).map((item) => {
    const fd = fieldOf(item, 'fd');
    const events = fieldOf(item, 'events');
    return {
      fd: typeof fd === 'number' ? String(fd) : '',
      events: typeof events === 'number' ? events : 0,
    };
  });
}
