import { LanguageFile } from '../../../src/common/language/file.js';

/** A text with the caret in it, written as `│`. */
export function withCaret(text: string): { file: LanguageFile; offset: number } {
  const offset = text.indexOf('│');
  if (offset < 0 || text.indexOf('│', offset + 1) >= 0) {
    throw new Error(`Exactly one caret is expected in ${text}`);
  }
  return { file: new LanguageFile(text.replace('│', ''), 'linux'), offset };
}

export const head = `server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
addr = getsockname(server)
`;
