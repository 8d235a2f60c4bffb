import { t } from '../../common/l10n.js';
import type { AutomaticMode, SocketInfo } from '../../common/socket.js';
import { automaticText, numberedTitle } from '../../common/socketText.js';
import { isConnectionSocket, isOpenSocket } from '../../common/usualArguments.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';
import { MenuButton, type MenuItem } from './menu.js';

interface ModeRow {
  mode: AutomaticMode;
  icon: string;
  label: () => string;
  detail: () => string;
}

const modes: readonly ModeRow[] = [
  {
    mode: 'accept',
    icon: 'sign-in',
    label: () => t('Accept'),
    detail: () => t('every connection; it is left alone then'),
  },
  {
    mode: 'receive',
    icon: 'arrow-down',
    label: () => t('Receive'),
    detail: () => t('whatever comes; without room for records the sender waits'),
  },
  {
    mode: 'echo',
    icon: 'mail-reply',
    label: () => t('Echo'),
    detail: () => t('whatever comes is sent back'),
  },
  {
    mode: 'discard',
    icon: 'trash',
    label: () => t('Discard'),
    detail: () => t('whatever comes; without room for records the oldest go'),
  },
  {
    mode: 'reply',
    icon: 'comment',
    label: () => t('Reply by rule…'),
    detail: () => t('the first rule that matches'),
  },
];

/** Whether there is something that the host can do on it by itself by now. */
function isAutomatable(socket: SocketInfo): boolean {
  return !isConnectionSocket(socket) || socket.state === 'listening' || socket.state === 'connected';
}

/** The calls that the host makes by itself when it is asked to. */
export function AutomaticMenu() {
  const panel = usePanel();
  const { composer, automatic } = panel;
  const socket = composer.socket.value;
  // It keeps its room from the beginning: calls beside it would move.
  if (socket?.kind !== 'socket' || !isOpenSocket(socket)) {
    return null;
  }
  const { id } = socket;
  const active = socket.automatic?.accepted ?? socket.automatic?.mode;
  const items = modes
    .filter(({ mode }) => isAutomatable(socket) && (mode !== 'accept' || socket.state === 'listening'))
    .map(({ mode, icon, label, detail }): MenuItem => ({
      id: mode,
      icon: active === mode ? 'check' : icon,
      label: label(),
      detail: detail(),
      run: () => (mode === 'reply' ? automatic.edit(id) : panel.forget(automatic.switch(id, mode))),
    }));
  return (
    <MenuButton
      label={
        socket.state === 'listening'
          ? t('Automatic calls: what happens with every connection')
          : t('Automatic calls: what happens with all that comes')
      }
      icon="zap"
      text={t('Automatic')}
      class={`ibtn wide${socket.automatic ? ' on' : ''}`}
      items={items}
      emptyText={t('Once it listens or is connected.')}
    />
  );
}

/** The mode that is on, visibly, with the way to end it. */
export function AutomaticStrip() {
  const panel = usePanel();
  const { composer, automatic } = panel;
  const socket = composer.socket.value;
  const refusal = automatic.refusal.value;
  if (!socket?.automatic && (refusal === null || automatic.editing.value !== null)) {
    return null;
  }
  const mode = socket?.automatic;
  const isReply = mode?.mode === 'reply' || mode?.accepted === 'reply';
  return (
    <div class="strip automatic" role="group" aria-label={t('Automatic')}>
      <Icon name="zap" />
      {socket && mode && (
        <>
          <b>{numberedTitle(socket)}</b>
          <span>{automaticText(socket)}</span>
          {mode.replies && (
            <span class="dim">
              {t(
                'Replies: {0}, without a rule: {1}',
                mode.replies.counts.reduce((sum, { replies }) => sum + replies, 0),
                mode.replies.unmatched,
              )}
            </span>
          )}
        </>
      )}
      {refusal !== null && <span class="bad">{refusal}</span>}
      <span class="grow" />
      {socket && isReply && (
        <button type="button" class="btn" onClick={() => automatic.edit(socket.id)}>
          <Icon name="edit" />
          {t('Rules')}
        </button>
      )}
      {socket && mode ? (
        <button type="button" class="btn" onClick={() => panel.forget(automatic.switch(socket.id, null))}>
          <Icon name="debug-stop" />
          {t('Stop')}
        </button>
      ) : (
        <IconButton
          icon="close"
          label={t('Close')}
          isSmall
          onClick={() => (automatic.refusal.value = null)}
        />
      )}
    </div>
  );
}
