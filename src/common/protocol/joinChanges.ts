import type { RecordPage } from '../rows/recordPage.js';
import type { SocketId, SocketInfo } from '../socket.js';
import type { PanelChange } from './panel.js';

/** Messages with records that one change brings along, at most: of more the page reads those that it shows. */
const mostPages = 64;

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
    changedSeqs: [...new Set([...before.changedSeqs, ...after.changedSeqs])],
    pages: pagesOf(before, after),
  };
  return passed.length > 0 ? { ...joined, passed: passed.filter(({ id }) => sockets.has(id)) } : joined;
}

/** One that was told of once more after it was forgotten is there again. */
function removedBy(before: PanelChange, after: PanelChange): SocketId[] {
  const back = new Set(after.sockets.map(({ id }: SocketInfo) => id));
  return [...before.removed.filter((id) => !back.has(id)), ...after.removed];
}

/** A record that came with the first change may be another since: it is of use only where the second one brings all of its own. */
function pagesOf(before: PanelChange, after: PanelChange): RecordPage[] {
  const { pages = [], changedSeqs, lastSeq } = after;
  const bringsAll = pages.length > 0 || (changedSeqs.length === 0 && lastSeq === before.lastSeq);
  const all = bringsAll ? [...(before.pages ?? []), ...pages] : [];
  return all.length > mostPages ? [] : all;
}
