import { effect } from '@preact/signals';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SocketInfo } from '../../src/common/socket.js';
import { ComposerModel } from '../../src/webview/state/composer.js';
import { FrameQueue } from '../../src/webview/state/frameQueue.js';
import { SocketMirror } from '../../src/webview/state/socketMirror.js';
import { socket } from '../support/sockets.js';

let frames: FrameRequestCallback[] = [];

function nextFrame() {
  frames.splice(0).forEach((callback) => callback(0));
}

function mirrorOf(...sockets: SocketInfo[]) {
  const mirror = new SocketMirror(new FrameQueue());
  mirror.apply({ sockets, removed: [] });
  nextFrame();
  return mirror;
}

beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it('leaves what shows no bytes alone while bytes flow', () => {
  const mirror = mirrorOf(socket({ id: 1 }), socket({ id: 2 }));
  const [steady, first] = [mirror.steady.value, mirror.steady.value.get(1)];
  const moved = socket({ id: 1, bytesReceived: 64, bytesSent: 64, sendQueue: 2 });
  expect(mirror.apply({ sockets: [{ ...moved, unrecordedCalls: 7 }], removed: [] })).toBe(false);
  expect(mirror.steady.value).toBe(steady);
  expect(mirror.all.value.get(1)).toMatchObject({ bytesReceived: 64, unrecordedCalls: 7 });

  const other = socket({ id: 2, state: 'connected', bytesSent: 1 });
  expect(mirror.apply({ sockets: [moved, other], removed: [] })).toBe(true);
  expect(mirror.steady.value.get(1)).toBe(first);
  expect(mirror.steady.value.get(2)).toBe(other);

  // The form offers a call for bytes that wait, however many, and none where the host takes them.
  expect(mirror.apply({ sockets: [{ ...moved, receiveQueue: 3 }], removed: [] })).toBe(true);
  expect(mirror.apply({ sockets: [{ ...moved, receiveQueue: 9 }], removed: [] })).toBe(false);
  const automatic = {
    mode: 'receive',
    accepted: null,
    isRecorded: true,
    isBatched: false,
    held: null,
  } as const;
  expect(mirror.apply({ sockets: [{ ...moved, automatic }], removed: [] })).toBe(true);
  expect(mirror.apply({ sockets: [{ ...moved, automatic, receiveQueue: 3 }], removed: [] })).toBe(false);
  expect(mirror.apply({ sockets: [], removed: [1] })).toBe(true);
  expect([...mirror.steady.value.keys()]).toEqual([2]);
  expect([...mirror.all.value.keys()]).toEqual([2]);
});

it('is drawn once a frame, however often it is told of', () => {
  const mirror = mirrorOf(socket({ id: 1 }));
  let drawings = -1;
  const stop = effect(() => {
    void mirror.drawn.value;
    drawings++;
  });
  for (let bytesSent = 1; bytesSent <= 5; bytesSent++) {
    mirror.apply({ sockets: [socket({ id: 1, bytesSent })], removed: [] });
  }
  expect(drawings).toBe(0);
  nextFrame();
  expect(drawings).toBe(1);
  expect(mirror.drawn.value.get(1)?.bytesSent).toBe(5);
  stop();
});

it('has the form read anew only when its socket is another', () => {
  const mirror = mirrorOf(socket({ id: 1, state: 'connected' }));
  const composer = new ComposerModel(mirror.steady, () => ({
    sockets: mirror.steady.value,
    platform: 'linux',
  }));
  composer.chooseTarget({ kind: 'socket', id: 1 });
  const reading = composer.reading.value;
  mirror.apply({ sockets: [socket({ id: 1, state: 'connected', bytesSent: 64 })], removed: [] });
  expect(composer.reading.value).toBe(reading);
  mirror.apply({ sockets: [socket({ id: 1, state: 'connected', fd: 22 })], removed: [] });
  expect(composer.reading.value).not.toBe(reading);
});

it('tells from which record on a socket is known better', () => {
  const mirror = mirrorOf(socket({ id: 1, openedSeq: 4 }), socket({ id: 2, openedSeq: 9 }));
  const firstOf = (...sockets: SocketInfo[]) => mirror.firstOfIdentified({ sockets });
  expect(firstOf(socket({ id: 1, openedSeq: 4, bytesSent: 1 }))).toBe(Infinity);
  const paired = [socket({ id: 1, openedSeq: 4, peerId: 2 }), socket({ id: 2, openedSeq: 9, peerId: 1 })];
  expect(firstOf(...paired)).toBe(4);
  mirror.apply({ sockets: paired, removed: [] });
  expect(firstOf(...paired)).toBe(Infinity);
});
