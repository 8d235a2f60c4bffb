import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Sink } from './exportRecords.js';

/**
 * Writes a file beside its place and moves it there when it is whole: one that was there before stays when the writing
 * fails or is given up.
 */
export async function writeFileWhole<T>(file: string, write: (sink: Sink) => Promise<T>): Promise<T> {
  const part = `${file}.${process.pid}.part`;
  const handle = await open(part, 'wx');
  try {
    const result = await write(sinkOf(handle));
    await handle.close();
    await rename(part, file);
    return result;
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
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
