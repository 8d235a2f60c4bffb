import path from 'node:path';
import { afterAll } from 'vitest';
import { Playground } from '../../src/playground/playground.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { modulePath } from '../socketHost/testHost.js';

/**
 * Playgrounds that the tests of a file run scenarios with, as a window does: one after the other with the same socket host. A
 * host serves a hundred of them for the time that twenty starts take; as many are started as tests run at once, and they
 * end with the file.
 * @param program That of the host.
 * @returns Gives one to who leaves nothing open in it.
 */
export function scenarioHosts(program = modulePath) {
  const all: { host: SocketHostProcess; playground: Playground }[] = [];
  const idle: Playground[] = [];

  function start(): Playground {
    const host = new SocketHostProcess(program);
    const playground = new Playground(host);
    all.push({ host, playground });
    return playground;
  }

  afterAll(async () => {
    await Promise.all(all.map(({ host }) => host.end()));
    all.forEach(({ playground }) => playground.dispose());
  });
  return async <T>(use: (playground: Playground) => Promise<T>): Promise<T> => {
    const playground = idle.pop() ?? start();
    try {
      return await use(playground);
    } finally {
      idle.push(playground);
    }
  };
}

/** The program of a host that root starts as `nobody`. */
export const nobodyHostPath = path.join(import.meta.dirname, 'nobodyHost.mjs');
