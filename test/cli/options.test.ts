import { describe, expect, it } from 'vitest';
import { cli } from './commandLine.js';

describe('options', () => {
  it('tells everything about the options that are named, and about those of a level', async () => {
    const { status, stdout } = await cli(['options', 'so_mark', 'SOL_UDPLITE']);
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'SO_MARK: SOL_SOCKET 36, int, read and set',
        '  Mark on each packet that is sent, for routing rules and filters. Setting it needs CAP_NET_ADMIN.',
        'UDPLITE_SEND_CSCOV: SOL_UDPLITE 10, int, bytes, read and set',
        '  How much of each datagram its checksum covers; 0 is all. 1 to 7 become 8, the length of the header.',
        'UDPLITE_RECV_CSCOV: SOL_UDPLITE 11, int, bytes, read and set',
        '  How much the checksum of a datagram must cover for it to be received. 1 to 7 become 8, the length of the header.',
        '',
      ].join('\n'),
    );
  });

  it('lists all by their level', async () => {
    const { stdout } = await cli(['options']);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual(['SOL_SOCKET', '  SO_REUSEADDR']);
    expect(lines).toContain('  TCP_NODELAY');
    expect(lines).toContain('AF_VSOCK');
  });

  it('refuses what is no option', async () => {
    const { status, stderr } = await cli(['options', 'SO_NOTHING']);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no option "SO_NOTHING".');
  });
});
