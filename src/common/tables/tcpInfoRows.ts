import { t } from '../l10n.js';
import type { OptionUnit } from './optionRows/row.js';

export type TcpInfoType = 'u8' | 'u16' | 'u32' | 'u64';

/** A field of `struct tcp_info`. */
export interface TcpInfoField {
  /** As in the structure: `tcpi_rtt`. */
  name: string;
  unit: OptionUnit | null;
  /** One localised sentence. */
  readonly description: string;
}

export interface TcpInfoRow {
  type: TcpInfoType;
  /** The one field that the number is, or the bit fields in it with their lowest bit and their width. */
  fields: readonly (TcpInfoField & { bit?: number; width?: number })[];
}

function field(name: string, describe: () => string, unit: OptionUnit | null = null): TcpInfoField {
  return {
    name: `tcpi_${name}`,
    unit,
    get description() {
      return describe();
    },
  };
}

function row(type: TcpInfoType, ...of: Parameters<typeof field>): TcpInfoRow {
  return { type, fields: [field(...of)] };
}

function bits(type: TcpInfoType, ...parts: [bit: number, width: number, field: TcpInfoField][]): TcpInfoRow {
  return {
    type,
    fields: parts.map(([bit, width, part]) =>
      Object.defineProperties(part, { bit: { value: bit }, width: { value: width } }),
    ),
  };
}

const u8 = row.bind(null, 'u8');
const u32 = row.bind(null, 'u32');
const u64 = row.bind(null, 'u64');

/**
 * `struct tcp_info` of Linux, in order; newer kernels only add at the end. The 4 bytes that follow (Accurate ECN) mean
 * one thing in Linux 6.18 and another in 7.0: they are left as bytes.
 */
