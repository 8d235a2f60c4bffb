import { useComputed, useSignal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import {
  allCalls,
  bytesFor,
  expectedCalls,
  freeCalls,
  specialCalls,
  usualCall,
} from '../../common/socketCalls.js';
import { sizeText, stateText } from '../../common/socketText.js';
import { type CallName, parameterIndex } from '../../common/tables/signatures.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import type { ComposerModel } from '../state/composer.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';

/** Calls that are seldom wanted: the first to go where there is little room, and the next ones. */
const rare: ReadonlySet<CallName> = new Set(['getsockname', 'getpeername']);
const rather: ReadonlySet<CallName> = new Set(['getsockopt', 'setsockopt']);

/** The calls for what the form is about: the socket's, any on a number, or those that need no descriptor. */
function groupsFor({ socket, target }: ComposerModel): CallName[][] {
  return socket.value || target.value.kind === 'number' ? allCalls() : [freeCalls()];
}

/**
 * Each has its place in every state. What is usual next is marked, and what bytes wait for; those that the state does not
 * expect are quieter: the kernel's answer is worth seeing too. Special ones stand behind the dots until one is chosen.
 */
export function CallButtons() {
  const { composer } = usePanel();
  const isAllShown = useSignal(false);
  /** The button that has the focus: all of them are one stop of the Tab key. */
  const focused = useSignal<CallName | null>(null);
  const socket = composer.socket.value;
  const name = composer.name.value;
  const groups = groupsFor(composer);
  const special = socket ? specialCalls(socket) : new Set<CallName>();
  // Of a descriptor that is none of ours nothing is known: no call is more usual than another.
  const expected: ReadonlySet<CallName> = socket ? expectedCalls(socket) : new Set(groups.flat());
  const isFree = parameterIndex(name, 'fd') < 0;
  const hidden = groups.flat().filter((one) => special.has(one) && one !== name).length;
  // More than a line takes in most windows: those for the options are the first to go.
  const isMany =
    groups.flat().filter((one) => one === name || !(special.has(one) || rare.has(one))).length > 10;
  const hiddenWhereNarrow = groups.flat().filter((one) => rare.has(one) || rather.has(one)).length;
  const isShown = focused.value === name || groups.flat().some((one) => one === focused.value);
  const stop = isShown ? focused.value : name;
  const bar = useRef<HTMLSpanElement>(null);
  const chosen = useRef(name);
  useLayoutEffect(() => {
    // The form has gone on from the call whose button has the focus: the key of Call is about the one that it shows now.
    if (document.activeElement === bar.current?.querySelector(`[data-call="${chosen.current}"]`)) {
      bar.current?.querySelector<HTMLElement>(`[data-call="${name}"]`)?.focus();
    }
    chosen.current = name;
  }, [name]);
  const button = (one: CallName) => (
    <CallNameButton
      key={one}
      name={one}
      isExpected={expected.has(one)}
      isSpecial={special.has(one)}
      isStop={one === stop}
      socket={socket}
    />
  );
  return (
    <>
      <span
        ref={bar}
        class={`calls${isAllShown.value ? ' all' : ''}${isMany ? ' many' : ''}`}
        role="toolbar"
        aria-label={t('Calls')}
        onKeyDown={moveByKey}
        onFocusIn={({ target }) => {
          focused.value =
            target instanceof HTMLElement ? ((target.dataset['call'] as CallName | undefined) ?? null) : null;
        }}
        onFocusOut={() => (focused.value = null)}
      >
        {isFree && !groups.flat().includes(name) && (
          <CallNameButton name={name} isExpected isStop={stop === name} />
        )}
        {groups.map((group) => (
          <span key={group[0]} class="callgroup">
            {group.map(button)}
          </span>
        ))}
      </span>
      {/* Beside them, not among them: alone it would take a row. */}
      {hidden + hiddenWhereNarrow > 0 && (
        <IconButton
          class={hidden > 0 ? '' : 'only-m'}
          icon="ellipsis"
          label={isAllShown.value ? t('Fewer calls') : t('More calls')}
          isExpanded={isAllShown.value}
          onClick={() => (isAllShown.value = !isAllShown.value)}
        />
      )}
    </>
  );
}

/** The arrow keys lead from button to button. */
function moveByKey(event: TargetedKeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('.cb')].filter(
    (one) => one.offsetParent !== null,
  );
  const at = buttons.findIndex((one) => one === document.activeElement);
  const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.code];
  if (at >= 0 && next !== undefined) {
    event.preventDefault();
    buttons.at(next % buttons.length)?.focus();
  }
}

function CallNameButton(props: {
  name: CallName;
  isExpected: boolean;
  isSpecial?: boolean;
  isStop: boolean;
  socket?: SocketInfo | undefined;
}) {
  const { name, isExpected, isSpecial, isStop, socket } = props;
  const { automatic, composer, drawnSockets, presetRun, tap } = usePanel();
  const waiting = socket?.waiting.find((one) => one.name === name);
  const bytes = useComputed(() => {
    const drawn = drawnSockets.value.get(composer.socket.value?.id ?? -1);
    return drawn ? bytesFor(name, drawn) : 0;
  }).value;
  const planned = socket && presetRun.nextOn(socket.id);
  const isNext = socket !== undefined && isOpenSocket(socket) && (planned ?? usualCall(socket)) === name;
  const kind = [
    isExpected ? '' : ' off',
    rare.has(name) ? ' rare' : rather.has(name) ? ' rather' : '',
    isSpecial ? ' special' : '',
    isNext ? ' next' : '',
    bytes > 0 ? ' awaited' : '',
  ].join('');
  return (
    <button
      type="button"
      class={`cb${kind}`}
      data-call={name}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={composer.name.value === name && !automatic.edited.value && !tap.edited.value}
      title={
        waiting
          ? t('Record {0} waits.', waiting.seq)
          : bytes > 0
            ? t('{0} wait to be received', sizeText(bytes))
            : isNext
              ? planned
                ? t('Next in the preset')
                : t('Usual next in state {0}', stateText(socket))
              : isExpected || !socket
                ? undefined
                : t('Unusual in state {0}. Call it to see what the kernel says.', stateText(socket))
      }
      onClick={() => {
        automatic.close();
        tap.close();
        composer.choose(name);
      }}
    >
      {name}
      {waiting && <Icon name="loading" isSpinning />}
    </button>
  );
}

/** The calls as a list, where there is no room for buttons. */
export function CallPicker() {
  const { composer } = usePanel();
  const calls = [...new Set([...freeCalls(), ...groupsFor(composer).flat()])];
  return (
    <span class="select">
      <select
        aria-label={t('Call')}
        value={composer.name.value}
        onChange={(event) => composer.choose(event.currentTarget.value as CallName)}
      >
        {calls.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <Icon name="chevron-down" />
    </span>
  );
}
