import { effect, signal } from '@preact/signals';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataValue } from '../../src/common/call.js';
import type { SocketId, SocketInfo } from '../../src/common/socket.js';
import { greeting } from '../../src/common/usualArguments.js';
import { ComposerModel } from '../../src/webview/state/composer.js';
import type { RepeatInfo, RepeatStart } from '../../src/common/protocol/repeat.js';
import { RepeatModel } from '../../src/webview/state/repeat.js';
import { socket } from '../support/sockets.js';

function composerOf(...first: SocketInfo[]) {
  const sockets = signal<ReadonlyMap<SocketId, SocketInfo>>(new Map());
  const composer = new ComposerModel(sockets, () => ({ sockets: sockets.value, platform: 'linux' }));
  const follow = (isAtHand: boolean, all: SocketInfo[]) => {
    sockets.value = new Map(all.map((one) => [one.id, one]));
    composer.followSockets(isAtHand);
  };
  const tell = (...all: SocketInfo[]) => follow(false, all);
  const tellAtHand = (...all: SocketInfo[]) => follow(true, all);
  tell(...first);
  return { composer, tell, tellAtHand };
}

describe('The composer, when sockets come and go elsewhere', () => {
  it('takes a socket that the tree or a scenario made', () => {
    const { composer, tell } = composerOf();
    tell(socket({ id: 1, state: 'listening' }));
    expect(composer.target.value).toEqual({ kind: 'socket', id: 1 });
    expect(composer.name.value).toBe('accept');
  });

  it('leaves a form alone that the user has begun to fill in', () => {
    const { composer, tell } = composerOf();
    composer.setText(2, '6');
    tell(socket({ id: 1 }));
    expect(composer.name.value).toBe('socket');
    expect(composer.target.value).toEqual({ kind: 'none' });
  });

  it('offers a new socket where its own was closed elsewhere, but not to who has begun to type', () => {
    const [open, other] = [socket({ id: 1, state: 'connected' }), socket({ id: 2 })];
    const { composer, tell } = composerOf(open);
    tell({ ...open, state: 'closed' }, other);
    expect([composer.name.value, composer.target.value]).toEqual(['socket', { kind: 'none' }]);
    const typed = composerOf(open);
    typed.composer.setText(3, '6');
    typed.tell({ ...open, state: 'closed' });
    expect(typed.composer.target.value).toEqual({ kind: 'socket', id: 1 });
    // Chosen as it is, it stays.
    tell({ ...open, state: 'closed' });
    composer.chooseTarget({ kind: 'socket', id: 1 });
    tell({ ...open, state: 'closed' }, socket({ id: 3 }));
    expect(composer.target.value).toEqual({ kind: 'socket', id: 1 });
  });

  it('leaves a form alone that has its socket', () => {
    const { composer, tell } = composerOf(socket({ id: 1 }));
    tell(socket({ id: 1 }), socket({ id: 2 }));
    expect(composer.target.value).toEqual({ kind: 'socket', id: 1 });
  });

  it('offers the usual call of the state that its socket is in', () => {
    const [listener, accepted] = [
      socket({ id: 1, state: 'listening' }),
      socket({ id: 2, role: 'accepted', state: 'connected' }),
    ];
    const { composer } = composerOf(socket({ id: 3 }), listener, accepted);
    composer.choose('bind');
    composer.chooseTarget({ kind: 'socket', id: 1 });
    expect(composer.name.value).toBe('accept');
    composer.chooseTarget({ kind: 'socket', id: 2 });
    expect(composer.name.value).toBe('send');
    composer.choose('setsockopt');
    composer.chooseTarget({ kind: 'socket', id: 1 });
    expect(composer.name.value).toBe('setsockopt');
  });

  it('closes another socket only where the user has chosen the call', () => {
    const [listener, other] = [socket({ id: 1, state: 'listening' }), socket({ id: 2, state: 'connected' })];
    const { composer } = composerOf(listener, other);
    composer.prepare({ name: 'close', args: [other.fd] }, 2);
    composer.chooseTarget({ kind: 'socket', id: 1 });
    expect(composer.name.value).toBe('accept');
    composer.choose('close');
    composer.chooseTarget({ kind: 'socket', id: 2 });
    expect(composer.name.value).toBe('close');
    composer.commit();
    composer.chooseTarget({ kind: 'socket', id: 1 });
    expect(composer.name.value).toBe('accept');
  });

  it('offers recv where bytes wait, on the socket that is chosen and on the one at hand', () => {
    const [full, empty] = [
      socket({ id: 1, state: 'connected', receiveQueue: 6 }),
      socket({ id: 2, state: 'connected', receiveQueue: 0 }),
    ];
    const { composer, tell } = composerOf(full, empty);
    composer.prepare({ name: 'send', args: [empty.fd] }, 2);
    composer.chooseTarget({ kind: 'socket', id: 1 });
    expect(composer.name.value).toBe('recv');
    composer.chooseTarget({ kind: 'socket', id: 2 });
    expect(composer.name.value).toBe('send');
    tell(full, { ...empty, receiveQueue: 3 });
    expect(composer.name.value).toBe('recv');
    // What was suggested goes with what it was suggested for.
    tell(full, empty);
    expect(composer.name.value).toBe('send');
  });

  it.each<[string, (composer: ComposerModel) => void]>([
    ['has begun to fill in', (composer) => composer.setText(2, '6')],
    ['has chosen', (composer) => composer.choose('send')],
  ])('leaves a call alone that the user %s when bytes come', (_, act) => {
    const one = socket({ id: 1, state: 'connected', receiveQueue: 0 });
    const { composer, tell } = composerOf(one);
    composer.prepare({ name: 'send', args: [one.fd] }, 1);
    act(composer);
    tell({ ...one, receiveQueue: 3 });
    expect(composer.name.value).toBe('send');
  });

  it('offers recv for the first bytes that come to a socket that was just chosen', () => {
    const [other, one] = [
      socket({ id: 1, state: 'listening' }),
      socket({ id: 2, state: 'connected', receiveQueue: 0 }),
    ];
    const { composer, tell } = composerOf(one, other);
    composer.chooseTarget({ kind: 'socket', id: 1 });
    tell(one, other);
    composer.chooseTarget({ kind: 'socket', id: 2 });
    tell({ ...one, receiveQueue: 3 }, other);
    expect(composer.name.value).toBe('recv');
  });

  it('calls what it shows while somebody reaches for its button, and has what is usual with the next news', () => {
    const one = socket({ id: 1, state: 'connected', receiveQueue: 0 });
    const { composer, tell, tellAtHand } = composerOf(one);
    composer.prepare({ name: 'send', args: [one.fd] }, 1);
    const full = { ...one, receiveQueue: 3 };
    tellAtHand(full);
    expect(composer.name.value).toBe('send');
    tell(full, socket({ id: 2 }));
    expect(composer.name.value).toBe('recv');

    tellAtHand({ ...full, state: 'closed' });
    expect(composer.name.value).toBe('recv');
    // What is gone cannot be called any more.
    tellAtHand();
    expect(composer.name.value).toBe('socket');
    tellAtHand(socket({ id: 3 }));
    expect(composer.target.value).toEqual({ kind: 'none' });
    // A call that is chosen is chosen for what there is then.
    composer.choose('socket');
    tell(socket({ id: 3 }));
    expect(composer.target.value).toEqual({ kind: 'none' });
  });

  it('tells whoever offers something what the user has done to it', () => {
    const { composer } = composerOf(socket({ id: 1, state: 'connected' }));
    const seen: number[] = [];
    onTestFinished(effect(() => void seen.push(composer.actions)));
    composer.setText(1, 'x');
    composer.choose('recv');
    expect(seen).toHaveLength(3);
  });

  it('goes on with the connection that its listener accepts, once nobody is in the form', () => {
    const listener = socket({ id: 1, state: 'listening' });
    const accepted = socket({ id: 3, role: 'accepted', state: 'connected', listenerId: 1 });
    const all = [listener, socket({ id: 2, state: 'connected' }), accepted, socket({ id: 4 })];
    const { composer, tell, tellAtHand } = composerOf(listener);
    expect(composer.name.value).toBe('accept');
    tellAtHand(...all);
    expect(composer.name.value).toBe('accept');
    tell(...all);
    expect([composer.name.value, composer.target.value]).toEqual(['recv', { kind: 'socket', id: 3 }]);
  });

  it.each<[string, (composer: ComposerModel) => void, Partial<SocketInfo>]>([
    ['a call that the user chose', (composer) => composer.choose('setsockopt'), {}],
    ['what the user typed', (composer) => composer.setText(2, '1'), {}],
    [
      'the form of an automatic listener',
      () => {},
      { automatic: { mode: 'accept' } as unknown as SocketInfo['automatic'] },
    ],
  ])('leaves %s alone when its listener accepts', (_, act, more) => {
    const listener = socket({ id: 1, state: 'listening', ...more });
    const { composer, tell } = composerOf(listener);
    act(composer);
    const { value } = composer.name;
    tell(listener, socket({ id: 2, role: 'accepted', state: 'connected', listenerId: 1 }));
    expect([composer.name.value, composer.target.value]).toEqual([value, { kind: 'socket', id: 1 }]);
  });

  it('goes on with its socket when that is bound and listens elsewhere', () => {
    const { composer, tell } = composerOf();
    tell(socket({ id: 1 }));
    expect(composer.name.value).toBe('bind');
    tell(socket({ id: 1, state: 'listening' }));
    expect(composer.name.value).toBe('accept');
    composer.setText(0, '7');
    composer.choose('bind');
    composer.setText(1, '127.0.0.1');
    tell(socket({ id: 1, state: 'bound' }));
    expect(composer.name.value).toBe('bind');
  });

  it('offers a new socket when its own was lost', () => {
    const { composer, tell } = composerOf(socket({ id: 1 }));
    tell(socket({ id: 1, isLost: true }));
    expect(composer.name.value).toBe('socket');
    expect(composer.target.value).toEqual({ kind: 'none' });
  });
});

