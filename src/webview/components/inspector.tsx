import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { OptionReading, SocketInfo, SocketInspection } from '../../common/socket.js';
import { isOpenSocket } from '../../common/suggestions.js';
import { constantValue } from '../../common/tables/constants.js';
import { formatDuration } from '../text/format.js';
import {
  descriptorSentence,
  endpointText,
  fiveTupleText,
  protocolName,
  roleText,
  sizeText,
  socketTone,
} from '../../common/socketText.js';
import { addressParts, socketTitle } from '../text/socket.js';
import { CopyButton, Icon, IconButton, socketContext, SocketIcon, StatePill } from './basics.js';
import { usePanel } from './context.js';

/** How often the kernel is asked again while the inspector is in view. */
const refreshInterval = 1000;

/** One socket as the kernel tells of it now: addresses, identity, queues, options. */
export function Inspector() {
  const panel = usePanel();
  const { view, sockets } = panel;
  const inspection = useSignal<SocketInspection | null>(null);
  const id = view.selectedSocketId.value;
  const socket = id === null ? undefined : sockets.value.get(id);
  const isVisible = view.isInspectorVisible.value;
  const isAsked = isVisible && socket !== undefined && isOpenSocket(socket);

  useEffect(() => {
    if (!isAsked || id === null) {
      return undefined;
    }
    let isCurrent = true;
    const ask = async () => {
      const answer = document.hidden ? null : await panel.remote.inspect({ socketId: id }).catch(() => null);
      if (isCurrent && answer) {
        inspection.value = answer;
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), refreshInterval);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
    // A change of the socket is asked about at once.
  }, [isAsked, id, socket]);

  if (!isVisible) {
    return null;
  }
  const known = isAsked && inspection.value?.socket.id === id ? inspection.value : null;
  return (
    <aside class="side open" aria-label={t('Inspector')} data-region="inspector">
      {socket ? (
        <>
          <Head socket={socket} />
          <div class="sbody">
            <Addresses socket={socket} />
            <Identity socket={socket} inspection={known} />
            {socket.isLost && (
              <p class="note">{t('This socket ended with its host. Nothing can be asked of it any more.')}</p>
            )}
            <Waits socket={socket} />
            {known && <Queues socket={socket} inspection={known} />}
            {known && <TcpInfo inspection={known} />}
            {known && <Options socket={socket} options={known.options} />}
          </div>
        </>
      ) : (
        <p class="note">{t('Select a record or a socket to see what the kernel tells of it.')}</p>
      )}
    </aside>
  );
}

