import { t } from './l10n.js';
import type { OptionReading } from './socket.js';
import type { OptionUnit, SocketOption } from './tables/options.js';

/** A unit behind a number. */
export function unitText(unit: OptionUnit): string {
  switch (unit) {
    case 'bytes':
      return t('bytes');
    case 'bytes/s':
      return t('bytes/s');
    case 'hops':
      return t('hops');
    case 'segments':
      return t('segments');
    case 'probes':
      return t('probes');
    case 'packets':
      return t('packets');
    case 'requests':
      return t('requests');
    default:
      return unit;
  }
}

/** A number with its name and its unit: `SOCK_STREAM (1)`, `4096 bytes`. */
export function numberText(
  value: number | bigint,
  meaning: string | null | undefined,
  unit: OptionUnit | null | undefined,
): string {
  const shown = meaning && meaning !== String(value) ? `${meaning} (${value})` : String(value);
  // A negative number is no amount: it stands for something else.
  if (!unit || value < 0) {
    return shown;
  }
  const name = unitText(unit);
  return name === unit ? `${shown} ${name}` : t('{0} {1}', shown, name);
}

/** A reading as people read it: `on`, `SOCK_STREAM (1)`, `212992 bytes`; the error's name where the kernel refused. */
export function readingText(option: SocketOption, { text, value, meaning, errno }: OptionReading): string {
  if (text === null) {
    return String(errno);
  }
  if (value === null) {
    return text;
  }
  if (option.layout === 'bool' && (value === 0 || value === 1)) {
    return value === 1 ? t('on') : t('off');
  }
  return numberText(value, meaning, option.unit);
}

/** Whether `getsockopt(2)` and `setsockopt(2)` know an option. */
export function accessText({ canGet, canSet }: SocketOption): string {
  if (canGet) {
    return canSet ? t('read and set') : t('read only');
  }
  return canSet ? t('set only') : t('neither read nor set');
}

/** What an option is and what the kernel makes of its value. */
export function optionSentences(option: SocketOption): string {
  const { description, effect, needs } = option;
  const asks =
    needs && ![description, effect].some((text) => text?.includes(needs))
      ? [t('Setting it needs {0}.', needs)]
      : [];
  return [description, ...(effect ? [effect] : []), ...asks].join(' ');
}
