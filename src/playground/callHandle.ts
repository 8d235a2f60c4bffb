import type { CallRecord } from '../common/call.js';
import { CallRefusedError, ConnectionClosedError, refusalOf } from '../common/errors.js';
import { t } from '../common/l10n.js';
import type { HostStatus } from '../common/protocol/panel.js';
import type { CallRequest } from '../common/protocol/socketHost.js';

/** How a call is made: as {@link CallRequest} has it, with a host name. */
export interface CallOptions extends Omit<CallRequest, 'call' | 'token'> {
  /** A host name for the call's address argument, resolved before the call. */
  hostName?: { host: string; port: number } | undefined;
}

/** What a call has come to at first: its record, or that it waits. */
export type CallStart = { kind: 'returned'; record: CallRecord } | { kind: 'waiting'; seq: number };

/** A call on its way. A rejection need not be handled on both promises. */
export interface CallHandle {
  /**
   * Resolves as soon as the call has returned or waits.
   * Rejects with {@link CallRefusedError} when the kernel was not asked, with `ResolutionError` when the
   * host name has no address, with {@link HostLostError} when the host ended, with {@link HostGivenUpError} when it is not
   * started again.
   */
  readonly started: Promise<CallStart>;
  /** Resolves with the record once the call has returned or was cancelled. Rejects as `started`, and when the host ends later. */
  readonly returned: Promise<CallRecord>;
}

/** The socket host ended before the call returned: nobody knows what came of it. */
export class HostLostError extends Error {
  constructor(
    message: string,
    /** The record, marked `lost`; null when the host ended before it told of one. */
    readonly record: CallRecord | null,
  ) {
    super(message);
    this.name = 'HostLostError';
  }
}

/** The call was not made: the host has ended too often, and whether it is started again is asked. */
export class HostGivenUpError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HostGivenUpError';
  }
}

/**
 * What a request to the host was rejected with, as callers know it.
 * @param lost The record of the call, where it is one.
 */
export function explainFailure(error: unknown, status: HostStatus, lost: CallRecord | null): unknown {
  const refusal = refusalOf(error);
  if (refusal) {
    return new CallRefusedError(refusal);
  }
  if (error instanceof ConnectionClosedError) {
    return new HostLostError(status.kind === 'lost' ? status.reason : error.message, lost);
  }
  return error;
}

/** One sentence for a person about whatever a call was rejected with. */
export function describeFailure(error: unknown): string {
  if (error instanceof HostLostError) {
    return t('The socket host ended before the call returned: {0}', error.message);
  }
  return error instanceof Error ? error.message : String(error);
}
