import type { CallStatement, Expression, Statement } from '../common/notation/ast.js';
import { childrenOf } from '../common/notation/evaluate.js';
import { namesOfArguments, receivedDescriptors, receivedNames } from '../common/notation/variables.js';
import { parameterIndex, signatureOf } from '../common/tables/signatures.js';

/**
 * Which lines have to wait although their thread does not: those that use a name, or a recording's descriptor, to
 * which an earlier line of another thread has yet to give its value, as if it were passed between the threads of
 * a program.
 */
export class PendingNames {
  /** The lines that a line takes its values from. */
  private readonly givers = new Map<CallStatement, CallStatement[]>();
  private readonly finished = new Set<CallStatement>();

  constructor(statements: readonly Statement[]) {
    const latest = new Map<string | number, CallStatement>();
    for (const statement of statements) {
      if (statement.kind === 'call') {
        const used = [...namesOfArguments(statement), ...descriptorsUsed(statement)];
        this.givers.set(
          statement,
          used.map((name) => latest.get(name)).filter((giver) => giver !== undefined),
        );
        const named = [...statement.targets, ...receivedNames(statement)];
        for (const name of [...named.map(({ name }) => name), ...numbersGiven(statement)]) {
          latest.set(name, statement);
        }
      }
    }
  }

  /** The lines that a line takes its values from. */
  giversOf(statement: CallStatement): readonly CallStatement[] {
    return this.givers.get(statement) ?? [];
  }

  /** Whether everything in the arguments has its value, or has none to wait for. */
  isReady(statement: CallStatement): boolean {
    return this.giversOf(statement).every((giver) => this.isFinished(giver));
  }

  isFinished(statement: CallStatement): boolean {
    return this.finished.has(statement);
  }

  finish(statement: CallStatement): void {
    this.finished.add(statement);
  }
}

/** Descriptors that are written as numbers: those of a recording. */
function descriptorsUsed({ name, args }: CallStatement): number[] {
  return [
    ...numbersOf([args[parameterIndex(name, 'fd')] ?? null]),
    ...args.flatMap((node) => (node ? descriptorsInside(node) : [])),
  ];
}

function descriptorsInside(node: Expression): number[] {
  const own = node.kind === 'call' ? numbersOf(node.args) : [];
  return [...own, ...childrenOf(node).flatMap(descriptorsInside)];
}

function numbersGiven(statement: CallStatement): number[] {
  return descriptorsGiven(statement).filter((number) => number !== undefined);
}

/** The numbers that a recording gives to the descriptors that a call makes, in their order; undefined where it is a name. */
export function descriptorsGiven(statement: CallStatement): (number | undefined)[] {
  const { name, args, result } = statement;
  const received = receivedDescriptors(statement);
  if (received.length > 0) {
    return received.map((node) => (node.kind === 'number' ? Number(node.value) : undefined));
  }
  if (signatureOf(name).returns === 'fd') {
    const [outcome] = result?.outcomes ?? [];
    return outcome?.kind === 'value' ? numbersOf([outcome.value]) : [];
  }
  const pair = args[parameterIndex(name, 'fdpair')];
  return pair?.kind === 'list' ? numbersOf(pair.items) : [];
}

function numbersOf(nodes: readonly (Expression | null)[]): number[] {
  return nodes.flatMap((node) => (node?.kind === 'number' ? [Number(node.value)] : []));
}
