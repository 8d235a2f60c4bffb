import { t } from '../../common/l10n.js';
import {
  type LineEnding,
  parseBase64,
  parseHex,
  parseText,
  type PayloadMode,
  type PayloadResult,
  payloadText,
  toHexText,
} from '../text/payload.js';

/** The payload as it is being written, in each of its forms. */
export interface PayloadDraft {
  mode: PayloadMode;
  text: string;
  ending: LineEnding;
  hex: string;
  base64: string;
  file: { name: string; bytes: Uint8Array } | null;
}

export const emptyPayload: PayloadDraft = {
  mode: 'text',
  text: '',
  ending: 'LF',
  hex: '',
  base64: '',
  file: null,
};

/** What the payload field stands for at the moment. */
export function readPayload(draft: PayloadDraft): PayloadResult {
  switch (draft.mode) {
    case 'text':
      return parseText(draft.text, draft.ending);
    case 'hex':
      return parseHex(draft.hex);
    case 'base64':
      return parseBase64(draft.base64);
    case 'file':
      return draft.file
        ? { kind: 'bytes', bytes: draft.file.bytes }
        : { kind: 'error', message: t('Choose a file.'), offset: 0 };
  }
}

/** The field that shows bytes: as text where they are some. */
export function payloadDraft(bytes: Uint8Array, base: PayloadDraft): PayloadDraft {
  const text = payloadText(bytes, base.ending);
  return text === undefined
    ? { ...emptyPayload, ending: base.ending, mode: 'hex', hex: toHexText(bytes) }
    : { ...emptyPayload, ending: base.ending, mode: 'text', text };
}

/** The same bytes in another form, where they can be written so; the other form's own text where they cannot. */
export function convertedPayload(draft: PayloadDraft, mode: PayloadMode): Partial<PayloadDraft> {
  const payload = readPayload(draft);
  if (payload.kind === 'error' || draft.mode === 'file' || mode === 'file' || payload.bytes.length > 65_536) {
    return { mode };
  }
  const { bytes } = payload;
  switch (mode) {
    case 'hex':
      return { mode, hex: toHexText(bytes) };
    case 'base64':
      return { mode, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
    case 'text': {
      const text = payloadText(bytes, draft.ending);
      return text === undefined ? { mode, text: emptyPayload.text } : { mode, text };
    }
  }
}
