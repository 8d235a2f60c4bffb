import { t } from '../../common/l10n.js';
import { maxRandom, type Variable } from '../../common/payloadTemplate.js';

/** What a variable of a payload stands for, in a few words. */
export function variableText(variable: Variable): string {
  switch (variable.name) {
    case 'counter':
      return t('how many calls were made with it, from 1');
    case 'time':
      return variable.format === null
        ? t('the time in UTC, to the second')
        : t('the seconds since 1970 as {0}', variable.format);
    case 'random':
      return variable.isHex
        ? t('{0} random bytes (1 to {1}) as hexadecimal digits', variable.length, maxRandom)
        : t('{0} random bytes (1 to {1})', variable.length, maxRandom);
    case 'len':
      return variable.format === null
        ? t('how many bytes follow, in decimal digits')
        : t('how many bytes follow, as {0}', variable.format);
    case 'group':
      return variable.index === 0
        ? t('all that the pattern has matched')
        : t('what group {0} has matched', variable.index);
  }
}

/** Variables to begin with; each can be changed where it stands. */
export const usualVariables: readonly { text: string; variable: Variable }[] = [
  { text: '{{counter}}', variable: { name: 'counter', format: null } },
  { text: '{{time}}', variable: { name: 'time', format: null } },
  { text: '{{random:8}}', variable: { name: 'random', length: 8, isHex: false } },
  { text: '{{random:8:hex}}', variable: { name: 'random', length: 8, isHex: true } },
  { text: '{{len}}', variable: { name: 'len', format: null } },
  { text: '{{len:u8}}', variable: { name: 'len', format: 'u8' } },
  { text: '{{len:u16be}}', variable: { name: 'len', format: 'u16be' } },
  { text: '{{len:u16le}}', variable: { name: 'len', format: 'u16le' } },
  { text: '{{len:u32be}}', variable: { name: 'len', format: 'u32be' } },
  { text: '{{len:u32le}}', variable: { name: 'len', format: 'u32le' } },
];
