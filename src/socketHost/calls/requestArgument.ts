import { dataValue, fieldOf, isOfKind, itemsOf, type StructValue, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { structSize } from '../../common/tables/fieldTypes.js';
import { layoutOf } from '../../common/tables/optionLayouts.js';
import { decodeOption, encodeOption, OptionValueError, usualLength } from '../../common/tables/options.js';
import type { PointerRequest } from '../../common/tables/pointerRequests.js';
import { refusal } from '../refusal.js';
import { Memory } from '../sys/memory.js';

/** Where the argument of `fcntl(2)` and `ioctl(2)` stands. */
const argument = 2;

/** What is behind the pointer that a request is given. */
export interface RequestArgument {
  /** What the kernel reads and writes; null is NULL, or no argument at all. */
  readonly memory: Memory | null;
  /** What was passed, as it is told. */
  readonly passed: Value;
  /** The same as the kernel left it. */
  answered(): Value;
}

/**
 * Checks what is given for a request whose argument has a form.
 * @throws a refusal where it does not fit the form.
 */
export function readRequestArgument(row: PointerRequest, given: Value | undefined): RequestArgument {
  const isMissing = given === undefined || isOfKind(given, 'any');
  if (!row.layout) {
    if (!isMissing && given !== null && given !== 0) {
      throw refusal(argument, t('{0} takes no argument.', row.name));
    }
    return { memory: null, passed: null, answered: () => null };
  }
  if (given === null) {
    return { memory: null, passed: null, answered: () => null };
  }
  return row.layout === 'ifconf'
    ? new InterfaceList(isMissing ? undefined : given)
    : new LaidArgument(row, { layout: row.layout }, isMissing ? undefined : given);
}

/** A number or a structure. */
class LaidArgument implements RequestArgument {
  readonly memory: Memory;
  readonly passed: Value;
  private readonly before: Uint8Array;

  constructor(
    private readonly row: PointerRequest,
    private readonly laid: { layout: NonNullable<PointerRequest['layout']> },
    given: Value | undefined,
  ) {
    const size = usualLength(laid);
    this.before =
      row.direction === 'out' || (given === undefined && row.direction === 'inout')
        ? new Uint8Array(size)
        : encode(laid, given === undefined ? dataValue(new Uint8Array()) : plain(given));
    if (this.before.length !== size) {
      throw refusal(argument, t('{0} takes {1} bytes, not {2}.', row.name, size, this.before.length));
    }
    this.memory = Memory.of(this.before, Math.max(size, 8));
    this.passed = row.direction === 'in' ? decodeOption(laid, this.before) : (given ?? { kind: 'any' });
  }

  answered(): Value {
    const { direction, passed = [] } = this.row;
    if (direction === 'in') {
      return this.passed;
    }
    const after = decodeOption(this.laid, this.memory.bytes.slice(0, this.before.length));
    return direction === 'inout' ? exchanged(decodeOption(this.laid, this.before), after, passed) : after;
  }
}

/** `struct ifconf`: a length, and a pointer to room for so many bytes of interfaces. */
class InterfaceList implements RequestArgument {
  readonly memory = new Memory(16);
  readonly passed: Value;
  private readonly view = new DataView(this.memory.bytes.buffer);
  private readonly room: Memory | null;
  private readonly length: number;

  constructor(given: Value | undefined) {
    const hasRoom = fieldOf(given, 'ifc_buf') !== null;
    this.length = lengthOf(given) ?? (hasRoom ? usualRoom : 0);
    this.room = hasRoom ? new Memory(this.length) : null;
    this.view.setInt32(0, this.length, true);
    this.view.setBigUint64(8, BigInt(this.room?.address ?? 0), true);
    this.passed = this.value({ kind: 'inout', value: this.length, result: null }, { kind: 'any' });
  }

  answered(): Value {
    const result = this.view.getInt32(0, true);
    const bytes = this.room?.bytes.slice(0, Math.max(0, Math.min(result, this.length))) ?? new Uint8Array();
    const list: Value =
      bytes.length === 0 ? { kind: 'list', items: [] } : decodeOption({ layout: 'ifconf' }, bytes);
    return this.value({ kind: 'inout', value: this.length, result }, list);
  }

  private value(length: Value, list: Value): StructValue {
    return {
      kind: 'struct',
      fields: [
        { name: 'ifc_len', value: length },
        { name: 'ifc_buf', value: this.room ? list : null },
      ],
    };
  }
}

const ifreqSize = structSize(layoutOf('ifconf').elements!);
/** Room for so many interfaces where nothing else is said. */
const usualRoom = 64 * ifreqSize;
const mostRoom = 1 << 20;

function lengthOf(given: Value | undefined): number | undefined {
  if (given === undefined) {
    return undefined;
  }
  const field = fieldOf(given, 'ifc_len');
  const [single = field] = itemsOf(field);
  const length = isOfKind(field, 'inout') ? field.value : isOfKind(field, 'any') ? undefined : single;
  const isStruct = isOfKind(given, 'struct');
  const fits = length === undefined || (typeof length === 'number' && length >= 0 && length <= mostRoom);
  if (!isStruct || !fits) {
    throw refusal(
      argument,
      t('Interfaces are listed into {0}, with room for at most {1} bytes.', '{ifc_len=2560}', mostRoom),
    );
  }
  return length;
}

function encode(laid: { layout: NonNullable<PointerRequest['layout']> }, value: Value): Uint8Array {
  try {
    return encodeOption(laid, value);
  } catch (error) {
    if (error instanceof OptionValueError) {
      throw refusal(argument, error.message);
    }
    throw error;
  }
}

/** What is passed of a structure that says also what is expected. */
function plain(given: Value): Value {
  return isOfKind(given, 'struct')
    ? {
        ...given,
        fields: given.fields.map(({ name, value }) => ({
          name,
          value: isOfKind(value, 'inout') ? value.value : value,
        })),
      }
    : given;
}

/** What came back, and of the fields that were passed, what the kernel has made of them. */
function exchanged(before: Value, after: Value, passed: readonly string[]): Value {
  if (typeof after !== 'object' || after === null || !('kind' in after) || after.kind !== 'struct') {
    return after;
  }
  return {
    ...after,
    fields: after.fields.map(({ name, value }) => {
      const was = fieldOf(before, name);
      return passed.includes(name) && typeof was === 'number' && typeof value === 'number' && was !== value
        ? { name, value: { kind: 'inout', value: was, result: value } }
        : { name, value };
    }),
  };
}
