import type { DataPart, Expression, Need } from '../../common/notation/ast.js';
import type { SocketAddress } from '../../common/socket.js';
import type { FieldType } from '../../common/tables/fieldTypes.js';
import type { CallName } from '../../common/tables/signatures.js';

/**
 * A scenario as a program in no language yet: threads of control whose lines are calls, each with operands that are known
 * or variables, and what is expected of it. The printers of C, Python and Node.js write it down.
 */
export interface Program {
  title: string;
  description: string;
  needs: readonly Need[];
  /** The names of the threads; `main` is the first, also where it has no line. */
  threads: readonly string[];
  lines: readonly ProgramLine[];
  /** What each variable holds, in the order of their first use. */
  variables: ReadonlyMap<string, VariableKind>;
}

export type VariableKind = 'descriptor' | 'number' | 'address';

/** One line of the file. */
export interface ProgramLine {
  /** Its number in the file, counted from 1. */
  number: number;
  thread: string;
  /** The line as it is written in the file. */
  text: string;
  /** What the comments say that stand above it, without their `#`. */
  comments: readonly string[];
  steps: readonly Step[];
  /** Lines of other threads whose values it uses. */
  givers: readonly number[];
  /** Whether its thread may come to wait, so that the others go on. */
  waits: 'never' | 'maybe' | 'always';
}

export type Step =
  | CallStep
  | { kind: 'sleep'; seconds: number }
  /** The limit that the tool sets for calls: a program has none. */
  | { kind: 'timeout' }
  /** Something that no language can say; `reason` is a sentence, `call` a call that may have succeeded. */
  | { kind: 'unsupported'; reason: string; targets: readonly string[]; call?: CallName };

export interface CallStep {
  kind: 'call';
  name: CallName;
  /** One for each parameter of the signature. */
  args: readonly Operand[];
  /** Names that take what it gives. */
  targets: readonly string[];
  expected: Expected;
  /** Calls that what is expected of its arguments needs; they are made after it, where it has not failed. */
  asked: readonly CallStep[];
}

/** A number: its value where it is known, else an expression with variables in it. */
export interface NumberOperand {
  kind: 'number';
  node: Expression;
  value: number | bigint | undefined;
}

export type Operand =
  /** Left out, or `_`. */
  | { kind: 'omitted' }
  | { kind: 'null' }
  | NumberOperand
  /** The bytes, `count` times. */
  | { kind: 'data'; bytes: Uint8Array; count: number }
  | AddressOperand
  | IntOperand
  | StructOperand
  /** Memory that the kernel writes, of a type in C. */
  | { kind: 'room'; type: string; length: number }
  /** Room for a list of interfaces, in bytes; `isNull` where only its length is asked for. */
  | { kind: 'interfaces'; length: number; isNull: boolean }
  | { kind: 'list'; items: readonly NumberOperand[] }
  | { kind: 'pollfds'; items: readonly PollItem[] }
  | MessageOperand;

/** A number that stands in memory, of a type in C. */
export interface IntOperand {
  kind: 'int';
  type: IntType;
  value: NumberOperand;
}

export type IntType = 'int' | 'uint16_t' | 'uint64_t';

/** A structure by its fields; where these are unknown, or cannot be written down by themselves, its bytes. */
export interface StructOperand {
  kind: 'struct';
  /** In C; empty where it has none. */
  type: string;
  fields: readonly StructField[];
  bytes: Uint8Array;
}

export interface StructField {
  /** Empty for padding. */
  name: string;
  type: FieldType;
  offset: number;
  value: number | bigint | Uint8Array;
  /** The constants that stand there, where some do. */
  written: NumberOperand | null;
}

export interface PollItem {
  fd: NumberOperand;
  events: NumberOperand;
}

export type AddressOperand =
  | { kind: 'address'; form: 'variable'; name: string }
  | { kind: 'address'; form: 'known'; address: SocketAddress }
  /** Known but for its port. */
  | {
      kind: 'address';
      form: 'port';
      address: SocketAddress & { port: number };
      port: NumberOperand;
      /** A variable that takes the address which comes: its port is the one of a recording. */
      learns?: string;
    }
  /** To be resolved. */
  | { kind: 'address'; form: 'host'; host: string; port: NumberOperand };

/** A message to send, or the room for one to receive. */
export interface MessageOperand {
  kind: 'message';
  name: AddressOperand | null;
  parts: readonly MessagePart[];
  /** Control messages to send. */
  control: readonly ControlOperand[];
  /** Of a message to receive the names that take descriptors. */
  descriptors: readonly NumberOperand[];
  /** Room for control data in bytes; 0 for none. */
  controlLength: number;
}

export interface ControlOperand {
  level: NumberOperand;
  type: NumberOperand;
  data: IntOperand | StructOperand | { kind: 'descriptors'; items: readonly NumberOperand[] };
}

export interface MessagePart {
  bytes: Uint8Array | null;
  length: number;
}

export type ExpectedResult =
  | { kind: 'number'; value: NumberOperand }
  | { kind: 'range'; min: NumberOperand; max: NumberOperand }
  /** Any error where `errno` is null. */
  | { kind: 'error'; errno: string | null }
  /** A call that returns a descriptor: which number it is is the kernel's choice. */
  | { kind: 'success' }
  | { kind: 'any' };

/** The bytes that a line says, or only how they begin. */
export interface SaidData {
  bytes: Uint8Array;
  isPrefix: boolean;
}

/** What a line says of what comes back. */
export interface Expected {
  /** Any of these; a line that says nothing expects success. */
  results: readonly ExpectedResult[];
  /** What a buffer holds, or at least begins with. */
  data: SaidData | null;
  address: AddressOperand | null;
  /** The length that the kernel writes. */
  length: NumberOperand | null;
  /** An option's value, or that of an ioctl. */
  value: ExpectedValue | null;
  /** The events of poll, by descriptor. */
  ready: readonly PollItem[] | null;
  /** The control messages of a received message, all of them in their order. */
  control: readonly ExpectedControl[] | null;
  /** Flags of a received message. */
  messageFlags: NumberOperand | null;
  /** Seconds. */
  time: { min: number; max: number } | null;
}

export type ExpectedValue =
  | { kind: 'int'; value: NumberOperand }
  | { kind: 'bytes'; bytes: Uint8Array; isText: boolean }
  /** Those fields of a structure of which something is said. */
  | (StructOperand & { size: number })
  | { kind: 'interfaces'; length: NumberOperand | null; items: readonly StructOperand[] | null }
  /** The first byte of TCP_INFO. */
  | { kind: 'tcpState'; value: number }
  /** The variable that takes the descriptor that an option makes. */
  | { kind: 'descriptor'; value: NumberOperand };

export interface ExpectedControl {
  level: NumberOperand;
  type: NumberOperand;
  /** How many descriptors come with it: the next names take them. */
  descriptors: number;
  data: ExpectedValue | null;
}

/** Nothing is said. */
export const nothingExpected: Expected = {
  results: [],
  data: null,
  address: null,
  length: null,
  value: null,
  ready: null,
  control: null,
  messageFlags: null,
  time: null,
};

/** The files that a scenario sends, by their parts in the text. */
export type FileContents = ReadonlyMap<DataPart, Uint8Array>;

/** A program in some language. */
export interface PrintedProgram {
  text: string;
  /** Lines that the language cannot say, in the order of the file, each with a sentence that says why. */
  omitted: readonly { line: number; reason: string }[];
  /** Each line's part of the text. */
  lines: readonly { line: ProgramLine; code: readonly string[]; remarks: readonly string[] }[];
}
