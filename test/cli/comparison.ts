import { printValue } from '../../src/common/notation/printer.js';
import { decodeOption, findOption } from '../../src/common/tables/options.js';
import type { PrintedCall } from './kernelView.js';

/**
 * Compares the calls of one host with its transcript both ways, after the translations that the notation names. What
 * only one side has is told, line by line; empty when they agree.
 */
export function differences(kernel: readonly PrintedCall[], transcript: readonly PrintedCall[]): string[] {
  const told: string[] = [];
  const expected = transcript.map(translate);
  // Tries of a call that waits are the host's; one whose time is over has only tries.
  const tries = kernel.filter(isTry);
  const answers = withoutToggles(kernel.filter((call) => !isTry(call)));
  for (const call of expected) {
    const found = isTry(call) ? tries.some((each) => isSame(each, call)) : takeAnswer(answers, call);
    if (!found) {
      told.push(`transcript: ${write(call)}`);
    }
  }
  return [...told, ...answers.map((call) => `kernel:     ${write(call)}`)];
}

function write({ name, args, result }: PrintedCall): string {
  return `${name}(${args.map((arg) => (arg.length > 120 ? `${arg.slice(0, 120)}…` : arg)).join(', ')}) = ${result}`;
}

/** The call that the host makes for a call of the user's. */
function translate({ name, args, result }: PrintedCall): PrintedCall {
  const flags = 'SOCK_CLOEXEC|SOCK_NONBLOCK';
  switch (name) {
    case 'socket':
      return { name, args: [args[0]!, `${args[1]!}|${flags}`, args[2]!], result };
    case 'accept':
      return { name: 'accept4', args: [...args, flags], result };
    case 'accept4':
      return { name, args: [...args.slice(0, 3), `${args[3]!}|${flags}`], result };
    case 'send':
      return { name: 'sendto', args: [...args, 'NULL', '0'], result };
    case 'recv':
      return { name: 'recvfrom', args: [...args, 'NULL', 'NULL'], result };
    default:
      return { name, args, result };
  }
}

const wouldBlock: ReadonlySet<string> = new Set(['-1 EAGAIN', '-1 EINPROGRESS', '-1 EALREADY']);

function isTry({ result }: PrintedCall): boolean {
  return wouldBlock.has(result);
}

/**
 * Without the one try of a call that only a blocking descriptor answers: F_GETFL, F_SETFL without O_NONBLOCK, the call,
 * F_SETFL with it.
 */
function withoutToggles(calls: PrintedCall[]): PrintedCall[] {
  return calls.filter((call, index) => {
    const [get, clear, , set] = [call, calls[index + 1], calls[index + 2], calls[index + 3]];
    const before = [calls[index - 1], calls[index - 2], calls[index - 3]];
    const isPair = (first: PrintedCall | undefined, second: PrintedCall | undefined) =>
      first?.args[1] === 'F_SETFL' &&
      second?.args[1] === 'F_SETFL' &&
      first.args[0] === second.args[0] &&
      first.args[2] === 'O_RDWR' &&
      second.args[2] === 'O_RDWR|O_NONBLOCK';
    switch (call.name === 'fcntl' ? call.args[1] : '') {
      case 'F_GETFL':
        return !(isPair(clear, set) && get.args[0] === clear!.args[0]);
      case 'F_SETFL':
        return !(isPair(call, calls[index + 2]) || isPair(before[1], call));
      default:
        return true;
    }
  });
}

/** Takes the kernel's answer to a call out of the list: the next one on that descriptor, or the parts of a transfer. */
function takeAnswer(answers: PrintedCall[], call: PrintedCall): boolean {
  const index = answers.findIndex((each) => isOfSame(each, call));
  if (index < 0) {
    return false;
  }
  const parts = partsOf(answers, call);
  if (!parts && isSame(answers[index]!, call)) {
    answers.splice(index, 1);
    return true;
  }
  for (const part of parts ?? []) {
    answers.splice(answers.indexOf(part), 1);
  }
  return parts !== undefined;
}

function isOfSame(a: PrintedCall, b: PrintedCall): boolean {
  return a.name === b.name && (a.name === 'socket' || a.args[0] === b.args[0]);
}

