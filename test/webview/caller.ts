import { type Call, dataValue, type Value } from '../../src/common/call.js';
import type { SocketAddress } from '../../src/common/socket.js';
import type { Playground } from '../../src/playground/playground.js';

const any: Value = { kind: 'any' };

/** Real calls, one after the other: the next one is made when the page's model knows of the last. */
export class Caller {
  constructor(private readonly playground: Playground) {}

  async call(name: Call['name'], ...args: Value[]): Promise<number> {
    const record = await this.playground.call({ name, args }).returned;
    await this.playground.whenKnown(record.seq);
    return record.result!;
  }

  /** A call that waits. */
  async wait(name: Call['name'], ...args: Value[]): Promise<{ seq: number; returned: Promise<number> }> {
    const { started, returned } = this.playground.call({ name, args });
    const { seq } = await started.then((start) => (start.kind === 'returned' ? start.record : start));
    // Most are still waiting when the host goes.
    const result = returned.then(
      (record) => record.result!,
      () => NaN,
    );
    return { seq, returned: result };
  }

  send(fd: number, text: string): Promise<number> {
    const data = dataValue(new TextEncoder().encode(text));
    return this.call('send', fd, data, data.length, 0);
  }

  recv(fd: number, length = 4096): Promise<number> {
    return this.call('recv', fd, any, length, 0);
  }

  async listener(): Promise<{ fd: number; address: SocketAddress }> {
    const fd = await this.call('socket', 2, 1, 0);
    await this.call('bind', fd, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
    await this.call('listen', fd, 8);
    const named = await this.playground.call({ name: 'getsockname', args: [fd] }).returned;
    return { fd, address: named.args[1] as SocketAddress };
  }

  /** A client of ours and what was accepted from it. */
  async connection(listener: {
    fd: number;
    address: SocketAddress;
  }): Promise<[client: number, peer: number]> {
    const client = await this.call('socket', 2, 1, 0);
    await this.call('connect', client, listener.address);
    return [client, await this.call('accept', listener.fd)];
  }
}
