import { t } from '../../common/l10n.js';
import {
  expandTemplate,
  parseTemplate,
  type PayloadTemplate,
  type TemplateSource,
  type TemplateValues,
  templateValues,
} from '../../common/payloadTemplate.js';
import { join } from '../../common/notation/literal.js';
import {
  type LineEnding,
  lineEndings,
  parseBase64,
  type PayloadResult,
  payloadText,
  placedMessage,
  readInTurns,
  toHexText,
} from '../../common/payloadText.js';
import { encodeUtf8, isUtf8 } from '../../common/utf8.js';

/** How the payload of a call is written in the form. */
export type PayloadMode = 'text' | 'hex' | 'base64' | 'file';

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

/** What the variables of a payload stand for where only its length and its faults are looked at. */
const sampleValues: TemplateValues = templateValues(1, 0, (bytes) => bytes);

/** What the payload field stands for at the moment. */
export function readPayload(draft: PayloadDraft, values: TemplateValues = sampleValues): PayloadResult {
  switch (draft.mode) {
    case 'text':
    case 'hex': {
      const template = parseTemplate(sourceOf(draft)!);
      const bytes = 'message' in template ? template : expandTemplate(template, values);
      return 'message' in bytes ? { kind: 'error', ...bytes } : { kind: 'bytes', bytes };
    }
    case 'base64':
      return parseBase64(draft.base64);
    case 'file':
      return draft.file
        ? { kind: 'bytes', bytes: draft.file.bytes }
        : { kind: 'error', message: t('Choose a file.'), offset: 0 };
  }
}

/** The text that variables can stand in; undefined for a form of payload without any. */
function sourceOf({ mode, text, hex, ending }: PayloadDraft): TemplateSource | undefined {
  return mode === 'text' || mode === 'hex' ? { mode, text: mode === 'text' ? text : hex, ending } : undefined;
}

/** What was written, where it has variables: each call that is made of it gets others. */
export function templateOf(
  draft: PayloadDraft,
): { source: TemplateSource; template: PayloadTemplate } | undefined {
  const source = sourceOf(draft);
  if (!source?.text.includes('{{')) {
    return undefined;
  }
  const template = parseTemplate(source);
  return 'message' in template || template.variables.length === 0 ? undefined : { source, template };
}

/** The field that shows bytes: as text where they are some. */
export function payloadDraft(bytes: Uint8Array, base: PayloadDraft): PayloadDraft {
  const { ending } = base;
  return isUtf8(bytes)
    ? { ...emptyPayload, ending, mode: 'text', text: payloadText(bytes, ending) }
    : { ...emptyPayload, ending, mode: 'hex', hex: toHexText(bytes) };
}

/** The same bytes in another form, where they can be written so; the other form's own text where they cannot. */
export function convertedPayload(draft: PayloadDraft, mode: PayloadMode): Partial<PayloadDraft> {
  const payload = readPayload(draft);
  const isWritten = draft.mode === 'file' || mode === 'file' || templateOf(draft) !== undefined;
  if (payload.kind === 'error' || isWritten || payload.bytes.length > 65_536) {
    return { mode };
  }
  const { bytes } = payload;
  switch (mode) {
    case 'hex':
      return { mode, hex: toHexText(bytes) };
    case 'base64':
      return { mode, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
    case 'text':
      return { mode, text: payloadText(bytes, draft.ending) };
  }
}

/** Longer texts are not put into the field: laying them out takes seconds, at each key again. */
const maxPasted = 256 * 1024;

/** The place in the field that something is pasted into: what was selected there. */
export interface Place {
  start: number;
  end: number;
}

/** Whether the field would take too long with what is pasted. */
export function isLongPaste(draft: PayloadDraft, pasted: string): boolean {
  return draft.mode !== 'file' && pasted.length > maxPasted && templateOf(draft) === undefined;
}

/** The payload of a long text as it is, between what stands around it; undefined where that is wrong: the field says so. */
export function pastedText(
  draft: PayloadDraft,
  pasted: string,
  { start, end }: Place,
): Partial<PayloadDraft> | undefined {
  const before = readPayload({ ...draft, text: draft.text.slice(0, start) });
  const after = readPayload({ ...draft, text: draft.text.slice(end) });
  if (before.kind === 'error' || after.kind === 'error') {
    return undefined;
  }
  const text = pasted.replace(/\r\n?|\n/g, lineEndings[draft.ending]);
  return asFile(join([before.bytes, encodeUtf8(text), after.bytes]));
}

/**
 * The payload of long digits with those around them, which may begin or end a byte; what is wrong with them, and where,
 * where they stand for none.
 * @param turn Ends when it is our turn again; false where nobody waits for them any more: so is what is returned.
 */
export async function pastedDigits(
  { hex, base64 }: PayloadDraft,
  mode: 'hex' | 'base64',
  pasted: string,
  { start, end }: Place,
  turn: () => Promise<boolean>,
): Promise<{ change: Partial<PayloadDraft> } | { problem: string } | undefined> {
  const written = mode === 'hex' ? hex : base64;
  const read = await readInTurns(mode, written.slice(0, start) + pasted + written.slice(end), turn);
  if (read?.kind !== 'error') {
    return read && { change: asFile(read.bytes) };
  }
  const { offset, message } = read;
  // What was wrong already is where it is in the field.
  return {
    problem:
      offset < start
        ? placedMessage(written, offset, message)
        : placedMessage(pasted, Math.min(offset - start, pasted.length - 1), message),
  };
}

function asFile(bytes: Uint8Array): Partial<PayloadDraft> {
  return { mode: 'file', file: { name: t('pasted text'), bytes } };
}
