import { t } from '../../common/l10n.js';
import type { Statement } from '../../common/notation/ast.js';
import { Inexpressible } from './nodes.js';
import type { VariableKind } from './program.js';

/** The variables of a program, and what of a recording they stand for. */
export class ProgramNames {
  readonly variables = new Map<string, VariableKind>();
  /** Variables for the descriptors that a recording names by number. */
  readonly numbered = new Map<number, string>();
  /** Variables for the ports that the kernel chose in a recording. */
  readonly ports = new Map<number, string>();
  readonly chosenPorts = new Set<number>();

  constructor(private readonly statements: readonly Statement[]) {}

  declare(name: string, kind: VariableKind): string {
    const known = this.variables.get(name);
    if (known !== undefined && known !== kind) {
      throw new Inexpressible(t('{0} holds another kind of value on another line.', name));
    }
    this.variables.set(name, kind);
    return name;
  }

  unused(name: string): string {
    const names = new Set(
      this.statements.flatMap((each) =>
        each.kind === 'call' ? each.targets.map((target) => target.name) : [],
      ),
    );
    let free = name;
    while (names.has(free)) {
      free += '_';
    }
    return free;
  }
}
