import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import {
  convertedPayload,
  isLongPaste,
  pastedDigits,
  pastedText,
  type PayloadDraft,
  type PayloadMode,
  type Place,
  readPayload,
} from '../form/payload.js';
import { formatBytes } from '../text/format.js';
import { type LineEnding, placedMessage } from '../../common/payloadText.js';
import { isUtf8 } from '../../common/utf8.js';
import { focusInstead } from '../focus.js';
import { Icon, IconButton, Segments } from './basics.js';
import { usePanel } from './context.js';
import { PayloadEditor } from './payloadEditor.js';
import { VariableHelp, VariableMenu } from './templateField.js';

export interface PayloadFieldProps {
  name: string;
  draft: PayloadDraft;
  onChange: (draft: PayloadDraft) => void;
  /** Takes the piece away, where there may be fewer. */
  onRemove?: (() => void) | undefined;
}

/** The bytes to send: as text with escapes, hexadecimal, Base64, or a file's. */
export function PayloadField({ name, draft, onChange, onRemove }: PayloadFieldProps) {
  const panel = usePanel();
  const { composer } = panel;
  const id = useId();
  // With what its variables stand for in the call that is shown.
  const payload = readPayload(draft, composer.draw.value.values());
  /** What is wrong with a long text that was pasted, and is not in the field. */
  const refused = useSignal<string | null>(null);
  const change = (part: Partial<PayloadDraft>) => {
    refused.value = null;
    onChange({ ...draft, ...part });
  };
  const setMode = (mode: PayloadMode) => change(convertedPayload(draft, mode));
  const text = draft.mode === 'text' ? draft.text : draft.mode === 'hex' ? draft.hex : draft.base64;
  const setText = (value: string) =>
    change(
      draft.mode === 'text' ? { text: value } : draft.mode === 'hex' ? { hex: value } : { base64: value },
    );
  const editor = useRef<HTMLTextAreaElement>(null);
  /** Where the caret goes when what was inserted is drawn. */
  const caret = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (caret.current !== null) {
      editor.current?.focus();
      editor.current?.setSelectionRange(caret.current, caret.current);
      caret.current = null;
    }
  });
  const insert = (variable: string) => {
    const { selectionStart, selectionEnd } = editor.current!;
    caret.current = selectionStart + variable.length;
    setText(text.slice(0, selectionStart) + variable + text.slice(selectionEnd));
  };
  const isReading = useSignal(false);
  const showPasted = (part: Partial<PayloadDraft>) => {
    change(part);
    focusInstead(`#${id}-file`);
  };
  const readDigits = async (mode: 'hex' | 'base64', pasted: string, place: Place) => {
    const { isWanted, end } = composer.beginPaste();
    isReading.value = true;
    panel.view.announcement.value = t('Reading…');
    const read = await pastedDigits(draft, mode, pasted, place, inTurns(isWanted));
    const isStillWanted = isWanted();
    end();
    isReading.value = false;
    if (!isStillWanted || !read) {
      return;
    }
    if ('problem' in read) {
      refused.value = t('Not pasted. {0}', read.problem);
      panel.view.announcement.value = refused.value;
    } else {
      showPasted(read.change);
    }
  };
  /** Whether a long paste is taken as bytes, and not by the field. */
  const takePasted = (pasted: string, place: Place): boolean => {
    if (!isLongPaste(draft, pasted)) {
      return false;
    }
    refused.value = null;
    if (draft.mode === 'hex' || draft.mode === 'base64') {
      panel.forget(readDigits(draft.mode, pasted, place));
      return true;
    }
    const part = pastedText(draft, pasted, place);
    if (part) {
      showPasted(part);
    }
    return part !== undefined;
  };
  const choose = async () => {
    const file = await panel.remote.pickFile();
    if (file) {
      change({ file });
    }
  };
  return (
    <div class="payload">
      <div class="colhead">
        <label class="lbl" for={id}>
          {name}
        </label>
        <Segments
          label={t('Write the data as')}
          isSmall
          value={draft.mode}
          onChange={setMode}
          choices={[
            { value: 'text', label: t('Text') },
            { value: 'hex', label: t('Hex') },
            { value: 'base64', label: 'Base64' },
            { value: 'file', label: t('File') },
          ]}
        />
        {(draft.mode === 'text' || draft.mode === 'hex') && <VariableMenu onInsert={insert} />}
        <span class="grow" />
        <span class="lbl num">
          {isReading.value && composer.isPasting
            ? t('Reading…')
            : payload.kind === 'bytes' && countText(payload.bytes, draft)}
        </span>
        {onRemove && <IconButton icon="close" label={t('Remove {0}', name)} isSmall onClick={onRemove} />}
      </div>
      {draft.mode === 'file' ? (
        <div class="filepick">
          <button id={`${id}-file`} type="button" class="btn" onClick={() => panel.forget(choose())}>
            <Icon name="go-to-file" />
            {t('Choose a file…')}
          </button>
          <span class="mono">{draft.file?.name}</span>
        </div>
      ) : (
        <PayloadEditor
          id={id}
          editor={editor}
          class={payload.kind === 'error' ? 'editor invalid' : 'editor'}
          text={text}
          ending={draft.mode === 'text' ? draft.ending : undefined}
          aria-invalid={payload.kind === 'error'}
          aria-describedby={`${id}-problem`}
          placeholder={placeholders()[draft.mode]}
          onInput={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => {
            const { selectionStart: start, selectionEnd: end } = event.currentTarget;
            if (takePasted(event.clipboardData?.getData('text/plain') ?? '', { start, end })) {
              event.preventDefault();
            }
          }}
        />
      )}
      {refused.value !== null && (
        <p class="problem">
          <Icon name="error" />
          <span>{refused.value}</span>
        </p>
      )}
      {payload.kind === 'error' && (draft.mode !== 'file' || composer.showsMissing.value) && (
        <p class="problem" id={`${id}-problem`}>
          <Icon name="error" />
          <span>
            {draft.mode === 'file' ? payload.message : placedMessage(text, payload.offset, payload.message)}
          </span>
        </p>
      )}
      <VariableHelp draft={draft} />
      {draft.mode === 'text' && /\p{Surrogate}/u.test(draft.text) && (
        <p class="varhelp">
          {t('Half of a character (a lone surrogate) has no UTF-8: U+FFFD is sent for it.')}
        </p>
      )}
    </div>
  );
}

