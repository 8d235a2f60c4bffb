import { printTokens, type PrintableCall } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';

/** Bytes of data that a call on one line shows. */
export const shownData = 64;

/**
 * A call in the notation, coloured by what its parts are.
 * @param hostName Stands in the place of the address that it will be resolved to.
 */
export function CallText(props: {
  call: PrintableCall;
  platform: Platform;
  hostName?: { host: string; port: number } | null;
}) {
  const { call, platform, hostName } = props;
  const tokens = printTokens(call, { style: 'short', platform, maxData: shownData }).map((token) =>
    hostName && token.kind === 'address' ? { ...token, text: `"${hostName.host}":${hostName.port}` } : token,
  );
  return (
    <span class="call">
      {tokens.map(({ text, kind }, index) => (
        <span key={index} class={`t-${kind}`}>
          {text}
        </span>
      ))}
    </span>
  );
}
