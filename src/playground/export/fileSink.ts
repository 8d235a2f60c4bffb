import { type FileHandle, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { Sink } from './exportRecords.js';

/**
 * Writes a file beside its place and moves it there when it is whole: one that was there before stays when the writing
 * fails or is given up. A link stays one, and a device or a pipe is written to: `/dev/stdout`.
 */
export async function writeFileWhole<T>(file: string, write: (sink: Sink) => Promise<T>): Promise<T> {
  const place = await realpath(file).catch(() => file);
  // Of a link to what is not there yet, about the link.
  const about = await stat(place)
    .catch(() => lstat(place))
    .catch(() => undefined);
  if (about && !about.isFile()) {
    return writeAndClose(await open(file, 'w'), write);
  }
  const part = `${place}.${process.pid}.part`;
  const handle = await open(part, 'wx');
  try {
    const result = await writeAndClose(handle, write);
    await rename(part, place);
    return result;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writeAndClose<T>(handle: FileHandle, write: (sink: Sink) => Promise<T>): Promise<T> {
  try {
    return await write(sinkOf(handle));
  } finally {
    await handle.close();
  }
}

function sinkOf(handle: FileHandle): Sink {
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.length;) {
        at += (await handle.write(bytes, at)).bytesWritten;
      }
    },
  };
}
