import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../../src/common/notation/ast.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import { unmetNeed } from '../../src/playground/needs.js';
import type { Held } from '../support/disposal.js';
import { lessonFolder, lessonNames } from '../support/lessons.js';
import { root } from './commandLine.js';

export const conformanceFolder = path.join(root, 'test/conformance');
/** More of the same kind. */
export const casesFolder = path.join(root, 'test/cases');

function socketsFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sockets'))
    .map((file) => path.join(folder, file))
    .sort();
}

export function readScenario(file: string): Scenario {
  return parseScenario(readFileSync(file, 'utf8'));
}

/** The built-in scenarios; those in other languages make the same calls. */
export function scenarioFiles(): string[] {
  return lessonNames().map((name) => path.join(lessonFolder, name));
}

/** The files of the conformance cases. */
export function conformanceFiles(): string[] {
  return socketsFiles(conformanceFolder);
}

/** The files of the further cases. */
export function caseFiles(): string[] {
  return socketsFiles(casesFolder);
}

/** Whether this machine and user have what a file needs. */
export function isRunnable(file: string): boolean {
  return unmetNeed(readScenario(file).needs) === undefined;
}

/**
 * The cases bind paths, abstract names and ports that stand in them, so that one run of them at a time has this machine;
 * what a run that was killed has left is removed.
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
