import { useId } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { RoomDraft } from '../form/message.js';
import { emptyPayload } from '../form/payload.js';
import { Check, Icon, IconButton } from './basics.js';
import { Combo } from './combo.js';
import { usePanel } from './context.js';
import { FieldProblem, useProblem } from './fieldProblem.js';
import { PayloadField } from './payloadField.js';

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
