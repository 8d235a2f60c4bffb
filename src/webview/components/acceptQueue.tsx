import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { numberedTitle } from '../../common/socketText.js';
import type { SystemSocketLook, WaitingClient } from '../../common/system/systemSocket.js';
import { waitingClientText, waitingNotes } from '../../common/system/systemSocketText.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { usePanel } from './context.js';
import { Section } from './section.js';

/** How often the kernel is asked again while somebody looks. */
const refreshInterval = 1000;

type Which = { key: string } | { socketId: SocketId };

/**
 * The last that the machine's list tells of a socket, and whether it is gone since. Asked only while the page is seen.
 * @param which None where nothing is to be asked.
 */
export function useLook(which: Which | null): { known: SystemSocketLook; isGone: boolean } {
  const panel = usePanel();
  const known = useSignal<SystemSocketLook>(null);
  const isGone = useSignal(false);
  const id = which && JSON.stringify(which);
  useEffect(() => {
    known.value = null;
    isGone.value = false;
    if (!which) {
      return undefined;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isCurrent = true;
    const ask = async () => {
      const answer = document.hidden
        ? undefined
        : await panel.remote.lookAtSystemSocket(which).catch(() => undefined);
      if (!isCurrent) {
        return;
      }
      if (answer) {
        known.value = answer;
      }
      if (answer === null) {
        isGone.value = true;
      } else {
        timer = setTimeout(() => void ask(), refreshInterval);
      }
    };
    void ask();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [id]);
  return { known: known.value, isGone: isGone.value };
}

/** Who waits to be accepted by a listener of ours, other programs too. */
export function OwnAcceptQueue({ socket }: { socket: SocketInfo }) {
  const { recording } = usePanel();
  // Of a recording there is nobody to be asked.
  const isAsked = recording === null && isOpenSocket(socket) && socket.state === 'listening';
  const { known, isGone } = useLook(isAsked ? { socketId: socket.id } : null);
  return isGone ? null : <AcceptQueue look={known} />;
}

/** Who waits to be accepted by a listener. */
export function AcceptQueue({ look }: { look: SystemSocketLook }) {
  if (!look?.waiting) {
    return null;
  }
  const { clients } = look.waiting;
  const notes = waitingNotes(look.waiting);
  return clients.length + notes.length === 0 ? null : (
    <Section id="acceptQueue" title={t('Waiting to be accepted')} extra={t('live')}>
      {clients.map((client, index) => (
        <Client key={index} client={client} look={look} />
      ))}
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
    </Section>
  );
}

function Client({ client, look }: { client: WaitingClient; look: NonNullable<SystemSocketLook> }) {
  const panel = usePanel();
  const { end, who } = waitingClientText(client, look.processes);
  const own = panel.drawnSockets.value.get(client.client?.ownId ?? -1);
  return (
    <p class="related">
      <span class="lbl">{end}</span>
      {own ? (
        <button type="button" class="link" onClick={() => panel.selectSocket(own.id)}>
          {numberedTitle(own)}
        </button>
      ) : (
        <span>{who}</span>
      )}
    </p>
  );
}
