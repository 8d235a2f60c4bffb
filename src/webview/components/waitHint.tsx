import { t } from '../../common/l10n.js';
import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import { receivingCalls, waitingForOther, waitingForRoom, waitingLike } from '../../common/socketCalls.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { isConnectionSocket, reachableAddress } from '../../common/usualArguments.js';
import { endpointText, sizeText, socketTitle } from '../../common/socketText.js';
import { focusForm } from '../focus.js';
import type { ComposerModel } from '../state/composer.js';
import { otherWait, waitingServer } from '../state/waits.js';
import { CopyButton, Icon } from './basics.js';
import { usePanel } from './context.js';
import { CancelButton } from './waiting.js';

/** A waiting `accept` needs a client, a waiting receive of datagrams a sender: one of ours by two calls, or one from a terminal. */
export function WaitHint() {
  const panel = usePanel();
  const socket = waitingServer([...panel.steadySockets.value.values()], panel.view.selectedSocketId.value);
  const address = socket && reachableAddress(socket);
  if (!socket || !address || panel.presetRun.progress.value) {
    return null;
  }
  const { name, seq } = waitingForOther(socket)!;
  // Where it is bound to every address of the machine the command takes one of them.
  const place = `${socketTitle(socket)} ${endpointText(socket.local ?? address)}`;
  const command = terminalCommand(socket, address);
  // Where the form shows the very call that waits, what is missing comes first.
  const isNext = isSecond(panel.composer);
  return (
    <div class="strip wait" role="group" aria-label={t('A waiting call')}>
      <Icon name="loading" isSpinning />
      <span class="what">
        {isConnectionSocket(socket)
          ? t('accept waits for a client on {0}.', place)
          : t('{0} waits for a datagram on {1}.', name, place)}
      </span>
      <span class="grow" />
      <button
        type="button"
        class={isNext ? 'btn primary' : 'btn'}
        onClick={() => panel.forget(panel.calls.connectClient(socket))}
      >
        <Icon name="arrow-circle-right" />
        {t('Connect a client here')}
      </button>
      <CancelButton seq={seq} onCancel={focusForm} />
      {command !== undefined && (
        <span class="command">
          <code>{command}</code>
          <CopyButton label={t('Copy the command')} onCopy={() => panel.copy(command)} />
        </span>
      )}
    </div>
  );
}

/** Any other wait of the socket that is looked at: what a send has in its way, as the kernel said last, and who ends it. */
export function OwnWaitHint() {
  const panel = usePanel();
  const { composer, view, drawnSockets, acceptQueues } = panel;
  const sockets = drawnSockets.value;
  const looked = [composer.socket.value?.id, view.selectedSocketId.value].map((id) => sockets.get(id ?? -1));
  const socket = looked.find((one) => one && otherWait(one));
  if (!socket) {
    return null;
  }
  const { name, seq } = otherWait(socket)!;
  const peer = sockets.get(socket.peerId ?? -1);
  // Who has not been accepted yet is none of ours, but will be.
  const listener = acceptQueues.value.get(socket.id)?.listener;
  const place = `${socketTitle(socket)} fd ${socket.fd}`;
  return (
    <div class="strip wait" role="group" aria-label={t('A call that waits on the socket')}>
      <Icon name="loading" isSpinning />
      <span class="what">
        {waitingForRoom(socket)
          ? roomSentence(socket, peer)
          : receivingCalls.has(name)
            ? t('{0} on {1} waits for data.', name, place)
            : t('{0} on {1} waits.', name, place)}
      </span>
      <span class="grow" />
      {(peer ?? listener) && (
        <button type="button" class="btn" onClick={() => panel.selectSocket((peer ?? listener)!.id)}>
          {t('Show fd {0}', (peer ?? listener)!.fd)}
        </button>
      )}
      <CancelButton seq={seq} onCancel={focusForm} />
    </div>
  );
}

/** Of a Unix socket the bytes that wait at the other end are those of its own send queue. */
function roomSentence(socket: SocketInfo, peer: SocketInfo | undefined): string {
  const name = waitingForRoom(socket)!.name;
  const place = `${socketTitle(socket)} fd ${socket.fd}`;
  const waits = t('{0} on {1} waits for room.', name, place);
  const own = socket.domain === 'AF_UNIX' && peer?.receiveQueue ? null : socket.sendQueue;
  const held = own ? t('{0} are in its send queue.', sizeText(own)) : '';
  const other = peer?.receiveQueue
    ? t(
        '{0} are in the receive queue of {1}.',
        sizeText(peer.receiveQueue),
        `${socketTitle(peer)} fd ${peer.fd}`,
      )
    : '';
  const cure = t('It goes on when the other end receives.');
  return [waits, held, other, cure].filter((part) => part !== '').join(' ');
}

/** A wait that ended while somebody was in the form, which stays as it is: what is usual next is one press away. */
export function LateHint() {
  const { late } = usePanel().calls;
  const label = useNextLabel();
  const record = late.value;
  // What has returned at once brings no line of its own: where one message follows the other, the form would jump.
  if (!record?.hasWaited || label === undefined) {
    return null;
  }
  return (
    <div class="strip wait" role="group" aria-label={t('A call that has returned')}>
      <Icon name="check" />
      <span class="what">{t('{0} returned {1}.', record.name, String(record.result))}</span>
      <span class="grow" />
      <NextButton class="btn" label={label} />
    </div>
  );
}

/** What is usual after the call that is to be gone on from; undefined where there is none. */
export function useNextLabel(): string | undefined {
  const { calls, steadySockets } = usePanel();
  const next = calls.lateSuggestion();
  const socket = next && steadySockets.value.get(next.socketId ?? -1);
  return socket && t('Next: {0} on {1}', next.call.name, `${socketTitle(socket)}, fd ${socket.fd}`);
}

export function NextButton(props: { class: string; label: string }) {
  const panel = usePanel();
  return (
    <button
      type="button"
      class={props.class}
      onClick={() => {
        panel.forget(panel.calls.goOnLate());
        focusForm();
      }}
    >
      {props.label}
    </button>
  );
}

/** Whether the form shows a call that waits on its socket already. */
export function isSecond({ name, socket }: ComposerModel): boolean {
  return socket.value !== undefined && parameterIndex(name.value, 'fd') >= 0
    ? waitingLike(name.value, socket.value) !== undefined
    : false;
}

/** How a client connects from a terminal. */
function terminalCommand(socket: SocketInfo, address: SocketAddress): string | undefined {
  const isDatagram = !isConnectionSocket(socket);
  switch (address.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return `nc ${isDatagram ? '-u ' : ''}${address.address} ${address.port}`;
    case 'AF_UNIX':
      return address.isAbstract
        ? undefined
        : `nc ${isDatagram ? '-uU' : '-U'} ${quotedPath(endpointText(address))}`;
    default:
      return undefined;
  }
}

function quotedPath(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
