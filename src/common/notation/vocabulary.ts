import type { Operator } from './ast.js';

/*
 * The words of the notation beside calls and constants. The parser goes by these tables, and docs/notation.md is made
 * from them.
 */

/** Operators, from the loosest to the tightest. */
export const precedence: readonly (readonly Operator[])[] = [['|'], ['&'], ['<<', '>>'], ['+', '-'], ['*']];

/** Functions of values, as strace prints them, with how many arguments they take. */
export const valueFunctions = {
  htons: 1,
  htonl: 1,
  ntohs: 1,
  ntohl: 1,
  inet_addr: 1,
  inet_pton: 3,
  if_nametoindex: 1,
  _IOC: 4,
  BPF_STMT: 2,
  BPF_JUMP: 4,
} as const;

/** Functions that give data. */
export const dataFunctions = ['hex', 'base64', 'file'] as const;

/** Calls that can stand inside a value. */
export const nestedCalls = ['getsockname', 'getpeername'] as const;

/** What short forms of addresses begin with. */
export const addressFamilies = ['unix', 'netlink', 'packet', 'vsock', 'can', 'raw'] as const;

/** Those behind which a name stands without quotes. */
export const namedFamilies = ['unix', 'packet', 'can'] as const satisfies (typeof addressFamilies)[number][];

/** What stands for a byte behind `\` in a string. */
export const escapes: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  f: 12,
  a: 7,
  b: 8,
  '\\': 92,
  '"': 34,
  "'": 39,
};

/** Statements that are no calls. */
export const pauses = ['sleep', 'timeout'] as const;

/** Platforms whose results a line may name. */
export const resultPlatforms = ['linux', 'darwin', 'win32'] as const;

/** What `# needs:` may say. */
export const needs = ['root', 'not root', 'linux', 'darwin', 'win32', 'ipv6'] as const;

/** Comments that say something to a learner, each before `:`. */
export const lessonMarks = ['before', 'after', 'predict', 'check'] as const;

/** Calls in recordings of strace that amount to calls of other names. */
export const rewrittenCalls = [
  'readv',
  'writev',
  'dup2',
  'dup3',
  'pipe2',
  'ppoll',
  'sendmmsg',
  'recvmmsg',
] as const;

/** Whether a text is one of the words of a table. */
export function isOneOf<T extends string>(table: readonly T[], text: string): text is T {
  return (table as readonly string[]).includes(text);
}
