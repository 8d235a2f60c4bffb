import type { CallStatement, Expression } from '../notation/ast.js';
import { isDuplicate, receivedNames } from '../notation/variables.js';
import { parameterIndex, signatureOf } from '../tables/signatures.js';

/** What a name stands for at some place of a file, as far as the text tells. */
export interface VariableFacts {
  kind: 'descriptor' | 'address' | 'number';
  /** Of a socket: `AF_INET`, `SOCK_STREAM`; undefined where the text does not tell. */
  domain?: string | undefined;
  type?: string | undefined;
  /** The call that gives it. */
  giver: CallStatement;
}

/** Follows the calls of a file and knows what each name stands for after them. */
export class VariableTracker {
  private readonly known = new Map<string, VariableFacts>();

  get(name: string): VariableFacts | undefined {
    return this.known.get(name);
  }

  /** The names so far, in the order in which they were given first. */
  entries(): IterableIterator<[string, VariableFacts]> {
    return this.known.entries();
  }

  /** What the descriptor of a call is, by its name. */
  descriptorOf(statement: CallStatement): VariableFacts | undefined {
    const node = statement.args[parameterIndex(statement.name, 'fd')];
    return node?.kind === 'variable' ? this.known.get(node.name) : undefined;
  }

  /** Takes over the names that a call gives. */
  take(statement: CallStatement): void {
    const facts = this.factsOf(statement);
    for (const { name } of statement.targets) {
      this.known.set(name, facts);
    }
    for (const { name } of receivedNames(statement)) {
      this.known.set(name, { kind: 'descriptor', giver: statement });
    }
  }

  private factsOf(giver: CallStatement): VariableFacts {
    const { name, args } = giver;
    if (name === 'socket' || name === 'socketpair') {
      return { kind: 'descriptor', domain: constantIn(args[0]), type: constantIn(args[1]), giver };
    }
    if (name === 'accept' || name === 'accept4' || isDuplicate(giver)) {
      const { domain, type } = this.descriptorOf(giver) ?? {};
      return { kind: 'descriptor', domain, type, giver };
    }
    if (name === 'getsockname' || name === 'getpeername') {
      return { kind: 'address', giver };
    }
    const isDescriptor = signatureOf(name).returns === 'fd' || name === 'pipe';
    return { kind: isDescriptor ? 'descriptor' : 'number', giver };
  }
}

/** The first constant of an argument: of `SOCK_STREAM|SOCK_NONBLOCK` the type. `PF_INET` and its like by their AF_ name. */
function constantIn(node: Expression | null | undefined): string | undefined {
  const first = node?.kind === 'operation' ? node.operands[0] : node;
  return first?.kind === 'constant' ? first.name.replace(/^PF_/, 'AF_') : undefined;
}
