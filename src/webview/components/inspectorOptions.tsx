import { t } from '../../common/l10n.js';
import { optionSentences, readingText } from '../../common/optionText.js';
import type { LevelReading, OptionReading, SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { constantValue, type Platform } from '../../common/tables/constants.js';
import { optionLevels } from '../../common/tables/optionLevels.js';
import { findOption, type SocketOption } from '../../common/tables/options.js';
import { optionDifferences } from '../text/optionDifferences.js';
import { socketTitle } from '../../common/socketText.js';
import { memo } from '../memo.js';
import type { InspectorView } from '../state/inspectorView.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';
import { OptionRow } from './optionRow.js';
import { Section } from './section.js';
import { useInspection } from './useInspection.js';

/** The levels that have to be read for what is shown. */
export function levelsToRead(view: InspectorView): string[] {
  return view.optionFilter.value.trim() !== '' || view.comparedId.value !== null
    ? optionLevels()
    : optionLevels().filter((level) => view.isOpen(sectionOf(level), isOpenAtFirst(level)));
}

function sectionOf(level: string): string {
  return `options ${level}`;
}

function isOpenAtFirst(level: string): boolean {
  return level === 'SOL_SOCKET';
}

interface OptionsProps {
  socket: SocketInfo;
  levels: readonly LevelReading[];
  onDidSet: () => void;
}

/** The options of a socket by level: filtered, compared with another socket's, set in place. */
export const Options = memo(
  drawOptions,
  // Nothing else that is told of a socket is shown here, which bytes that flow change in each frame.
  (before, after) =>
    before.socket.id === after.socket.id &&
    before.socket.fd === after.socket.fd &&
    before.levels === after.levels,
);

function drawOptions(props: OptionsProps) {
  const { socket, levels, onDidSet } = props;
  const { platform: platformSignal, view } = usePanel();
  const platform = platformSignal.value;
  const wanted = view.inspector.optionFilter.value.trim().toLowerCase();
  return (
    <>
      <Tools socket={socket} />
      <Differences socket={socket} levels={levels} />
      {levels.map(({ level, options }) => {
        const shown = options?.flatMap((reading) => {
          const option = optionOf(level, reading, platform);
          return option && matches(option, reading, wanted) ? [{ option, reading }] : [];
        });
        return wanted !== '' && shown?.length === 0 ? null : (
          <Section
            key={level}
            id={sectionOf(level)}
            title={t('Options')}
            extra={level}
            isOpenAtFirst={isOpenAtFirst(level)}
            isHeldOpen={wanted !== ''}
          >
            {shown?.map(({ option, reading }) => (
              <OptionRow
                key={`${socket.id} ${reading.name}`}
                socket={socket}
                option={option}
                reading={reading}
                onDidSet={onDidSet}
              />
            ))}
          </Section>
        );
      })}
    </>
  );
}

function optionOf(level: string, { name }: OptionReading, platform: Platform): SocketOption | undefined {
  const [levelNumber, number] = [constantValue(level, platform), constantValue(name, platform)];
  return levelNumber === undefined || number === undefined
    ? undefined
    : findOption(levelNumber, number, platform);
}

function matches(option: SocketOption, reading: OptionReading, wanted: string): boolean {
  const text = `${option.name} ${readingText(option, reading)} ${option.description}`.toLowerCase();
  return wanted.split(/\s+/).every((word) => text.includes(word));
}

function Tools({ socket }: { socket: SocketInfo }) {
  const { steadySockets, view } = usePanel();
  const { optionFilter: filter, comparedId } = view.inspector;
  const others = [...steadySockets.value.values()].filter(
    (other) => other.id !== socket.id && isOpenSocket(other),
  );
  const compared = others.find(({ id }) => id === comparedId.value);
  return (
    <div class="opttools">
      <span class="field">
        <Icon name="filter" />
        <input
          aria-label={t('Show options that contain')}
          placeholder={t('Filter options')}
          spellcheck={false}
          value={filter.value}
          onInput={(event) => (filter.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.code === 'Escape' && !event.isComposing && filter.value !== '') {
              event.preventDefault();
              filter.value = '';
            }
          }}
        />
      </span>
      <span class="select">
        <select
          aria-label={t('Compare with…')}
          value={String(compared?.id ?? '')}
          onChange={({ currentTarget: { value } }) =>
            (comparedId.value = value === '' ? null : Number(value))
          }
        >
          <option value="">{t('Compare with…')}</option>
          {others.map((other) => (
            <option key={other.id} value={String(other.id)}>
              {`${socketTitle(other)}, fd ${other.fd}`}
            </option>
          ))}
        </select>
        <Icon name="chevron-down" />
      </span>
    </div>
  );
}

/** What is not the same in the socket that this one is compared with. */
function Differences(props: { socket: SocketInfo; levels: readonly LevelReading[] }) {
  const { steadySockets, platform, view } = usePanel();
  const { comparedId } = view.inspector;
  const isItself = comparedId.value === props.socket.id;
  const other = comparedId.value === null || isItself ? undefined : steadySockets.value.get(comparedId.value);
  const { inspection } = useInspection(other, optionLevels());
  if (!other || !inspection) {
    return null;
  }
  const differences = optionDifferences(props.levels, inspection.levels);
  return (
    <Section id="differences" title={t('Differences')} extra={`${socketTitle(other)}, fd ${other.fd}`}>
      {differences.length === 0 && <p class="note">{t('All options that both have are the same.')}</p>}
      {differences.map(({ level, ours, theirs }) => {
        const option = optionOf(level, ours, platform.value);
        return (
          option && (
            <div class="opt" key={`${level} ${ours.name}`} title={optionSentences(option)}>
              <span class="name">{ours.name}</span>
              <span class="v">
                {readingText(option, ours)} ≠ {readingText(option, theirs)}
              </span>
            </div>
          )
        );
      })}
    </Section>
  );
}
