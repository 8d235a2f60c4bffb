import type { RecordPage } from '../rows/recordPage.js';
import type { SocketId, SocketInfo } from '../socket.js';
import type { PanelChange } from './panel.js';

/** Messages with records that one change brings along, at most: of more the page reads those that it shows. */
const mostPages = 64;

/** Numbers of changed records that one change tells, at most: of more, all from one on. */
const mostSeqs = 4096;

/**
 * Two changes as one, for a page that has not taken the first yet: the latest of each socket, and no record or state left out
 * that the two would have told of.
 */
export function joinChanges(before: PanelChange, after: PanelChange): PanelChange {
  const sockets = new Map(before.sockets.map((socket) => [socket.id, socket]));
  const passed = [...(before.passed ?? [])];
  for (const socket of [...(after.passed ?? []), ...after.sockets]) {
    const known = sockets.get(socket.id);
    if (known && known.tcpState !== socket.tcpState) {
      passed.push(known);
    }
    sockets.set(socket.id, socket);
  }
  after.removed.forEach((id) => sockets.delete(id));
  const joined: PanelChange = {
    ...after,
    sockets: [...sockets.values()],
    removed: removedBy(before, after),
    ...changedRecords(before, after),
    pages: pagesOf(before, after),
  };
  return passed.length > 0 ? { ...joined, passed: passed.filter(({ id }) => sockets.has(id)) } : joined;
}

/** The lowest numbers stay: it has records of those, while most that are above it has yet to be told of. */
function changedRecords(
  before: PanelChange,
  after: PanelChange,
): Pick<PanelChange, 'changedSeqs' | 'changedFrom'> {
  const from = Math.min(before.changedFrom ?? Infinity, after.changedFrom ?? Infinity);
  const all = new Set([...before.changedSeqs, ...after.changedSeqs].filter((seq) => seq < from));
  if (all.size <= mostSeqs) {
    return { changedSeqs: [...all], ...(from < Infinity && { changedFrom: from }) };
  }
  const sorted = [...all].sort((a, b) => a - b);
  return { changedSeqs: sorted.slice(0, mostSeqs / 2), changedFrom: sorted[mostSeqs / 2]! };
}

/** One that was told of once more after it was forgotten is there again. */
function removedBy(before: PanelChange, after: PanelChange): SocketId[] {
  const back = new Set(after.sockets.map(({ id }: SocketInfo) => id));
  return [...before.removed.filter((id) => !back.has(id)), ...after.removed];
}

/** A record that came with the first change may be another since: it is of use only where the second one brings all of its own. */
function pagesOf(before: PanelChange, after: PanelChange): RecordPage[] {
  const { pages = [], changedSeqs, changedFrom, lastSeq } = after;
  if (changedFrom !== undefined) {
    return [];
  }
  const bringsAll = pages.length > 0 || (changedSeqs.length === 0 && lastSeq === before.lastSeq);
  const all = bringsAll ? [...(before.pages ?? []), ...pages] : [];
  return all.length > mostPages ? [] : all;
}