describe('What was sent', () => {
  const [one, other] = [
    socket({ id: 1, fd: 21, state: 'connected' }),
    socket({ id: 2, fd: 22, state: 'connected' }),
  ];
  const write = (composer: ComposerModel, text: string) =>
    composer.change({ payload: { ...composer.draft.value.payload, text } });
  const suggestSend = (composer: ComposerModel, { id, fd }: SocketInfo, bytes = greeting()) =>
    composer.suggest({ name: 'send', args: [fd, bytes, bytes.length, 0] }, id);

  it('is there again where the same call is suggested or chosen, of each socket its own', () => {
    const { composer } = composerOf(one, other);
    const text = () => composer.draft.value.payload.text;
    suggestSend(composer, one);
    expect(text()).toBe('hello\n');
    write(composer, 'request');
    composer.commit();
    suggestSend(composer, other);
    expect(text()).toBe('request');
    write(composer, 'answer');
    composer.commit();
    suggestSend(composer, one);
    expect(text()).toBe('request');
    composer.chooseTarget({ kind: 'socket', id: 2 });
    expect(text()).toBe('answer');
    // Of a socket that is known no more nothing is kept.
    composer.kept.forget([1]);
    suggestSend(composer, one);
    expect(text()).toBe('answer');
    composer.kept.forget([12]);
    composer.chooseTarget({ kind: 'socket', id: 2 });
    expect(text()).toBe('answer');
  });

  it('is sent again from the socket of the last time, though the form has gone to its other end', () => {
    const { composer, tell } = composerOf(one, other);
    const receive = () => composer.suggest({ name: 'recv', args: [other.fd, { kind: 'any' }, 100, 0] }, 2);
    suggestSend(composer, one);
    write(composer, 'first');
    composer.commit();
    receive();
    composer.choose('send');
    expect(composer.target.value).toEqual({ kind: 'socket', id: 1 });
    expect(composer.draft.value.payload.text).toBe('first');
    expect(composer.isChosenSend).toBe(true);
    // The user has turned to the other end, or nobody sends here any more.
    composer.commit();
    receive();
    composer.chooseTarget({ kind: 'socket', id: 2 });
    composer.choose('send');
    expect(composer.target.value).toEqual({ kind: 'socket', id: 2 });
    suggestSend(composer, one);
    receive();
    tell({ ...one, state: 'closed' }, other);
    composer.choose('send');
    expect(composer.target.value).toEqual({ kind: 'socket', id: 2 });
  });

  it('takes the place of a greeting only', () => {
    const { composer } = composerOf(one, other);
    suggestSend(composer, one);
    write(composer, 'request');
    composer.commit();
    suggestSend(composer, other, dataValue(Uint8Array.of(0xff)));
    expect(composer.draft.value.payload).toMatchObject({ mode: 'hex', hex: 'ff' });
    // A call that was made is shown as it was.
    composer.prepare({ name: 'send', args: [21, greeting(), 6, 0] }, 1);
    expect(composer.draft.value.payload.text).toBe('hello\n');
  });

  it('is what the form showed when it was called, not what was written while the answer came', () => {
    const { composer } = composerOf(one, other);
    suggestSend(composer, one);
    write(composer, 'sent');
    const { shown } = composer;
    write(composer, 'still to be sent');
    composer.commit(shown);
    expect(composer.isTouched.value).toBe(true);
    composer.choose('recv');
    composer.commit(shown);
    expect(composer.name.value).toBe('recv');
    suggestSend(composer, other);
    expect(composer.draft.value.payload.text).toBe('sent');
  });

  it('is received in the room that was given there before', () => {
    const { composer } = composerOf(one, other);
    const suggest = (name: 'recv' | 'send') =>
      composer.suggest({ name, args: [21, { kind: 'any' }, 4096, 0] }, 1);
    suggest('recv');
    composer.setText(2, '10');
    composer.setFlags(3, 2);
    composer.commit();
    suggest('send');
    suggest('recv');
    expect(composer.draft.value).toMatchObject({ texts: { 2: '10' }, flags: { 3: 0 } });
    composer.chooseTarget({ kind: 'socket', id: 2 });
    composer.choose('recv');
    expect(composer.draft.value.texts[2]).toBe('4096');
    composer.chooseTarget({ kind: 'socket', id: 1 });
    composer.choose('recv');
    expect(composer.draft.value.texts[2]).toBe('10');
    composer.choose('recvmsg');
    composer.change({ room: { ...composer.draft.value.room, lengths: ['1', '2'] } });
    composer.commit();
    composer.choose('recv');
    composer.choose('recvmsg');
    expect(composer.draft.value.room.lengths).toEqual(['1', '2']);
    composer.kept.forget([1]);
    composer.choose('recv');
    expect(composer.draft.value.texts[2]).toBe('4096');
  });

  it('keeps the address it went to', () => {
    const datagram = socket({ id: 3, domain: 'AF_INET', type: 'SOCK_DGRAM', state: 'bound' });
    const { composer } = composerOf(datagram);
    composer.choose('sendto');
    composer.setAddress(4, { kind: 'AF_INET', fields: { address: '10.1.2.3', port: '9' } });
    composer.commit();
    composer.choose('recvfrom');
    composer.choose('sendto');
    expect(composer.address(4).fields).toEqual({ address: '10.1.2.3', port: '9' });
  });
});

