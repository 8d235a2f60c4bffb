import { t } from '../../common/l10n.js';
import { numberText } from '../../common/optionText.js';
import type { SocketInspection } from '../../common/socket.js';
import { sizeText } from '../../common/socketText.js';
import { listOptions } from '../../common/tables/options.js';
import type { Platform } from '../../common/tables/constants.js';
import { tcpInfoField, tcpInfoValueName } from '../../common/tables/tcpInfo.js';
import { formatDuration } from '../text/format.js';
import { toHexText } from '../../common/payloadText.js';
import type { TcpSample } from '../state/tcpHistory.js';
import { usePanel } from './context.js';
import { Section } from './section.js';
import { Sparkline } from './sparkline.js';

export interface Row {
  name: string;
  text: string;
  sentence?: string;
  /** Of any length: no more than three lines of it are shown at once. */
  isLong?: boolean;
}

export function Rows({ rows }: { rows: readonly Row[] }) {
  return (
    <>
      {rows.map(({ name, text, sentence, isLong }) => (
        <div class={isLong ? 'opt long' : 'opt'} key={name} title={sentence}>
          <span class="name">{name}</span>
          <span class="v" title={text} tabIndex={isLong ? 0 : undefined}>
            {text}
          </span>
        </div>
      ))}
    </>
  );
}

/** The first look at a connection, and everything that `TCP_INFO` says, by its own names. */
export function TcpInfo({ inspection }: { inspection: SocketInspection }) {
  const platform = usePanel().platform.value;
  const { tcpInfo, tcpInfoRest } = inspection;
  if (!tcpInfo) {
    return null;
  }
  const rows = tcpInfoRows(tcpInfo, platform);
  if (tcpInfoRest && tcpInfoRest.length > 0) {
    rows.push({
      name: t('more bytes'),
      text: toHexText(tcpInfoRest),
      sentence: t('What this kernel adds to the structure, which has no names here.'),
    });
  }
  const isConnected = inspection.socket.state === 'connected';
  return (
    <>
      {isConnected && (
        <Section id="tcp" title="TCP" extra={inspection.congestion ?? ''}>
          <History inspection={inspection} />
        </Section>
      )}
      <Section id="tcpInfo" title="TCP_INFO" extra={t('{0} fields', rows.length)} isOpenAtFirst={false}>
        <Rows rows={rows} />
      </Section>
    </>
  );
}

/** Round trip time and congestion window while somebody looked, and what was sent again. */
function History({ inspection }: { inspection: SocketInspection }) {
  const { history } = usePanel().view.inspector;
  const samples = history.of(inspection.socket.id);
  const points = (of: (sample: TcpSample) => number) =>
    samples.map((sample) => ({ time: sample.time, value: of(sample) }));
  const segment = sizeText(Number(inspection.tcpInfo?.['tcpi_snd_mss']));
  return (
    <>
      <div class="sparks">
        <Sparkline
          label="rtt"
          points={points(({ roundTripTime }) => roundTripTime)}
          format={(microseconds) => formatDuration(microseconds * 1000)}
        />
        <Sparkline
          label="cwnd"
          points={points(({ congestionWindow }) => congestionWindow)}
          format={(segments) => `${segments} × ${segment}`}
        />
      </div>
      <Rows rows={firstLook(inspection.tcpInfo!).slice(2)} />
    </>
  );
}

/** The fields by their own names, with units. */
export function tcpInfoRows(info: Readonly<Record<string, number | bigint>>, platform: Platform): Row[] {
  return Object.entries(info).map(([name, value]) => {
    const field = tcpInfoField(name);
    const text = numberText(value, tcpInfoValueName(name, value, platform), field?.unit);
    return { name, text, ...(field && { sentence: field.description }) };
  });
}

/** What a socket holds in the kernel, by SK_MEMINFO_*. */
export function memoryRows(memory: Readonly<Record<string, number>>): Row[] {
  return Object.entries(memory).map(([name, value]) => ({
    name: `SK_MEMINFO_${name}`,
    text: numberText(value, null, name === 'DROPS' ? null : 'bytes'),
    sentence: descriptionOf('SO_MEMINFO'),
  }));
}

export function firstLook(info: NonNullable<SocketInspection['tcpInfo']>): Row[] {
  const number = (name: string) => Number(info[name]);
  return [
    { name: t('round trip time'), text: formatDuration(number('tcpi_rtt') * 1000) },
    {
      name: t('congestion window'),
      text: `${number('tcpi_snd_cwnd')} × ${sizeText(number('tcpi_snd_mss'))}`,
    },
    { name: t('retransmits'), text: String(number('tcpi_total_retrans')) },
  ];
}

/** What identifies a socket in the kernel and what it holds there. */
export function KernelFacts({ inspection }: { inspection: SocketInspection }) {
  const { cookie, mark, incomingCpu, napiId, memory, peer } = inspection;
  const options: [string, number | bigint | null][] = [
    ['SO_COOKIE', cookie],
    ['SO_MARK', mark],
    ['SO_INCOMING_CPU', incomingCpu],
    ['SO_INCOMING_NAPI_ID', napiId],
  ];
  const rows: Row[] = [
    ...(peer
      ? [
          {
            name: 'SO_PEERCRED',
            text: `pid ${peer.pid}, uid ${peer.uid}, gid ${peer.gid}`,
            sentence: descriptionOf('SO_PEERCRED'),
          },
        ]
      : []),
    ...options.flatMap(([name, value]) =>
      value === null ? [] : [{ name, text: String(value), sentence: descriptionOf(name) }],
    ),
    ...memoryRows(memory),
  ];
  return (
    <Section id="kernel" title={t('Kernel')} isOpenAtFirst={false}>
      <Rows rows={rows} />
    </Section>
  );
}

function descriptionOf(name: string): string {
  return listOptions('linux').find((option) => option.name === name)?.description ?? '';
}
