import { t } from '../../common/l10n.js';
import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import { reachableAddress } from '../../common/usualArguments.js';
import { endpointText } from '../../common/socketText.js';
import { socketTitle } from '../../common/socketText.js';
import { CopyButton, Icon } from './basics.js';
import { usePanel } from './context.js';

/** A waiting `accept` needs a client: one of ours by two calls, or one from a terminal. */
export function WaitHint() {
  const panel = usePanel();
  const listener = waitingListener([...panel.sockets.value.values()], panel.view.selectedSocketId.value);
  const address = listener && reachableAddress(listener);
  if (!listener || !address || panel.presetRun.progress.value) {
    return null;
  }
  const command = terminalCommand(address);
  return (
    <div class="strip wait" role="group" aria-label={t('A waiting accept')}>
      <Icon name="loading" isSpinning />
      <span>
        {t('accept waits for a client on {0}.', `${socketTitle(listener)} ${endpointText(address)}`)}
      </span>
      <span class="grow" />
      <button type="button" class="btn" onClick={() => panel.forget(panel.calls.connectClient(listener))}>
        <Icon name="plug" />
        {t('Connect a client here')}
      </button>
      {command !== undefined && (
        <span class="command hide-s">
          <code>{command}</code>
          <CopyButton label={t('Copy the command')} onCopy={() => panel.copy(command)} />
        </span>
      )}
    </div>
  );
}

/** The selected listener when it waits, otherwise the one whose wait is the latest. */
function waitingListener(sockets: readonly SocketInfo[], selectedId: number | null): SocketInfo | undefined {
  const waiting = sockets.filter(
    (socket) => !socket.isLost && socket.waiting.some(({ name }) => name === 'accept' || name === 'accept4'),
  );
  return waiting.find(({ id }) => id === selectedId) ?? waiting.at(-1);
}

/** How a client connects from a terminal. */
function terminalCommand(address: SocketAddress): string | undefined {
  switch (address.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return `nc ${address.address} ${address.port}`;
    case 'AF_UNIX':
      return address.isAbstract ? undefined : `nc -U ${quotedPath(endpointText(address))}`;
    default:
      return undefined;
  }
}

function quotedPath(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
