import { t } from '../../common/l10n.js';
import { optionSentences, readingText } from '../../common/optionText.js';
import type { LevelReading, OptionReading, SocketInfo } from '../../common/socket.js';
import { constantValue } from '../../common/tables/constants.js';
import { findOption, type SocketOption } from '../../common/tables/options.js';
import { IconButton } from './basics.js';
import { usePanel } from './context.js';
import { Section } from './section.js';

/** The options of a socket by level. A level is read only while it is open. */
export function Options(props: {
  socket: SocketInfo;
  levels: readonly LevelReading[];
  openLevels: ReadonlySet<string>;
  onToggle: (level: string, isOpen: boolean) => void;
}) {
  return (
    <>
      {props.levels.map(({ level, options }) => (
        <Section
          key={level}
          title={t('Options')}
          extra={level}
          isOpen={props.openLevels.has(level)}
          onToggle={(isOpen) => props.onToggle(level, isOpen)}
        >
          {options?.map((reading) => (
            <OptionRow key={reading.name} socket={props.socket} level={level} reading={reading} />
          ))}
        </Section>
      ))}
    </>
  );
}

function OptionRow(props: { socket: SocketInfo; level: string; reading: OptionReading }) {
  const { socket, level, reading } = props;
  const panel = usePanel();
  const platform = panel.platform.value;
  const args = [level, reading.name].map((name) => constantValue(name, platform) ?? 0);
  const option = findOption(args[0]!, args[1]!, platform);
  if (!option) {
    return null;
  }
  const sentences = `why-${level}-${reading.name}`;
  const text = readingText(option, reading);
  return (
    <div class="option">
      <div class="opt" title={optionSentences(option)}>
        <span class="name">{reading.name}</span>
        <span class={reading.text === null ? 'v err' : 'v'} title={text}>
          {text}
        </span>
        {option.canSet && reading.text !== null && (
          <Setter socket={socket} option={option} reading={reading} args={args} describedBy={sentences} />
        )}
      </div>
      <p class="why" id={sentences}>
        {optionSentences(option)}
      </p>
    </div>
  );
}

/** A switch, or a way to the composer. */
function Setter(props: {
  socket: SocketInfo;
  option: SocketOption;
  reading: OptionReading;
  /** Level and name as numbers. */
  args: readonly number[];
  describedBy: string;
}) {
  const { socket, option, reading } = props;
  const panel = usePanel();
  const { composer } = panel;
  const args = [socket.fd, ...props.args];
  const isOn = reading.value !== 0;
  if (option.layout === 'bool') {
    return (
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={isOn}
        aria-label={option.name}
        aria-describedby={props.describedBy}
        onClick={() => panel.forget(panel.calls.make({ name: 'setsockopt', args: [...args, isOn ? 0 : 1] }))}
      />
    );
  }
  return (
    <IconButton
      icon="edit"
      label={t('Set {0} in the composer', option.name)}
      isSmall
      onClick={() => {
        composer.prepare({ name: 'setsockopt', args }, socket.id);
        composer.setText(args.length, reading.text ?? '');
        panel.view.isComposerCollapsed.value = false;
      }}
    />
  );
}
