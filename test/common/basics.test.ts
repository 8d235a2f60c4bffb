import { afterEach, describe, expect, it } from 'vitest';
import { Emitter, once } from '../../src/common/event.js';
import { setMessages, t } from '../../src/common/l10n.js';
import { DisposableStore, toDisposable } from '../../src/common/lifecycle.js';
import { isCallName, parameterIndex, signatureOf, signatures } from '../../src/common/tables/signatures.js';

afterEach(() => setMessages({}));

describe('t', () => {
  it('fills placeholders and leaves those without a value', () => {
    expect(t('{0} of {1}', 3, 'x')).toBe('3 of x');
    expect(t('{0} of {1}', 3)).toBe('3 of {1}');
  });

  it('takes the translation, whose placeholders may stand in another order', () => {
    setMessages({ '{0} of {1}': '{1} 중 {0}' });
    expect(t('{0} of {1}', 3, 8)).toBe('8 중 3');
  });

  it('never reads a value as a placeholder', () => {
    expect(t('{0} {1}', '{1}', 'b')).toBe('{1} b');
  });
});

describe('Emitter', () => {
  it('lets a listener leave while it is called', () => {
    const emitter = new Emitter<number>();
    const seen: string[] = [];
    const first = emitter.event(() => first.dispose());
    emitter.event((value) => seen.push(`second ${value}`));
    emitter.fire(1);
    emitter.fire(2);
    expect(seen).toEqual(['second 1', 'second 2']);
  });

  it('gives the next value that passes', async () => {
    const emitter = new Emitter<number>();
    const big = once(emitter.event, (value) => value > 2);
    [1, 2, 3, 4].forEach((value) => emitter.fire(value));
    expect(await big).toBe(3);
  });
});

describe('DisposableStore', () => {
  it('ends everything once, last in first out, and what comes late at once', () => {
    const order: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => order.push('a')));
    store.add(toDisposable(() => order.push('b')));
    store.dispose();
    store.dispose();
    store.add(toDisposable(() => order.push('late')));
    expect(order).toEqual(['b', 'a', 'late']);
  });
});

describe('signatures', () => {
  it('hold the whole vocabulary, each with its own name as key', () => {
    expect([...signatures.keys()].join(' ')).toBe(
      'socket socketpair bind listen accept accept4 connect send sendto sendmsg recv recvfrom recvmsg read write ' +
        'shutdown close getsockname getpeername getsockopt setsockopt fcntl ioctl poll dup pipe unlink',
    );
    for (const [name, signature] of signatures) {
      expect(signature.name).toBe(name);
    }
  });

  it('leave out arguments only at the end', () => {
    for (const { name, parameters } of signatures.values()) {
      const optional = parameters.map((parameter) => parameter.isOptional === true);
      expect(optional, name).toEqual([...optional].sort((a, b) => Number(a) - Number(b)));
    }
  });

  it('find parameters by type', () => {
    expect(parameterIndex('sendto', 'sockaddr')).toBe(4);
    expect(parameterIndex('close', 'sockaddr')).toBe(-1);
    expect(isCallName('toString')).toBe(false);
    expect(signatureOf('accept').returns).toBe('fd');
  });
});
