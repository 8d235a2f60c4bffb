import type { CallRecord } from './call.js';

/** Answers that are no failure, but say `not yet`: the call was told not to wait. */
export const notFailures: ReadonlySet<unknown> = new Set(['EAGAIN', 'EINPROGRESS', 'EALREADY']);

/** Whether the record is drawn as failed. */
export function isFailure({ result, errno }: Pick<CallRecord, 'result' | 'errno'>): boolean {
  return result !== null && result < 0 && !notFailures.has(errno);
}
