import type { Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { isExpectation } from '../../common/notation/arguments.js';
import type { CallStatement, Expression, StructNode } from '../../common/notation/ast.js';
import { readValue } from '../../common/notation/structures.js';
import { type Environment, readNumber } from '../../common/notation/values.js';
import { findPointerRequest, type PointerRequest } from '../../common/tables/pointerRequests.js';
import { checkSize, fieldNode, Inexpressible, isPointerAt, literal } from './nodes.js';
import type { ExpectedValue, NumberOperand, Operand, StructOperand } from './program.js';
import { intTypeOf, roomOf, saidFields, structOperand } from './structOperand.js';

/** Where the argument of `fcntl(2)` and `ioctl(2)` stands. */
const argument = 2;
/** Room for so many bytes of interfaces where nothing else is said, as the tool has it. */
const usualRoom = 64 * 40;

export type RequestType = 'fcntlarg' | 'ioctlarg';

/** What `fcntl(2)` and `ioctl(2)` take and give in a program. */
export class RequestOperands {
  constructor(
    private readonly env: Environment,
    private readonly number: (node: Expression) => NumberOperand,
  ) {}

  passed(node: Expression | null, type: RequestType, args: CallStatement['args']): Operand {
    const row = this.find(type, args);
    if (node?.kind === 'null') {
      return { kind: 'null' };
    }
    const given = node?.kind === 'any' ? null : node;
    if (!row) {
      return this.plain(given, type, args);
    }
    const { layout, direction } = row;
    if (layout === null) {
      return { kind: 'omitted' };
    }
    if (layout === 'ifconf') {
      return this.interfaces(given);
    }
    if (direction === 'out' || given === null) {
      return { kind: 'room', ...roomOf({ layout }) };
    }
    if (isPointerAt(args, argument)) {
      throw notExported();
    }
    const intType = intTypeOf({ layout });
    const single = singleOf(given);
    if (intType !== undefined && single.kind !== 'struct') {
      return { kind: 'int', type: intType, value: this.number(single) };
    }
    const written = direction === 'inout' && given.kind === 'struct' ? passedPart(given, row) : given;
    const passed = structOperand({ layout }, this.read(written), written, (field) => this.constant(field));
    const { length } = roomOf({ layout });
    if (passed.bytes.length !== length) {
      // The kernel reads, and may write, all of it.
      throw new Inexpressible(t('{0} takes {1} bytes, not {2}.', row.name, length, passed.bytes.length));
    }
    return passed;
  }

  /** What a line says of the answer. */
  expected(node: Expression, type: RequestType, args: CallStatement['args']): ExpectedValue | null {
    const row = this.find(type, args);
    if (!row?.layout || (row.direction !== 'out' && row.direction !== 'inout')) {
      return null;
    }
    const { layout } = row;
    if (layout === 'ifconf') {
      return this.expectedInterfaces(node);
    }
    if (intTypeOf({ layout }) !== undefined) {
      return { kind: 'int', value: this.number(singleOf(node)) };
    }
    const answered = node.kind === 'struct' ? answeredPart(node, row) : node;
    const said = saidFields({ layout }, this.read(answered));
    return answered.kind === 'struct' && answered.fields.length === 0 ? null : said;
  }

  private find(type: RequestType, args: CallStatement['args']): PointerRequest | undefined {
    const number = args[1] ? Number(readNumber(args[1], this.env)) : -1;
    return findPointerRequest(type, number >>> 0, 'linux');
  }

  /** An argument without a form here: a number, of a request of ioctl(2) only where it is asked for. */
  private plain(given: Expression | null, type: RequestType, args: CallStatement['args']): Operand {
    if (type === 'ioctlarg') {
      if (given !== null) {
        throw notExported();
      }
      return { kind: 'room', type: 'int', length: 4 };
    }
    return given === null
      ? { kind: 'omitted' }
      : this.number(isPointerAt(args, argument) ? literal(0).node : given);
  }

  private interfaces(given: Expression | null): Operand {
    const isNull = fieldNode(given ?? undefined, 'ifc_buf')?.kind === 'null';
    const length = fieldNode(given ?? undefined, 'ifc_len');
    const passed = length === undefined || length.kind === 'any' ? undefined : singleOf(length);
    const bytes = passed ? Number(readNumber(passed, this.env)) : isNull ? 0 : usualRoom;
    checkSize(bytes);
    return { kind: 'interfaces', length: bytes, isNull };
  }

  private expectedInterfaces(node: Expression): ExpectedValue | null {
    const [length, list] = ['ifc_len', 'ifc_buf'].map((name) => fieldNode(node, name));
    const answered =
      length?.kind === 'inout' ? length.result : length?.kind === 'list' ? length.items[0] : null;
    const items =
      list?.kind === 'list' && isExpectation(list)
        ? list.items.map((item): StructOperand => saidFields({ layout: 'ifconf' }, this.read(item)))
        : null;
    return answered || items
      ? { kind: 'interfaces', length: answered ? this.number(answered) : null, items }
      : null;
  }

  private read(node: Expression): Value {
    return readValue(node, this.env);
  }

  private constant(node: Expression): NumberOperand | null {
    return node.kind === 'constant' || node.kind === 'operation' ? this.number(node) : null;
  }
}

/** `[1]` and `[1 => 2]` are what is passed. */
function singleOf(node: Expression): Expression {
  return node.kind === 'inout' ? node.value : node.kind === 'list' ? (node.items[0] ?? node) : node;
}

/** The fields that the kernel reads, with what is passed. */
function passedPart(node: StructNode, { passed = [] }: PointerRequest): StructNode {
  return {
    ...node,
    fields: node.fields
      .filter(({ name }) => passed.includes(name))
      .map((field) => ({ ...field, value: singleOf(field.value) })),
  };
}

/** What a structure says of the answer: a field that is passed says nothing, but as `[1 => 2]`. */
function answeredPart(node: StructNode, { passed = [] }: PointerRequest): StructNode {
  return {
    ...node,
    fields: node.fields
      .filter(
        ({ name, value }) =>
          isExpectation(value) && (!passed.includes(name) || value.kind === 'inout' || value.kind === 'list'),
      )
      .map((field) => ({
        ...field,
        value: field.value.kind === 'inout' ? field.value.result : singleOf(field.value),
      })),
  };
}

function notExported(): Inexpressible {
  return new Inexpressible(t('The argument of this request is not exported.'));
}
