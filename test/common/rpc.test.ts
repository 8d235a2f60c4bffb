import { describe, expect, it, vi } from 'vitest';
import { CallRefusedError, ConnectionClosedError, RemoteError, refusalOf } from '../../src/common/errors.js';
import { Emitter } from '../../src/common/event.js';
import { RpcConnection, type Transport } from '../../src/common/rpc.js';

interface ServerMethods {
  add(pair: { a: number; b: number }): number;
  refuse(): void;
  fail(): void;
  never(): void;
}
interface ServerEvents {
  didTick: number;
}

/** Two ends of a pipe that clones what it carries, as IPC does. */
function pipe() {
  const closed = new Emitter<void>();
  const left = new Emitter<unknown>();
  const right = new Emitter<unknown>();
  const end = (mine: Emitter<unknown>, other: Emitter<unknown>): Transport => ({
    send: (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => other.fire(copy));
    },
    onDidReceive: mine.event,
    onDidClose: closed.event,
  });
  return { client: end(left, right), server: end(right, left), toServer: right, close: () => closed.fire() };
}

function connect() {
  const transports = pipe();
  const onFault = vi.fn();
  const server = new RpcConnection<object, object, ServerEvents>(
    transports.server,
    {
      add: ({ a, b }: { a: number; b: number }) => a + b,
      refuse: () => {
        throw new CallRefusedError({
          kind: 'refused',
          argument: 1,
          message: 'Port 65536?',
          reason: 'invalid',
        });
      },
      fail: () => {
        throw new Error('broken');
      },
      never: () => new Promise(() => {}),
    },
    onFault,
  );
  const client = new RpcConnection<ServerMethods, ServerEvents>(transports.client);
  return { ...transports, server, client, onFault };
}

describe('RpcConnection', () => {
  it('answers requests, also many at once and out of order', async () => {
    const { client } = connect();
    const sums = await Promise.all(Array.from({ length: 100 }, (_, a) => client.remote.add({ a, b: 1 })));
    expect(sums).toEqual(Array.from({ length: 100 }, (_, a) => a + 1));
  });

  it('carries a refusal across as data', async () => {
    const { client, onFault } = connect();
    const error: unknown = await client.remote.refuse().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RemoteError);
    expect(refusalOf(error)).toMatchObject({ argument: 1, reason: 'invalid' });
    expect(onFault).not.toHaveBeenCalled();
  });

  it('reports an unexpected error of a handler on both sides', async () => {
    const { client, onFault } = connect();
    await expect(client.remote.fail()).rejects.toThrow('broken');
    expect(onFault).toHaveBeenCalledOnce();
  });

  it('refuses methods that are not there, also those that every object has', async () => {
    const { client } = connect();
    const remote = client.remote as unknown as Record<string, () => Promise<unknown>>;
    await expect(remote['constructor']!()).rejects.toThrow('No method "constructor".');
    await expect(remote['nothing']!()).rejects.toThrow('No method "nothing".');
  });

  it('delivers events until the subscription ends', async () => {
    const { client, server } = connect();
    const seen: number[] = [];
    const subscription = client.on('didTick')((value) => seen.push(value));
    server.fire('didTick', 1);
    await client.remote.add({ a: 0, b: 0 });
    subscription.dispose();
    server.fire('didTick', 2);
    await client.remote.add({ a: 0, b: 0 });
    expect(seen).toEqual([1]);
  });

  describe('a paced event', () => {
    const join = (before: number, after: number) => 1000 * before + after;
    /** All that crosses to the client, in its order. */
    function paced() {
      const both = connect();
      const { client, server } = both;
      const seen: unknown[] = [];
      client.on('didTick')((value) => seen.push(value));
      const fire = (...values: number[]) =>
        values.forEach((value) => server.firePaced('didTick', value, join));
      const sum = async (a: number) => seen.push(`sum ${await client.remote.add({ a, b: 0 })}`);
      return { ...both, seen, fire, sum };
    }

    it('waits until the one before is taken, together with all that come meanwhile', async () => {
      const { seen, fire, sum } = paced();
      fire(1, 2, 3, 4);
      expect(seen).toEqual([]);
      await sum(0);
      await sum(0);
      expect(seen.filter((each) => typeof each === 'number')).toEqual([1, 2_003_004]);
      fire(5);
      await sum(0);
      expect(seen).toContain(5);
    });

    it('is overtaken by nothing', async () => {
      const { seen, fire, server } = paced();
      fire(1, 2);
      server.fire('didTick', 3);
      fire(4);
      await new Promise(setImmediate);
      expect(seen).toEqual([1, 2, 3, 4]);
    });

    it('is taken also where a listener throws', () => {
      const received = new Emitter<unknown>();
      const sent: unknown[] = [];
      const client = new RpcConnection<ServerMethods, ServerEvents>({
        send: (message) => sent.push(message),
        onDidReceive: received.event,
        onDidClose: new Emitter<void>().event,
      });
      client.on('didTick')(() => {
        throw new Error('broken');
      });
      const event = { type: 'event', name: 'didTick', value: 1 };
      expect(() => received.fire({ ...event, isPaced: true })).toThrow('broken');
      expect(() => received.fire(event)).toThrow('broken');
      expect(sent).toEqual([{ type: 'taken', name: 'didTick' }]);
    });

    it('begins anew where the other side does, whatever that says it has taken', async () => {
      const { seen, fire, server, toServer } = paced();
      fire(1, 2);
      server.restartPaced('didTick');
      toServer.fire({ type: 'taken', name: 'didTick' });
      toServer.fire({ type: 'taken', name: 'nothing' });
      fire(3, 4);
      await new Promise(setImmediate);
      expect(seen).toEqual([1, 3, 4]);
    });
  });

  it('rejects what is open when the transport closes, and everything after', async () => {
    const { client, close } = connect();
    const open = client.remote.never();
    close();
    await expect(open).rejects.toBeInstanceOf(ConnectionClosedError);
    await expect(client.remote.add({ a: 1, b: 1 })).rejects.toBeInstanceOf(ConnectionClosedError);
  });

  it('survives messages of any form', () => {
    const { toServer, onFault } = connect();
    for (const message of [null, 1, 'x', {}, { type: 'other' }, { type: 'result', id: 99, value: 1 }]) {
      toServer.fire(message);
    }
    expect(onFault).toHaveBeenCalledTimes(5);
  });
});
