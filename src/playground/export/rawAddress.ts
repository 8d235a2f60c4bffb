import type { SocketAddress } from '../../common/socket.js';
import type { Program } from './program.js';

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

/** The paths at which a program makes socket files, to be removed at its end. */
export function boundPaths({ lines }: Program): Uint8Array[] {
  const paths = new Map<string, Uint8Array>();
  for (const step of lines.flatMap(({ steps }) => steps)) {
    const address = step.kind === 'call' && step.name === 'bind' ? step.args[1] : undefined;
    if (address?.kind === 'address' && address.form === 'known' && address.address.family === 'AF_UNIX') {
      const { name, isAbstract } = address.address;
      if (!isAbstract && name.length > 0 && !name.includes(0)) {
        paths.set(Buffer.from(name).toString('latin1'), name);
      }
    }
  }
  return [...paths.values()];
}
