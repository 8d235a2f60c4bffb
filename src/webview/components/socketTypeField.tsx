import { useId } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { constantName, names } from '../../common/tables/constants.js';
import { socketTypeOf } from '../../common/tables/socketTypes.js';
import type { Parameter } from '../../common/tables/signatures.js';
import { Check, Icon } from './basics.js';
import { usePanel } from './context.js';
import { FieldProblem, useProblem } from './fieldProblem.js';

const usual: readonly string[] = ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_SEQPACKET', 'SOCK_RAW'];
const other = 'other…';

/** The type of a socket, and the flags that `socket(2)` takes with it. The text stays what the notation writes. */
export function SocketTypeField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer, platform } = usePanel();
  const id = useId();
  const problem = useProblem(index);
  const flags = names('sockflags', platform.value);
  const parts = (composer.draft.value.texts[index] ?? '').split('|').map((part) => part.trim());
  const type = parts.filter((part) => !flags.includes(part)).join('|');
  const set = (base: string, chosen: readonly string[]) =>
    composer.setText(index, [base, ...flags.filter((flag) => chosen.includes(flag))].join('|'));
  const all = [...usual, ...names('socktype', platform.value).filter((name) => !usual.includes(name))];
  return (
    <div class="fcol socktype">
      <label class="lbl" for={id}>
        {parameter.name}
      </label>
      <div class="parts">
        {all.includes(type) ? (
          <span class="select">
            <select
              id={id}
              value={type}
              title={socketTypeOf(type)?.description}
              aria-invalid={problem !== undefined}
              aria-describedby={`${id}-problem`}
              onChange={(event) => {
                const { value } = event.currentTarget;
                set(value === other ? '' : value, parts);
              }}
            >
              {all.map((name) => (
                <option key={name} value={name} title={socketTypeOf(name)?.description}>
                  {name}
                </option>
              ))}
              <hr />
              <option value={other}>{t('Another value…')}</option>
            </select>
            <Icon name="chevron-down" />
          </span>
        ) : (
          <span class={`field wide${problem ? ' invalid' : ''}`}>
            <input
              id={id}
              value={type}
              spellcheck={false}
              list={`${id}-list`}
              placeholder={t('name or number')}
              aria-invalid={problem !== undefined}
              aria-describedby={`${id}-problem`}
              onInput={(event) => set(event.currentTarget.value, parts)}
            />
            <datalist id={`${id}-list`}>
              {all.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </datalist>
          </span>
        )}
        {flags.map((flag) => (
          <Check
            key={flag}
            label={flag.replace('SOCK_', '')}
            title={`${flag}: ${socketTypeOf(flag)?.description ?? ''}`}
            isChecked={parts.includes(flag)}
            onChange={(wanted) =>
              set(type, wanted ? [...parts, flag] : parts.filter((part) => part !== flag))
            }
          />
        ))}
      </div>
      {/^\d+$/.test(type) && constantName('socktype', Number(type), platform.value) !== undefined && (
        <span class="dim equal">= {constantName('socktype', Number(type), platform.value)}</span>
      )}
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}
