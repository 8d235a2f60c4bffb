type FieldType = 'u8' | 'u16' | 'u32' | 'u64';

/** `struct tcp_info` of Linux; newer kernels only add at the end. The two bytes of bit fields stand apart. */
const fields: readonly (readonly [FieldType, string])[] = [
  ...list('u8', 'state ca_state retransmits probes backoff options wscale delivery_flags'),
  ...list(
    'u32',
    'rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent last_ack_sent last_data_recv ' +
      'last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans',
  ),
  ...list('u64', 'pacing_rate max_pacing_rate bytes_acked bytes_received'),
  ...list('u32', 'segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out'),
  ...list('u64', 'delivery_rate busy_time rwnd_limited sndbuf_limited'),
  ...list('u32', 'delivered delivered_ce'),
  ...list('u64', 'bytes_sent bytes_retrans'),
  ...list('u32', 'dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash'),
  ...list('u16', 'total_rto total_rto_recoveries'),
  ...list(
    'u32',
    'total_rto_time received_ce delivered_e1_bytes delivered_e0_bytes delivered_ce_bytes received_e1_bytes ' +
      'received_e0_bytes received_ce_bytes',
  ),
  ...list('u16', 'accecn_fail_mode accecn_opt_seen'),
];

const sizes: Readonly<Record<FieldType, number>> = { u8: 1, u16: 2, u32: 4, u64: 8 };

function list(type: FieldType, names: string): (readonly [FieldType, string])[] {
  return names.split(' ').map((name) => [type, name] as const);
}

/**
 * The fields of `struct tcp_info` by their names (`tcpi_rtt`), as many as the bytes hold. Times are in µs,
 * those of `tcpi_last_…` in ms. Beyond 2^53 a number is rounded.
 */
export function decodeTcpInfo(bytes: Uint8Array): Record<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const info: Record<string, number> = {};
  let offset = 0;
  for (const [type, name] of fields) {
    if (offset + sizes[type] > bytes.length) {
      break;
    }
    const value =
      type === 'u8'
        ? view.getUint8(offset)
        : type === 'u16'
          ? view.getUint16(offset, true)
          : type === 'u32'
            ? view.getUint32(offset, true)
            : Number(view.getBigUint64(offset, true));
    offset += sizes[type];
    if (name === 'wscale') {
      info['tcpi_snd_wscale'] = value & 15;
      info['tcpi_rcv_wscale'] = value >> 4;
    } else if (name === 'delivery_flags') {
      info['tcpi_delivery_rate_app_limited'] = value & 1;
      info['tcpi_fastopen_client_fail'] = (value >> 1) & 3;
    } else {
      info[`tcpi_${name}`] = value;
    }
  }
  return info;
}