/** The parts of one send, or of one receive that takes all: counts that add up, and bytes that join. */
function partsOf(answers: readonly PrintedCall[], whole: PrintedCall): PrintedCall[] | undefined {
  const isReceive = whole.name === 'recvfrom' && whole.args[3]!.includes('MSG_WAITALL');
  if (!isReceive && whole.name !== 'sendto') {
    return undefined;
  }
  const total = Number(whole.result);
  const parts: PrintedCall[] = [];
  let sum = 0;
  for (const answer of answers.filter((each) => isOfSame(each, whole))) {
    parts.push(answer);
    sum += Math.max(0, Number(answer.result) || 0);
    // Short of what was asked for, it ended with the end of the stream or an error.
    const isEnd = Number(answer.result) <= 0 || answer.result.startsWith('-1');
    if (sum > total || sum === Number(whole.args[2]) || isEnd) {
      break;
    }
  }
  if (parts.length < 2) {
    return undefined;
  }
  const joined = parts.map((part) => text(part.args[1]!).subarray(0, Math.max(0, Number(part.result) || 0)));
  const expected = text(whole.args[1]!).subarray(0, total);
  return sum === total && Buffer.concat(joined).subarray(0, expected.length).equals(expected)
    ? parts
    : undefined;
}

function isSame(call: PrintedCall, other: PrintedCall): boolean {
  return (
    isOfSame(call, other) &&
    call.result === other.result &&
    call.args.length === other.args.length &&
    call.args.every((arg, index) => isSameArgument(arg, other.args[index]!, call, index))
  );
}

/** What strace prints by other words than the transcript. */
const otherWords: Readonly<Record<string, string>> = {
  '~[ICMP_ECHOREPLY ICMP_ECHO]': '[-258]',
  IPPROTO_IP: '0',
};

function isSameArgument(kernel: string, told: string, { args }: PrintedCall, index: number): boolean {
  if (canonical(kernel) === canonical(told)) {
    return true;
  }
  const length = Number(args[index + 1]);
  // The kernel has read or written nothing there.
  if (/^0x[\da-f]{6,}$/.test(kernel)) {
    return told === '_' || length <= 0;
  }
  if (args[2] === 'TCP_INFO') {
    return told === printTcpInfo(text(kernel));
  }
  // strace shows an address as far as its length goes, and of one that is none of its family what looks like one.
  const [family, toldFamily] = [kernel, told].map((each) => /^\{sa_family=(\w+)/.exec(each)?.[1]);
  const isOdd = (length > 0 && length < 16) || told.includes('sa_data=');
  return family !== undefined && family === toldFamily && isOdd;
}

function canonical(text: string): string {
  const plain = text.replaceAll(/ \/\* \S+ \*\//g, '');
  if (/^["{[]/.test(plain)) {
    return otherWords[plain] ?? plain;
  }
  const parts = plain.split('|').map((part) => otherWords[part] ?? part);
  const numbers = parts.map((part) =>
    /^(-?\d+|0x[\da-f]+)$/.test(part) ? String(BigInt.asIntN(32, BigInt(part))) : part,
  );
  const flags = numbers.length > 1 ? numbers.filter((part) => part !== '0') : numbers;
  return [...new Set(flags)].sort().join('|');
}

function printTcpInfo(bytes: Uint8Array): string {
  return printValue(decodeOption(findOption(6, 11, 'linux'), bytes));
}

/** The bytes of a C string literal. */
function text(literal: string): Buffer {
  const inside = /^"(.*)"(?:\.\.\.)?$/s.exec(literal)?.[1] ?? '';
  const bytes: number[] = [];
  for (const [, octal, escape, plain] of inside.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\])/gs)) {
    const named = escape === undefined ? -1 : 'tnvfr'.indexOf(escape);
    bytes.push(
      octal !== undefined
        ? Number.parseInt(octal, 8)
        : named >= 0
          ? [9, 10, 11, 12, 13][named]!
          : (escape ?? plain)!.charCodeAt(0),
    );
  }
  return Buffer.from(bytes);
}
