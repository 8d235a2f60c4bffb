import { type Signal, useSignal } from '@preact/signals';
import { t } from '../../common/l10n.js';
import { optionSentences, readingText } from '../../common/optionText.js';
import type { LevelReading, OptionReading, SocketId, SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { constantValue, type Platform } from '../../common/tables/constants.js';
import { optionLevels } from '../../common/tables/optionLevels.js';
import { findOption, type SocketOption } from '../../common/tables/options.js';
import { optionDifferences } from '../text/optionDifferences.js';
import { socketTitle } from '../../common/socketText.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';
import { OptionRow } from './optionRow.js';
import { Section } from './section.js';
import { useInspection } from './useInspection.js';

/** How the user looks at options: it stays from socket to socket. */
export interface OptionsView {
  openLevels: Signal<ReadonlySet<string>>;
  filter: Signal<string>;
  comparedId: Signal<SocketId | null>;
}

export function useOptionsView(): OptionsView {
  return {
    openLevels: useSignal<ReadonlySet<string>>(new Set(['SOL_SOCKET'])),
    filter: useSignal(''),
    comparedId: useSignal<SocketId | null>(null),
  };
}

/** The levels that have to be read for what is shown. */
export function levelsToRead({ openLevels, filter, comparedId }: OptionsView): string[] {
  return filter.value.trim() !== '' || comparedId.value !== null ? optionLevels() : [...openLevels.value];
}

/** The options of a socket by level: filtered, compared with another socket's, set in place. */
export function Options(props: {
  socket: SocketInfo;
  levels: readonly LevelReading[];
  optionsView: OptionsView;
  onDidSet: () => void;
}) {
  const { socket, levels, optionsView, onDidSet } = props;
  const { openLevels, filter } = optionsView;
  const platform = usePanel().platform.value;
  const wanted = filter.value.trim().toLowerCase();
  return (
    <>
      <Tools socket={socket} optionsView={optionsView} />
      <Differences socket={socket} levels={levels} optionsView={optionsView} />
      {levels.map(({ level, options }) => {
        const shown = options?.flatMap((reading) => {
          const option = optionOf(level, reading, platform);
          return option && matches(option, reading, wanted) ? [{ option, reading }] : [];
        });
        return wanted !== '' && shown?.length === 0 ? null : (
          <Section
            key={level}
            title={t('Options')}
            extra={level}
            isOpen={wanted !== '' || openLevels.value.has(level)}
            onToggle={(isOpen) => {
              if (wanted === '') {
                const open = new Set(openLevels.value);
                open.delete(level);
                openLevels.value = isOpen ? open.add(level) : open;
              }
            }}
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

function Tools({ socket, optionsView }: { socket: SocketInfo; optionsView: OptionsView }) {
  const { sockets } = usePanel();
  const { filter, comparedId } = optionsView;
  const others = [...sockets.value.values()].filter((other) => other.id !== socket.id && isOpenSocket(other));
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
            if (event.code === 'Escape' && !event.isComposing) {
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
function Differences(props: {
  socket: SocketInfo;
  levels: readonly LevelReading[];
  optionsView: OptionsView;
}) {
  const { sockets, platform } = usePanel();
  const { comparedId } = props.optionsView;
  const isItself = comparedId.value === props.socket.id;
  const other = comparedId.value === null || isItself ? undefined : sockets.value.get(comparedId.value);
  const { inspection } = useInspection(other, optionLevels());
  if (!other || !inspection) {
    return null;
  }
  const differences = optionDifferences(props.levels, inspection.levels);
  return (
    <Section title={t('Differences')} extra={`${socketTitle(other)}, fd ${other.fd}`}>
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
