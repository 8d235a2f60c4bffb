import { expect, it, onTestFinished, vi } from 'vitest';
import { serverEnvironment } from '../../scripts/serve.mjs';

it('starts a window from a terminal inside another one with nothing that was meant for that one', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('VSCODE_IPC_HOOK_CLI', '/run/other');
  vi.stubEnv('SOCKET_PLAYGROUND_WELCOME', '1');
  vi.stubEnv('SOCKET_PLAYGROUND_OTHER', 'kept');
  const own = serverEnvironment({ LANG: 'ko' });
  expect(Object.keys(own).filter((name) => name.startsWith('VSCODE_'))).toEqual([]);
  expect(own).not.toHaveProperty('SOCKET_PLAYGROUND_WELCOME');
  expect(own).toMatchObject({ SOCKET_PLAYGROUND_OTHER: 'kept', LANG: 'ko' });
  expect(serverEnvironment({ SOCKET_PLAYGROUND_WELCOME: '1' })['SOCKET_PLAYGROUND_WELCOME']).toBe('1');
});
