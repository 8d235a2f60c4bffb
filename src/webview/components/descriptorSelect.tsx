import { useSignal } from '@preact/signals';
import { t } from '../../common/l10n.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import type { FieldKey } from '../form/problem.js';
import { socketTitle } from '../../common/socketText.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';
import { FieldProblem, useProblem } from './fieldProblem.js';

const other = 'other';

/** A descriptor: of one of our sockets, or any other number. */
export function DescriptorSelect(props: {
  id: string;
  label: string;
  value: string;
  problemKey: FieldKey;
  onChange: (value: string) => void;
}) {
  const { steadySockets } = usePanel();
  const isTyped = useSignal(false);
  const problem = useProblem(props.problemKey);
  const open = [...steadySockets.value.values()].filter(isOpenSocket);
  const isOurs = open.some(({ fd }) => String(fd) === props.value);
  const isNumber = isTyped.value || (!isOurs && props.value !== '');
  return (
    <span class="descriptor">
      <span class="select">
        <select
          id={props.id}
          aria-label={props.label}
          aria-invalid={problem !== undefined}
          aria-describedby={`${props.id}-problem`}
          value={isNumber ? other : props.value}
          onChange={(event) => {
            const { value } = event.currentTarget;
            isTyped.value = value === other;
            props.onChange(value === other ? props.value : value);
          }}
        >
          {props.value === '' && !isNumber && <option value="">{t('Choose…')}</option>}
          {open.map((socket) => (
            <option key={socket.id} value={String(socket.fd)}>
              {`fd ${socket.fd}  ${socketTitle(socket)}`}
            </option>
          ))}
          <hr />
          <option value={other}>{t('Another descriptor…')}</option>
        </select>
        <Icon name="chevron-down" />
      </span>
      {isNumber && (
        <span class={`field fdnumber${problem ? ' invalid' : ''}`}>
          <input
            aria-label={t('Descriptor')}
            value={props.value}
            inputMode="numeric"
            aria-describedby={`${props.id}-problem`}
            onInput={(event) => props.onChange(event.currentTarget.value)}
          />
        </span>
      )}
      <FieldProblem id={`${props.id}-problem`} problem={problem} />
    </span>
  );
}
