import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId } from '../../common/socket.js';

/** Asks the host for records that fit. */
export type Find = (request: FilterRequest) => Promise<FilterAnswer>;

const telling = [
  'call in {socket socketpair pipe bind listen accept accept4 connect shutdown close dup setsockopt}',
  '(direction == in && result == 0)',
  'errno in {ECONNRESET ETIMEDOUT}',
].join(' || ');

/** The records that tell what states sockets came into, at most so many. */
export async function findStateRecords(
  find: Find,
  ids: readonly SocketId[],
  request: Required<Omit<FilterRequest, 'filter'>>,
  isLeft: () => boolean = () => false,
): Promise<number[]> {
  const filter = `stream in {${ids.join(' ')}} && (${telling})`;
  const seqs: number[] = [];
  for (let { from } = request; from <= request.to && seqs.length < request.count && !isLeft();) {
    const answer = await find({ ...request, filter, from });
    seqs.push(...answer.seqs);
    if (answer.isDone || answer.next <= from) {
      break;
    }
    from = answer.next;
  }
  return seqs;
}
