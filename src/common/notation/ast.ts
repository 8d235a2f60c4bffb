import type { CallName } from '../tables/signatures.js';
import type { needs, pauses, resultPlatforms } from './vocabulary.js';

/** Offsets in the text, in UTF-16 code units, the end excluded. */
export interface Range {
  start: number;
  end: number;
}

/** Something to tell about a place in the text. */
export interface Diagnostic {
  message: string;
  range: Range;
  /** Of the range's start, both counted from 1. */
  line: number;
  column: number;
}

interface NodeBase {
  range: Range;
}

export interface NumberNode extends NodeBase {
  kind: 'number';
  /** A bigint beyond 2^53. */
  value: number | bigint;
  /** Written with `0x`: where strace prints a pointer. */
  isHex: boolean;
}

/** An upper-case name: `AF_INET`, `ECONNREFUSED`. */
export interface ConstantNode extends NodeBase {
  kind: 'constant';
  name: string;
}

/** A lower-case name. */
export interface VariableNode extends NodeBase {
  kind: 'variable';
  name: string;
}

/** Literals that stand side by side join: `"a" hex("00")`. */
export interface DataNode extends NodeBase {
  kind: 'data';
  parts: DataPart[];
  /** strace's `"abc"...`: expects a prefix, cannot be sent. */
  isCut: boolean;
  /** `@"name"`: an abstract name. */
  isAbstract: boolean;
}

export type DataPart =
  | { kind: 'bytes'; bytes: Uint8Array; range: Range }
  /** `file("payload.bin")`, relative to the scenario. */
  | { kind: 'file'; path: string; range: Range };

/** `"a" * 65536`. */
export interface RepeatNode extends NodeBase {
  kind: 'repeat';
  data: DataNode;
  count: Expression;
}

export type Operator = '|' | '+' | '-' | '*' | '<<' | '>>' | '&';

/** Operators of one precedence, from left to right: `A|B|C` is one node. */
export interface OperationNode extends NodeBase {
  kind: 'operation';
  operands: Expression[];
  operators: Operator[];
}

export interface NegativeNode extends NodeBase {
  kind: 'negative';
  operator: '-' | '~';
  operand: Expression;
}

/** `htons(80)`, `inet_addr("127.0.0.1")`. */
export interface FunctionNode extends NodeBase {
  kind: 'function';
  name: string;
  args: Expression[];
}

/** A call inside an expression, a real one: `getsockname(s)`. */
export interface NestedCallNode extends NodeBase {
  kind: 'call';
  name: 'getsockname' | 'getpeername';
  args: Expression[];
}

/** `getsockname(s).port` */
export interface MemberNode extends NodeBase {
  kind: 'member';
  object: Expression;
  name: 'port';
}

export interface ListNode extends NodeBase {
  kind: 'list';
  items: Expression[];
  /** strace's `[a, b, ...]`. */
  isCut: boolean;
}

/** `[128 => 16]` */
export interface InOutNode extends NodeBase {
  kind: 'inout';
  value: Expression;
  result: Expression;
}

export interface StructField {
  name: string;
  nameRange: Range;
  value: Expression;
}

export interface StructNode extends NodeBase {
  kind: 'struct';
  fields: StructField[];
}

/** An address in its short form. */
export interface AddressNode extends NodeBase {
  kind: 'address';
  form:
    | { family: 'AF_INET'; address: string; port: Expression }
    | { family: 'AF_INET6'; address: string; scopeId: string | null; port: Expression }
    /** `"localhost":80`: resolved before the call. */
    | { family: 'host'; host: string; port: Expression }
    | { family: 'AF_UNIX'; name: Uint8Array; isAbstract: boolean }
    | { family: 'AF_NETLINK'; pid: Expression; groups: Expression }
    | { family: 'AF_PACKET'; interface: string; protocol: Expression }
    | { family: 'AF_VSOCK'; cid: Expression; port: Expression }
    | { family: 'AF_CAN'; interface: string }
    | { family: 'raw'; data: Expression };
}

/** `_`: whatever comes. */
export interface AnyNode extends NodeBase {
  kind: 'any';
}

