import { useId } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { unitText } from '../../common/optionText.js';
import { constantValue, formatFlags, names, type Platform } from '../../common/tables/constants.js';
import { sentControls } from '../../common/tables/sentControl.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import {
  type ControlDraft,
  controlFlags,
  controlKind,
  controlStruct,
  emptyControl,
  sentControlOf,
  usualControl,
} from '../form/control.js';
import { Icon, IconButton } from './basics.js';
import { Combo } from './combo.js';
import { usePanel } from './context.js';
import { DescriptorSelect } from './descriptorSelect.js';
import { FieldProblem, useProblem } from './fieldProblem.js';
import { FlagChecks } from './flagChecks.js';
import { StructFields } from './structFields.js';

/** The control messages of a message to send: descriptors, credentials, or what an option's value would be. */
export function ControlMessages({ index }: { index: number }) {
  const panel = usePanel();
  const { composer } = panel;
  const { message } = composer.draft.value;
  const { control } = message;
  const setControl = (changed: readonly ControlDraft[]) =>
    composer.change({ message: { ...message, control: changed } });
  const problem = useProblem(index);
  const id = useId();
  return (
    <div class="fcol block" role="group" aria-label="msg_control">
      <span class="lbl">msg_control</span>
      {control.map((draft, place) => (
        <ControlMessage
          key={place}
          index={index}
          place={place}
          draft={draft}
          onChange={(change) =>
            setControl(control.map((one, at) => (at === place ? { ...one, ...change } : one)))
          }
          onRemove={() => setControl(control.filter((_, at) => at !== place))}
        />
      ))}
      <button
        type="button"
        class="btn add"
        onClick={() => setControl([...control, usualControl(composer.socket.value)])}
      >
        <Icon name="add" />
        {t('Add a control message')}
      </button>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}

interface ControlProps {
  index: number;
  place: number;
  draft: ControlDraft;
  onChange: (change: Partial<ControlDraft>) => void;
}

function ControlMessage(props: ControlProps & { onRemove: () => void }) {
  const { place, draft } = props;
  const { platform } = usePanel();
  const about = useId();
  const known = draft.isOther ? undefined : sentControlOf(draft, platform.value);
  return (
    <div class="item" role="group" aria-label={t('Control message {0}', place + 1)}>
      <ControlType {...props} about={known && about} />
      {!known && <OtherType {...props} />}
      <ControlData {...props} />
      <IconButton
        icon="close"
        label={t('Remove control message {0}', place + 1)}
        isSmall
        onClick={props.onRemove}
      />
      {known && (
        <p class="dim about" id={about}>
          {known.description}
        </p>
      )}
    </div>
  );
}

const otherType = 'other';

/** The control messages that the kernel takes, by their level; any other is entered by its numbers. */
function ControlType({ place, draft, onChange, about }: ControlProps & { about: string | undefined }) {
  const { platform } = usePanel();
  const all = sentControls(platform.value);
  const known = draft.isOther ? undefined : sentControlOf(draft, platform.value);
  return (
    <span class="select controltype">
      <select
        aria-label={t('Kind of control message {0}', place + 1)}
        aria-describedby={about}
        value={known?.type ?? otherType}
        onChange={(event) => {
          const chosen = all.find(({ type }) => type === event.currentTarget.value);
          onChange(
            chosen
              ? {
                  ...emptyControl,
                  level: chosen.level,
                  type: chosen.type,
                  data: chosen.usual,
                  isOther: false,
                }
              : { type: '', data: '', isOther: true },
          );
        }}
      >
        {[...new Set(all.map(({ level }) => level))].map((level) => (
          <optgroup key={level} label={level}>
            {all
              .filter((one) => one.level === level)
              .map(({ type, description }) => (
                <option key={type} value={type} title={description}>
                  {type}
                </option>
              ))}
          </optgroup>
        ))}
        <option value={otherType}>{t('Another value…')}</option>
      </select>
      <Icon name="chevron-down" />
    </span>
  );
}

function OtherType({ index, place, draft, onChange }: ControlProps) {
  const { platform } = usePanel();
  const level = constantValue(draft.level, platform.value);
  return (
    <>
      <Combo
        label="cmsg_level"
        value={draft.level}
        choices={levels(platform.value)}
        problemKey={`${index}.control.${place}.level`}
        onInput={(text) => onChange({ level: text })}
      />
      <Combo
        label="cmsg_type"
        value={draft.type}
        choices={typesOf(level, platform.value)}
        problemKey={`${index}.control.${place}.type`}
        onInput={(text) => onChange({ type: text })}
      />
    </>
  );
}

function ControlData(props: ControlProps) {
  const { index, place, draft, onChange } = props;
  const { platform } = usePanel();
  const known = sentControlOf(draft, platform.value);
  const problemKey = `${index}.control.${place}` as const;
  switch (controlKind(draft, platform.value)) {
    case 'descriptors':
      return <Descriptors {...props} />;
    case 'credentials':
      return <Credentials {...props} />;
    case 'struct':
      return (
        <StructFields
          fields={controlStruct(draft, platform.value)}
          draft={draft.struct}
          problemKey={problemKey}
          onChange={(struct) => onChange({ struct })}
        />
      );
    case 'flags':
      return (
        <FlagChecks
          group={known!.flags!.group}
          prefix={/^SOF_TIMESTAMPING_/}
          label="cmsg_data"
          usual={known!.flags!.usual}
          value={controlFlags(draft, platform.value)}
          onChange={(value) => onChange({ data: formatFlags(known!.flags!.group, value, platform.value) })}
        />
      );
    case 'number':
      return (
        <>
          <Combo
            label="cmsg_data"
            value={draft.data}
            choices={[]}
            isNarrow
            problemKey={`${problemKey}.data`}
            onInput={(text) => onChange({ data: text })}
          />
          {known!.unit && <span class="dim">{unitText(known!.unit)}</span>}
        </>
      );
    case 'value':
      return (
        <Combo
          label="cmsg_data"
          value={draft.data}
          choices={[]}
          placeholder={'1, {ipi_ifindex=1}, hex("01 00")'}
          isWide
          problemKey={`${problemKey}.data`}
          onInput={(text) => onChange({ data: text })}
        />
      );
  }
}

/** The descriptors that are passed to the other process, or to another socket of ours. */
function Descriptors({ index, place, draft, onChange }: ControlProps) {
  const { steadySockets, composer } = usePanel();
  const id = useId();
  const key = `${index}.control.${place}.data` as const;
  const problem = useProblem(key);
  const { descriptors } = draft;
  const add = () => {
    const target = composer.socket.value;
    const candidates = [...steadySockets.value.values()].filter(
      (one) => isOpenSocket(one) && one.id !== target?.id && one.id !== target?.peerId,
    );
    const free = candidates.filter(({ fd }) => !descriptors.includes(String(fd))).at(-1);
    onChange({ descriptors: [...descriptors, free ? String(free.fd) : ''] });
  };
  return (
    <span class="descriptors" role="group" aria-label="cmsg_data">
      {descriptors.map((fd, at) => (
        <span class="one" key={at}>
          <DescriptorSelect
            id={`${id}-${at}`}
            label={t('Descriptor {0} to pass', at + 1)}
            value={fd}
            problemKey={`${key}.${at}`}
            onChange={(value) =>
              onChange({ descriptors: descriptors.map((one, other) => (other === at ? value : one)) })
            }
          />
          <IconButton
            icon="close"
            label={t('Remove descriptor {0}', at + 1)}
            isSmall
            onClick={() => onChange({ descriptors: descriptors.filter((_, other) => other !== at) })}
          />
        </span>
      ))}
      <button type="button" class="btn add" onClick={add}>
        <Icon name="add" />
        {t('Add a descriptor')}
      </button>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </span>
  );
}

function Credentials({ index, place, draft, onChange }: ControlProps) {
  return (
    <>
      {(['pid', 'uid', 'gid'] as const).map((name) => (
        <Combo
          key={name}
          label={name}
          value={draft.credentials[name]}
          choices={[]}
          isNarrow
          problemKey={`${index}.control.${place}.${name}`}
          onInput={(text) => onChange({ credentials: { ...draft.credentials, [name]: text } })}
        />
      ))}
    </>
  );
}

/** Levels whose control messages a program sends. */
function levels(platform: Platform): string[] {
  return ['SOL_SOCKET', 'IPPROTO_IP', 'IPPROTO_IPV6', 'IPPROTO_UDP', 'SOL_TLS', 'SOL_ALG'].filter(
    (name) => constantValue(name, platform) !== undefined,
  );
}

function typesOf(level: number | undefined, platform: Platform): string[] {
  return level === undefined ? [] : names('cmsgtype', platform, level);
}