/** Lets others have their turn after a few milliseconds of reading, while what is read is wanted. */
function inTurns(isWanted: () => boolean): () => Promise<boolean> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since > 6) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
    return isWanted();
  };
}

/** How many bytes are sent, how many of the text's line breaks are among them, and whether they are what they are called. */
function countText(bytes: Uint8Array, { mode, text, ending }: PayloadDraft): string {
  const count = formatBytes(bytes.length);
  if (mode !== 'text') {
    return count;
  }
  let breaks = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    breaks++;
  }
  const counted =
    breaks === 0
      ? count
      : ending === 'none'
        ? t('{0} without line ends', count)
        : breaks === 1
          ? t('{0} incl. 1 line end', count)
          : t('{0} incl. {1} line ends', count, breaks);
  return isUtf8(bytes) ? t('{0}, UTF-8', counted) : t('{0}, not valid UTF-8', counted);
}

/** What a line break in the text is sent as. */
export function LineEndingField({ draft, onChange }: Pick<PayloadFieldProps, 'draft' | 'onChange'>) {
  if (draft.mode !== 'text') {
    return null;
  }
  return (
    <div class="fcol">
      <span class="lbl">{t('↵ is sent as')}</span>
      <Segments<LineEnding>
        label={t('What a line break in the text is sent as')}
        isSmall
        value={draft.ending}
        onChange={(ending) => onChange({ ...draft, ending })}
        choices={[
          { value: 'LF', label: 'LF', title: sentAs('\\n') },
          { value: 'CRLF', label: 'CRLF', title: sentAs('\\r\\n') },
          { value: 'CR', label: 'CR', title: sentAs('\\r') },
          { value: 'none', label: t('nothing'), title: t('Line breaks are not sent.') },
        ]}
      />
    </div>
  );
}

function sentAs(bytes: string): string {
  return t('Each line break in the text is sent as {0}. None is added.', bytes);
}

function placeholders(): Record<PayloadMode, string> {
  return {
    text: t('Text. \\n, \\t, \\0, \\377 and \\\\ are escapes.'),
    hex: t('Bytes, for example 47 45 54 or 0x47,0x45,0x54'),
    base64: t('Base64'),
    file: '',
  };
}
