import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { ComposerModel } from '../../src/webview/state/composer.js';
import type { PresetRun } from '../../src/webview/state/presetRun.js';
import { RecordModel } from '../../src/webview/state/records.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { socket } from '../support/sockets.js';
import { recordOf } from '../support/records.js';

vi.mock('../../src/webview/connection.js', () => ({}));

const { Selection } = await import('../../src/webview/state/selection.js');
const { ViewModel } = await import('../../src/webview/state/view.js');

beforeEach(() => {
  vi.stubGlobal('window', { innerWidth: 1440 });
  vi.stubGlobal('requestAnimationFrame', () => 0);
});
afterEach(() => vi.unstubAllGlobals());

/** A page that shows three sockets and has read none of the records that made them. */
function unreadPage(...others: SocketInfo[]) {
  const answers: (() => void)[] = [];
  const records = new RecordModel({
    read: ({ from }) => {
      const record: CallRecord = recordOf('socket', [2, 1, 0], { seq: from, createdIds: [from] });
      return new Promise((resolve) => answers.push(() => resolve([record])));
    },
    readEach: () => Promise.resolve([]),
  });
  const sockets = signal(
    new Map([...[1, 2, 3].map((id) => socket({ id })), ...others].map((one) => [one.id, one])),
  );
  const composer = new ComposerModel(sockets, () => ({ sockets: sockets.value, platform: 'linux' }));
  const view = new ViewModel({});
  const told: { socketId: number | null; seq: number | null }[] = [];
  const selection = new Selection({
    sockets,
    view,
    records,
    composer,
    presetRun: { progress: signal(null) } as unknown as PresetRun,
    tell: (selected) => told.push(selected),
  });
  const answer = () => answers.splice(0).forEach((each) => each());
  return { selection, view, sockets, composer, told, answer };
}

it('a record that is not read yet is selected at once, and its socket when it is read', async () => {
  const { selection, view, composer, told, answer } = unreadPage();
  const selected = selection.selectRecord(2);
  expect(view.selectedSeq.value).toBe(2);
  answer();
  await selected;
  expect(view.selectedSocketId.value).toBe(2);
  expect(composer.target.value).toEqual({ kind: 'socket', id: 2 });
  expect(told).toEqual([
    { socketId: null, seq: 2 },
    { socketId: 2, seq: 2 },
  ]);
});

it('a record that is read when something else is selected does not take its place', async () => {
  const { selection, view, answer } = unreadPage();
  const first = selection.selectRecord(1);
  const second = selection.selectRecord(2);
  answer();
  await Promise.all([first, second]);
  expect([view.selectedSeq.value, view.selectedSocketId.value]).toEqual([2, 2]);
  const third = selection.selectRecord(3);
  selection.selectSocket(1);
  answer();
  await third;
  expect([view.selectedSeq.value, view.selectedSocketId.value]).toEqual([3, 1]);
});

it('what is not there any more is not selected, which is told once', () => {
  const { selection, view, sockets, told } = unreadPage();
  selection.selectSocket(2);
  view.selectedSeq.value = 5;
  told.length = 0;
  selection.follow(5);
  expect(told).toEqual([]);
  selection.follow(6);
  sockets.value = new Map();
  selection.follow(6);
  selection.follow(6);
  expect(told).toEqual([
    { socketId: 2, seq: null },
    { socketId: null, seq: null },
  ]);
});

it('a record moves the form to its socket as the head of the lane does, also to one that is closed', async () => {
  const { selection, composer, answer } = unreadPage(socket({ id: 3, state: 'closed' }));
  const places: unknown[] = [];
  for (const select of [() => selection.selectRecord(3), () => Promise.resolve(selection.selectSocket(3))]) {
    selection.selectSocket(1);
    const selected = select();
    answer();
    await selected;
    places.push([composer.target.value, composer.name.value]);
  }
  expect(places[0]).toEqual([{ kind: 'socket', id: 3 }, 'getsockname']);
  expect(places[1]).toEqual(places[0]);
});

it('what is chosen in the form is selected, and where something was typed the form stays beside what is selected then', () => {
  const { selection, view, composer, told } = unreadPage();
  selection.selectSocket(1);
  composer.chooseTarget({ kind: 'socket', id: 2 });
  expect(view.selectedSocketId.value).toBe(2);
  expect(told.at(-1)).toEqual({ socketId: 2, seq: null });
  expect(selection.beside()).toBeUndefined();
  composer.choose('connect');
  composer.setText(1, 'typed');
  selection.selectSocket(3);
  expect(composer.targetId).toBe(2);
  expect(selection.beside()?.id).toBe(3);
  // A call that needs no descriptor goes to none.
  composer.choose('socket');
  expect(selection.beside()).toBeUndefined();
});
