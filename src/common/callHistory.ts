import { printCall } from './notation/printer.js';
import type { PanelCall } from './protocol/panel.js';
import type { Platform } from './tables/constants.js';
import { parameterIndex } from './tables/signatures.js';

/** Calls that are kept. */
const maxCalls = 40;
/** A call with more data is not kept: it would be held as often as it is told. */
const maxData = 1024 * 1024;
/** How much of the data tells calls apart; its length does too. */
const comparedData = 2000;

/** Calls made by hand with a further one: the latest first, each once whatever its descriptor was. */
export function withCall(
  history: readonly PanelCall[],
  made: PanelCall,
  platform: Platform,
): readonly PanelCall[] {
  if (dataLength(made.call.args) > maxData) {
    return history;
  }
  const key = keyOf(made, platform);
  return [made, ...history.filter((one) => keyOf(one, platform) !== key)].slice(0, maxCalls);
}

/** What was written: of a call with variables not what they stood for. */
function keyOf(made: PanelCall, platform: Platform): string {
  const { hostName, templates = [] } = made;
  const args = made.call.args.map((arg, index) => {
    const isTemplate = templates.some(({ argument }) => argument === index || argument === index - 1);
    return index === parameterIndex(made.call.name, 'fd') || isTemplate ? 0 : arg;
  });
  const text = printCall({ name: made.call.name, args }, { style: 'short', platform, maxData: comparedData });
  return JSON.stringify([text, hostName, templates]);
}

/** Bytes of data in a value and all that it holds. */
function dataLength(value: unknown): number {
  return value instanceof Uint8Array
    ? value.length
    : typeof value === 'object' && value !== null
      ? Object.values(value).reduce((sum: number, part) => sum + dataLength(part), 0)
      : 0;
}
