import { isFailure } from '../../common/failure.js';
import type { PanelModel } from '../state/panelModel.js';
import { payloadText } from './chipText.js';
import { laneOf } from './columns.js';
import type { TextMeasure } from './measure.js';
import { birthLabel } from './overlay.js';
import type { SceneSource } from './sceneParts.js';

/** Bytes of each send that is seen in a queue. */
const segmentBytes = 12;

/** What a scene is drawn from: what the page knows of records and sockets, and how wide all of it is written. */
export function sceneSource(
  { acceptQueues, ribbon, lanes, records }: PanelModel,
  measure: TextMeasure,
  place: Pick<SceneSource, 'columns' | 'shown' | 'isAtEnd' | 'lastSeq' | 'height'> & {
    sockets: PanelModel['drawnSockets']['value'];
  },
): SceneSource {
  const { columns, sockets } = place;
  return {
    ...place,
    acceptQueues: acceptQueues.value,
    ribbon,
    history: lanes.history,
    laneOf,
    waitingAcross: (from, to) => lanes.returns.across(from, to),
    isFailed: isFailure,
    chipEnd: (line) => {
      const column = columns.get(laneOf(line.record));
      return column ? measure.chipEnd(line, column) : 0;
    },
    markWidth: (change, column) => measure.markWidth(change, column),
    birthWidth: (birth) => {
      const { number, text } = birthLabel(birth, sockets);
      return (number.length + text.length) * measure.smallWidth + 24;
    },
    boxOf: (column, segments, total) => measure.boxOf(column, segments, `${total} B`),
    segmentText: (seq, from, to) => {
      const record = records.get(seq);
      return record ? payloadText(record, from, to, segmentBytes) : '…';
    },
  };
}
