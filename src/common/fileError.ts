import { t } from './l10n.js';

/** What stands in a name for bytes that are not UTF-8: Node hands on an argument as text. */
const replacement = '\uFFFD';

interface FileError {
  code?: string | undefined;
  message: string;
  path?: string | undefined;
}

/** Why a file cannot be read, for people. What has no number of the system's is such a sentence already. */
export function fileErrorText({ code, message, path }: FileError): string {
  switch (code) {
    case undefined:
      return message;
    case 'ENOENT':
      return path?.includes(replacement)
        ? t('There is no such file. One whose name is not UTF-8 cannot be given here.')
        : t('There is no such file.');
    case 'EACCES':
      return t('The file may not be read.');
    default:
      return t('The file cannot be read: {0}', message);
  }
}
