import { useId } from 'preact/hooks';
import type { FieldKey } from '../form/problem.js';
import { FieldProblem, useProblem } from './fieldProblem.js';

/** A field of a structure: free entry with what is usual offered. */
export function Combo(props: {
  label: string;
  value: string;
  choices: readonly string[];
  placeholder?: string;
  isWide?: boolean;
  isNarrow?: boolean;
  problemKey: FieldKey;
  onInput: (text: string) => void;
}) {
  const id = useId();
  const problem = useProblem(props.problemKey);
  const width = props.isWide ? ' wide' : props.isNarrow ? ' short' : '';
  return (
    <span class={`combo${width}`}>
      <span class={`field part${problem ? ' invalid' : ''}`}>
        <label class="pre" for={id}>
          {props.label}
        </label>
        <input
          id={id}
          value={props.value}
          placeholder={props.placeholder}
          spellcheck={false}
          autocomplete="off"
          list={props.choices.length > 0 ? `${id}-list` : undefined}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        {props.choices.length > 0 && (
          <datalist id={`${id}-list`}>
            {props.choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </datalist>
        )}
      </span>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </span>
  );
}
