import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Held } from './disposal.js';

/** Whether a scenario binds paths or abstract names that stand in it: two runs of it at a time meet. */
export function hasFixedNames(text: string): boolean {
  return /unix:/.test(text);
}

/**
 * The cases bind paths, abstract names and ports that stand in them, and so do some lessons: one run of them at a time
 * has this machine. What a run that was killed has left is removed.
 */
export async function reserveAddresses(): Promise<Held> {
  for (;;) {
    // An abstract name is free again when its holder ends, whatever ends it.
    const server = createServer().listen('\0socket-playground-conformance');
    const isFree = await once(server, 'listening').then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') {
          throw error;
        }
        return false;
      },
    );
    if (isFree) {
      removeSocketFiles();
      return {
        dispose: async () => {
          server.close();
          await once(server, 'close');
        },
      };
    }
    await delay(100);
  }
}

function removeSocketFiles(): void {
  for (const name of readdirSync('/tmp')) {
    if (/^sp-.*\.sock$/.test(name)) {
      try {
        rmSync(path.join('/tmp', name));
      } catch {
        // Another user's: the case that binds it tells.
      }
    }
  }
}