export const tcpInfoRows: readonly TcpInfoRow[] = [
  u8('state', () => t("TCP's state.")),
  u8('ca_state', () => t('State of the congestion control.')),
  u8('retransmits', () => t('How often the oldest unacknowledged segment was sent again.')),
  u8('probes', () => t('Unanswered probes of a closed window or of keep-alive.'), 'probes'),
  u8('backoff', () => t('How often the retransmission time was doubled.')),
  u8('options', () => t('TCP options that both ends agreed on.')),
  bits(
    'u8',
    [0, 4, field('snd_wscale', () => t('Bits by which the window that the peer advertises is shifted.'))],
    [4, 4, field('rcv_wscale', () => t('Bits by which the advertised window is shifted.'))],
  ),
  bits(
    'u8',
    [
      0,
      1,
      field('delivery_rate_app_limited', () =>
        t('1 where the delivery rate was limited by the program, not by the network.'),
      ),
    ],
    [1, 2, field('fastopen_client_fail', () => t('Why TCP Fast Open was not used.'))],
  ),
  u32('rto', () => t('Time after which an unacknowledged segment is sent again.'), 'µs'),
  u32('ato', () => t('Time for which an acknowledgement is held back.'), 'µs'),
  u32('snd_mss', () => t('Largest segment that is sent now.'), 'bytes'),
  u32('rcv_mss', () => t('Largest segment that is expected, as seen so far.'), 'bytes'),
  u32('unacked', () => t('Segments sent and not acknowledged; of a listener the connections that wait.')),
  u32('sacked', () => t('Segments acknowledged selectively; of a listener its backlog.')),
  u32('lost', () => t('Segments held to be lost.'), 'segments'),
  u32('retrans', () => t('Segments sent again and not yet acknowledged.'), 'segments'),
  u32('fackets', () => t('Always 0 in the kernels of today.')),
  u32('last_data_sent', () => t('Time since data was sent.'), 'ms'),
  u32('last_ack_sent', () => t('Always 0: Linux does not remember it.'), 'ms'),
  u32('last_data_recv', () => t('Time since data arrived.'), 'ms'),
  u32('last_ack_recv', () => t('Time since an acknowledgement arrived.'), 'ms'),
  u32('pmtu', () => t('Largest packet on the way to the peer.'), 'bytes'),
  u32('rcv_ssthresh', () => t('Up to where the advertised window may grow now.'), 'bytes'),
  u32('rtt', () => t('Round trip time, smoothed.'), 'µs'),
  u32('rttvar', () => t('How much the round trip time varies.'), 'µs'),
  u32('snd_ssthresh', () => t('Window from which on the congestion window grows slowly.'), 'segments'),
  u32('snd_cwnd', () => t('Congestion window: how many segments may be on the way.'), 'segments'),
  u32('advmss', () => t('Largest segment that was announced to the peer.'), 'bytes'),
  u32(
    'reordering',
    () => t('How far segments may arrive out of order before one is held to be lost.'),
    'segments',
  ),
  u32('rcv_rtt', () => t('Round trip time as the receiver estimates it.'), 'µs'),
  u32(
    'rcv_space',
    () => t('How much the program takes in one round trip, as the kernel estimates it.'),
    'bytes',
  ),
  u32('total_retrans', () => t('Segments sent again since the beginning.'), 'segments'),
  u64('pacing_rate', () => t('Rate at which data is sent.'), 'bytes/s'),
  u64('max_pacing_rate', () => t('Highest such rate; the largest number is no limit.'), 'bytes/s'),
  u64(
    'bytes_acked',
    () => t('Bytes that the peer has acknowledged; SYN and FIN count as one each.'),
    'bytes',
  ),
  u64('bytes_received', () => t('Bytes that have arrived; FIN counts as one.'), 'bytes'),
  u32('segs_out', () => t('Segments sent, also those without data.'), 'segments'),
  u32('segs_in', () => t('Segments that have arrived, also those without data.'), 'segments'),
  u32('notsent_bytes', () => t('Bytes in the send queue that were never sent.'), 'bytes'),
  u32('min_rtt', () => t('Smallest round trip time seen.'), 'µs'),
  u32('data_segs_in', () => t('Segments with data that have arrived.'), 'segments'),
  u32('data_segs_out', () => t('Segments with data that were sent.'), 'segments'),
  u64('delivery_rate', () => t('Rate at which the peer has lately taken data.'), 'bytes/s'),
  u64('busy_time', () => t('Time in which there was data to send.'), 'µs'),
  u64('rwnd_limited', () => t("Time in which the peer's window held sending back."), 'µs'),
  u64('sndbuf_limited', () => t('Time in which the send buffer held sending back.'), 'µs'),
  u32('delivered', () => t('Segments that have reached the peer.'), 'segments'),
  u32('delivered_ce', () => t('Segments that reached the peer marked with congestion (ECN).'), 'segments'),
  u64('bytes_sent', () => t('Bytes sent, those sent again counted again.'), 'bytes'),
  u64('bytes_retrans', () => t('Bytes sent again.'), 'bytes'),
  u32('dsack_dups', () => t('Segments that the peer said it had twice.'), 'segments'),
  u32('reord_seen', () => t('How often segments were seen out of order.')),
  u32('rcv_ooopack', () => t('Segments that arrived out of order.'), 'segments'),
  u32('snd_wnd', () => t('Window that the peer advertises.'), 'bytes'),
  u32('rcv_wnd', () => t('Window advertised to the peer.'), 'bytes'),
  u32('rehash', () => t('How often the connection tried another path.')),
  row('u16', 'total_rto', () => t('How often the retransmission time ran out.')),
  row('u16', 'total_rto_recoveries', () => t('How often the connection went on after that.')),
  u32('total_rto_time', () => t('Time spent in such recoveries.'), 'ms'),
  u32('received_ce', () => t('Segments that arrived marked with congestion (ECN).'), 'segments'),
  u32('delivered_e1_bytes', () => t('Bytes delivered to the peer marked ECT(1).'), 'bytes'),
  u32('delivered_e0_bytes', () => t('Bytes delivered to the peer marked ECT(0).'), 'bytes'),
  u32('delivered_ce_bytes', () => t('Bytes delivered to the peer marked with congestion.'), 'bytes'),
  u32('received_e1_bytes', () => t('Bytes that arrived marked ECT(1).'), 'bytes'),
  u32('received_e0_bytes', () => t('Bytes that arrived marked ECT(0).'), 'bytes'),
  u32('received_ce_bytes', () => t('Bytes that arrived marked with congestion.'), 'bytes'),
];
