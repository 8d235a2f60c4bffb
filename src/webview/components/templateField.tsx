import { useEffect } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { templateOf, type PayloadDraft } from '../form/payload.js';
import { usualVariables, variableText } from '../text/variables.js';
import { usePanel } from './context.js';
import { MenuButton } from './menu.js';

/** Puts a variable where the caret is, or in the place of what is selected. */
export function VariableMenu({ onInsert }: { onInsert: (text: string) => void }) {
  return (
    <MenuButton
      label={t('Insert a variable')}
      icon="symbol-variable"
      class="ibtn sm wide"
      items={usualVariables.map(({ text, variable }) => ({
        id: text,
        label: text,
        detail: variableText(variable),
        run: () => onInsert(text),
      }))}
    />
  );
}

/** What the variables of a payload mean; nothing for one without any. */
export function VariableHelp({ draft }: { draft: PayloadDraft }) {
  const { composer } = usePanel();
  const template = templateOf(draft)?.template;
  const used = new Map(template?.variables.map(({ text, variable }) => [text, variable]));
  const hasTime = [...used.values()].some(({ name }) => name === 'time');
  useEffect(() => {
    if (!hasTime) {
      return;
    }
    composer.draw.followTime();
    const timer = setInterval(() => composer.draw.followTime(), 250);
    return () => clearInterval(timer);
  }, [hasTime]);
  if (used.size === 0) {
    return null;
  }
  const canReset =
    [...used.values()].some(({ name }) => name === 'counter') && composer.draw.value.counter > 1;
  return (
    <p class="varhelp">
      {[...used].map(([text, variable]) => (
        <span key={text}>
          <code>{text}</code> {variableText(variable)}
        </span>
      ))}
      {canReset && (
        <button type="button" class="link" onClick={() => composer.draw.resetCounter()}>
          {t('Count from 1 again')}
        </button>
      )}
    </p>
  );
}
