import { effect } from '@preact/signals';
import type { KeptFraming, PanelMethods } from '../../common/protocol/panel.js';
import type { SocketLookup } from '../../common/recordText.js';
import type { FilterRequest } from '../../common/protocol/socketHost.js';
import type { Remote } from '../../common/rpc.js';
import { FilterModel } from './filter.js';
import { FramingModel } from './framing.js';
import { LaneStates } from './laneStates.js';
import { OverviewModel } from './overview.js';
import { SocketErrors } from './socketErrors.js';
import { SortModel } from './sorting.js';

export interface ReadersContext {
  /** The records that there are. */
  range: { readonly firstSeq: number; readonly lastSeq: number };
  sockets: () => SocketLookup;
  load: (seqs: readonly number[]) => Promise<unknown>;
  remote: Pick<
    Remote<PanelMethods>,
    'filterRecords' | 'cancelFilter' | 'sortRecords' | 'frameStream' | 'surveyRecords' | 'keepFraming'
  >;
  /** For requests of which only the failure matters. */
  forget: (request: Promise<unknown>) => void;
  framings: readonly KeptFraming[];
}

/** What has the host look through all records, and follows what is new and what changes: see `reading.ts`. */
export class RecordReaders {
  readonly filter: FilterModel;
  readonly sort: SortModel;
  readonly framing: FramingModel;
  readonly overview: OverviewModel;
  /** Of the socket that the inspector shows. */
  readonly errors: SocketErrors;
  readonly laneStates: LaneStates;

  constructor({ range, sockets, load, remote, forget, framings }: ReadersContext) {
    const cancel = (id: number) => forget(remote.cancelFilter({ id }));
    this.filter = new FilterModel({ range, find: (request) => remote.filterRecords(request), cancel });
    this.sort = new SortModel({ range, sort: (request) => remote.sortRecords(request), cancel });
    this.framing = new FramingModel(
      {
        range,
        sockets,
        frame: (request) => remote.frameStream(request),
        keep: (kept) => forget(remote.keepFraming(kept)),
      },
      framings,
    );
    this.overview = new OverviewModel({ range, survey: (request) => remote.surveyRecords(request) });
    const find = (request: FilterRequest) => remote.filterRecords(request);
    this.errors = new SocketErrors({ range, find });
    this.laneStates = new LaneStates({ find, load });
    effect(() => {
      if (this.filter.version.value >= 0) {
        this.sort.setFilter(this.filter.shown);
      }
    });
  }

  /**
   * There are more records, or these have changed.
   * @param identified The first record of a socket of which more is known now.
   */
  update(changedSeqs: readonly number[], identified: number): void {
    this.filter.update(changedSeqs, identified);
    this.overview.update(changedSeqs);
    this.framing.update(changedSeqs);
    this.sort.update(changedSeqs);
    this.errors.update(changedSeqs);
    this.laneStates.update(changedSeqs);
  }

  /** The store was cleared. */
  clear(): void {
    this.filter.restart();
    this.sort.clear();
    this.overview.reset();
    this.errors.restart();
    this.laneStates.clear();
  }
}
