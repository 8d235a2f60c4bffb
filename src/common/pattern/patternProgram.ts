/** What a place of a program does. */
export const op = {
  /** Takes a byte of the set with this number. */
  byte: 0,
  match: 1,
  jump: 2,
  /** Goes on at both places; the first is the more wanted. */
  split: 3,
  /** Notes the position in this slot. */
  save: 4,
  start: 5,
  end: 6,
  /** Between a word and none where its operand is 1, anywhere else where it is 0. */
  wordBoundary: 7,
} as const;

/** Places of a program, at most. */
const maxProgram = 4000;

/** A pattern as places, each with up to two operands. */
export interface PatternProgram {
  size: number;
  operations: Uint8Array;
  operands: Int32Array;
  /** Sets of bytes: 1 where a byte is in one. */
  sets: readonly Uint8Array[];
  groupCount: number;
  /** It can match at the beginning only. */
  isAnchored: boolean;
}

/** A part of a pattern. */
export type PatternNode =
  | { kind: 'set'; set: Uint8Array }
  | { kind: 'sequence'; items: PatternNode[] }
  | { kind: 'choice'; items: PatternNode[] }
  | { kind: 'repeat'; item: PatternNode; min: number; max: number; isLazy: boolean }
  | { kind: 'group'; item: PatternNode; index: number }
  | { kind: 'assertion'; operation: number; operand: number };

/** Too many places: a pattern of this size takes too long to run. */
export class ProgramTooLargeError extends Error {}

/** Makes a program of a pattern, which runs over bytes in time that grows with them. */
export function compile(root: PatternNode, groupCount: number): PatternProgram {
  const compiler = new Compiler();
  compiler.add({ kind: 'group', item: root, index: 0 });
  compiler.emit(op.match);
  const size = compiler.operations.length;
  return {
    size,
    operations: Uint8Array.from(compiler.operations),
    operands: Int32Array.from(compiler.operands),
    sets: compiler.sets,
    groupCount,
    isAnchored: isAnchored(root),
  };
}

function isAnchored(node: PatternNode): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.operation === op.start;
    case 'sequence':
      return node.items.length > 0 && isAnchored(node.items[0]!);
    case 'choice':
      return node.items.every(isAnchored);
    case 'group':
      return isAnchored(node.item);
    default:
      return false;
  }
}

class Compiler {
  readonly operations: number[] = [];
  readonly operands: number[] = [];
  readonly sets: Uint8Array[] = [];

  emit(operation: number, first = 0, second = 0): number {
    if (this.operations.length >= maxProgram) {
      throw new ProgramTooLargeError();
    }
    this.operations.push(operation);
    this.operands.push(first, second);
    return this.operations.length - 1;
  }

  add(node: PatternNode): void {
    switch (node.kind) {
      case 'set':
        this.emit(op.byte, this.sets.push(node.set) - 1);
        break;
      case 'sequence':
        node.items.forEach((item) => this.add(item));
        break;
      case 'choice':
        this.choice(node.items);
        break;
      case 'repeat':
        this.repeat(node);
        break;
      case 'group':
        this.emit(op.save, 2 * node.index);
        this.add(node.item);
        this.emit(op.save, 2 * node.index + 1);
        break;
      case 'assertion':
        this.emit(node.operation, node.operand);
    }
  }

  private choice(items: readonly PatternNode[]): void {
    const ends: number[] = [];
    items.forEach((item, index) => {
      if (index === items.length - 1) {
        this.add(item);
        return;
      }
      const split = this.emit(op.split);
      this.aim(split, 0);
      this.add(item);
      ends.push(this.emit(op.jump));
      this.aim(split, 1);
    });
    ends.forEach((end) => this.aim(end, 0));
  }

  private repeat({ item, min, max, isLazy }: PatternNode & { kind: 'repeat' }): void {
    for (let count = 0; count < min; count++) {
      this.add(item);
    }
    if (max === Infinity) {
      const split = this.emit(op.split);
      this.aim(split, isLazy ? 1 : 0);
      this.add(item);
      this.emit(op.jump, split);
      this.aim(split, isLazy ? 0 : 1);
      return;
    }
    const splits: number[] = [];
    for (let count = min; count < max; count++) {
      const split = this.emit(op.split);
      this.aim(split, isLazy ? 1 : 0);
      splits.push(split);
      this.add(item);
    }
    splits.forEach((split) => this.aim(split, isLazy ? 0 : 1));
  }

  /** Lets an operand of a place lead to where the program goes on. */
  private aim(place: number, operand: 0 | 1): void {
    this.operands[2 * place + operand] = this.operations.length;
  }
}
