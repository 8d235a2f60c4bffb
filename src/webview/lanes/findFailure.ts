import type { CallRecord } from '../../common/call.js';
import { isFailure } from '../../common/failure.js';
import type { PanelModel } from '../state/panelModel.js';

/** The request's number; those of the filter count up from 1. */
const requestId = 0;
const errors = 'errno';

/** The next failed call behind the selected record; from the beginning again behind the last one. */
export async function findFailure(panel: PanelModel): Promise<number | undefined> {
  const { records, view, filter } = panel;
  const from = (view.selectedSeq.value ?? 0) + 1;
  const text = filter.isActive ? `(${filter.shown}) && ${errors}` : errors;
  return (
    (await search(panel, text, Math.max(from, records.firstSeq), records.lastSeq)) ??
    (await search(panel, text, records.firstSeq, from - 1))
  );
}

async function search(
  { remote, records }: PanelModel,
  filter: string,
  from: number,
  to: number,
): Promise<number | undefined> {
  for (let next = from; next <= to;) {
    const answer = await remote.filterRecords({ id: requestId, filter, from: next, to, count: 100 });
    for (const seq of answer.seqs) {
      const record: CallRecord | undefined = await records.load(seq);
      // EAGAIN and EINPROGRESS are answers, not failures.
      if (record && isFailure(record)) {
        return seq;
      }
    }
    if (answer.isDone || answer.next <= next) {
      return undefined;
    }
    next = answer.next;
  }
  return undefined;
}
