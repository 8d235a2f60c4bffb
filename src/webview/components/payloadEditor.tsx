import { useSignal } from '@preact/signals';
import type { Ref, TargetedFocusEvent, TargetedInputEvent, TextareaHTMLAttributes } from 'preact';
import type { LineEnding } from '../../common/payloadText.js';
import { selectText } from '../focus.js';

/** What stands at the end of a line that is sent with it. */
const lineEndMarks: Readonly<Record<LineEnding, string>> = {
  LF: '↵',
  CRLF: 'CR↵',
  CR: 'CR',
  none: '',
};

const lineHeight = 18;
/** Lines that can be in view at once. */
const drawnLines = 60;
/** Longer texts and lines are written without marks: nobody reads them here, and drawing them takes time. */
const maxMarked = 100_000;
const maxLine = 2000;

type EditorProps = Omit<TextareaHTMLAttributes, 'value' | 'ref'> & {
  editor: Ref<HTMLTextAreaElement>;
  text: string;
  /** What its line breaks are sent as; undefined where they mean nothing. */
  ending: LineEnding | undefined;
};

/**
 * Who comes from another field goes on as in a field of one line: what is typed takes the place of the text, before its
 * last line end. A press of the mouse sets the caret after this.
 */
function selectOnEntry({ currentTarget, relatedTarget }: TargetedFocusEvent<HTMLTextAreaElement>): void {
  if (relatedTarget) {
    selectText(currentTarget);
  }
}

/** A text that is pasted with a line end of its own takes the place of the one that was left. */
function takeLineEnd({ currentTarget, data }: TargetedInputEvent<HTMLTextAreaElement>): void {
  const { selectionStart, selectionEnd, value } = currentTarget;
  if (
    data?.endsWith('\n') &&
    selectionStart === 0 &&
    selectionEnd > 0 &&
    value.slice(selectionEnd) === '\n'
  ) {
    currentTarget.setSelectionRange(0, value.length);
  }
}

/** A text of several lines, with the ends of its lines to be seen. */
export function PayloadEditor({ editor, text, ending, ...others }: EditorProps) {
  const scroll = useSignal({ top: 0, left: 0 });
  const { top, left } = scroll.value;
  const mark = ending && lineEndMarks[ending];
  const first = Math.floor(top / lineHeight);
  const lines = mark && text.length <= maxMarked ? text.split('\n').slice(0, -1) : [];
  return (
    <span class="editorbox">
      <textarea
        {...others}
        ref={editor}
        value={text}
        spellcheck={false}
        autocomplete="off"
        onFocus={selectOnEntry}
        onBeforeInput={takeLineEnd}
        onScroll={({ currentTarget }) => {
          scroll.value = { top: currentTarget.scrollTop, left: currentTarget.scrollLeft };
        }}
      />
      {lines.length > first && (
        <span class="lineends" aria-hidden>
          <span style={{ transform: `translate(${-left}px, ${first * lineHeight - top}px)` }}>
            {lines.slice(first, first + drawnLines).map((line, index) => (
              <span class="line" key={first + index}>
                {line.length <= maxLine && (
                  <>
                    <span class="text">{line}</span>
                    <span class="end">{mark}</span>
                  </>
                )}
              </span>
            ))}
          </span>
        </span>
      )}
    </span>
  );
}
