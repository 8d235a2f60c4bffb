import { t } from '../l10n.js';
import { portOf } from '../socket.js';
import { endpointPattern, glob, portNumber } from './endpointPattern.js';
import {
  allStates,
  compare,
  type Comparison,
  comparisons,
  scan,
  SocketFilterError,
  stateWords,
  type Token,
} from './socketFilterWords.js';
import type { ProcessInfo, SystemSocket, SystemSocketState } from './systemSocket.js';

/** What a filter may ask about the processes that hold a socket. */
type ProcessLookup = (pid: number) => Pick<ProcessInfo, 'name'> | undefined;

type Condition = (socket: SystemSocket, lookup: ProcessLookup) => boolean;

export interface SocketFilter {
  /** The states of `state …` and `exclude …` at the beginning; null when there is none. */
  states: ReadonlySet<SystemSocketState> | null;
  /** Whether it asks about processes. */
  needsOwners: boolean;
  matches: Condition;
}

/**
 * Reads a filter as ss(8) has it: `state established`, `sport = :80`, `dst 127.0.0.0/8`, `( a or b ) and not c`;
 * besides, `:3000` or `3000` is either end's port and `pid`, `process`, `uid` and `inode` are known.
 * @throws {SocketFilterError}
 */
export function parseSocketFilter(text: string): SocketFilter {
  return new Parser(text).parse();
}

/** What is nested is bounded by this too. */
const mostWords = 500;

class Parser {
  private readonly tokens: Token[];
  private at = 0;
  private needsOwners = false;

  constructor(private readonly text: string) {
    this.tokens = scan(text);
    const surplus = this.tokens[mostWords];
    if (surplus) {
      throw new SocketFilterError(t('A filter has {0} words at most.', mostWords), surplus.offset);
    }
  }

  parse(): SocketFilter {
    const states = this.leadingStates();
    const condition = this.peek() ? this.or() : () => true;
    const rest = this.peek();
    if (rest) {
      throw new SocketFilterError(t('{0} has no meaning here.', rest.text), rest.offset);
    }
    return {
      states,
      needsOwners: this.needsOwners,
      matches: (socket, lookup) => (states?.has(socket.state) ?? true) && condition(socket, lookup),
    };
  }

  /** Several add up, as in ss; what is excluded goes. */
  private leadingStates(): Set<SystemSocketState> | null {
    let included: Set<SystemSocketState> | undefined;
    const excluded = new Set<SystemSocketState>();
    for (;;) {
      if (this.take('state')) {
        included = new Set([...(included ?? []), ...this.stateWord()]);
      } else if (this.take('exclude')) {
        this.stateWord().forEach((state) => excluded.add(state));
      } else {
        break;
      }
    }
    return included || excluded.size > 0
      ? new Set([...(included ?? allStates)].filter((state) => !excluded.has(state)))
      : null;
  }

  private or(): Condition {
    let left = this.and();
    while (this.take('or', '|', '||')) {
      const [first, second] = [left, this.and()];
      left = (socket, lookup) => first(socket, lookup) || second(socket, lookup);
    }
    return left;
  }

  private and(): Condition {
    let left = this.not();
    for (;;) {
      const isSaid = this.take('and', '&', '&&');
      const next = this.peek();
      if (!isSaid && (!next || [')', 'or', '|', '||'].includes(next.text))) {
        return left;
      }
      const [first, second] = [left, this.not()];
      left = (socket, lookup) => first(socket, lookup) && second(socket, lookup);
    }
  }

  private not(): Condition {
    if (this.take('not', '!')) {
      const inner = this.not();
      return (socket, lookup) => !inner(socket, lookup);
    }
    const open = this.take('(');
    if (!open) {
      return this.condition();
    }
    const inner = this.or();
    if (!this.take(')')) {
      throw new SocketFilterError(t('The bracket is not closed.'), open.offset);
    }
    return inner;
  }

