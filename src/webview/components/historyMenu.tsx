import { printCall } from '../../common/notation/printer.js';
import { t } from '../../common/l10n.js';
import type { PanelCall } from '../../common/protocol/panel.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { usePanel } from './context.js';
import { MenuButton } from './menu.js';

/** Characters of a call in the menu, at most. */
const maxLength = 90;

/** The calls made by hand before: choosing one fills the form, for the socket that it is about now. */
export function HistoryMenu() {
  const { history, composer, platform } = usePanel();
  const textOf = ({ call, templates = [] }: PanelCall) => {
    const fd = parameterIndex(call.name, 'fd');
    const args = call.args.map((arg, index) => (index === fd ? (composer.socket.value?.fd ?? arg) : arg));
    const text = printCall(
      { name: call.name, args },
      { style: 'short', platform: platform.value, maxData: maxLength },
    );
    // What was written says more than what its variables stood for.
    const [template] = templates;
    const shown = template ? `${call.name}(… ${template.source.text.replace(/\s+/g, ' ')} …)` : text;
    return shown.length > maxLength ? `${shown.slice(0, maxLength - 1)}…` : shown;
  };
  return (
    <MenuButton
      label={t('History: calls made before')}
      icon="history"
      text={t('History')}
      class="ibtn wide"
      emptyText={t('No calls were made by hand yet.')}
      items={history.calls.value.map((made, index) => ({
        id: String(index),
        label: textOf(made),
        run: () => composer.reuse(made),
      }))}
    />
  );
}
