import { t } from '../l10n.js';
import type { Range } from '../notation/ast.js';
import type { LanguageFile } from './file.js';
import type { Word } from './words.js';

/** Every place of the variable or thread at an offset, in the order of the text; none where there is neither. */
export function findReferences(file: LanguageFile, offset: number): Word[] {
  const word = file.wordAt(offset);
  return word && isNamed(word) ? sameNames(file, word) : [];
}

/** Where the variable at an offset is given its value: the last place before it, else the first in the file. */
export function findDefinition(file: LanguageFile, offset: number): Range | undefined {
  const word = file.wordAt(offset);
  if (word?.kind !== 'variable') {
    return undefined;
  }
  const given = sameNames(file, word).filter(({ isGiven }) => isGiven);
  return given.findLast(({ start }) => start <= word.start) ?? given[0];
}

/** The name that can be changed at an offset. */
export function findRenameable(file: LanguageFile, offset: number): Word | undefined {
  const word = file.wordAt(offset);
  return word && isNamed(word) ? word : undefined;
}

/** Why a name cannot be given to the variable or thread at an offset; undefined where it can. */
export function whyNotRename(file: LanguageFile, { kind, text }: Word, name: string): string | undefined {
  const pattern = kind === 'thread' ? /^[A-Za-z_]\w*$/ : /^[a-z]\w*$/;
  if (!pattern.test(name) || name === 'pid') {
    return kind === 'thread'
      ? t('The name of a thread is letters, digits and underscores.')
      : t('The name of a variable begins with a lower-case letter, then letters, digits and underscores.');
  }
  const isTaken =
    name !== text &&
    file.lines.some(({ words }) => words.some((word) => word.kind === kind && word.text === name));
  return isTaken ? t('The name {0} is taken already.', name) : undefined;
}

function isNamed({ kind }: Word): boolean {
  return kind === 'variable' || kind === 'thread';
}

function sameNames(file: LanguageFile, { kind, text }: Word): Word[] {
  return file.lines.flatMap(({ words }) => words.filter((word) => word.kind === kind && word.text === text));
}
