import { printValue } from '../../src/common/notation/printer.js';
import { errnoNumber } from '../../src/common/tables/errnos.js';
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
  const answers = withoutToggles(withoutLooks(kernel).filter((call) => !isTry(call)));
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
    case 'socketpair':
      return { name, args: [args[0]!, `${args[1]!}|${flags}`, ...args.slice(2)], result };
    case 'pipe':
      return { name: 'pipe2', args: [args[0]!, 'O_NONBLOCK|O_CLOEXEC'], result };
    case 'dup':
      return { name: 'fcntl', args: [args[0]!, 'F_DUPFD_CLOEXEC', '0'], result };
    case 'poll':
      // The host waits by itself and asks again.
      return { name, args: [...args.slice(0, 2), '0', ...args.slice(3)], result };
    case 'fcntl':
      return { name, ...translateControl(args, result) };
    case 'ioctl':
      return { name, args: translateRequest(args), result };
    default:
      return { name, args, result };
  }
}

/** O_NONBLOCK and FD_CLOEXEC are always set on the host's descriptors. */
function translateControl([fd, command, argument]: string[], result: string): Omit<PrintedCall, 'name'> {
  const withBit = (bit: number) =>
    result.startsWith('-1') ? result : `0x${(Number(result) | bit).toString(16)}`;
  switch (command) {
    case 'F_GETFL':
      return { args: [fd!, command], result: withBit(0o4000) };
    case 'F_GETFD':
      return { args: [fd!, command], result: withBit(1) };
    case 'F_SETFL':
      return { args: [fd!, command, `${argument!}|O_NONBLOCK`], result };
    case 'F_SETFD':
      return { args: [fd!, command, 'FD_CLOEXEC'], result };
    case 'F_SETLKW':
    case 'F_OFD_SETLKW':
      // The host waits by itself and tries again.
      return { args: [fd!, command.slice(0, -1), argument!], result };
    case 'F_DUPFD':
      return { args: [fd!, 'F_DUPFD_CLOEXEC', argument!], result };
    default:
      return { args: [fd!, command!, ...(argument === undefined ? [] : [argument])], result };
  }
}

function translateRequest([fd, request, ...rest]: string[]): string[] {
  switch (request) {
    case 'FIONBIO':
      return [fd!, request, '[1]'];
    case 'FIONCLEX':
      return [fd!, 'FIOCLEX'];
    default:
      return [fd!, request!, ...rest];
  }
}

const wouldBlock: ReadonlySet<string> = new Set(['-1 EAGAIN', '-1 EINPROGRESS', '-1 EALREADY']);

function isTry({ name, result }: PrintedCall): boolean {
  return wouldBlock.has(result) || (name === 'poll' && result === '0');
}

/**
 * Without the two questions by which the host learns, after a try of a send, whether the socket's own buffer is what is
 * full: SO_SNDBUF, and what is in it.
 */
function withoutLooks(calls: readonly PrintedCall[]): PrintedCall[] {
  const isLook = (index: number) => {
    const [tried, size, queued] = calls.slice(index, index + 3);
    return (
      tried?.result === '-1 EAGAIN' &&
      size?.name === 'getsockopt' &&
      size.args[2] === 'SO_SNDBUF' &&
      queued?.name === 'ioctl' &&
      queued.args[1] === 'TIOCOUTQ' &&
      tried.args[0] === size.args[0] &&
      tried.args[0] === queued.args[0]
    );
  };
  return calls.filter((_, index) => !isLook(index - 1) && !isLook(index - 2));
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
  return (
    a.name === b.name &&
    (a.name.startsWith('socket') || a.name === 'pipe2' || canonical(a.args[0]!) === canonical(b.args[0]!))
  );
}

/** The parts of one send, or of one receive that takes all: counts that add up, and bytes that join. */
function partsOf(answers: readonly PrintedCall[], whole: PrintedCall): PrintedCall[] | undefined {
  const isReceive = whole.name === 'recvfrom' && whole.args[3]!.includes('MSG_WAITALL');
  if (!isReceive && whole.name !== 'sendto' && whole.name !== 'write') {
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

/** Whether two calls are the same, however they are printed. */
export function isSame(call: PrintedCall, other: PrintedCall): boolean {
  return (
    isOfSame(call, other) &&
    canonical(call.result) === canonical(other.result) &&
    call.args.length === other.args.length &&
    call.args.every((arg, index) => isSameArgument(arg, other.args[index]!, call, index))
  );
}

/** What strace prints by other words than the transcript. */
const otherWords: Readonly<Record<string, string>> = {
  '~[ICMP_ECHOREPLY ICMP_ECHO]': '[-258]',
  IPPROTO_IP: '0',
  IPPROTO_ICMP: '1',
  IPPROTO_TCP: '6',
  SIOCGSTAMP_OLD: 'SIOCGSTAMP',
};

function isSameArgument(kernel: string, told: string, { args, result }: PrintedCall, index: number): boolean {
  if (
    canonical(kernel) === canonical(told) ||
    kernel.startsWith('[{nlmsg_') ||
    kernel.startsWith('[[{nlmsg_')
  ) {
    // What strace decodes of netlink is not data to compare.
    return true;
  }
  if (kernel.startsWith('"') && told.startsWith('"') && text(kernel).equals(text(told))) {
    return true;
  }
  if (result.startsWith('-1') && /^\{msg_namelen=\d+\}$/.test(kernel)) {
    // Of a message that was not received strace shows no more.
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
  const plain = text
    .replaceAll(/ \/\* .*? \*\//g, '')
    // Of a list that is not there strace prints only how long it would be.
    .replaceAll(/ifc_len=\d+ => /g, 'ifc_len=')
    // Received descriptors are close-on-exec for the host, whatever the user says.
    .replaceAll(/\|?MSG_CMSG_CLOEXEC/g, '')
    .replaceAll('msg_flags=}', 'msg_flags=0}')
    .replace(/^$/, '0')
    // Of these strace knows neither the name nor the data.
    .replaceAll(/cmsg_type=SO_RXQ_OVFL, cmsg_data=\[\d+\]/g, 'cmsg_type=0x28')
    .replaceAll('if_nametoindex("lo")', '1')
    .replaceAll(
      /msg_flags=([A-Z_|]+)/g,
      (_, names: string) => `msg_flags=${names.split('|').sort().join('|')}`,
    )
    // Of what is ignored strace does not print the events.
    .replaceAll(/\{fd=-1, events=[^}]*\}/g, '{fd=-1}')
    .replace(/^\[(E\w+)\]$/, (_, name: string) => `[${errnoNumber(name, 'linux')}]`)
    .replace(/^_IOC\(_IOC_NONE, (0x\w+), (0x\w+), 0\)$/, (_, type: string, number: string) =>
      String(Number(type) * 256 + Number(number)),
    );
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
  for (const [, hex, octal, escape, plain] of inside.matchAll(
    /\\x([\da-f]{2})|\\([0-7]{1,3})|\\(.)|([^\\])/gs,
  )) {
    const named = escape === undefined ? -1 : 'tnvfr'.indexOf(escape);
    bytes.push(
      hex !== undefined || octal !== undefined
        ? Number.parseInt(hex ?? octal!, hex === undefined ? 8 : 16)
        : named >= 0
          ? [9, 10, 11, 12, 13][named]!
          : (escape ?? plain)!.charCodeAt(0),
    );
  }
  return Buffer.from(bytes);
}
