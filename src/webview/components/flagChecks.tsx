import { t } from '../../common/l10n.js';
import { type ConstantGroup, constantValue, names } from '../../common/tables/constants.js';
import { Check } from './basics.js';
import { usePanel } from './context.js';

/** Bits as checkboxes: the usual ones and those that are set; the others can be added by name. */
export function FlagChecks(props: {
  group: ConstantGroup;
  /** What is left out of a flag's name beside its box. */
  prefix: RegExp;
  label: string;
  /** All of them where it is left out. */
  usual?: readonly string[] | undefined;
  value: number;
  onChange: (value: number) => void;
}) {
  const { value } = props;
  const platform = usePanel().platform.value;
  const all = names(props.group, platform).filter((name) => (constantValue(name, platform) ?? 0) !== 0);
  const offered = (props.usual ?? all).filter((name) => all.includes(name));
  const bitsOf = (name: string) => constantValue(name, platform) ?? 0;
  const isSet = (name: string) => bitsOf(name) !== 0 && (value & bitsOf(name)) >>> 0 === bitsOf(name);
  const shown = [...offered, ...all.filter((name) => !offered.includes(name) && isSet(name))];
  const rest = all.filter((name) => !shown.includes(name));
  const set = (name: string, wanted: boolean) =>
    props.onChange((wanted ? value | bitsOf(name) : value & ~bitsOf(name)) >>> 0);
  return (
    <div class="flags" role="group" aria-label={props.label}>
      {shown.map((name) => (
        <Check
          key={name}
          label={name.replace(props.prefix, '')}
          title={name}
          isChecked={isSet(name)}
          onChange={(wanted) => set(name, wanted)}
        />
      ))}
      {rest.length > 0 && (
        <select
          class="more"
          value=""
          aria-label={t('Add a flag')}
          onChange={(event) => {
            set(event.currentTarget.value, true);
            event.currentTarget.value = '';
          }}
        >
          <option value="">{t('Add a flag…')}</option>
          {rest.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
