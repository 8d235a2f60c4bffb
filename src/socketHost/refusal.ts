import { CallRefusedError, type CallRefusal } from '../common/errors.js';

/** For a call that the kernel is not asked: which argument, and one sentence for a person. */
export function refusal(
  argument: number | null,
  message: string,
  reason: CallRefusal['reason'] = 'invalid',
): CallRefusedError {
  return new CallRefusedError({ kind: 'refused', argument, message, reason });
}
