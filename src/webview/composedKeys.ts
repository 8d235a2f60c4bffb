import { type FilterKeys, isFilterKey } from './filterKeys.js';
import { isTextField } from './focus.js';

/** The numbers that VS Code goes by where it does not know the keyboard's layout, of keys that are not letters or digits. */
const numbers: Readonly<Record<string, number>> = {
  Enter: 13,
  NumpadEnter: 13,
  Escape: 27,
  Space: 32,
  Period: 190,
};

/**
 * Keeps from VS Code what is typed into a text field: it learns with a delay that a field has the focus, and would
 * take letters for the keys of commands. A command's key in the middle of a syllable, and a letter where nothing is
 * typed, reach it once: some input methods pass the key on, others do not. Then it is passed on here, when the key goes up.
 */
export function guardTyping(root: Document, filterKeys: FilterKeys): void {
  let held: KeyboardEvent | null = null;
  root.addEventListener('keydown', (event) => {
    if (!(event.target instanceof Element)) {
      return;
    }
    const isInField = isTextField(event.target);
    if (isComposed(event)) {
      held = isCommand(event) || !isInField ? event : held;
      event.stopPropagation();
    } else if (held?.code === event.code) {
      held = null;
    }
    if (!isComposed(event) && isFilterKey(event, isInField)) {
      filterKeys.press(event);
    }
    if (!isInField) {
      return;
    }
    const edit = editOf(event);
    if (edit) {
      event.preventDefault();
      edit();
    }
    if (edit || isTyped(event)) {
      event.stopPropagation();
    }
  });
  root.addEventListener('keyup', ({ code }) => {
    if (held?.code === code) {
      const key = held;
      held = null;
      key.target?.dispatchEvent(plainKey(key));
    }
  });
}

/**
 * What a key does to the text, done at once: VS Code would do it after the keys that were pressed meanwhile, and what
 * these had typed would be selected, or undone. What is cut, copied and pasted goes through the clipboard, which is
 * VS Code's.
 */
function editOf(event: KeyboardEvent): (() => void) | null {
  const { target, keyCode, ctrlKey, metaKey, altKey, shiftKey } = event;
  const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  if (!isField || ctrlKey === metaKey || altKey) {
    return null;
  }
  switch (keyCode) {
    case 65:
      return shiftKey ? null : () => target.select();
    case 90:
      return () => document.execCommand(shiftKey ? 'redo' : 'undo');
    case 89:
      return shiftKey ? null : () => document.execCommand('redo');
    default:
      return null;
  }
}

/** The first key of a syllable is not yet in a composition, and yet the input method has it. */
function isComposed(event: KeyboardEvent): boolean {
  return event.isComposing || event.key === 'Process';
}

function isTyped(event: KeyboardEvent): boolean {
  return event.key.length === 1 && !isCommand(event);
}

/** A key that types nothing. */
function isCommand({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey;
}

/** The key as it would have come without an input method. */
function plainKey({ code, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): KeyboardEvent {
  const letter = /^(?:Key|Digit)(.)$/.exec(code)?.[1];
  const keyCode = letter?.charCodeAt(0) ?? numbers[code] ?? 0;
  const key = letter?.toLowerCase() ?? code;
  const init = { key, code, keyCode, ctrlKey, metaKey, altKey, shiftKey, bubbles: true, cancelable: true };
  return new KeyboardEvent('keydown', init);
}
