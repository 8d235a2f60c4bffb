import { t } from '../../common/l10n.js';
import { isExpectation } from '../../common/notation/arguments.js';
import type { CallStatement, Expression, StructNode } from '../../common/notation/ast.js';
import { addressLength } from '../../common/notation/lengths.js';
import { readValue } from '../../common/notation/structures.js';
import { type Environment, readData, readNumber } from '../../common/notation/values.js';
import { receivedDescriptors } from '../../common/notation/variables.js';
import { alignControl, controlHeaderSize, controlLayout } from '../../common/tables/controlMessages.js';
import { encodeOption } from '../../common/tables/options.js';
import { checkSize, fieldNode, Inexpressible, isNumeric, literal } from './nodes.js';
import type {
  AddressOperand,
  ControlOperand,
  ExpectedControl,
  ExpectedValue,
  MessageOperand,
  MessagePart,
  NumberOperand,
  StructOperand,
} from './program.js';
import type { ProgramNames } from './programNames.js';
import { intTypeOf, saidFields, type Laid } from './structOperand.js';

/** Room for control data where none is said. */
const usualRoom = 256;
/** `struct sockaddr_un`. */
const longestUnixAddress = 110;

/** What `sendmsg(2)` and `recvmsg(2)` take and give in a program. */
export class MessageOperands {
  constructor(
    private readonly env: Environment,
    private readonly names: ProgramNames,
    private readonly operands: {
      number(node: Expression): NumberOperand;
      address(node: Expression): AddressOperand;
      struct(laid: Laid | undefined, node: Expression): StructOperand;
    },
  ) {}

  passed(
    node: Expression,
    isReceived: boolean,
    statement: Pick<CallStatement, 'name' | 'args'>,
  ): MessageOperand {
    if (node.kind !== 'struct') {
      throw new Inexpressible(t('A structure is expected here: {name=value, …}'));
    }
    const list = fieldNode(node, 'msg_iov');
    const name = fieldNode(node, 'msg_name');
    const control = fieldNode(node, 'msg_control');
    const hasControl = control !== undefined && control.kind !== 'null';
    const items = list?.kind === 'list' ? list.items : [];
    const count = fieldNode(node, 'msg_iovlen');
    if (count && Number(readNumber(count, this.env)) !== items.length) {
      throw new Inexpressible(t('A message with another number of buffers than it has is not exported.'));
    }
    const address =
      !name || name.kind === 'null' ? null : isReceived ? anyAddress : this.operands.address(name);
    const messages = isReceived || !hasControl ? [] : this.control(control);
    if (!isReceived) {
      this.checkLengths(node, address, messages);
    }
    return {
      kind: 'message',
      name: address,
      parts: items.map((item) => this.part(item, isReceived)),
      control: messages,
      descriptors: isReceived ? this.receivedNames(statement) : [],
      controlLength: hasControl ? this.controlLength(node) : 0,
    };
  }

  /** What a line says of the control messages that come; null where it says nothing. */
  expectedControl(control: Expression | undefined): readonly ExpectedControl[] | null {
    if (control?.kind !== 'list' || !isExpectation(control)) {
      return null;
    }
    return control.items.map((item): ExpectedControl => {
      const kind = this.kindOf(item);
      const data = fieldNode(item, 'cmsg_data');
      const isSaid = data !== undefined && isExpectation(data);
      return {
        level: kind.level,
        type: kind.type,
        descriptors: kind.isDescriptors && data?.kind === 'list' ? data.items.length : 0,
        data: isSaid && !kind.isDescriptors ? this.expectedData(data, kind) : null,
      };
    });
  }

  private expectedData(node: Expression, { layout }: Kind): ExpectedValue {
    const single = node.kind === 'list' && node.items.length === 1 ? node.items[0]! : node;
    if (isNumeric(single) && intTypeOf({ layout }) !== undefined) {
      return { kind: 'int', value: this.operands.number(single) };
    }
    const value = readValue(node, this.env);
    const said = node.kind === 'struct' ? saidFields({ layout }, value) : undefined;
    return said && said.fields.length > 0
      ? said
      : { kind: 'bytes', bytes: encodeOption({ layout }, value), isText: layout === 'string' };
  }

  private part(item: Expression, isReceived: boolean): MessagePart {
    const [base, size] = [fieldNode(item, 'iov_base'), fieldNode(item, 'iov_len')];
    const bytes = base && base.kind !== 'any' && base.kind !== 'null' ? readData(base, this.env).bytes : null;
    const length = size ? Number(readNumber(size, this.env)) : (bytes?.length ?? 0);
    checkSize(length);
    if (length < 0) {
      throw new Inexpressible(t('A buffer of this length is not exported.'));
    }
    if (!isReceived && length > (bytes?.length ?? 0)) {
      throw new Inexpressible(t('The length says more bytes than there are.'));
    }
    return { bytes, length };
  }

