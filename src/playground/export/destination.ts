import { type CallRecord, fieldOf, isData, itemsOf } from '../../common/call.js';
import { formatIPv4, formatIPv6 } from '../../common/ipAddress.js';
import { messageOf } from '../../common/requestedLength.js';
import { type End, unmappedEnd } from './packet.js';

/**
 * Where a received datagram was sent to, as IP_PKTINFO or IPV6_PKTINFO told with it; null where neither did.
 * @param port That of the socket.
 */
export function destinationOf(record: CallRecord, port: number): End | null {
  for (const message of itemsOf(fieldOf(messageOf(record), 'msg_control'))) {
    const data = fieldOf(message, 'cmsg_data');
    const address = fieldOf(data, 'ipi_addr') ?? fieldOf(data, 'ipi6_addr');
    if (isData(address)) {
      const text = address.length === 4 ? formatIPv4(address.bytes) : formatIPv6(address.bytes);
      return unmappedEnd({ address: text, port });
    }
  }
  return null;
}