  private condition(): Condition {
    const token = this.next(t('a condition'));
    switch (token.text) {
      case 'state': {
        const states = this.stateWord();
        return ({ state }) => states.includes(state);
      }
      case 'exclude': {
        const states = this.stateWord();
        return ({ state }) => !states.includes(state);
      }
      case 'sport':
        return this.port('local');
      case 'dport':
        return this.port('remote');
      case 'src':
        return this.host('local');
      case 'dst':
        return this.host('remote');
      case 'dev':
        return this.equality(t('an interface'), ({ device }) => device);
      case 'fwmark':
        return this.number(({ mark }) => [mark]);
      case 'uid':
        return this.number(({ uid }) => [uid]);
      case 'inode':
        return this.number(({ inode }) => [inode]);
      case 'pid':
        this.needsOwners = true;
        return this.number(({ holders }) => holders.map(({ pid }) => pid));
      case 'process':
        return this.process();
      default:
        return this.bare(token);
    }
  }

  private stateWord(): readonly SystemSocketState[] {
    const token = this.next(t('a state'));
    const states = Object.hasOwn(stateWords, token.text.toLowerCase())
      ? stateWords[token.text.toLowerCase()]
      : undefined;
    if (!states) {
      throw new SocketFilterError(
        t('{0} is no state. States are {1}.', token.text, Object.keys(stateWords).join(', ')),
        token.offset,
      );
    }
    return states;
  }

  private port(end: 'local' | 'remote'): Condition {
    const comparison = this.comparison();
    const token = this.next(t('a port'));
    const wanted = portNumber(token);
    return (socket) => {
      const port = portOf(socket[end]);
      return port !== undefined && compare(port, comparison, wanted);
    };
  }

  private host(end: 'local' | 'remote'): Condition {
    const comparison = this.comparison();
    const matches = endpointPattern(this.next(t('an address')));
    return (socket) => matches(socket, end) === (comparison !== '!=');
  }

  private equality(expected: string, of: (socket: SystemSocket) => string | null): Condition {
    const comparison = this.comparison();
    const { text } = this.next(expected);
    return (socket) => (of(socket) === text) === (comparison !== '!=');
  }

  private number(of: (socket: SystemSocket) => (number | null)[]): Condition {
    const comparison = this.comparison();
    const token = this.next(t('a number'));
    const wanted = Number(token.text);
    if (!/^(\d+|0x[\da-f]+)$/i.test(token.text)) {
      throw new SocketFilterError(t('{0} is no number.', token.text), token.offset);
    }
    return (socket) => of(socket).some((value) => value !== null && compare(value, comparison, wanted));
  }

  private process(): Condition {
    this.needsOwners = true;
    const comparison = this.comparison();
    const { text } = this.next(t('a name'));
    const matches = glob(text);
    return ({ holders }, lookup) =>
      holders.some(({ pid }) => matches(lookup(pid)?.name ?? '')) === (comparison !== '!=');
  }

  /** `:3000`, `3000`, `127.0.0.1:3000`, `::1`: of either end. */
  private bare(token: Token): Condition {
    const isPort = /^\d+$/.test(token.text);
    if (!isPort && !/[:.*/]/.test(token.text)) {
      throw new SocketFilterError(
        t(
          '{0} is no condition. Conditions are state, sport, dport, src, dst, dev, fwmark, uid, inode, pid, process, and a bare address or :port.',
          token.text,
        ),
        token.offset,
      );
    }
    const matches = endpointPattern(isPort ? { ...token, text: `:${token.text}` } : token);
    return (socket) => matches(socket, 'local') || matches(socket, 'remote');
  }

  /** `=` where nothing is said. */
  private comparison(): Comparison {
    const token = this.peek();
    const found = token && Object.hasOwn(comparisons, token.text) ? comparisons[token.text] : undefined;
    if (found) {
      this.at++;
    }
    return found ?? '=';
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private take(...texts: string[]): Token | undefined {
    const token = this.peek();
    if (token && texts.includes(token.text)) {
      this.at++;
      return token;
    }
    return undefined;
  }

  private next(expected: string): Token {
    const token = this.peek();
    if (!token) {
      throw new SocketFilterError(t('{0} is missing.', expected), this.text.length);
    }
    this.at++;
    return token;
  }
}
