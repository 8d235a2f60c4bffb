import { describe, expect, it } from 'vitest';
import { protocolName, sizeText, socketIcon, socketTone, stateText } from '../../src/common/socketText.js';
import {
  addressLabel,
  socketDescription,
  socketLabel,
  tooltipRows,
} from '../../src/extension/views/socketText.js';
import { inet, socket, unix } from '../support/sockets.js';

const listener = socket({
  role: 'listener',
  state: 'listening',
  tcpState: 'LISTEN',
  local: inet('127.0.0.1', 4000),
  backlog: 128,
  acceptQueue: 0,
  fd: 3,
});

describe('the label', () => {
  it('leads with what tells a socket from its neighbours', () => {
    expect(addressLabel(listener)).toBe('127.0.0.1:4000');
    const ends = { local: inet('127.0.0.1', 4000), remote: inet('127.0.0.1', 51234) };
    expect(addressLabel(socket({ ...ends, role: 'accepted' }))).toBe('← 127.0.0.1:51234');
    expect(addressLabel(socket({ ...ends, role: 'client' }))).toBe('127.0.0.1:4000 → :51234');
    expect(addressLabel(socket({ local: inet('::1', 5), remote: inet('fe80::1', 6), role: 'client' }))).toBe(
      '[::1]:5 → [fe80::1]:6',
    );
    expect(addressLabel(socket({ remote: inet('127.0.0.1', 9), role: 'client' }))).toBe('→ 127.0.0.1:9');
    expect(addressLabel(socket({ domain: 'AF_UNIX', local: unix('/tmp/play.sock') }))).toBe('/tmp/play.sock');
    expect(addressLabel(socket({ domain: 'AF_UNIX', local: unix('play', true) }))).toBe('@play');
    expect(addressLabel(socket({ domain: 'AF_UNIX', remote: unix(''), role: 'accepted' }))).toBe('← unnamed');
    expect(addressLabel(socket())).toBe('TCP socket');
    expect(addressLabel(socket({ role: 'accepted' }))).toBe('accepted TCP socket');
  });

  it('leads with the name where the socket has one', () => {
    expect(socketLabel({ ...listener, name: 'server' })).toBe('server 127.0.0.1:4000');
  });

  it('shows control characters of a path as escapes', () => {
    const label = addressLabel(socket({ domain: 'AF_UNIX', local: unix('/tmp/\u001b[31m\u202e') }));
    expect(label).not.toContain('\u001b');
    expect(label).not.toContain('\u202e');
  });
});

describe('the description', () => {
  it('says state, descriptor, queue, bytes and what waits', () => {
    expect(socketDescription(listener)).toBe('LISTEN · fd 3 · 0/128');
    expect(
      socketDescription({ ...listener, waiting: [{ seq: 4, name: 'accept', startNs: 0 }], acceptQueue: 2 }),
    ).toBe('LISTEN · accept waits · fd 3 · 2/128');
    expect(
      socketDescription(
        socket({ state: 'connected', tcpState: 'ESTABLISHED', bytesReceived: 14, bytesSent: 7, fd: 7 }),
      ),
    ).toBe('ESTABLISHED · fd 7 · ↓14 B ↑7 B');
    expect(socketDescription(socket())).toBe('open · fd 21');
    expect(socketDescription(socket({ isLost: true, tcpState: 'LISTEN' }))).toBe('lost · fd 21');
  });

  it('keeps the words of our calls apart from those of TCP', () => {
    expect(stateText(socket({ domain: 'AF_UNIX', state: 'listening' }))).toBe('listening');
    expect(stateText(socket({ state: 'bound', tcpState: 'CLOSE' }))).toBe('bound');
    expect(stateText(socket({ state: 'connected', tcpState: 'CLOSE_WAIT' }))).toBe('CLOSE_WAIT');
  });

  it('gives sizes in three figures', () => {
    expect([0, 999, 1000, 1536, 12 * 1024 ** 2, 3 * 1024 ** 4].map(sizeText)).toEqual([
      '0 B',
      '999 B',
      '1.0 KiB',
      '1.5 KiB',
      '12 MiB',
      '3.0 TiB',
    ]);
  });
});

describe('icon and colour', () => {
  it('follow role and state', () => {
    expect(socketIcon(listener)).toBe('broadcast');
    expect(socketIcon(socket({ role: 'accepted' }))).toBe('arrow-circle-left');
    expect(socketIcon(socket({ role: 'client' }))).toBe('arrow-circle-right');
    expect(socketIcon(socket({ role: 'datagram' }))).toBe('radio-tower');
    expect(socketIcon(socket({ domain: 'AF_UNIX', role: 'listener' }))).toBe('file-symlink-file');
    expect(socketIcon(socket({ type: 'SOCK_RAW' }))).toBe('zap');
    expect(socketTone(listener)).toBe('listen');
    expect(socketTone(socket({ state: 'bound', role: 'datagram' }))).toBe('listen');
    expect(socketTone(socket({ state: 'bound' }))).toBe('none');
    expect(socketTone(socket({ state: 'connecting' }))).toBe('handshake');
    expect(socketTone(socket({ state: 'connected' }))).toBe('open');
    expect(socketTone(socket({ state: 'connected', tcpState: 'FIN_WAIT2' }))).toBe('closing');
    expect(socketTone(socket({ state: 'connected', tcpState: 'CLOSE' }))).toBe('none');
    expect(socketTone(socket({ state: 'connected', isLost: true }))).toBe('none');
  });
});

describe('the tooltip', () => {
  it('holds the whole 5-tuple', () => {
    const rows = tooltipRows(
      socket({ local: inet('127.0.0.1', 4000), remote: inet('127.0.0.1', 51234), state: 'connected' }),
    );
    expect(rows).toContainEqual(['protocol', 'TCP']);
    expect(rows).toContainEqual(['local', '127.0.0.1:4000']);
    expect(rows).toContainEqual(['remote', '127.0.0.1:51234']);
    expect(rows).toContainEqual(['fd', '21']);
  });
});

describe('protocolName', () => {
  it('is the word people use, or the kernel’s', () => {
    expect(protocolName(socket({ type: 'SOCK_DGRAM' }))).toBe('UDP');
    expect(protocolName(socket({ protocol: 'IPPROTO_TCP' }))).toBe('TCP');
    expect(protocolName(socket({ type: 'SOCK_RAW', protocol: 'IPPROTO_ICMP' }))).toBe('ICMP');
    expect(protocolName(socket({ domain: 'AF_NETLINK' }))).toBe('Netlink');
    expect(protocolName(socket({ domain: 41 }))).toBe('41');
  });
});
