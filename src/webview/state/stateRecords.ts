import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId } from '../../common/socket.js';

/** Asks the host for records that fit. */
export type Find = (request: FilterRequest) => Promise<FilterAnswer>;

/** Records that fit, and the first one that was not looked at. */
export interface Found {
  seqs: number[];
  next: number;
}

const telling = [
  'call in {socket socketpair pipe bind listen accept accept4 connect shutdown close dup setsockopt}',
  '(direction == in && result == 0)',
  'errno in {ECONNRESET ETIMEDOUT}',
].join(' || ');

/** The filter that fits the records which tell what states sockets came into. */
export function statesOf(ids: readonly SocketId[]): string {
  return `stream in {${ids.join(' ')}} && (${telling})`;
}

/** The records that fit, in as many answers as that takes; no more than were asked for, or so many as one answer has. */
export async function findRecords(
  find: Find,
  request: Required<FilterRequest>,
  isLeft: () => boolean = () => false,
): Promise<Found> {
  const seqs: number[] = [];
  let { from: next } = request;
  while (next <= request.to && seqs.length < request.count && !isLeft()) {
    const answer = await find({ ...request, from: next, count: request.count - seqs.length });
    seqs.push(...answer.seqs);
    if (answer.isDone || answer.next <= next) {
      next = Math.max(next, answer.next);
      break;
    }
    next = answer.next;
  }
  return { seqs, next };
}