it('puts Repeat away when the form shows another call or socket, not while it shows the same', () => {
  const { composer, tell } = composerOf(socket({ id: 1, state: 'connected' }));
  const repeat = new RepeatModel({
    composer,
    start: () => Promise.reject(new Error('Nothing is repeated here.')),
    stop: () => {},
    remember: () => {},
    say: () => {},
  });
  const isOpenAfter = (change: () => void) => {
    repeat.isOpen.value = true;
    change();
    return repeat.isOpen.value;
  };
  composer.choose('send');
  expect(isOpenAfter(() => composer.setText(3, '0x40'))).toBe(true);
  expect(isOpenAfter(() => composer.chooseTarget({ kind: 'socket', id: 1 }))).toBe(true);
  expect(isOpenAfter(() => composer.choose('socket'))).toBe(false);
  composer.choose('send');
  tell(socket({ id: 1, state: 'connected' }), socket({ id: 2, state: 'connected' }));
  expect(isOpenAfter(() => composer.chooseTarget({ kind: 'socket', id: 2 }))).toBe(false);
  expect(isOpenAfter(() => tell(socket({ id: 1, state: 'connected' })))).toBe(false);
  expect(composer.name.value).toBe('socket');
});

it.each(['before', 'after'])(
  'counts on behind what a repeated call has begun: its end is told %s its start',
  async (order) => {
    const { composer } = composerOf(socket({ id: 1, state: 'connected' }));
    const said: string[] = [];
    let begin = (_start: RepeatStart) => {};
    const repeat = new RepeatModel({
      composer,
      start: () => new Promise((resolve) => (begin = resolve)),
      stop: () => {},
      remember: () => {},
      say: (text) => void said.push(text),
    });
    composer.choose('send');
    composer.change({ payload: { ...composer.draft.value.payload, text: 'n={{counter}}' } });
    const info: RepeatInfo = {
      id: 7,
      name: 'send',
      socketId: 1,
      count: 10,
      intervalMs: 1000,
      begun: 3,
      made: 2,
      failed: 0,
      isWaiting: false,
      end: { kind: 'closed' },
    };
    const started = repeat.start();
    const end = () => repeat.apply([info]);
    if (order === 'before') {
      end();
    }
    begin({ kind: 'started', id: 7 });
    await started;
    if (order === 'after') {
      end();
    }
    // Told once more: another one goes on.
    end();
    expect(composer.draw.value.counter).toBe(4);
    expect(said).toEqual(['send has ended with its socket, after 2 of 10.']);
  },
);
