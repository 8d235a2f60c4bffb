import { t } from '../../common/l10n.js';
import { sizeText } from '../../common/socketText.js';
import type { ProcessInfo, SystemSocket } from '../../common/system/systemSocket.js';
import {
  commandLineText,
  endpointOf,
  kindText,
  ownerProblem,
  processText,
  roleName,
  stateNames,
  systemTupleText,
} from '../../common/system/systemSocketText.js';
import { formatDuration } from '../text/format.js';
import { AcceptQueue, useLook } from './acceptQueue.js';
import { CopyButton, IconButton } from './basics.js';
import { usePanel } from './context.js';
import { firstLook, memoryRows, type Row, Rows, tcpInfoRows } from './inspectorKernel.js';
import { type QueueBar, QueueBars } from './queueBars.js';
import { Section } from './section.js';

/** A socket of the machine, as the kernel tells of it now. Nothing can be done to it from here. */
export function SystemSocketInspector({ shown }: { shown: SystemSocket }) {
  const { known, isGone } = useLook({ key: shown.key });
  const socket = known?.socket ?? shown;
  return (
    <>
      <Head socket={socket} />
      <div class="sbody">
        {isGone && <p class="note">{t('This socket is gone. What is shown is what was known of it.')}</p>}
        <Ends socket={socket} />
        <Identity socket={socket} />
        <Owners socket={socket} processes={known?.processes} />
        <Queues socket={socket} />
        <AcceptQueue look={known} />
        <Timer socket={socket} />
        <Details socket={socket} />
      </div>
    </>
  );
}

function Head({ socket }: { socket: SystemSocket }) {
  const panel = usePanel();
  return (
    <div class={`shead s-${toneOf(socket)}`}>
      <h2 title={systemTupleText(socket)}>{endpointOf(socket, 'local')}</h2>
      <span class="role">{t('read only')}</span>
      <span class="grow" />
      <span class={`pill s-${toneOf(socket)}`}>{stateNames[socket.state]}</span>
      <CopyButton label={t('Copy the 5-tuple')} onCopy={() => panel.copy(systemTupleText(socket))} />
      <IconButton
        icon="close"
        label={t('Close the inspector')}
        isSmall
        onClick={() => {
          panel.view.systemSocket.value = null;
          panel.view.isInspectorVisible.value = false;
        }}
      />
    </div>
  );
}

