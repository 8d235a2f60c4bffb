import { describe, expect, it } from 'vitest';
import { ResolutionError, resolveHost } from '../../src/playground/resolve.js';

describe('a host name', () => {
  it('gives the first answer of the family and keeps all answers', async () => {
    const { address, resolution } = await resolveHost('localhost', 80, 'AF_INET');
    expect(address).toEqual({ family: 'AF_INET', address: '127.0.0.1', port: 80 });
    expect(resolution.host).toBe('localhost');
    expect(resolution.addresses).toContain('127.0.0.1');
    expect(new Set(resolution.addresses).size).toBe(resolution.addresses.length);
  });

  it('gives the first answer of all when the family is unknown', async () => {
    const { address, resolution } = await resolveHost('localhost', 80, undefined);
    expect(address).toMatchObject({ address: resolution.addresses[0] });
  });

  it('may be a number, with a zone', async () => {
    expect((await resolveHost('::1', 1, 'AF_INET6')).address).toEqual({
      family: 'AF_INET6',
      address: '::1',
      port: 1,
    });
    expect((await resolveHost('fe80::1%lo', 1, 'AF_INET6')).address).toEqual({
      family: 'AF_INET6',
      address: 'fe80::1',
      port: 1,
      scopeId: 'lo',
    });
  });

  it('without an address of the family says which there are', async () => {
    const error: unknown = await resolveHost('127.0.0.1', 80, 'AF_INET6').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ResolutionError);
    expect((error as Error).message).toBe('The name 127.0.0.1 has no IPv6 address, only 127.0.0.1.');
  });

  it('that does not resolve says why', async () => {
    const error: unknown = await resolveHost('no-such-name.invalid', 80, 'AF_INET').catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ResolutionError);
    expect((error as ResolutionError).host).toBe('no-such-name.invalid');
    expect((error as Error).message).toMatch(
      /^The name no-such-name\.invalid does not resolve \(E[A-Z_]+\)\.$/,
    );
  });
});