  /** A program passes the usual lengths: others only where they make no difference. */
  private checkLengths(
    node: StructNode,
    address: AddressOperand | null,
    control: readonly ControlOperand[],
  ): void {
    const [nameLength, room] = ['msg_namelen', 'msg_controllen'].map((field) => {
      const said = fieldNode(node, field);
      return said && Number(readNumber(said, this.env));
    });
    const last = control.at(-1);
    const whole = control.reduce((sum, { data }) => sum + alignControl(controlHeaderSize + sizeOf(data)), 0);
    // What fills the last one up may be left out.
    const least = last ? whole - alignControl(sizeOf(last.data)) + sizeOf(last.data) : 0;
    const isRoom = room === undefined || (room >= least && room <= whole);
    if (!isRoom || (nameLength !== undefined && address && !isLengthOf(address, nameLength))) {
      throw new Inexpressible(
        t('A message with other lengths than its address and its control messages have is not exported.'),
      );
    }
  }

  private controlLength(node: StructNode): number {
    const written = fieldNode(node, 'msg_controllen');
    const number =
      written?.kind === 'inout' ? written.value : written?.kind === 'list' ? written.items[0] : written;
    return number ? Number(readNumber(number, this.env)) : usualRoom;
  }

  private control(node: Expression): ControlOperand[] {
    if (node.kind !== 'list') {
      throw new Inexpressible(t('Control messages that are only bytes are not exported.'));
    }
    return node.items.map((item) => {
      const kind = this.kindOf(item);
      const data = this.controlData(fieldNode(item, 'cmsg_data'), kind);
      const length = fieldNode(item, 'cmsg_len');
      if (length && Number(readNumber(length, this.env)) !== controlHeaderSize + sizeOf(data)) {
        throw new Inexpressible(t('A control message of another length than its data has is not exported.'));
      }
      return { level: kind.level, type: kind.type, data };
    });
  }

  private controlData(node: Expression | undefined, { layout, isRights }: Kind): ControlOperand['data'] {
    if (node === undefined || node.kind === 'any' || node.kind === 'null') {
      return { kind: 'struct', type: '', fields: [], bytes: new Uint8Array(0) };
    }
    if (isRights && node.kind === 'list') {
      return { kind: 'descriptors', items: node.items.map((each) => this.operands.number(each)) };
    }
    const single = node.kind === 'list' && node.items.length === 1 ? node.items[0]! : node;
    const type = intTypeOf({ layout });
    if (type !== undefined && (isNumeric(single) || single.kind === 'variable')) {
      return { kind: 'int', type, value: this.operands.number(single) };
    }
    return this.operands.struct({ layout }, node);
  }

  private kindOf(item: Expression): Kind {
    const [level, type] = ['cmsg_level', 'cmsg_type'].map((name) =>
      this.operands.number(fieldNode(item, name) ?? literal(0).node),
    ) as [NumberOperand, NumberOperand];
    const is = (name: string) => type.node.kind === 'constant' && type.node.name === name;
    return {
      level,
      type,
      layout: controlLayout(Number(level.value), Number(type.value), 'linux'),
      isRights: is('SCM_RIGHTS'),
      isDescriptors: is('SCM_RIGHTS') || is('SCM_PIDFD'),
    };
  }

  /** The variables that take the descriptors that come. */
  receivedNames(statement: Pick<CallStatement, 'name' | 'args'>): NumberOperand[] {
    return receivedDescriptors(statement).map((node) => {
      if (node.kind === 'variable') {
        this.names.declare(node.name, 'descriptor');
      } else if (node.kind === 'number') {
        const variable = this.names.declare(this.names.unused(`fd${node.value}`), 'descriptor');
        this.names.numbered.set(Number(node.value), variable);
        return {
          kind: 'number',
          node: { kind: 'variable', name: variable, range: node.range },
          value: undefined,
        };
      }
      return this.operands.number(node);
    });
  }
}

interface Kind extends Pick<ControlOperand, 'level' | 'type'> {
  layout: ReturnType<typeof controlLayout>;
  isRights: boolean;
  /** Those that arrive have other numbers in each run. */
  isDescriptors: boolean;
}

/** Whether the kernel takes an address of this length for the same: what is behind most of them it does not look at. */
function isLengthOf(operand: AddressOperand, length: number): boolean {
  if (operand.form !== 'known' && operand.form !== 'port') {
    return true;
  }
  const { address } = operand;
  const usual = addressLength(address);
  switch (address.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return length >= usual;
    case 'AF_UNIX':
      return length === usual || (!address.isAbstract && length > usual && length <= longestUnixAddress);
    default:
      return length === usual;
  }
}

function sizeOf(data: ControlOperand['data']): number {
  switch (data.kind) {
    case 'descriptors':
      return 4 * data.items.length;
    case 'int':
      return { int: 4, uint16_t: 2, uint64_t: 8 }[data.type];
    case 'struct':
      return data.bytes.length;
  }
}

const anyAddress: AddressOperand = {
  kind: 'address',
  form: 'known',
  address: { family: 'raw', bytes: new Uint8Array(0) },
};
