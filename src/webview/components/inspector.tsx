import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo, SocketInspection } from '../../common/socket.js';
import {
  automaticText,
  tapText,
  descriptorSentence,
  endpointText,
  fiveTupleText,
  protocolName,
  roleText,
  sizeText,
  socketTone,
} from '../../common/socketText.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { socketTitle } from '../../common/socketText.js';
import { formatCount } from '../text/format.js';
import { memo } from '../memo.js';
import { addressParts, lostText } from '../text/socket.js';
import { CopyButton, Icon, IconButton, socketContext, SocketIcon, StatePill } from './basics.js';
import { OwnAcceptQueue } from './acceptQueue.js';
import { usePanel } from './context.js';
import { focusInto } from '../focus.js';
import { Errors } from './inspectorErrors.js';
import { KernelFacts, TcpInfo } from './inspectorKernel.js';
import { levelsToRead, Options } from './inspectorOptions.js';
import { QueueBars } from './queueBars.js';
import { Section } from './section.js';
import { SocketStates } from './stateDiagram.js';
import { SystemSocketInspector } from './systemSocketInspector.js';
import { useInspection } from './useInspection.js';

/** One socket as the kernel tells of it now: addresses, identity, queues, options. */
export function Inspector() {
  const panel = usePanel();
  const { view, drawnSockets, steadySockets } = panel;
  const id = view.selectedSocketId.value;
  const socket = id === null ? undefined : drawnSockets.value.get(id);
  const steady = (id === null ? undefined : steadySockets.value.get(id)) ?? socket;
  const isVisible = view.isInspectorVisible.value;
  const { inspection: known, askAgain } = useInspection(
    isVisible && !view.systemSocket.value ? socket : undefined,
    levelsToRead(view.inspector),
  );

  if (!isVisible) {
    return null;
  }
  return (
    <aside
      class="side"
      aria-label={t('Inspector')}
      data-region="inspector"
      onKeyDown={(event) => {
        // What is typed in it has the first.
        if (event.code === 'Escape' && !event.isComposing && !event.defaultPrevented) {
          view.systemSocket.value = null;
          view.isInspectorVisible.value = false;
          void (focusInto('records') || focusInto('composer'));
        }
      }}
    >
      {view.systemSocket.value ? (
        <SystemSocketInspector key={view.systemSocket.value.key} shown={view.systemSocket.value} />
      ) : socket && steady ? (
        <>
          <Head socket={steady} />
          <div class="sbody">
            {socket.kind === 'socket' && <Addresses socket={steady} />}
            <Related socket={socket} />
            <Identity socket={socket} inspection={known} />
            {socket.isLost && <p class="note">{lostText(socket)}</p>}
            <Waits socket={steady} />
            <SocketStates socket={socket} />
            {known && <Queues socket={socket} inspection={known} />}
            <OwnAcceptQueue key={socket.id} socket={socket} />
            {known && <TcpInfo inspection={known} />}
            <Errors socket={socket} />
            {known && <KernelFacts inspection={known} />}
            {known && <Options socket={socket} levels={known.levels} onDidSet={askAgain} />}
          </div>
        </>
      ) : (
        <>
          <div class="shead">
            <span class="grow" />
            <CloseButton />
          </div>
          <p class="note">{t('Select a record or a socket to see what the kernel tells of it.')}</p>
        </>
      )}
    </aside>
  );
}

