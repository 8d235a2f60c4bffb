import { type Signal, useSignal } from '@preact/signals';
import { t } from '../../common/l10n.js';
import { printCall } from '../../common/notation/printer.js';
import type { Probe } from '../../common/protocol/socketHost.js';
import { matrixDomains, matrixTypes, probeCall, protocolText } from '../../common/supportMatrix.js';
import { constantName } from '../../common/tables/constants.js';
import { explainError } from '../../common/tables/explanations.js';
import { familyOf } from '../../common/tables/families.js';
import { socketTypeOf } from '../../common/tables/socketTypes.js';
import { focusInto } from '../focus.js';
import type { MatrixRow } from '../state/matrix.js';
import { formatCount } from '../text/format.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';

/** A place in the matrix: column 0 is the row's own name. */
interface Place {
  row: MatrixRow;
  column: number;
}

const placeId = ({ domain, protocol }: MatrixRow, column: number) =>
  `matrix-${domain}-${protocol ?? 'family'}-${column}`;
const callText = (probe: Probe) => printCall(probeCall(probe), { style: 'short', platform: 'linux' });
const domainName = (domain: number) => constantName('domain', domain, 'linux') ?? String(domain);
const typeName = (type: number) => constantName('socktype', type, 'linux') ?? String(type);

/** Domain × type × protocol: what the kernel said to a real `socket()` of each, in the place of the records. */
export function SupportMatrix() {
  const { matrix } = usePanel();
  const focused = useSignal<Place | null>(null);
  const hovered = useSignal<Place | null>(null);
  const close = () => {
    matrix.close();
    requestAnimationFrame(() => void (focusInto('records') || focusInto('composer')));
  };
  return (
    <section class="matrix" aria-label={t('Support matrix')} data-region="records">
      <div class="mhead">
        <h2 class="ttl">{t('Support matrix')}</h2>
        <span class="grow" />
        <label class="check">
          <input
            type="checkbox"
            checked={matrix.hidesAbsent.value}
            onChange={(event) => {
              matrix.hidesAbsent.value = event.currentTarget.checked;
            }}
          />
          <span>{t('Only what this kernel has')}</span>
        </label>
        <button
          type="button"
          class="btn"
          disabled={matrix.isBusy.value}
          onClick={() => void matrix.probe()}
          title={t('Asking for a family may make the kernel load its module.')}
        >
          <Icon name={matrix.isBusy.value ? 'loading' : 'refresh'} isSpinning={matrix.isBusy.value} />
          <span>{t('Ask again')}</span>
        </button>
        <IconButton icon="close" label={t('Back to the records')} onClick={close} />
      </div>
      <p class="mcost">
        <Cost />
      </p>
      <Grid focused={focused} hovered={hovered} onClose={close} />
      <About focused={focused} hovered={hovered} />
    </section>
  );
}

/** What was asked, and that it is recorded nowhere else. */
function Cost() {
  const { matrix } = usePanel();
  const cost = matrix.cost.value;
  if (cost === null) {
    return <>{matrix.isBusy.value ? t('Asking the kernel…') : t('The kernel has not been asked yet.')}</>;
  }
  const present = matrixDomains.filter((domain) => matrix.isPresent(domain) === true);
  return (
    <>
      {t(
        'This kernel has {0} of {1} families. Asked by {2} calls of socket() in {3} ms, each socket closed at once; they are not among the records.',
        present.length,
        matrixDomains.length,
        formatCount(cost.calls),
        Math.max(1, Math.round(cost.tookMs)),
      )}
    </>
  );
}

