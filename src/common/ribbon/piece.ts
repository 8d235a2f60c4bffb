import type { Run } from './runs.js';

/** Bytes that one call sent and one call received. */
export interface RibbonPiece {
  sentSeq: number;
  /** Where they begin in the payload of the call that sent them. */
  sentAt: number;
  receivedSeq: number;
  /** Where they begin in the payload of the call that received them. */
  receivedAt: number;
  length: number;
}

/** Bytes of one call that were sent and are not received yet. */
export interface WaitingSegment {
  /** Null where no record says who sent them. */
  sentSeq: number | null;
  /** Where they begin in the payload of the call that sent them. */
  sentAt: number;
  length: number;
}

/** What there is of a datagram where it was received. */
export function wholePiece(send: Run, receive: Run): RibbonPiece {
  return {
    sentSeq: send.seq,
    sentAt: 0,
    receivedSeq: receive.seq,
    receivedAt: 0,
    length: Math.min(send.length, receive.length),
  };
}
