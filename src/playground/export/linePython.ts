/** What Python's functions give, as the names that a program takes it by; empty where it is None. */
const given: Readonly<Record<string, string>> = {
  bind: '',
  listen: '',
  connect: '',
  setsockopt: '',
  shutdown: '',
  close: '',
  unlink: '',
  accept: 'conn, addr',
  recv: 'data',
  read: 'data',
  recvmsg: 'data, ancdata, flags, addr',
  recvfrom: 'data, addr',
  recv_into: 'length',
  recvfrom_into: 'length, addr',
  send: 'sent',
  sendto: 'sent',
  sendmsg: 'sent',
  write: 'sent',
  getsockname: 'name',
  getpeername: 'peer',
  getsockopt: 'value',
  fcntl: 'value',
  ioctl: 'value',
  poll: 'ready',
  socket: 'sock',
};

/**
 * Parts of the exported Python program as who checks nothing writes them: a name for what a call gives where it gives
 * something, and none for None.
 */
export class LinePython {
  /** Names that stand for a number since their socket was closed. */
  private readonly numbers = new Set<string>(['freed']);

  text(code: readonly string[]): string {
    const lines = code.map((line) => line.trim()).filter((line) => !isCheck(line));
    const starts = lines.flatMap((line, index) => (isCall(line) ? [index] : []));
    return [
      ...lines.slice(0, starts[0]).map((line) => this.before(line)),
      ...starts.flatMap((start, index) =>
        this.call(lines[start]!, lines.slice(start + 1, starts[index + 1])),
      ),
    ].join('\n');
  }

  private before(line: string): string {
    const renumbered = /^freed, (\w+) = /.exec(line)?.[1];
    if (renumbered !== undefined) {
      this.numbers.add(renumbered);
    }
    return line;
  }

  /** A call with the lines behind it, which may name what it gives. */
  private call(line: string, behind: readonly string[]): string[] {
    let target = '';
    const after: string[] = [];
    for (const each of behind) {
      const named = /^([\w, ]+) = (?:made\((?:result|answer)\)|result|answer)$/.exec(each)?.[1];
      if (named !== undefined) {
        target = named;
      } else if (!/^(?:made|inheritable)\(/.test(each)) {
        after.push(each);
      }
    }
    const inherited = target !== '' && behind.some((each) => each.startsWith('inheritable('));
    this.numbers.delete(target);
    const [, answer = '', callee = '', args = ''] = callPattern.exec(line)!;
    const isMethod = callee === 'close' && !this.numbers.has(args);
    const text = isMethod ? `${args}.close()` : `${callee}(${args})`;
    const isReadLater = after.some((each) => /\b(?:result|answer)\b/.test(each));
    const name = isReadLater ? answer : nameFor(callee.slice(callee.lastIndexOf('.') + 1), target);
    return [
      name === '' ? text : `${name} = ${text}`,
      ...(inherited ? [`${target}.set_inheritable(True)`] : []),
      ...after,
    ];
  }
}

/** A call that the program makes through `attempt`. */
const callPattern = /^(\w+) = attempt\(([^\s,()]+)(?:, )?(.*)\)$/;

function isCall(line: string): boolean {
  return callPattern.test(line);
}

function nameFor(callee: string, target: string): string {
  const usual = given[callee] ?? 'result';
  return target === '' ? usual : callee === 'accept' ? `${target}, addr` : target;
}

/** Whether a line only looks at what has come of the call. */
function isCheck(line: string): boolean {
  return /^(?:check\w*\(|result = zero\(|if not failed\(|else:$|\w+ = \w+ = made\(|kept\.extend\(|pass$|started = )/.test(
    line,
  );
}