function Head({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  return (
    <div class={`shead s-${socketTone(socket)}`} data-vscode-context={socketContext(socket)}>
      <SocketIcon socket={socket} />
      <h2 title={descriptorSentence()}>
        {socketTitle(socket)} <span class="mono">fd {socket.fd}</span>
      </h2>
      {socket.name !== null && <span class="role">{roleText(socket)}</span>}
      <span class="grow" />
      <StatePill socket={socket} />
      <CopyButton label={t('Copy the 5-tuple')} onCopy={() => panel.copy(fiveTupleText(socket))} />
      <IconButton
        icon="close"
        label={t('Close the inspector')}
        isSmall
        onClick={() => (panel.view.isInspectorVisible.value = false)}
      />
    </div>
  );
}

function Addresses({ socket }: { socket: SocketInfo }) {
  const local = addressParts(socket.local);
  const remote = addressParts(socket.remote);
  const isUnix = socket.domain === 'AF_UNIX';
  const cells: [string, string][] = isUnix
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
    <dl class={isUnix ? 'tuple5 unix' : 'tuple5'}>
      {cells.map(([label, text], index) => (
        <div key={index}>
          <dt>{label}</dt>
          <dd title={text}>{text || '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Identity({ socket, inspection }: { socket: SocketInfo; inspection: SocketInspection | null }) {
  const cells: [string, string, string?][] = [
    [t('domain'), String(inspection?.kernelDomain ?? socket.domain)],
    [t('type'), String(inspection?.kernelType ?? socket.type)],
    [t('protocol'), String(inspection?.kernelProtocol ?? socket.protocol)],
    ['fd', String(socket.fd), descriptorSentence()],
    ['inode', inspection?.inode == null ? '–' : String(inspection.inode)],
    [t('owner'), inspection ? `pid ${inspection.pid}` : '–'],
    ...(inspection && inspection.flags.length > 0
      ? ([[t('flags'), inspection.flags.join('|')]] as [string, string][])
      : []),
    [t('received'), sizeText(socket.bytesReceived)],
    [t('sent'), sizeText(socket.bytesSent)],
  ];
  return (
    <dl class="facts">
      {cells.map(([label, text, title]) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Waits({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  if (socket.waiting.length === 0) {
    return null;
  }
  return (
    <Section title={t('Waiting calls')}>
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
}

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
    [t('accept queue'), acceptQueue, backlog, 's-listen', String(backlog)],
  ];
  const shown = bars.filter(([, value]) => value !== null);
  if (shown.length === 0) {
    return null;
  }
  return (
    <Section title={socket.state === 'listening' ? t('Queue') : t('Kernel queues')} extra={t('live')}>
      <div class="in">
        {shown.map(([label, value, limit, tone, limitText]) => (
          <div class={`q ${tone}`} key={label}>
            <span>{label}</span>
            <span class="bar">
              <i style={{ width: barWidth(value ?? 0, limit ?? 0) }} />
            </span>
            <span class="v">
              <b>{value}</b> / {limitText}
            </span>
          </div>
        ))}
      </div>
    </Section>
  );
}

/** What is not empty is always seen. */
function barWidth(value: number, limit: number): string {
  if (value === 0 || limit === 0) {
    return '0';
  }
  return `max(4px, ${Math.min(100, (value / limit) * 100)}%)`;
}

function TcpInfo({ inspection }: { inspection: SocketInspection }) {
  const info = inspection.tcpInfo;
  const rows: [string, string | undefined][] = [
    [t('round trip time'), inMicroseconds(info['tcpi_rtt'])],
    [t('congestion window'), inSegments(info['tcpi_snd_cwnd'], info['tcpi_snd_mss'])],
    [t('retransmits'), info['tcpi_total_retrans']?.toString()],
  ];
  const known = rows.filter(([, text]) => text !== undefined);
  if (known.length === 0 || inspection.socket.state !== 'connected') {
    return null;
  }
  return (
    <Section title="TCP" extra="TCP_INFO">
      {known.map(([label, text]) => (
        <div class="opt" key={label}>
          <span class="name">{label}</span>
          <span class="v">{text}</span>
        </div>
      ))}
    </Section>
  );
}

function inMicroseconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : formatDuration(value * 1000);
}

function inSegments(count: number | undefined, size: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count} × ${sizeText(size ?? 0)}`;
}

function Options({ socket, options }: { socket: SocketInfo; options: readonly OptionReading[] }) {
  const levels = [...new Set(options.map(({ level }) => level))];
  return (
    <>
      {levels.map((level) => (
        <Section key={level} title={t('Options')} extra={level}>
          {options
            .filter((option) => option.level === level)
            .map((option) => (
              <Option key={option.name} socket={socket} option={option} />
            ))}
        </Section>
      ))}
    </>
  );
}

function Option({ socket, option }: { socket: SocketInfo; option: OptionReading }) {
  const panel = usePanel();
  const { composer, platform } = panel;
  const number = (name: string) => constantValue(name, platform.value) ?? 0;
  const args = [socket.fd, number(option.level), number(option.name)];
  const isOn = option.value !== null && option.value !== 0;
  const text =
    option.text === null
      ? String(option.errno)
      : option.isBoolean
        ? isOn
          ? t('on')
          : t('off')
        : option.text;
  return (
    <div class="opt" title={option.unit ? `${option.description} (${option.unit})` : option.description}>
      <span class="name">{option.name}</span>
      <span class={option.text === null ? 'v err' : 'v'}>{text}</span>
      {option.isBoolean && option.canSet && option.text !== null && (
        <button
          type="button"
          class="switch"
          role="switch"
          aria-checked={isOn}
          aria-label={option.name}
          onClick={() =>
            panel.forget(panel.calls.make({ name: 'setsockopt', args: [...args, isOn ? 0 : 1] }))
          }
        />
      )}
      {!option.isBoolean && option.canSet && (
        <IconButton
          icon="edit"
          label={t('Set {0} in the composer', option.name)}
          isSmall
          onClick={() => {
            composer.prepare({ name: 'setsockopt', args }, socket.id);
            composer.setText(args.length, option.text ?? '');
            panel.view.isComposerCollapsed.value = false;
          }}
        />
      )}
    </div>
  );
}

function Section({ title, extra, children }: { title: string; extra?: string; children: ComponentChildren }) {
  return (
    <details class="sec" open>
      <summary>
        <Icon name="chevron-right" />
        <h3>{title}</h3>
        {extra && <span class="x">{extra}</span>}
      </summary>
      {children}
    </details>
  );
}