const Head = memo(function Head({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  return (
    <div class={`shead s-${socketTone(socket)}`} data-vscode-context={socketContext(socket)}>
      <SocketIcon socket={socket} />
      <h2 title={descriptorSentence()}>
        <span class="name">{socketTitle(socket)}</span> <span class="mono">fd {socket.fd}</span>
      </h2>
      {socket.name !== null && socket.name !== roleText(socket) && (
        <span class="role">{roleText(socket)}</span>
      )}
      <span class="grow" />
      <StatePill socket={socket} />
      <CopyButton label={t('Copy the 5-tuple')} onCopy={() => panel.copy(fiveTupleText(socket))} />
      <CloseButton />
    </div>
  );
});

function CloseButton() {
  const { view } = usePanel();
  return (
    <IconButton
      icon="close"
      label={t('Close the inspector')}
      isSmall
      onClick={() => (view.isInspectorVisible.value = false)}
    />
  );
}

const Addresses = memo(function Addresses({ socket }: { socket: SocketInfo }) {
  const local = addressParts(socket.local);
  const remote = addressParts(socket.remote);
  const hasPorts = socket.domain === 'AF_INET' || socket.domain === 'AF_INET6';
  const cells: [string, string][] = !hasPorts
    ? [
        [t('proto'), protocolName(socket)],
        [t('local'), socket.local ? endpointText(socket.local) : ''],
        [t('remote'), socket.remote ? endpointText(socket.remote) : ''],
      ]
    : [
        [t('proto'), protocolName(socket)],
        [t('local IP'), local.host],
        [t('port'), local.port],
        [t('remote IP'), remote.host],
        [t('port'), remote.port],
      ];
  return (
    <dl class={hasPorts ? 'tuple5' : 'tuple5 unix'}>
      {cells.map(([label, text], index) => (
        <div key={index}>
          <dt>{label}</dt>
          <dd title={text}>{text || '–'}</dd>
        </div>
      ))}
    </dl>
  );
});

/** The descriptors that have to do with this one: the same open file, the other end, the listener. */
function Related({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  const sockets = panel.drawnSockets.value;
  const find = (ids: readonly SocketId[]) =>
    ids.map((id) => sockets.get(id)).filter((one) => one !== undefined && isOpenSocket(one));
  const queue = panel.acceptQueues.value.get(socket.id);
  const isListener = queue?.listener.id === socket.id;
  const unnamed = queue && isListener && queue.clients.length > 0 ? queue.count - queue.clients.length : 0;
  const rows: [string, (SocketInfo | undefined)[], number?][] = [
    [t('same open file'), find(socket.sharedWith)],
    [t('other end'), find(socket.peerId === null ? [] : [socket.peerId])],
    [t('accepted from'), find(socket.listenerId === null ? [] : [socket.listenerId])],
    [t('waits to be accepted by'), queue && !isListener ? [queue.listener] : []],
    [t('waiting to be accepted'), queue && isListener ? [...queue.clients] : [], unnamed],
  ];
  return rows.map(([label, others, more = 0]) =>
    others.length > 0 ? (
      <p class="related" key={label}>
        <span class="lbl">{label}</span>
        {others.map(
          (other) =>
            other && (
              <button type="button" class="link" key={other.id} onClick={() => panel.selectSocket(other.id)}>
                {socketTitle(other)} fd {other.fd}
              </button>
            ),
        )}
        {more > 0 && <span class="dim">{t('{0} more…', more)}</span>}
      </p>
    ) : null,
  );
}

function Identity({ socket, inspection }: { socket: SocketInfo; inspection: SocketInspection | null }) {
  const said = usePanel().view.inspector.kinds.get(socket.id);
  const cells: [string, string, string?][] = [
    ...(socket.kind === 'socket'
      ? ([
          [t('domain'), String(said?.domain ?? socket.domain)],
          [t('type'), String(said?.type ?? socket.type)],
          [t('protocol'), String(said?.protocol ?? socket.protocol)],
        ] as [string, string][])
      : []),
    ['fd', String(socket.fd), descriptorSentence()],
    ['inode', inspection?.inode == null ? '–' : String(inspection.inode)],
    [t('owner'), inspection ? ownerText(inspection) : '–'],
    ...(inspection && inspection.flags.length > 0
      ? ([[t('flags'), inspection.flags.join('|')]] as [string, string][])
      : []),
    [t('received'), sizeText(socket.bytesReceived)],
    [t('sent'), sizeText(socket.bytesSent)],
    ...droppedCells(socket),
    ...(socket.automatic ? ([[t('automatic'), automaticText(socket)]] as [string, string][]) : []),
    ...(socket.unrecordedCalls > 0
      ? ([[t('not recorded'), t('{0} calls', socket.unrecordedCalls)]] as [string, string][])
      : []),
  ];
  return (
    <dl class="facts">
      {cells.map(([label, text, title]) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
      {socket.tap && (
        <div class="wide">
          <dt>{t('tap')}</dt>
          <dd>{tapText(socket)}</dd>
        </div>
      )}
    </dl>
  );
}

/** What the records of the socket had to forget. */
function droppedCells({ dropped = { records: 0, bytes: 0 } }: SocketInfo): [string, string, string][] {
  const reason = t('Dropped, as the records were full.');
  const cells: [string, string, string][] = [
    [t('dropped records'), dropped.records > 0 ? formatCount(dropped.records) : '', reason],
    [t('dropped payload'), dropped.bytes > 0 ? sizeText(dropped.bytes) : '', reason],
  ];
  return cells.filter(([, text]) => text !== '');
}

function ownerText({ pid, uid }: SocketInspection): string {
  return uid === null ? `pid ${pid}` : `pid ${pid}, uid ${uid}`;
}

const Waits = memo(function Waits({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  if (socket.waiting.length === 0) {
    return null;
  }
  return (
    <Section id="waiting" title={t('Waiting calls')}>
      {socket.waiting.map(({ seq, name }) => (
        <div class="opt" key={seq}>
          <Icon name="loading" isSpinning />
          <button type="button" class="link" onClick={() => panel.selectRecord(seq)}>
            {name}
          </button>
          <span class="v">#{seq}</span>
          <IconButton
            icon="close"
            label={t('Cancel the waiting call')}
            isSmall
            onClick={() => panel.forget(panel.cancel(seq))}
          />
        </div>
      ))}
    </Section>
  );
});

function Queues({ socket, inspection }: { socket: SocketInfo; inspection: SocketInspection }) {
  const { receiveQueue, sendQueue, acceptQueue, backlog } = inspection.socket;
  const bars: [string, number | null, number | null, string, string][] = [
    [
      t('receive queue'),
      receiveQueue,
      inspection.receiveBuffer,
      's-data',
      sizeText(inspection.receiveBuffer ?? 0),
    ],
    [t('send queue'), sendQueue, inspection.sendBuffer, 's-data', sizeText(inspection.sendBuffer ?? 0)],
    [
      t('never sent'),
      sendQueue === 0 ? null : inspection.unsentQueue,
      sendQueue,
      's-data',
      sizeText(sendQueue ?? 0),
    ],
    [t('accept queue'), acceptQueue, backlog, 's-listen', String(backlog)],
  ];
  const shown = bars.flatMap(([label, value, limit, tone, limitText]) =>
    value === null ? [] : [{ label, value, limit, tone, limitText }],
  );
  return shown.length === 0 ? null : (
    <Section
      id="queues"
      title={socket.state === 'listening' ? t('Queue') : t('Kernel queues')}
      extra={t('live')}
    >
      <QueueBars bars={shown} />
    </Section>
  );
}
