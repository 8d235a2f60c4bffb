import type { DebugProtocol } from '@vscode/debugprotocol';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printRecord } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';
import type { StopReason } from '../../playground/scenarioDebugger.js';
import type { DebuggedRun } from './debuggedRun.js';

/** The protocol's word for why a run has stopped. */
export function stoppedReason({ kind }: StopReason): string {
  return kind === 'unexpected' || kind === 'failed' || kind === 'problem' ? 'exception' : kind;
}

/** What is shown at the line where a run has stopped because of what a call has come to. */
export function exceptionOf(
  reason: StopReason,
  platform: Platform,
): DebugProtocol.ExceptionInfoResponse['body'] | object {
  const of = (exceptionId: string, description: string): DebugProtocol.ExceptionInfoResponse['body'] => ({
    exceptionId,
    description,
    breakMode: 'always',
    details: { message: description, typeName: exceptionId },
  });
  const print = (record: CallRecord) => printRecord(record, { platform, maxData: 256 });
  switch (reason.kind) {
    case 'unexpected': {
      const { mismatch, record } = reason;
      const lines = [print(record), t('Expected: {0}', mismatch.expected), t('Got: {0}', mismatch.got)];
      return of(t('Unexpected result'), lines.join('\n'));
    }
    case 'failed':
      return of(t('The call failed'), print(reason.record));
    case 'problem':
      return of(t('The run ends here'), reason.problem.message);
    default:
      return {};
  }
}

/** The message of a log point: `{errno}` and `{result}` are of the line's call, other names those of the run. */
export function fillIn(message: string, record: CallRecord, run: DebuggedRun): string {
  return message.replaceAll(/\{\s*(\w+)\s*\}/g, (written, name: string) => {
    const value = run.valueOf(name);
    if (value !== undefined) {
      return value;
    }
    if (name === 'errno') {
      return String(record.errno ?? 0);
    }
    return name === 'result' ? String(record.result) : written;
  });
}
