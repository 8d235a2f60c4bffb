import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setMessages } from '../common/l10n.js';

/**
 * The language that the environment asks for, as `setlocale(3)` reads it: `ko` of `ko_KR.UTF-8`. What is written is
 * UTF-8: a terminal with another encoding gets English.
 */
export function languageOf(environment: NodeJS.ProcessEnv): string {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || 'en';
  const [, language = 'en', codeset = 'UTF-8'] = /^([a-z]+)[^.@]*(?:\.([^@]*))?/i.exec(locale) ?? [];
  return /^utf-?8$/i.test(codeset) ? language.toLowerCase() : 'en';
}

/** Takes over the translations of a language. English needs none, and a language without any stays English. */
export function useLanguage(language: string, folder: string): void {
  if (language === 'en' || language === 'c' || language === 'posix') {
    return;
  }
  try {
    const file = path.join(folder, `bundle.l10n.${language}.json`);
    setMessages(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
  }
}
