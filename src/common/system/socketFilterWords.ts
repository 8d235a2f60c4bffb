import { tcpStates } from '../socket.js';
import type { SystemSocketState } from './systemSocket.js';

/** A filter that means nothing; `offset` is the place in its text. */
export class SocketFilterError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'SocketFilterError';
  }
}

/** A word of a filter. */
export interface Token {
  text: string;
  offset: number;
}

/** Cuts the filter of the list of sockets into words and operators, quotation marks taken off. */
export function scan(text: string): Token[] {
  const pattern = /\(|\)|&&|\|\||&|\||[!=<>]=|==|[!=<>]|"[^"]*"|[^\s()&|!=<>"]+/g;
  return [...text.matchAll(pattern)].map((match) => ({
    text: match[0].replace(/^"(.*)"$/, '$1'),
    offset: match.index,
  }));
}

/** Those of ss(8): who is bound and neither listens nor is connected is listed only where that is asked for. */
export const allStates: readonly SystemSocketState[] = tcpStates;

const except = (...left: SystemSocketState[]) => allStates.filter((state) => !left.includes(state));

/** What `ss` lists when nothing is said. */
export const connectedStates = except('LISTEN', 'CLOSE', 'TIME_WAIT', 'SYN_RECV', 'NEW_SYN_RECV');

/** The words of ss(8). */
export const stateWords: Readonly<Record<string, readonly SystemSocketState[]>> = {
  established: ['ESTABLISHED'],
  estab: ['ESTABLISHED'],
  'syn-sent': ['SYN_SENT'],
  'syn-recv': ['SYN_RECV', 'NEW_SYN_RECV'],
  'fin-wait-1': ['FIN_WAIT1'],
  'fin-wait-2': ['FIN_WAIT2'],
  'time-wait': ['TIME_WAIT'],
  closed: ['CLOSE'],
  close: ['CLOSE'],
  unconnected: ['CLOSE'],
  unconn: ['CLOSE'],
  'close-wait': ['CLOSE_WAIT'],
  'last-ack': ['LAST_ACK'],
  listening: ['LISTEN'],
  listen: ['LISTEN'],
  closing: ['CLOSING'],
  'bound-inactive': ['BOUND_INACTIVE'],
  bound: ['BOUND_INACTIVE'],
  all: allStates,
  connected: except('LISTEN', 'CLOSE'),
  synchronized: except('LISTEN', 'CLOSE', 'SYN_SENT'),
  bucket: ['TIME_WAIT', 'SYN_RECV', 'NEW_SYN_RECV'],
  big: except('TIME_WAIT', 'SYN_RECV', 'NEW_SYN_RECV'),
};

export type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';

export const comparisons: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '==': '=',
  eq: '=',
  '!=': '!=',
  ne: '!=',
  neq: '!=',
  '<': '<',
  lt: '<',
  '>': '>',
  gt: '>',
  '<=': '<=',
  le: '<=',
  leq: '<=',
  '>=': '>=',
  ge: '>=',
  geq: '>=',
};

/** Whether a number is what a comparison wants. */
export function compare(value: number, comparison: Comparison, wanted: number): boolean {
  switch (comparison) {
    case '=':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '<':
      return value < wanted;
    case '>':
      return value > wanted;
    case '<=':
      return value <= wanted;
    case '>=':
      return value >= wanted;
  }
}
