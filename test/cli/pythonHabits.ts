import type { KernelCall } from './kernelView.js';

/**
 * The calls that the lines of a Python program make, without those that Python and the program's helpers make around them:
 * - it looks at a descriptor that it makes an object of: its name, and for an object of a bare number its type and protocol;
 * - it sets FD_CLOEXEC on all that it makes, so a program that asks for it takes it away;
 * - what is no socket is copied to the place of one for a call.
 */
export function withoutPythonHabits(calls: readonly KernelCall[]): KernelCall[] {
  const threads = new Map<number, KernelCall[]>();
  for (const call of calls) {
    threads.set(call.pid, [...(threads.get(call.pid) ?? []), call]);
  }
  const kept = new Map([...threads.values()].flatMap(keptOf).map((call) => [call.from, call.to]));
  return calls.flatMap((call) => kept.get(call) ?? []);
}

interface Kept {
  from: KernelCall;
  to: KernelCall;
}

/** Of one thread. */
function keptOf(calls: readonly KernelCall[]): Kept[] {
  const kept: Kept[] = [];
  /** The copies in the places of sockets, with what they are copies of. */
  const copies = new Map<string, string>();
  for (let index = 0; index < calls.length; index++) {
    const call = calls[index]!;
    const [second, third] = [calls[index + 1], calls[index + 2]];
    const fd = call.args[0] ?? '';
    if (call.name === 'ioctl' && call.args[1] === 'FIONCLEX') {
      continue;
    }
    if (isLookAtNumber(call, second, third)) {
      index += 2;
      continue;
    }
    if (isLookBeforeOtherFamily(call, second)) {
      continue;
    }
    if (isPlacing(call, second, third)) {
      copies.set(second!.result, fd);
      index += 2;
      continue;
    }
    const original = copies.get(fd);
    if (original !== undefined && call.name === 'close') {
      copies.delete(fd);
      continue;
    }
    kept.push({
      from: call,
      to: original === undefined ? call : { ...call, args: [original, ...call.args.slice(1)] },
    });
  }
  return kept;
}

/** `socket.socket(fileno=…)`. */
function isLookAtNumber(name: KernelCall, type?: KernelCall, protocol?: KernelCall): boolean {
  const isOption = (call: KernelCall | undefined, option: string) =>
    call?.name === 'getsockopt' && call.args[0] === name.args[0] && call.args[2] === option;
  return name.name === 'getsockname' && isOption(type, 'SO_TYPE') && isOption(protocol, 'SO_PROTOCOL');
}

/** An object of the family of the address that a call passes. */
function isLookBeforeOtherFamily(look: KernelCall, call?: KernelCall): boolean {
  const familyOf = ({ args }: KernelCall) => /sa_family=(\w+)/.exec(args.slice(1).join())?.[1];
  return (
    look.name === 'getsockname' &&
    look.result === '0' &&
    /^(bind|connect|sendto)$/.test(call?.name ?? '') &&
    call!.args[0] === look.args[0] &&
    familyOf(call!) !== undefined &&
    familyOf(call!) !== familyOf(look)
  );
}

/** A number that is no socket, and a socket over which it is copied. */
function isPlacing(look: KernelCall, socket?: KernelCall, copy?: KernelCall): boolean {
  return (
    look.name === 'getsockname' &&
    /^-1 (EBADF|ENOTSOCK)$/.test(look.result) &&
    socket?.name === 'socket' &&
    copy?.name === 'dup3' &&
    copy.args[0] === look.args[0] &&
    copy.args[1] === socket.result
  );
}
