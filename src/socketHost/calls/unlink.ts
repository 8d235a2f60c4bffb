import { lstatSync } from 'node:fs';
import { t } from '../../common/l10n.js';
import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import { previewOf } from './preview.js';
import { refusal } from '../refusal.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';

/** Corresponds to `unlink(2)`, for socket files only: whatever else is there is refused. */
export class UnlinkCall extends HostCall {
  private readonly path: Memory;

  constructor(reader: ArgumentReader) {
    super(null, null);
    const path = reader.data(0);
    if (path === null) {
      throw refusal(0, t('A path is expected here.'));
    }
    if (path.includes(0)) {
      throw refusal(0, t('A path ends at its first NUL byte.'));
    }
    if (isOtherFile(path)) {
      throw refusal(0, t('This is no socket file; only those are removed.'));
    }
    this.path = Memory.of(path, path.length + 1);
    this.args = [previewOf(path, path.length)];
  }

  attempt(): number {
    return sys.unlink(this.path);
  }

  settle(): void {
    // No socket of ours is changed by it.
  }
}

/** What cannot be looked at the kernel does not remove either. */
function isOtherFile(path: Uint8Array): boolean {
  try {
    return !lstatSync(Buffer.from(path)).isSocket();
  } catch {
    return false;
  }
}
