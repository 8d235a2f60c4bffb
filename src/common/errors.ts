/**
 * A call that was refused before the kernel was asked: a value that cannot be passed on as it is
 * (port 65536, a length beyond the data, a descriptor of the host's own). Crosses processes as a
 * plain object; a failing call is not one of these, it is a record with an errno.
 */
export interface CallRefusal {
  kind: 'refused';
  /** Which argument, as an index of the signature's parameters; null when it is the call as a whole. */
  argument: number | null;
  /** One sentence for a person, already localised. */
  message: string;
  /** Why, for code: `unsupported` is a call that the host does not make (the command line's exit 3). */
  reason: 'invalid' | 'unsupported' | 'own-descriptor' | 'not-loopback' | 'limit';
}

/** What an RPC call rejects with. `data` is the plain object that the other side threw, if it threw one. */
export class RemoteError extends Error {
  constructor(
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = 'RemoteError';
  }
}

/** The other end of the transport has gone: what was asked stays unanswered. */
export class ConnectionClosedError extends Error {
  constructor(message = 'The connection was closed.') {
    super(message);
    this.name = 'ConnectionClosedError';
  }
}

/** Carries a {@link CallRefusal} through code that throws. */
export class CallRefusedError extends Error {
  constructor(readonly refusal: CallRefusal) {
    super(refusal.message);
    this.name = 'CallRefusedError';
  }
}

function isCallRefusal(value: unknown): value is CallRefusal {
  return typeof value === 'object' && value !== null && (value as CallRefusal).kind === 'refused';
}

/** The refusal inside whatever was thrown here or on the other side of a hop, if there is one. */
export function refusalOf(error: unknown): CallRefusal | undefined {
  if (error instanceof CallRefusedError) {
    return error.refusal;
  }
  if (error instanceof RemoteError && isCallRefusal(error.data)) {
    return error.data;
  }
  return undefined;
}

/** What was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
