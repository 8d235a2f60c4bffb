import { expect, it } from 'vitest';
import { printCall } from '../../src/common/notation/printer.js';
import { defaultCall } from '../../src/common/usualArguments.js';
import { Senders } from '../../src/webview/state/senders.js';
import { recordOf } from '../support/records.js';
import { inet, socket } from '../support/sockets.js';

it('offers to answer who has sent the last datagram, also when other sockets of ours have an address', () => {
  const datagram = { type: 'SOCK_DGRAM', role: 'datagram', state: 'bound' } as const;
  const server = socket({ id: 1, fd: 21, ...datagram, local: inet('127.0.0.1', 7000) });
  const other = socket({ id: 2, fd: 22, ...datagram, local: inet('127.0.0.1', 7001) });
  const sockets = new Map([server, other].map((one) => [one.id, one]));
  const senders = new Senders();
  const offered = () => {
    const context = { sockets, platform: 'linux', senderTo: (id: number) => senders.of(id) } as const;
    return /, ([^,]*)\)$/.exec(printCall(defaultCall('sendto', server, context)))![1];
  };
  const receive = (seq: number, port: number) =>
    recordOf('recvfrom', [21, { kind: 'any' }, 4096, 0, inet('127.0.0.1', port)], { seq, socketId: 1 });
  expect(offered()).toBe('127.0.0.1:7001');
  senders.add(receive(9, 40_009));
  // Records are read in any order.
  senders.add(receive(5, 40_005));
  expect(offered()).toBe('127.0.0.1:40009');
});
