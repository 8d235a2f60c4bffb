import { onTestFinished } from 'vitest';
import { Playground } from '../../src/playground/playground.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { modulePath } from '../socketHost/testHost.js';

/** A playground with a real socket host, both until the running test ends. */
export function hostedPlayground(): { host: SocketHostProcess; playground: Playground } {
  const host = new SocketHostProcess(modulePath);
  const playground = new Playground(host);
  onTestFinished(async () => {
    await host.end();
    playground.dispose();
  });
  return { host, playground };
}
