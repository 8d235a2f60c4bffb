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
