import { expect, it } from 'vitest';
import type { ByteRibbon } from '../../../src/common/ribbon/byteRibbon.js';
import { ribbonNote } from '../../../src/webview/lanes/ribbonNote.js';
import { recordOf } from '../../support/records.js';

it('counts the sends of what one call has received only where all of them are known', () => {
  const payload = { direction: 'in' as const, length: 6, captured: 6, offset: 0 };
  const record = recordOf('recv', [], { seq: 9, result: 6, payload });
  const piece = (sentSeq: number, receivedAt: number) => ({
    sentSeq,
    sentAt: 0,
    receivedSeq: 9,
    receivedAt,
    length: 2,
  });
  const note = (...pieces: ReturnType<typeof piece>[]) =>
    ribbonNote(record, { piecesInto: () => pieces } as unknown as ByteRibbon, () => undefined);
  expect(note(piece(1, 0), piece(2, 2), piece(3, 4))).toContain('3 sends, 1 recv');
  expect(note(piece(1, 0), piece(3, 4))).toBeNull();
});
