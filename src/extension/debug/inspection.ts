import type { DebugProtocol } from '@vscode/debugprotocol';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printCall, printRecord, printResult } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';
import type { DebuggedRun } from './debuggedRun.js';

/** What is looked at in the frame of a thread. */
export function scopesOf({ control, variables }: DebuggedRun, thread: string): DebugProtocol.Scope[] {
  const record = control.lastRecordOf(thread);
  const names: DebugProtocol.Scope = {
    name: t('Variables'),
    presentationHint: 'locals',
    variablesReference: variables.names(),
    expensive: false,
  };
  return record
    ? [
        names,
        {
          name: t('Last call of {0}', thread),
          variablesReference: variables.reference(() => variables.recordChildren(record)),
          expensive: false,
        },
      ]
    : [names];
}

/** A line of the console, a watch expression, or what the pointer rests on. */
export interface Question {
  expression: string;
  mayCall: boolean;
  /** The thread whose frame is looked at. */
  thread: string | undefined;
  /** Called when a call has changed what there is to see. */
  changed: () => void;
}

/** Makes the call of a line or evaluates an expression. Rejects with an error whose message is for a person. */
export async function evaluate(
  run: DebuggedRun,
  { expression, mayCall, thread, changed }: Question,
): Promise<DebugProtocol.EvaluateResponse['body']> {
  const { platform } = run;
  const text = expression.trim();
  const last = thread === undefined ? undefined : run.control.lastRecordOf(thread);
  if (last && (text === 'errno' || text === 'result') && run.valueOf(text) === undefined) {
    return { result: lastText(text, last, platform), variablesReference: 0 };
  }
  const answer = await run.console.evaluate(text, mayCall);
  switch (answer.kind) {
    case 'value': {
      await run.whenKnown();
      const name = answer.node.kind === 'variable' ? answer.node.name : undefined;
      const { value, ...rest } = run.variables.describe(answer.value, name);
      return { result: value, ...rest };
    }
    case 'returned':
      run.note(answer.record);
      changed();
      return { result: printRecord(answer.record, { platform, maxData: 256 }), variablesReference: 0 };
    case 'waiting':
      void answer.returned.then((record) => {
        if (record) {
          run.note(record);
          run.tell(record);
          changed();
        }
      });
      return {
        result: t('{0} waits.', printCall(answer.call, { platform, maxData: 256 })),
        variablesReference: 0,
      };
  }
}

function lastText(name: 'errno' | 'result', record: CallRecord, platform: Platform): string {
  return name === 'errno' ? String(record.errno ?? 0) : printResult(record, { platform }).replace(/^= /, '');
}
