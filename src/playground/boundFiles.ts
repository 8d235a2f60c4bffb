import { lstatSync, unlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type CallRecord, isAddress } from '../common/call.js';

interface FileIdentity {
  device: bigint;
  inode: bigint;
  /** The number of a removed file may be given to the next one. */
  birthNs: bigint;
}

interface BoundFile extends FileIdentity {
  path: Buffer;
}

const [blank, lineEnd] = [Buffer.from(' '), Buffer.from('\n')];

/** The socket files that `bind(2)` has made for a run, to be removed at its end. */
export class BoundFiles {
  private files: BoundFile[] = [];

  get count(): number {
    return this.files.length;
  }

  /** Looks whether a call has made a file. */
  async note({ name, args, result }: CallRecord): Promise<void> {
    const address = args[1];
    if (name !== 'bind' || result !== 0 || !isAddress(address) || address.family !== 'AF_UNIX') {
      return;
    }
    const end = address.name.indexOf(0);
    const path = Buffer.from(end < 0 ? address.name : address.name.subarray(0, end));
    if (address.isAbstract || path.length === 0) {
      return;
    }
    const status = statusOf(path);
    if (status) {
      this.files.push({ path, ...status });
    }
  }

  /** Removes those of which the kernel has no socket any more: one may be open only in a message, or in another process. */
  async removeLeft(): Promise<void> {
    // One that is not there any more is nobody's to remove, whoever may still have its socket.
    this.files = this.files.filter(isThere);
    if (this.files.length > 0) {
      const open = await readFile('/proc/net/unix').catch(() => null);
      await this.remove(({ path }) => open !== null && !open.includes(Buffer.concat([blank, path, lineEnd])));
    }
  }

  /**
   * Removes the files, but for those that are somebody else's by now.
   * @param isDue Whether a file goes, too.
   */
  async remove(isDue: (file: BoundFile) => boolean = () => true): Promise<void> {
    const due = this.files.filter(isDue);
    this.files = this.files.filter((file) => !due.includes(file));
    due.forEach(removeIfThere);
  }
}

function isThere({ path, device, inode, birthNs }: BoundFile): boolean {
  const status = statusOf(path);
  return status?.device === device && status.inode === inode && status.birthNs === birthNs;
}

/** Without a pause in which somebody could put another file there. */
function removeIfThere(file: BoundFile): void {
  if (isThere(file)) {
    try {
      unlinkSync(file.path);
    } catch {
      // Removed by somebody else, or from a folder that forbids it: it is not ours to force.
    }
  }
}

function statusOf(path: Buffer): FileIdentity | undefined {
  try {
    const status = lstatSync(path, { bigint: true });
    return status.isSocket()
      ? { device: status.dev, inode: status.ino, birthNs: status.birthtimeNs }
      : undefined;
  } catch {
    return undefined;
  }
}
