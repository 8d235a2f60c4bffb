import { expect, it, onTestFinished, vi } from 'vitest';
import { serverEnvironment } from '../../scripts/serve.mjs';

it('starts a window from a terminal inside another one with nothing that was meant for that one', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('VSCODE_IPC_HOOK_CLI', '/run/other');
  vi.stubEnv('SOCKET_PLAYGROUND_WELCOME', '1');
  vi.stubEnv('SOCKET_PLAYGROUND_OTHER', 'kept');
  const own = serverEnvironment({ LANG: 'ko' });
  expect(Object.keys(own).filter((name) => /^VSCODE_|^SOCKET_PLAYGROUND/.test(name))).toEqual([
    'SOCKET_PLAYGROUND_OTHER',
  ]);
  expect(own['LANG']).toBe('ko');
  expect(serverEnvironment({ SOCKET_PLAYGROUND_WELCOME: '1' })['SOCKET_PLAYGROUND_WELCOME']).toBe('1');
});
