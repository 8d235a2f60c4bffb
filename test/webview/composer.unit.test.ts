import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { SocketId, SocketInfo } from '../../src/common/socket.js';
import { ComposerModel } from '../../src/webview/state/composer.js';
import { socket } from '../extension/sockets.js';

function composerOf(...first: SocketInfo[]) {
  const sockets = signal<ReadonlyMap<SocketId, SocketInfo>>(new Map());
  const composer = new ComposerModel(sockets, () => ({ sockets: sockets.value, platform: 'linux' }));
  const tell = (...all: SocketInfo[]) => {
    sockets.value = new Map(all.map((one) => [one.id, one]));
    composer.followSockets();
  };
  tell(...first);
  return { composer, tell };
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