function Ends({ socket }: { socket: SystemSocket }) {
  const cells: [string, string][] = [
    [t('proto'), kindText(socket)],
    [t('local'), endpointOf(socket, 'local')],
    [t('remote'), socket.remote ? endpointOf(socket, 'remote') : ''],
  ];
  return (
    <dl class="tuple5 unix">
      {cells.map(([label, text]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd title={text}>{text || '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Identity({ socket }: { socket: SystemSocket }) {
  const { domain, type, protocol, inode, peerInode, uid, cookie, mark, device, cgroup } = socket;
  const cells: [string, string | null][] = [
    [t('domain'), String(domain)],
    [t('type'), String(type)],
    [t('protocol'), protocol === null ? null : String(protocol)],
    ['inode', String(inode ?? '–')],
    [t('other end'), peerInode === null ? null : t('inode {0}', peerInode)],
    [t('user'), uid === null ? null : `uid ${uid}`],
    ['cookie', cookie === null ? null : cookie.toString(16)],
    [t('mark'), mark === null || mark === 0 ? null : `0x${mark.toString(16)}`],
    [t('interface'), device],
    ['cgroup', cgroup === null ? null : String(cgroup)],
  ];
  return (
    <dl class="facts">
      {cells.flatMap(([label, text]) =>
        text === null
          ? []
          : [
              <div key={label}>
                <dt>{label}</dt>
                <dd>{text}</dd>
              </div>,
            ],
      )}
    </dl>
  );
}

function Owners({ socket, processes }: { socket: SystemSocket; processes: ProcessInfo[] | undefined }) {
  if (!processes) {
    return null;
  }
  const problem = ownerProblem(socket);
  return (
    <Section id="owner" title={t('Owner')}>
      {problem !== null && <p class="note">{problem}</p>}
      {processes.flatMap((process) => {
        const fds = socket.holders.flatMap(({ pid, fd }) => (pid === process.pid ? [fd] : []));
        // The others hold the other ends of who waits to be accepted.
        return fds.length === 0 ? [] : [<Rows key={process.pid} rows={ownerRows(fds, process)} />];
      })}
    </Section>
  );
}

function ownerRows(fds: readonly number[], process: ProcessInfo): Row[] {
  const { role, directory, startTime, uid } = process;
  return [
    { name: processText(process), text: `fd ${fds.join(', ')}` },
    ...(role ? [{ name: t('is'), text: roleName(role) }] : []),
    {
      name: t('command line'),
      text: process.commandLine ? commandLineText(process) : t('not visible'),
      isLong: true,
    },
    { name: t('directory'), text: directory ?? t('not visible') },
    {
      name: t('started'),
      text:
        startTime === null
          ? t('unknown')
          : new Date(startTime).toLocaleString(document.documentElement.lang || 'en'),
    },
    { name: t('user'), text: uid === null ? t('unknown') : `uid ${uid}` },
  ];
}

function Queues({ socket }: { socket: SystemSocket }) {
  const { receiveQueue, sendQueue, state, details, kind } = socket;
  const memory = details?.memory ?? {};
  const bars: QueueBar[] = [];
  if (state === 'LISTEN') {
    if (receiveQueue !== null) {
      bars.push({
        label: t('accept queue'),
        value: receiveQueue,
        limit: sendQueue,
        tone: 's-listen',
        limitText: String(sendQueue ?? '?'),
      });
    }
  } else {
    const bar = (label: string, value: number | null, limit: number | undefined) => {
      if (value !== null) {
        bars.push({
          label,
          value,
          limit: limit ?? null,
          tone: 's-data',
          limitText: limit === undefined ? '?' : sizeText(limit),
        });
      }
    };
    bar('Recv-Q', receiveQueue, memory['RCVBUF']);
    bar('Send-Q', sendQueue, memory['SNDBUF']);
  }
  const isAfterFin =
    kind === 'tcp' && state !== 'ESTABLISHED' && state !== 'LISTEN' && (receiveQueue ?? 0) > 0;
  return bars.length === 0 ? null : (
    <Section id="queues" title={state === 'LISTEN' ? t('Queue') : t('Kernel queues')} extra={t('live')}>
      <QueueBars bars={bars} />
      {isAfterFin && <p class="note">{t('Recv-Q counts the FIN of the peer as one byte.')}</p>}
    </Section>
  );
}

function Timer({ socket: { timer } }: { socket: SystemSocket }) {
  if (!timer) {
    return null;
  }
  const names = {
    retransmit: t('retransmission'),
    keepalive: t('keep-alive'),
    timewait: 'TIME-WAIT',
    probe: t('window probe'),
    unknown: t('unknown'),
  };
  return (
    <Section id="timer" title={t('Timer')} extra={names[timer.kind]}>
      <Rows
        rows={[
          { name: t('expires in'), text: formatDuration(timer.expiresMs * 1e6) },
          { name: t('tries so far'), text: String(timer.retransmits) },
        ]}
      />
    </Section>
  );
}

function Details({ socket: { details, state } }: { socket: SystemSocket }) {
  const platform = usePanel().platform.value;
  if (!details) {
    return null;
  }
  const { tcpInfo, congestion, congestionInfo } = details;
  const memory = memoryRows(details.memory);
  const rows = [
    ...(tcpInfo ? tcpInfoRows(tcpInfo, platform) : []),
    ...Object.entries(congestionInfo).map(([name, value]) => ({ name, text: String(value) })),
  ];
  return (
    <>
      {tcpInfo && state !== 'LISTEN' && (
        <Section id="tcp" title="TCP" extra={congestion ?? ''}>
          <Rows rows={firstLook(tcpInfo)} />
        </Section>
      )}
      {rows.length > 0 && (
        <Section id="tcpInfo" title="TCP_INFO" extra={t('{0} fields', rows.length)} isOpenAtFirst={false}>
          <Rows rows={rows} />
        </Section>
      )}
      {memory.length > 0 && (
        <Section id="memory" title={t('Memory')} isOpenAtFirst={false}>
          <Rows rows={memory} />
        </Section>
      )}
    </>
  );
}

function toneOf({ state, kind }: SystemSocket): string {
  switch (state) {
    case 'LISTEN':
      return 'listen';
    case 'ESTABLISHED':
      return 'open';
    case 'SYN_SENT':
    case 'SYN_RECV':
    case 'NEW_SYN_RECV':
      return 'handshake';
    case 'CLOSE':
      return kind === 'udp' ? 'listen' : 'none';
    case 'BOUND_INACTIVE':
      return 'none';
    default:
      return 'closing';
  }
}
