import { isDeepStrictEqual } from 'node:util';
import { type Call, isOfKind, type Value } from '../common/call.js';
import { readArguments } from '../common/notation/arguments.js';
import type { CallStatement } from '../common/notation/ast.js';
import { isWrittenByKernel } from '../common/notation/calls.js';
import { filledArguments } from '../common/notation/obviousArguments.js';
import { printValue } from '../common/notation/printer.js';
import { shorten } from '../common/notation/tokenReader.js';
import type { Environment } from '../common/notation/values.js';
import type { LessonDifference } from '../common/protocol/lesson.js';
import { constantValue, type Platform } from '../common/tables/constants.js';
import { type ParameterType, signatureOf } from '../common/tables/signatures.js';

/** A call as it is written in a text. */
export interface WrittenCall {
  text: string;
  statement: CallStatement;
}

/** What makes a call another one; of the others (addresses, lengths, flags) the kernel's answer decides. */
const telling: ReadonlySet<ParameterType> = new Set([
  'fd',
  'domain',
  'socktype',
  'protocol',
  'how',
  'level',
  'optname',
  'optval',
  'data',
  'fcntlcmd',
  'fcntlarg',
  'ioctlrequest',
]);

/** They follow from what stands before them, or may be left out. */
const untold: ReadonlySet<ParameterType> = new Set(['socklen', 'socklenInOut', 'nfds']);

export interface LessonComparison {
  /** Whether it is another call than the lesson's, whatever the kernel says. */
  isOther: boolean;
  differences: LessonDifference[];
}

/**
 * What is not as in the lesson's call. What has to be asked first has no value in `env`, and is left to the kernel's answer.
 * @param call The one that was made of the typed statement.
 * @param env Knows the variables of the lesson.
 */
export function compareWithLesson(
  lesson: WrittenCall,
  typed: WrittenCall,
  call: Call,
  env: Environment,
): LessonComparison {
  const { name, args } = lesson.statement;
  if (name !== call.name) {
    return { isOther: true, differences: [{ parameter: null, lesson: name, own: call.name }] };
  }
  const { platform } = env;
  const { parameters } = signatureOf(name);
  const asked = args.map((node, index) => (isWrittenByKernel(parameters[index]!.type) ? null : node));
  const values = filledArguments(
    name,
    readArguments(name, asked, env, () => {}),
    platform,
  );
  const own = filledArguments(name, call.args, platform);
  const text = ({ text: whole, statement }: WrittenCall, all: readonly Value[], index: number) => {
    const node = statement.args[index];
    return node
      ? shorten(whole.slice(node.range.start, node.range.end))
      : printValue(all[index] ?? 0, parameters[index]!.type, { platform }, all);
  };
  const different = [...parameters.keys()].filter((index) => {
    const { type } = parameters[index]!;
    return (
      !isWrittenByKernel(type) && !untold.has(type) && !isSame(type, values[index], own[index], own, platform)
    );
  });
  return {
    isOther: different.some((index) => telling.has(parameters[index]!.type)),
    differences: different.map((index) => ({
      parameter: parameters[index]!.name,
      lesson: text(lesson, values, index),
      own: text(typed, own, index),
    })),
  };
}

function isSame(
  type: ParameterType,
  one: Value | undefined,
  other: Value | undefined,
  before: readonly Value[],
  platform: Platform,
): boolean {
  if ([one, other].some((value) => value !== undefined && isOfKind(value, 'any'))) {
    return true;
  }
  const plain = (value: Value | undefined) => {
    const number = bare(value) ?? 0;
    return type === 'protocol' && number === 0 ? (protocolForZero(before, platform) ?? 0) : number;
  };
  return isDeepStrictEqual(plain(one), plain(other));
}

/** `[1]` is the number that an option's pointer leads to. */
function bare(value: Value | undefined): Value | undefined {
  return value !== undefined && isOfKind(value, 'list') && value.items.length === 1 ? value.items[0] : value;
}

/** What the kernel takes for protocol 0. */
function protocolForZero([domain, type]: readonly Value[], platform: Platform): number | undefined {
  const number = (name: string) => constantValue(name, platform);
  if (typeof type !== 'number' || (domain !== number('AF_INET') && domain !== number('AF_INET6'))) {
    return undefined;
  }
  switch (type & 0xf) {
    case number('SOCK_STREAM'):
      return number('IPPROTO_TCP') ?? undefined;
    case number('SOCK_DGRAM'):
      return number('IPPROTO_UDP') ?? undefined;
    default:
      return undefined;
  }
}
