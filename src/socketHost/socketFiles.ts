import { lstatSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import type { SocketAddress } from '../common/socket.js';

interface SocketFile {
  path: Buffer;
  device: bigint;
  inode: bigint;
  /** The number of a removed file may be given to the next one. */
  birthNs: bigint;
}

/** The socket files that `bind(2)` made for us: at the end they go, unless somebody has put others there. */
export class SocketFiles {
  private readonly files: SocketFile[] = [];

  /** The address was bound just now. */
  add(address: SocketAddress): void {
    if (address.family !== 'AF_UNIX' || address.isAbstract || address.name.length === 0) {
      return;
    }
    const name = Buffer.from(address.name);
    const absolute =
      name[0] === '/'.charCodeAt(0) ? name : Buffer.concat([Buffer.from(process.cwd() + path.sep), name]);
    const status = statusOf(absolute);
    if (status) {
      this.files.push({ path: absolute, device: status.dev, inode: status.ino, birthNs: status.birthtimeNs });
    }
  }

  /** Unlinks those that are still ours. */
  removeAll(): void {
    for (const file of this.files.splice(0)) {
      const status = statusOf(file.path);
      const isOurs =
        status?.isSocket() &&
        status.dev === file.device &&
        status.ino === file.inode &&
        status.birthtimeNs === file.birthNs;
      if (isOurs) {
        try {
          unlinkSync(file.path);
        } catch {
          // Its directory may have become read-only; there is nobody left to tell.
        }
      }
    }
  }
}

function statusOf(file: Buffer) {
  try {
    return lstatSync(file, { bigint: true });
  } catch {
    return undefined;
  }
}