export interface NullNode extends NodeBase {
  kind: 'null';
}

/** `___`: for a learner to fill. */
export interface BlankNode extends NodeBase {
  kind: 'blank';
}

/** A place that could not be read; there is a diagnostic for it. */
export interface ErrorNode extends NodeBase {
  kind: 'error';
}

export type Expression =
  | NumberNode
  | ConstantNode
  | VariableNode
  | DataNode
  | RepeatNode
  | OperationNode
  | NegativeNode
  | FunctionNode
  | NestedCallNode
  | MemberNode
  | ListNode
  | InOutNode
  | StructNode
  | AddressNode
  | AnyNode
  | NullNode
  | BlankNode
  | ErrorNode;

/** One of the results that a line allows. */
export type Outcome =
  | { kind: 'value'; value: Expression; range: Range }
  | { kind: 'range'; min: Expression; max: Expression; range: Range }
  /** `-1 EINVAL`; without a name any error. */
  | { kind: 'error'; errno: string | null; range: Range }
  | { kind: 'any'; range: Range }
  | { kind: 'blank'; range: Range };

/** `= -1 EACCES | 3`, with what strace adds. */
export interface ResultNode extends NodeBase {
  outcomes: Outcome[];
  /** poll's `([{fd=3, revents=POLLIN}])`. */
  output: ListNode | null;
}

/** `<0.04..0.9>` in seconds. A figure (`<0.080123>`) is what strace measured, not an expectation. */
export interface TimeNode extends NodeBase {
  min: number;
  max: number;
  isRange: boolean;
}

export type ResultPlatform = (typeof resultPlatforms)[number];

interface StatementBase {
  range: Range;
  /** Line of the statement's start, counted from 1. */
  line: number;
  /** The thread of control: `main` where none is written, `pid 4101` in strace's form. */
  thread: string;
}

/** A name of the file's own, where it is written. */
export interface Name {
  name: string;
  range: Range;
}

/** A call of the vocabulary. */
export interface CallStatement extends StatementBase {
  kind: 'call';
  /** Names that take what the call gives: descriptors, a number or an address. */
  targets: Name[];
  name: CallName;
  nameRange: Range;
  /** One for each parameter of the signature, null where it is left out. */
  args: (Expression | null)[];
  result: ResultNode | null;
  /** What other platforms answer. */
  platformResults: { platform: ResultPlatform; result: ResultNode }[];
  time: TimeNode | null;
}

/** `sleep(0.2)`: the thread waits. `timeout(2)`: the limit of its later calls. */
export interface PauseStatement extends StatementBase {
  kind: (typeof pauses)[number];
  seconds: number;
}

/** A call's name that a learner is to fill. */
export interface BlankStatement extends StatementBase {
  kind: 'blank';
  /** Names that take what the call gives, once it is filled. */
  targets: Name[];
}

export type Statement = CallStatement | PauseStatement | BlankStatement;

export type Need = (typeof needs)[number];

/** A file as it was read. Statements with an error in them are left out, so it runs only without diagnostics. */
export interface Scenario {
  text: string;
  /** The first comment line; empty when there is none. */
  title: string;
  /** The comment lines below it. */
  description: string;
  needs: Need[];
  statements: Statement[];
  /** `___`, in the order of the text. */
  blanks: Range[];
  /** Errors, in the order of the text. */
  diagnostics: Diagnostic[];
  /** What was skipped: calls outside the vocabulary, data that strace cut. */
  notes: Diagnostic[];
}

/** How many calls some lines make, those inside expressions too. */
export function callCount(statements: readonly Statement[]): number {
  return statements.reduce(
    (count, statement) => count + (statement.kind === 'call' ? 1 + nestedCallCount(statement.args) : 0),
    0,
  );
}

/** How many calls stand inside an expression: each is a real one. */
function nestedCallCount(node: unknown): number {
  if (typeof node !== 'object' || node === null) {
    return 0;
  }
  const own = 'kind' in node && node.kind === 'call' ? 1 : 0;
  return Object.values(node).reduce<number>((count, part) => count + nestedCallCount(part), own);
}
