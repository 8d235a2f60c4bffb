import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { t } from '../common/l10n.js';

/** The largest file that a scenario sends, in bytes. */
export const fileLimit = 64 * 1024 * 1024;

/**
 * The content of a file that a scenario names. Rejects for what is no regular file, and for one that has more
 * than `limit` bytes: a device has no end, and a FIFO waits for a writer.
 */
export async function readScenarioFile(name: string, limit = fileLimit): Promise<Uint8Array> {
  let handle: FileHandle;
  try {
    handle = await open(name, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(error);
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      throw new Error(t('Not a regular file.'));
    }
    const bytes = status.size > limit ? undefined : await readAtMost(handle, limit);
    if (!bytes) {
      throw new Error(t('The file is larger than {0} MiB.', limit / 1024 / 1024));
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Undefined where there is more: the size of a file that grows, or that the kernel makes up, says little. */
async function readAtMost(handle: FileHandle, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of handle.createReadStream({ start: 0, end: limit, autoClose: false })) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
    }
  } catch (error) {
    throw unreadable(error);
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}

function unreadable(error: unknown): Error {
  return new Error(t('The file cannot be read: {0}', (error as Error).message), { cause: error });
}
