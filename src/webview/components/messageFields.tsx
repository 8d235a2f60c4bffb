import { useId } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { constantValue, names, type Platform } from '../../common/tables/constants.js';
import {
  type ControlDraft,
  controlKind,
  controlStruct,
  emptyControl,
  type RoomDraft,
} from '../form/message.js';
import { emptyPayload } from '../form/payload.js';
import { Check, Icon, IconButton } from './basics.js';
import { Combo } from './combo.js';
import { usePanel } from './context.js';
import { DescriptorSelect } from './descriptorSelect.js';
import { FieldProblem, useProblem } from './fieldProblem.js';
import { PayloadField } from './payloadField.js';
import { StructFields } from './structFields.js';

/** Buffers of one message, at most: what the kernel takes. */
const maxParts = 1024;

/** The payload of a message to send, `msg_iov`: one buffer or several, which the kernel sends as one. */
export function MessageParts() {
  const { composer } = usePanel();
  const { message } = composer.draft.value;
  const { parts } = message;
  const setParts = (changed: typeof parts) => composer.change({ message: { ...message, parts: changed } });
  return (
    <div class="parts-list">
      {parts.map((part, place) => (
        <PayloadField
          key={place}
          name={`msg_iov[${place}]`}
          draft={part}
          onChange={(draft) => setParts(parts.map((one, at) => (at === place ? draft : one)))}
          onRemove={
            parts.length > 1 || place > 0 ? () => setParts(parts.filter((_, at) => at !== place)) : undefined
          }
        />
      ))}
      {parts.length < maxParts && (
        <button
          type="button"
          class="btn add"
          onClick={() =>
            setParts([...parts, { ...emptyPayload, ending: parts.at(-1)?.ending ?? emptyPayload.ending }])
          }
        >
          <Icon name="add" />
          {t('Add a buffer')}
        </button>
      )}
    </div>
  );
}

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
      <button type="button" class="btn add" onClick={() => setControl([...control, emptyControl])}>
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
  const { index, place, draft, onChange } = props;
  const { platform } = usePanel();
  const level = constantValue(draft.level, platform.value);
  return (
    <div class="item" role="group" aria-label={t('Control message {0}', place + 1)}>
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
      <ControlData {...props} />
      <IconButton
        icon="close"
        label={t('Remove control message {0}', place + 1)}
        isSmall
        onClick={props.onRemove}
      />
    </div>
  );
}

function ControlData(props: ControlProps) {
  const { platform } = usePanel();
  switch (controlKind(props.draft, platform.value)) {
    case 'descriptors':
      return <Descriptors {...props} />;
    case 'credentials':
      return <Credentials {...props} />;
    case 'struct':
      return (
        <StructFields
          fields={controlStruct(props.draft, platform.value)}
          draft={props.draft.struct}
          problemKey={`${props.index}.control.${props.place}`}
          onChange={(struct) => props.onChange({ struct })}
        />
      );
    case 'value':
      return (
        <Combo
          label="cmsg_data"
          value={props.draft.data}
          choices={[]}
          placeholder={'1, {ipi_ifindex=1}, hex("01 00")'}
          isWide
          problemKey={`${props.index}.control.${props.place}.data`}
          onInput={(text) => props.onChange({ data: text })}
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

/** The room that the kernel is given for a message to receive. */
export function RoomFields({ index }: { index: number }) {
  const { composer } = usePanel();
  const { room } = composer.draft.value;
  const change = (part: Partial<RoomDraft>) => composer.change({ room: { ...room, ...part } });
  const id = useId();
  const problem = useProblem(index);
  return (
    <>
      <div class="fcol block lengths" role="group" aria-label="msg_iov">
        <span class="lbl">msg_iov</span>
        <div class="item">
          {room.lengths.map((length, place) => (
            <span class="one" key={place}>
              <Combo
                label={`iov_len[${place}]`}
                value={length}
                choices={[]}
                isNarrow
                problemKey={`${index}.iov.${place}`}
                onInput={(text) =>
                  change({ lengths: room.lengths.map((one, at) => (at === place ? text : one)) })
                }
              />
              {room.lengths.length > 1 && (
                <IconButton
                  icon="close"
                  label={t('Remove buffer {0}', place + 1)}
                  isSmall
                  onClick={() => change({ lengths: room.lengths.filter((_, at) => at !== place) })}
                />
              )}
            </span>
          ))}
          {room.lengths.length < maxParts && (
            <button
              type="button"
              class="btn add"
              onClick={() => change({ lengths: [...room.lengths, room.lengths.at(-1) ?? '4096'] })}
            >
              <Icon name="add" />
              {t('Add a buffer')}
            </button>
          )}
        </div>
      </div>
      <div class="fcol block" role="group" aria-label={t('Room for more than the data')}>
        <span class="lbl">msg_name, msg_control</span>
        <div class="item">
          <Check
            label="msg_name"
            title={t('Room for the address of the sender')}
            isChecked={room.takesName}
            onChange={(takesName) => change({ takesName })}
          />
          <Check
            label="msg_control"
            title={t('Room for control messages: without it they are lost, and MSG_CTRUNC says so')}
            isChecked={room.controlLength !== null}
            onChange={(wanted) => change({ controlLength: wanted ? '256' : null })}
          />
          {room.controlLength !== null && (
            <Combo
              label="msg_controllen"
              value={room.controlLength}
              choices={[]}
              isNarrow
              problemKey={`${index}.controllen`}
              onInput={(text) => change({ controlLength: text })}
            />
          )}
        </div>
        <FieldProblem id={`${id}-problem`} problem={problem} />
      </div>
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