function Grid(props: { focused: Signal<Place | null>; hovered: Signal<Place | null>; onClose: () => void }) {
  const { matrix } = usePanel();
  const { focused, hovered, onClose } = props;
  const rows = matrix.rows();
  const active = focused.value;
  const isShown =
    active !== null && rows.some(({ domain, protocol }) => isSameRow(active.row, { domain, protocol }));
  const tabStop = isShown ? placeId(active.row, active.column) : placeId(rows[0]!, 0);
  const move = (event: KeyboardEvent) => {
    if (event.code === 'Escape' && !event.isComposing) {
      event.preventDefault();
      onClose();
      return;
    }
    const target = targetOf(event, rows, focused.value);
    if (target) {
      event.preventDefault();
      document.getElementById(target)?.focus();
    }
  };
  return (
    <div class="mscroll">
      <table aria-label={t('Support matrix')} aria-busy={matrix.isBusy.value} onKeyDown={move}>
        <thead>
          <tr>
            <th scope="col">{t('domain, protocol')}</th>
            {matrixTypes.map((type) => (
              <th key={type} scope="col" title={socketTypeOf(typeName(type))?.description}>
                {typeName(type)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onMouseLeave={() => (hovered.value = null)}>
          {rows.map((row) => (
            <Row
              key={placeId(row, 0)}
              row={row}
              tabStop={tabStop}
              onFocus={(column) => (focused.value = { row, column })}
              onHover={(column) => (hovered.value = { row, column })}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isSameRow(row: MatrixRow, other: Pick<MatrixRow, 'domain' | 'protocol'>): boolean {
  return row.domain === other.domain && row.protocol === other.protocol;
}

/** The place that a key leads to. */
function targetOf(event: KeyboardEvent, rows: readonly MatrixRow[], from: Place | null): string | undefined {
  if (!from || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) {
    return undefined;
  }
  const at = rows.findIndex((row) => isSameRow(row, from.row));
  const page = 10;
  const { column } = from;
  const last = matrixTypes.length;
  const place = {
    ArrowDown: [at + 1, column],
    ArrowUp: [at - 1, column],
    ArrowLeft: [at, column - 1],
    ArrowRight: [at, column + 1],
    Home: [at, 0],
    End: [at, last],
    PageDown: [Math.min(at + page, rows.length - 1), column],
    PageUp: [Math.max(at - page, 0), column],
  }[event.code];
  const row = place && rows[place[0]!];
  return row && place[1]! >= 0 && place[1]! <= last ? placeId(row, place[1]!) : undefined;
}

function Row(props: {
  row: MatrixRow;
  tabStop: string;
  onFocus: (column: number) => void;
  onHover: (column: number) => void;
}) {
  const { row, tabStop, onFocus, onHover } = props;
  const { matrix } = usePanel();
  const { domain, protocol, probes } = row;
  const id = placeId(row, 0);
  const canExpand = protocol === null && matrix.hasProtocols(domain);
  const isExpanded = matrix.expanded.value.has(domain);
  return (
    <tr class={protocol === null ? (matrix.isPresent(domain) === false ? 'absent' : '') : 'protocol'}>
      <th scope="row" onMouseEnter={() => onHover(0)}>
        <button
          type="button"
          id={id}
          class="mname"
          tabIndex={id === tabStop ? 0 : -1}
          aria-expanded={canExpand ? isExpanded : undefined}
          onFocus={() => onFocus(0)}
          onClick={() => {
            if (canExpand) {
              void matrix.toggle(domain);
            }
          }}
        >
          {canExpand && <Icon name={isExpanded ? 'chevron-down' : 'chevron-right'} />}
          <span>{protocol === null ? domainName(domain) : protocolText(domain, protocol)}</span>
          {protocol === null && <span class="dim">{domain}</span>}
        </button>
      </th>
      {probes.map((probe, index) => (
        <Cell
          key={probe.type}
          probe={probe}
          id={placeId(row, index + 1)}
          isTabStop={placeId(row, index + 1) === tabStop}
          onFocus={() => onFocus(index + 1)}
          onHover={() => onHover(index + 1)}
        />
      ))}
    </tr>
  );
}

/** One answer. A press puts its call into the form. */
function Cell(props: {
  probe: Probe;
  id: string;
  isTabStop: boolean;
  onFocus: () => void;
  onHover: () => void;
}) {
  const { probe, id, isTabStop, onFocus, onHover } = props;
  const panel = usePanel();
  const errno = panel.matrix.answer(probe);
  const answer =
    errno === undefined ? t('not asked') : errno === null ? t('the kernel makes it') : String(errno);
  const prepare = () => {
    panel.presetRun.stop();
    panel.view.isComposerCollapsed.value = false;
    panel.composer.prepare(probeCall(probe), null);
    panel.view.announcement.value = t('The form now holds {0}.', callText(probe));
  };
  return (
    <td onMouseEnter={onHover}>
      <button
        type="button"
        id={id}
        class={`mcell ${errno === undefined ? 'unasked' : errno === null ? 'made' : 'refused'}`}
        tabIndex={isTabStop ? 0 : -1}
        aria-label={`${callText(probe)}: ${answer}`}
        aria-describedby="matrix-about"
        onFocus={onFocus}
        onClick={prepare}
      >
        {errno === null ? <Icon name="check" /> : errno === undefined ? '' : String(errno)}
      </button>
    </td>
  );
}

/** The sentences on the place under the mouse, else on the one with the focus. */
function About({ focused, hovered }: { focused: Signal<Place | null>; hovered: Signal<Place | null> }) {
  const place = hovered.value ?? focused.value;
  return (
    <div class="mabout" id="matrix-about">
      {place === null ? (
        <p class="dim">
          {t('Point at an answer to read what it means; press it to put its call into the form.')}
        </p>
      ) : place.column === 0 ? (
        <AboutRow row={place.row} />
      ) : (
        <AboutProbe probe={place.row.probes[place.column - 1]!} />
      )}
    </div>
  );
}

function AboutRow({ row: { domain, protocol } }: { row: MatrixRow }) {
  const family = familyOf(domainName(domain));
  return (
    <>
      <p class="mono">
        {domainName(domain)}
        {protocol !== null && `, ${protocolText(domain, protocol)}`}
      </p>
      <p>{family?.purpose}</p>
      <p class="dim">{family?.needs}</p>
    </>
  );
}

function AboutProbe({ probe }: { probe: Probe }) {
  const { matrix } = usePanel();
  const errno = matrix.answer(probe);
  const call = probeCall(probe);
  const parts =
    typeof errno === 'string'
      ? explainError({ record: { ...call, errno, result: -1, payload: null } })
      : undefined;
  return (
    <>
      <p class="mono">
        {callText(probe)}{' '}
        {errno === undefined ? '' : errno === null ? <Icon name="check" /> : `= -1 ${errno}`}
      </p>
      <p>
        {parts?.meaning ?? familyOf(domainName(probe.domain))?.purpose} {parts?.cause}
      </p>
      <p class="dim">{parts?.remedy ?? socketTypeOf(typeName(probe.type))?.description}</p>
    </>
  );
}
