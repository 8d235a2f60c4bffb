import { t } from '../../common/l10n.js';
import { type Helpers, Unsupported } from './code.js';
import type { CallStep, Operand, Program } from './program.js';
import { type Helper, namesIn } from './pythonContext.js';
import { givenBy, usedBy } from './stepNames.js';

/**
 * What a variable holds: Python has a socket as an object and anything else as a number. Of what came in a message, of what
 * `fcntl` has copied and of what is closed it is known only when the program runs.
 */
type Kind = 'socket' | 'number' | 'either';

/** How a program writes what the descriptors of its calls are. */
export interface DescriptorSpelling {
  helpers: Helpers<Helper>;
  variable(name: string): string;
  /** A number, or 0 where it is left out. */
  argument(operand: Operand): string;
}

/** The descriptors in the variables of a Python program. */
export class PythonDescriptors {
  private readonly kinds = new Map<string, Kind>();
  private readonly families = new Map<string, number>();
  /** Calls of `close` whose name is used again: it stands for the number from then on. */
  private readonly reused: ReadonlySet<CallStep>;
  private readonly variables: Program['variables'];

  constructor(
    program: Program,
    private readonly spelling: DescriptorSpelling,
  ) {
    this.reused = closesOfReused(program);
    this.variables = program.variables;
  }

  /** The names that a call has given a descriptor. */
  note(names: readonly string[], kind: Kind, family?: number): void {
    for (const name of names) {
      this.kinds.set(name, kind);
      if (family === undefined) {
        this.families.delete(name);
      } else {
        this.families.set(name, family);
      }
    }
  }

  /** What a call has made of a descriptor is of its family, and as well known. */
  inherit(names: readonly string[], operand: Operand, kind = this.kindOf(operand)): void {
    this.note(names, kind, this.familyOf(operand));
  }

  kindOf(operand: Operand): Kind {
    const [name] = namesIn(operand);
    const isNumber = name === undefined || this.variables.get(name) === 'number';
    return isNumber ? 'number' : (this.kinds.get(name) ?? 'socket');
  }

  familyOf(operand: Operand): number | undefined {
    const [name] = namesIn(operand);
    return name === undefined ? undefined : this.families.get(name);
  }

  /** The family of the address that a variable holds, which is that of its socket. */
  noteAddress(names: readonly string[], operand: Operand): void {
    const family = this.familyOf(operand);
    names.forEach((name) =>
      family === undefined ? this.families.delete(name) : this.families.set(name, family),
    );
  }

  addressFamily(name: string): number | undefined {
    return this.families.get(name);
  }

  /**
   * A method of a socket and what it takes first, as `attempt` takes them.
   * @param family Of the address that it passes, where that is not the socket's own.
   */
  method(name: string, operand: Operand, family: string | null): string {
    const text = this.text(operand);
    return this.kindOf(operand) === 'socket' && family === null
      ? `${text}.${name}`
      : `${this.spelling.helpers.use('call_on')}, ${text}, ${family ?? 'None'}, '${name}'`;
  }

  /** The number of a descriptor. */
  number(operand: Operand): string {
    const text = this.text(operand);
    switch (this.kindOf(operand)) {
      case 'number':
        return text;
      case 'socket':
        return `${text}.fileno()`;
      case 'either':
        return `${this.spelling.helpers.use('fileno')}(${text})`;
    }
  }

  /** What stands for a descriptor: an object or a number. */
  text(operand: Operand): string {
    const [name] = namesIn(operand);
    if (name !== undefined) {
      return this.spelling.variable(name);
    }
    if (operand.kind !== 'number') {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    return this.spelling.argument(operand);
  }

  /** The name that a call of `close` makes a number of, as a list of one. */
  reusedBy(step: CallStep): string[] {
    return this.reused.has(step) ? namesIn(step.args[0]!) : [];
  }
}

/** The calls of `close` behind which their name is used again before it is given another descriptor. */
function closesOfReused({ lines }: Program): Set<CallStep> {
  const closes = new Map<string, CallStep>();
  const found = new Set<CallStep>();
  for (const step of lines.flatMap(({ steps }) => steps)) {
    const given = givenBy(step);
    if (step.kind === 'call') {
      const used = usedBy(step).filter((name) => !given.includes(name));
      used.flatMap((name) => closes.get(name) ?? []).forEach((close) => found.add(close));
    }
    given.forEach((name) => closes.delete(name));
    if (step.kind === 'call' && step.name === 'close') {
      namesIn(step.args[0]!).forEach((name) => closes.set(name, step));
    }
  }
  return found;
}
