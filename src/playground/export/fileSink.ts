import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sink } from './exportRecords.js';

/**
 * Writes a file beside its place and moves it there when it is whole: one that was there before stays when the writing
 * fails or is given up. A link stays one, and a device or a pipe is written to: `/dev/stdout`.
 * @param signal Ends the wait for somebody who reads a pipe.
 */
export async function writeFileWhole<T>(
  file: string,
  write: (sink: Sink) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const place = await realpath(file).catch(() => file);
  // Of a link to what is not there yet, about the link.
  const about = await stat(place)
    .catch(() => lstat(place))
    .catch(() => undefined);
  if (about && !about.isFile()) {
    return writeAndClose(about.isFIFO() ? await openPipe(file, signal) : await open(file, 'w'), write);
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

/** A pipe, once somebody reads it: until then open(2) would hold a thread, which no signal ends. */
async function openPipe(file: string, signal: AbortSignal | undefined): Promise<FileHandle> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      const known = await open(file, constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        return await open(file, 'w');
      } finally {
        await known.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') {
        throw error;
      }
    }
    await delay(20);
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
