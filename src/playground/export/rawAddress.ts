import type { SocketAddress } from '../../common/socket.js';

/** The bytes of an address of a family for which programs have no form here; undefined where they depend on the machine. */
export function rawBytes(address: SocketAddress): Uint8Array | undefined {
  switch (address.family) {
    case 'raw':
      return address.bytes;
    case 'AF_NETLINK': {
      const view = new DataView(new ArrayBuffer(12));
      view.setUint16(0, 16, true);
      view.setUint32(4, address.pid, true);
      view.setUint32(8, address.groups, true);
      return new Uint8Array(view.buffer);
    }
    case 'AF_VSOCK': {
      const view = new DataView(new ArrayBuffer(16));
      view.setUint16(0, 40, true);
      view.setUint32(4, address.port, true);
      view.setUint32(8, address.cid, true);
      return new Uint8Array(view.buffer);
    }
    default:
      return undefined;
  }
}
