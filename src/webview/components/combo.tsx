import { useId } from 'preact/hooks';
import type { FieldKey, Problem } from '../form/problem.js';
import { FieldProblem, useProblem } from './fieldProblem.js';

/** A field of a structure: free entry with what is usual offered. */
export function Combo(
  props: Omit<Parameters<typeof LabelledField>[0], 'width' | 'problem'> & {
    isWide?: boolean;
    isNarrow?: boolean;
    problemKey: FieldKey;
  },
) {
  const { isWide, isNarrow, problemKey, ...field } = props;
  const problem = useProblem(problemKey);
  return <LabelledField {...field} width={isWide ? 'wide' : isNarrow ? 'short' : ''} problem={problem} />;
}

/** A small field with its label inside, and what is wrong with it below. */
export function LabelledField(props: {
  label: string;
  value: string;
  width: 'wide' | 'short' | '';
  problem: Problem | undefined;
  choices?: readonly string[];
  placeholder?: string;
  inputMode?: 'numeric';
  onInput: (text: string) => void;
}) {
  const id = useId();
  const { choices = [], problem } = props;
  return (
    <span class={`combo ${props.width}`}>
      <span class={`field part${problem ? ' invalid' : ''}`}>
        <label class="pre" for={id}>
          {props.label}
        </label>
        <input
          id={id}
          value={props.value}
          placeholder={props.placeholder}
          inputMode={props.inputMode}
          spellcheck={false}
          autocomplete="off"
          list={choices.length > 0 ? `${id}-list` : undefined}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        {choices.length > 0 && (
          <datalist id={`${id}-list`}>
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </datalist>
        )}
      </span>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </span>
  );
}
