import { describe, expect, it } from 'vitest';
import { ObservedReplay, type Replay } from '../../../src/playground/export/observedReplay.js';
import { isObserved } from '../../../src/common/strace/socketObserver.js';
import { observe } from '../../common/strace/support.js';

/** What is played of the lines of a log. */
function replay(...lines: string[]): Replay {
  const { records, data, socket } = observe(lines);
  const ids = records.flatMap(({ socketId, createdIds }) => [...createdIds, ...(socketId ? [socketId] : [])]);
  const infos = new Map(ids.map((id) => [id, socket(id)]));
  return new ObservedReplay(
    records.map((record) => ({ record, payload: data.get(record.seq) })),
    infos,
  ).make();
}

it('is not made of what a scenario has done, whatever its name begins with', () => {
  const makers = ['strace', 'strace: writev', 'strace-echo', null];
  expect(makers.map((madeBy) => isObserved({ madeBy }))).toEqual([true, true, false, false]);
});

describe('a replay', () => {
  it('receives nothing where the program has only looked', () => {
    const message =
      '{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=0}';
    const { records } = replay(
      'socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0',
      'write(4, "ab", 2) = 2',
      'recvfrom(3, "a", 1, MSG_PEEK, NULL, NULL) = 1',
      `recvmsg(3, ${message}, MSG_PEEK) = 2`,
      `recvmsg(3, ${message}, 0) = 2`,
    );
    expect(records.map(({ name }) => name)).toEqual(['socketpair', 'send', 'recv']);
  });
});
