import { memo } from '../memo.js';
import type { CallRecord } from '../../common/call.js';
import type { RecordFrames } from '../../common/framing/recordFrames.js';
import type { SocketInfo } from '../../common/socket.js';
import type { Platform } from '../../common/tables/constants.js';
import { areSound, framesBadge, framesSentences } from '../text/frames.js';
import { deltaText, laterText, timeText, tookText, type Times } from '../text/times.js';
import { peerText, recordFd, resultText, type Sockets } from '../../common/recordText.js';
import { directionOf, lengthText, recordPreview, recordTone } from '../text/record.js';
import { injectedText } from '../../common/socketText.js';
import { injectedTexts } from '../../common/tap/maker.js';
import { answerText, withAnswer } from '../lanes/chipText.js';
import { socketTone } from '../../common/socketText.js';
import { socketTitle } from '../../common/socketText.js';
import type { ColumnRoom } from './columnRoom.js';
import { Injected } from './injected.js';
import { Waiting } from './waiting.js';

export interface RecordRowProps {
  seq: number;
  /** Undefined until it has been read. */
  record: CallRecord | undefined;
  /** Of the row above, for the time between them. */
  previousNs: number | null;
  subject: SocketInfo | undefined;
  sockets: Sockets;
  platform: Platform;
  times: Times;
  room: ColumnRoom;
  /** The messages that it has bytes of. */
  frames: RecordFrames | null;
  /** Position in the scroll area in px. */
  top: number;
  /** Place in the table from 1, its head included. */
  rowIndex: number;
  isSelected: boolean;
  isTabStop: boolean;
  onSelect: (seq: number) => void;
}

/** One record as a row. Drawn again only when the record, its socket, or its place has changed. */
export const RecordRow = memo(
  function RecordRow(props: RecordRowProps) {
    const { seq, record, top, isSelected } = props;
    const tone = record ? recordTone(record) : 'ok';
    const isWaiting = record?.status === 'waiting';
    return (
      <div
        class={`tr row ${tone}${record && injectedText(record) !== '' ? ' disturbed' : ''}`}
        role="row"
        id={`record-${seq}`}
        data-seq={seq}
        aria-rowindex={props.rowIndex}
        aria-current={isSelected ? 'true' : undefined}
        tabIndex={props.isTabStop ? 0 : -1}
        style={{ transform: `translateY(${top}px)` }}
        data-vscode-context={`{"webviewSection":"record","seq":${seq},"isWaiting":${isWaiting},"preventDefaultContextMenuItems":true}`}
        onMouseDown={(event) => event.detail < 2 && props.onSelect(seq)}
      >
        {cellsOf(props)}
      </div>
    );
  },
  (before, after) =>
    before.record === after.record &&
    before.seq === after.seq &&
    before.subject === after.subject &&
    before.times === after.times &&
    before.room === after.room &&
    isSameFrames(before.frames, after.frames) &&
    before.top === after.top &&
    before.rowIndex === after.rowIndex &&
    before.previousNs === after.previousNs &&
    before.isSelected === after.isSelected &&
    before.isTabStop === after.isTabStop,
);

/** What the cells of a record say. */
function textsOf(record: CallRecord, { previousNs, sockets, platform, times }: RecordRowProps) {
  return {
    time: timeText(record.startNs, previousNs, times),
    span: times.isTook ? tookText(record) : deltaText(record.startNs, previousNs),
    fd: recordFd(record),
    direction: directionOf(record) as string,
    name: record.name as string,
    peer: peerText(record, sockets),
    length: lengthText(record),
    result: withAnswer(resultText(record), answerText(record, platform)),
    later: laterText(record),
    preview: recordPreview(record, sockets, platform),
    injected: injectedText(record),
    faults: injectedTexts(record.madeBy).join(', '),
  };
}

/** What is not read yet has the same cells, and nothing in them: a fast drag fills cells, it does not make them anew. */
const unread: ReturnType<typeof textsOf> = {
  time: '',
  span: '',
  fd: null,
  direction: '',
  name: '',
  peer: '',
  length: '',
  result: '',
  later: '',
  preview: { kind: 'call', text: '' },
  injected: '',
  faults: '',
};

/** What stands before the text of a cell, in px, as in the style sheet. */
const [dotWidth, directionWidth] = [12, 14];

function cellsOf(props: RecordRowProps) {
  const { seq, record, subject, frames, room } = props;
  const { fd, direction, peer, preview, ...texts } = record ? textsOf(record, props) : unread;
  const waiting = record?.status === 'waiting' ? record : null;
  const who = subject ? ` ${socketTitle(subject)}` : '';
  const result = texts.later === '' ? texts.result : `${texts.result} ${texts.later}`;
  const isPlain = frames === null && texts.injected === '' && preview.kind !== 'sentence';
  return (
    <>
      <span class={`r no ${room.cell('seq', String(seq))}`} role="cell">
        {seq}
      </span>
      <span class={`r ${room.cell('time', texts.time)}`} role="cell">
        {texts.time}
      </span>
      <span class={`r dl ${room.cell('delta', texts.span)}`} role="cell">
        {texts.span}
      </span>
      <span
        class={`fd s-${subject ? socketTone(subject) : 'none'} ${room.cell('fd', `${fd ?? ''}${who}`, dotWidth)}`}
        role="cell"
      >
        {fd !== null && (
          <>
            <i class="dot" />
            {fd}
            {who !== '' && <span class="who">{who}</span>}
          </>
        )}
      </span>
      <span class={room.cell('call', texts.name, directionWidth)} role="cell">
        <span class={`dir${direction === '·' ? '' : ' io'}`} aria-hidden="true">
          {direction}
        </span>
        {texts.name}
      </span>
      <span class={room.cell('peer', peer)} role="cell" title={peer}>
        {peer}
      </span>
      <span class={`r ${room.cell('len', texts.length)}`} role="cell">
        {texts.length}
      </span>
      <span class={`res ${room.cell('result', waiting ? null : result)}`} role="cell" title={texts.result}>
        {waiting ? <Waiting record={waiting} class="waiting" isTabStop={props.isSelected} /> : texts.result}
        {texts.later !== '' && <span class="later"> {texts.later}</span>}
      </span>
      <span
        class={`pv p-${preview.kind} ${room.cell('preview', isPlain ? preview.text : null)}`}
        role="cell"
        title={preview.text}
      >
        {texts.injected !== '' && <Injected text={texts.injected} short={texts.faults} />}
        {frames && (
          <span class={`framed${areSound(frames) ? '' : ' bad'}`} title={framesSentences(frames).join('\n')}>
            {framesBadge(frames)}
          </span>
        )}
        {preview.text}
      </span>
    </>
  );
}

function isSameFrames(one: RecordFrames | null, other: RecordFrames | null): boolean {
  return (
    one === other ||
    (one !== null &&
      other !== null &&
      framesBadge(one) === framesBadge(other) &&
      areSound(one) === areSound(other))
  );
}
