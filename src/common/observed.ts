import type { CallRecord } from './call.js';
import type { CallName } from './tables/signatures.js';

/** Who records are made by: strace, and the call that it printed where the record's is another. */
const observerName = 'strace';

/** Whether strace has seen a call: it was not made here. */
export function isObserved({ madeBy }: Pick<CallRecord, 'madeBy'>): boolean {
  return madeBy === observerName || (madeBy?.startsWith(`${observerName}: `) ?? false);
}

/** Who has made the record of a call that is printed with a name. */
export function observerOf(as: CallName, printed: string): string {
  return printed.replace(/64$/, '') === as ? observerName : `${observerName}: ${printed}`;
}
