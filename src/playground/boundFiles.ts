import { lstat, unlink } from 'node:fs/promises';
import { type CallRecord, isAddress } from '../common/call.js';
import type { SocketId } from '../common/socket.js';

interface FileIdentity {
  device: bigint;
  inode: bigint;
  /** The number of a removed file may be given to the next one. */
  birthNs: bigint;
}

interface BoundFile extends FileIdentity {
  path: Buffer;
  socketId: SocketId | null;
}

/** The socket files that `bind(2)` has made for a run, to be removed at its end. */
export class BoundFiles {
  private files: BoundFile[] = [];
  private removing: Promise<unknown> = Promise.resolve();

  get count(): number {
    return this.files.length;
  }

  /** Looks whether a call has made a file. */
  async note({ name, args, result, socketId }: CallRecord): Promise<void> {
    const address = args[1];
    if (name !== 'bind' || result !== 0 || !isAddress(address) || address.family !== 'AF_UNIX') {
      return;
    }
    const end = address.name.indexOf(0);
    const path = Buffer.from(end < 0 ? address.name : address.name.subarray(0, end));
    if (address.isAbstract || path.length === 0) {
      return;
    }
    const status = await statusOf(path);
    if (status) {
      this.files.push({ path, socketId, ...status });
    }
  }

  /**
   * Removes the files, but for those that are somebody else's by now; resolves when all that were to be removed are.
   * @param isDue Whether the file of this socket goes, too.
   */
  async remove(isDue: (socketId: SocketId | null) => boolean = () => true): Promise<void> {
    const due = this.files.filter(({ socketId }) => isDue(socketId));
    this.files = this.files.filter((file) => !due.includes(file));
    this.removing = Promise.all([this.removing, ...due.map(removeIfSame)]);
    await this.removing;
  }
}

async function removeIfSame({ path, device, inode, birthNs }: BoundFile): Promise<void> {
  const status = await statusOf(path);
  if (status?.device === device && status.inode === inode && status.birthNs === birthNs) {
    await unlink(path).catch(() => {
      // Removed by somebody else, or from a folder that forbids it: it is not ours to force.
    });
  }
}

async function statusOf(path: Buffer): Promise<FileIdentity | undefined> {
  try {
    const status = await lstat(path, { bigint: true });
    return status.isSocket()
      ? { device: status.dev, inode: status.ino, birthNs: status.birthtimeNs }
      : undefined;
  } catch {
    return undefined;
  }
}
