/** Between the name of a tap and the faults that it injected, in what a record says of its maker. */
const mark = '; injected ';
const prefix = 'tap ';

/**
 * Who made a record of a tap, as it says.
 * @param injected The faults that the record is due to, or that became of it: `delay 20 ms`.
 */
export function tapMaker(name: string, injected: readonly string[] = []): string {
  return injected.length === 0 ? `${prefix}${name}` : `${prefix}${name}${mark}${injected.join(', ')}`;
}

/** Where the tap goes that made a record, `127.0.0.1:8000`; null of any other maker, also of a scenario with such a name. */
export function tapTarget(madeBy: string): string | null {
  if (!/^tap [\d[/@]/.test(madeBy)) {
    return null;
  }
  const injected = injectedMark(madeBy);
  return madeBy.slice(prefix.length, injected === '' ? undefined : -injected.length - 2);
}

/** What a record says of the faults that it is due to: `injected delay 20 ms, slice`; empty without any. */
export function injectedMark(madeBy: string | null): string {
  const at = madeBy?.startsWith(prefix) ? madeBy.lastIndexOf(mark) : -1;
  return at < 0 ? '' : madeBy!.slice(at + 2);
}

/** The faults that a tap has injected with a record, with their times: `delay 20 ms`; none of any other record. */
export function injectedTexts(madeBy: string | null): string[] {
  const text = injectedMark(madeBy);
  return text === '' ? [] : text.slice(mark.length - 2).split(', ');
}

/** Their kinds: `delay`, `drop`. */
export function injectedFaults(madeBy: string | null): string[] {
  return injectedTexts(madeBy).map((each) => each.split(' ', 1)[0]!);
}
