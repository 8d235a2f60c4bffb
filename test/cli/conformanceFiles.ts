import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Scenario } from '../../src/common/notation/ast.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import { signatureOf } from '../../src/common/tables/signatures.js';
import { unmetNeed } from '../../src/playground/needs.js';
import { root } from './commandLine.js';

export const conformanceFolder = path.join(root, 'test/conformance');

function socketsFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sockets'))
    .map((file) => path.join(folder, file))
    .sort();
}

export function readScenario(file: string): Scenario {
  return parseScenario(readFileSync(file, 'utf8'));
}

/** The built-in scenarios. */
export function scenarioFiles(): string[] {
  return socketsFiles(path.join(root, 'scenarios'));
}

/** The files of the conformance cases that use only calls that the socket host makes. */
export function eligibleFiles(): string[] {
  return socketsFiles(conformanceFolder).filter((file) =>
    readScenario(file).statements.every(
      (statement) => statement.kind !== 'call' || signatureOf(statement.name).isSupported,
    ),
  );
}

/** Whether this machine and user have what a file needs. */
export function isRunnable(file: string): boolean {
  return unmetNeed(readScenario(file).needs) === undefined;
}
