import { t } from '../../common/l10n.js';
import type { FieldKey, Problem } from '../form/problem.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';

/** What a field shows below itself, tied to it for screen readers. */
export function FieldProblem({ id, problem }: { id: string; problem: Problem | undefined }) {
  return problem ? (
    <p class="problem" id={id}>
      <Icon name="error" />
      <span>
        {problem.offset === null
          ? problem.message
          : t('Column {0}: {1}', problem.offset + 1, problem.message)}
      </span>
    </p>
  ) : null;
}

/** What is wrong with a field; what is only missing is not told before the user tries. */
export function useProblem(key: FieldKey): Problem | undefined {
  const { composer } = usePanel();
  const problem = composer.problems.value.get(key);
  return problem?.isMissing && !composer.showsMissing.value ? undefined : problem;
}
