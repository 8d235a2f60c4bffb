import type { TextDocument } from 'vscode';
import { LanguageFile } from '../../common/language/file.js';
import { platform } from '../platform.js';

const files = new WeakMap<TextDocument, { version: number; file: LanguageFile }>();

/** A document as the language features see it: read once for each of its versions, whoever asks. */
export function languageFileOf(document: TextDocument): LanguageFile {
  const known = files.get(document);
  if (known?.version === document.version) {
    return known.file;
  }
  const file = new LanguageFile(document.getText(), platform);
  files.set(document, { version: document.version, file });
  return file;
}
