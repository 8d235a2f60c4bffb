import { constantName, constantValue } from '../tables/constants.js';
import type { Expression, StructNode } from './ast.js';

/** The name of a control message's type, written as such or as Linux's number; undefined of any other structure. */
export function controlType({ fields }: StructNode): string | undefined {
  const field = (of: string) => fields.find(({ name }) => name === of)?.value;
  const type = field('cmsg_type');
  return type?.kind === 'number'
    ? nameOf('cmsgtype', type, numberOf(field('cmsg_level')))
    : type?.kind === 'constant'
      ? type.name
      : undefined;
}

/** The name of an option, as {@link controlType} has it. */
export function optionName(level: Expression | null | undefined, option: Expression | null | undefined) {
  return option?.kind === 'constant' ? option.name : nameOf('optname', option, numberOf(level));
}

/** The name of a command of fcntl(2), as {@link controlType} has it. */
export function commandName(command: Expression | null | undefined): string | undefined {
  return command?.kind === 'constant' ? command.name : nameOf('fcntlcmd', command, undefined);
}

function nameOf(
  group: 'cmsgtype' | 'optname' | 'fcntlcmd',
  node: Expression | null | undefined,
  level: number | undefined,
): string | undefined {
  const number = numberOf(node);
  return number === undefined ? undefined : constantName(group, number, 'linux', level);
}

function numberOf(node: Expression | null | undefined): number | undefined {
  return node?.kind === 'number'
    ? Number(node.value)
    : node?.kind === 'constant'
      ? constantValue(node.name, 'linux')
      : undefined;
}
