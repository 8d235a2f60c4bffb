import { expect, it } from 'vitest';
import { LostRecords } from '../../src/playground/lostRecords.js';
import type { RecordedRecords } from '../../src/playground/socketHostService.js';
import { RowPacker } from '../../src/socketHost/store/rowPacker.js';
import { recordOf } from '../support/records.js';

it('tells what was seen of records whose page is damaged', async () => {
  const packer = new RowPacker('linux');
  packer.add(recordOf('close', [3], { seq: 1 }));
  const { platform, bytes } = packer.take();
  const rows = { platform, bytes: bytes.subarray(0, 30) };
  const recording = { info: { records: 1 }, readRows: () => Promise.resolve(rows), dispose: () => {} };
  const lost = new LostRecords();
  const seen = recordOf('close', [3], { seq: 1 });
  await lost.add(1, 1, [seen], Promise.resolve(recording as unknown as RecordedRecords));
  expect(await lost.read(1, 10)).toEqual([seen]);
  lost.dispose();
});

it('leaves out what was written and never told of: the next host gives those numbers again', async () => {
  const packer = new RowPacker('linux');
  [1, 2].forEach((seq) => packer.add(recordOf('close', [3], { seq })));
  const rows = packer.take();
  const recording = { info: { records: 2 }, readRows: () => Promise.resolve(rows), dispose: () => {} };
  const lost = new LostRecords();
  await lost.add(1, 1, [], Promise.resolve(recording as unknown as RecordedRecords));
  expect((await lost.read(1, 10)).map(({ seq }) => seq)).toEqual([1]);
  lost.dispose();
});
