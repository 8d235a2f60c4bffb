import type { DebugProtocol } from '@vscode/debugprotocol';
import { t } from '../../common/l10n.js';
import { Condition } from '../../playground/breakpoints.js';
import type { StopFilters } from '../../playground/scenarioDebugger.js';

/** At which results a run can be made to stop. */
export function exceptionFilters(): DebugProtocol.ExceptionBreakpointsFilter[] {
  return [
    {
      filter: 'unexpected',
      label: t('Unexpected Results'),
      description: t('Stops at a result that the file does not expect, and before a problem ends the run.'),
      default: true,
    },
    {
      filter: 'failed',
      label: t('Failed Calls'),
      description: t('Stops at every call that fails, also where the file expects it.'),
      default: false,
      supportsCondition: true,
      conditionDescription: t('A display filter: errno == ECONNREFUSED'),
    },
  ];
}

/** What was chosen of them, and for each whether its condition can be met. */
export function chosenFilters({
  filters,
  filterOptions = [],
}: DebugProtocol.SetExceptionBreakpointsArguments): {
  chosen: StopFilters;
  placed: DebugProtocol.Breakpoint[];
} {
  const options = [...filters.map((filterId) => ({ filterId, condition: '' })), ...filterOptions];
  const failed = options.find(({ filterId }) => filterId === 'failed');
  const placed = options.map(({ condition }) => {
    const problem = condition ? new Condition(condition).problem : undefined;
    return problem === undefined ? { verified: true } : { verified: false, message: problem };
  });
  return {
    chosen: {
      unexpected: options.some(({ filterId }) => filterId === 'unexpected'),
      failed: failed ? { condition: failed.condition ?? '' } : null,
    },
    placed,
  };
}
