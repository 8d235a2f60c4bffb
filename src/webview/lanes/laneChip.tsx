import { memo } from '../memo.js';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import { Icon } from '../components/basics.js';
import { usePanel } from '../components/context.js';
import { Injected } from '../components/injected.js';
import { Waiting } from '../components/waiting.js';
import { formatDuration } from '../text/format.js';
import { recordTone } from '../text/record.js';
import { isLongWait, type Line } from './blocks.js';
import { type ChipText, chipText } from './chipText.js';
import { chipLabel } from './chipLabel.js';
import { chipX, type Column, noteWidth } from './columns.js';

/** A call in its lane: what was called, and what the kernel answered. */
export const LaneChip = memo(function LaneChip(props: {
  line: Line;
  column: Column;
  colIndex: number;
  text: ChipText;
  /** How long it waits, or had waited, is told. */
  isWaitShown: boolean;
  /** What of the received there is room for. */
  received: string;
  isSelected: boolean;
  /** Where the lanes end, in px. */
  lanesEnd: number;
  /** Too little of it is in view: what says so stands in its place. */
  isAway: boolean;
}) {
  const panel = usePanel();
  const { line, column, text, isSelected } = props;
  const { record, isPending } = line;
  const { seq } = record;
  const tone = recordTone(record);
  const isMain = line.kind === 'call';
  const look = isPending ? (record.status === 'waiting' ? 'waiting' : 'waited') : tone;
  const { isBrief } = column;
  const room = column.width - chipX;
  return (
    <div
      class={`chip ${look}${isSelected ? ' sel' : ''}${column.isCollapsed ? ' small' : ''}${isPending && !props.isWaitShown ? ' bare' : ''}${line.injected === '' ? '' : ' disturbed'}${props.isAway ? ' away' : ''}`}
      role="gridcell"
      aria-colindex={props.colIndex}
      aria-selected={isSelected}
      id={isMain ? `record-${seq}` : undefined}
      data-seq={seq}
      title={hoverText(line, chipText(record, panel.platform.value))}
      tabIndex={isSelected && isMain ? 0 : -1}
      style={{
        left: `${column.x + chipX}px`,
        top: `${line.y + 2}px`,
        maxWidth: !isBrief || look === 'waiting' ? `${room}px` : undefined,
        // What is inherited is found anew for all that is in a chip, each time that it moves: only where something reads it.
        ...(isWordy(line) && {
          '--own': `${room}px`,
          '--wide': `${noteWidth(column, props.lanesEnd)}px`,
          '--rest': `${props.lanesEnd - column.x - chipX}px`,
        }),
      }}
      data-vscode-context={JSON.stringify({
        webviewSection: 'record',
        seq,
        isWaiting: record.status === 'waiting',
        preventDefaultContextMenuItems: true,
      })}
    >
      <span class="sr">
        {chipLabel(record, isPending, line.note?.text)}
        {line.injected !== '' && `. ${line.injected}`}
      </span>
      {!column.isCollapsed && (
        <>
          <span class="call" aria-hidden="true">
            {text.tokens.map((token, index) => (
              <span key={index} class={`t-${token.kind}`}>
                {token.text}
              </span>
            ))}
          </span>
          {isPending ? (
            <Wait record={record} said={text.result} isBrief={isBrief} isTabStop={isSelected} />
          ) : (
            <>
              {text.result !== '' && (
                <span
                  class={`ret${tone === 'failed' ? ' err' : ''}`}
                  aria-hidden="true"
                  style={{ '--chars': text.result.length + 2 }}
                >
                  = <b>{text.result}</b>
                </span>
              )}
              {props.received !== '' && (
                <span class="got" aria-hidden="true">
                  {props.received}
                </span>
              )}
              {props.isWaitShown && (
                <span class="w">
                  {isBrief && <Icon name="watch" />}
                  {blockedText(record, isBrief)}
                </span>
              )}
              {tone === 'failed' && (
                <span class={`why n${line.note?.lines ?? 1}`} aria-hidden="true">
                  {line.note?.text}
                </span>
              )}
              {tone === 'failed' && isMain && (
                <HolderLink record={record} isBrief={isBrief} isTabStop={isSelected} />
              )}
            </>
          )}
        </>
      )}
      {line.injected !== '' && !column.isCollapsed && <Injected text={line.injected} isHidden />}
      {line.note && !isPending && tone !== 'failed' && !column.isCollapsed && (
        <span class={`note n${line.note.lines}`} aria-hidden="true">
          <Icon name="info" />
          <span>{line.note.text}</span>
        </span>
      )}
    </div>
  );
});

/** It has a sentence, which needs to know how wide it may be. */
export function isWordy({ record, note, injected }: Line): boolean {
  return note !== null || injected !== '' || recordTone(record) === 'failed';
}

/** All of it: what does not fit is cut. */
function hoverText(
  { record, isPending, note, injected }: Line,
  { tokens, result, received }: ChipText,
): string {
  const call = tokens.map(({ text }) => text).join('');
  const said = isPending || result === '' ? call : `${call} = ${result}`;
  const wait = !isPending && isLongWait(record) ? blockedText(record, false) : undefined;
  return [said, isPending ? '' : received, wait, injected, note?.text].filter((part) => part).join('\n');
}

/** To the socket of ours that holds what a call wanted. The answer to the call's failure is mostly there. */
function HolderLink({ record, isBrief, isTabStop }: Pick<WaitProps, 'record' | 'isBrief' | 'isTabStop'>) {
  const panel = usePanel();
  const { facts } = record;
  const there = facts && facts.kind !== 'group' ? facts.there : [];
  const own = there.find((found) => found.own !== null)?.own;
  const holder =
    own && [...panel.steadySockets.value.values()].find((one) => one.fd === own.fd && isHeld(one));
  if (!holder) {
    return null;
  }
  const text = t('Show fd {0}', holder.fd);
  return (
    <button
      type="button"
      class="lnk"
      aria-label={text}
      title={text}
      tabIndex={isTabStop ? 0 : -1}
      onMouseDown={(event) => event.stopPropagation()}
      onClick={() => panel.lanes.showLane(holder.id)}
    >
      {isBrief ? `→ fd ${holder.fd}` : text}
    </button>
  );
}

function isHeld({ state }: SocketInfo): boolean {
  return state !== 'closed';
}

interface WaitProps {
  record: CallRecord;
  /** What came of it where that is no answer at a time of its own. */
  said: string;
  /** Only how long: the look of the chip says that it is a wait. */
  isBrief: boolean;
  isTabStop: boolean;
}

function Wait({ record, said, isBrief, isTabStop }: WaitProps) {
  return record.status === 'waiting' ? (
    <Waiting
      record={record}
      class="w"
      words={(age) => t('waiting {0}', age)}
      isBrief={isBrief}
      isTabStop={isTabStop}
      isHidden
    />
  ) : (
    <span class="w" aria-hidden="true">
      {record.endNs === null ? said : blockedText(record, isBrief)}
    </span>
  );
}

function blockedText(record: CallRecord, isBrief: boolean): string {
  const duration = formatDuration((record.endNs ?? 0) - record.startNs);
  return isBrief ? duration : t('blocked {0}', duration);
}
