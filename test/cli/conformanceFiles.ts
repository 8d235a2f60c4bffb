import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Scenario } from '../../src/common/notation/ast.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import { unmetNeed } from '../../src/playground/needs.js';
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

/** Whether this machine has what a file needs to run as an ordinary user. */
export function isForOrdinaryUser(file: string): boolean {
  const needs = readScenario(file).needs.filter((need) => need !== 'not root');
  return !needs.includes('root') && unmetNeed(needs) === undefined;
}
