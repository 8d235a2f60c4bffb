import { t } from '../common/l10n.js';
import { accessText, optionSentences, unitText } from '../common/optionText.js';
import { constantValue } from '../common/tables/constants.js';
import { optionLevels } from '../common/tables/optionLevels.js';
import { layoutOf } from '../common/tables/optionLayouts.js';
import { listOptions, type SocketOption } from '../common/tables/options.js';
import { type Command, UsageError } from './command.js';

/** Tells what is known of options; no socket is made. */
export const optionsCommand: Command = {
  name: 'options',
  synopsis: '[NAME…]',
  summary: () => t('Lists the socket options of Linux, or tells everything about some of them.'),
  options: {},
  help: () => [],
  notes: () => [t('A level as NAME (SOL_SOCKET, IPPROTO_TCP) stands for its options.')],
  run({ terminal }, operands) {
    const lines =
      operands.length === 0
        ? optionLevels().flatMap((level) => [level, ...ofLevel(level).map((option) => `  ${option.name}`)])
        : operands.flatMap(find).flatMap(describe);
    for (const line of lines) {
      terminal.print(line);
    }
    return Promise.resolve(0);
  },
};

function ofLevel(level: string): SocketOption[] {
  return listOptions('linux').filter((option) => option.level === level);
}

/** Several levels may have an option of the same name. */
function find(operand: string): SocketOption[] {
  const name = operand.toUpperCase();
  const found = listOptions('linux').filter((option) => option.name === name || option.level === name);
  if (found.length === 0) {
    throw new UsageError(t('There is no option {0}.', JSON.stringify(operand)));
  }
  return found;
}

function describe(option: SocketOption): string[] {
  const facts = [
    `${option.level} ${constantValue(option.name, 'linux')}`,
    layoutOf(option.layout).type,
    ...(option.unit ? [unitText(option.unit)] : []),
    accessText(option),
  ];
  return [`${option.name}: ${facts.join(', ')}`, `  ${optionSentences(option)}`];
}
