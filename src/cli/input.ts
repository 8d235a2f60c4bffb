import { isUtf8 } from 'node:buffer';
import { constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import { addAbortSignal } from 'node:stream';
import { fileErrorText } from '../common/fileError.js';
import { mostInputMiB } from '../common/fileLimits.js';
import { t } from '../common/l10n.js';

/** What a decoder puts in the place of bytes that are not UTF-8. */
const replacement = '\uFFFD';

export interface Input {
  /** As the user wrote it. */
  name: string;
  text: string;
  /** What the scenario's own file names are relative to. */
  folder: string;
}

/** A file that cannot be read, or that is not text. */
export class InputError extends Error {
  constructor(
    message: string,
    /** Counted from 1; undefined when it is the file as a whole. */
    readonly place?: { line: number; column: number },
  ) {
    super(message);
    this.name = 'InputError';
  }
}

/**
 * Reads a scenario file, or standard input where its name is `-`.
 * @param signal Ends the reading, also of a terminal where nobody types.
 * @throws {InputError}
 */
export async function readInput(name: string, signal?: AbortSignal): Promise<Input> {
  const bytes = await readBytes(name, signal);
  return {
    name,
    text: decode(bytes),
    folder: name === '-' ? process.cwd() : path.dirname(path.resolve(name)),
  };
}

async function readBytes(name: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const about = name === '-' ? undefined : await stat(name);
    if (about?.isDirectory()) {
      throw new InputError(t('This is a folder.'));
    }
    signal?.throwIfAborted();
    const stream = !about ? process.stdin : about.isFIFO() ? pipeStream(name) : createReadStream(name);
    if (signal) {
      addAbortSignal(signal, stream);
    }
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostInputMiB * 1024 * 1024) {
        throw new InputError(t('The file is larger than {0} MiB.', mostInputMiB));
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(fileErrorText(error as NodeJS.ErrnoException));
  }
  return Buffer.concat(chunks);
}

/** A named pipe, without a thread that waits in open(2) or read(2) for a writer: no signal would end that. */
function pipeStream(name: string): Socket {
  const fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

function decode(bytes: Buffer): string {
  // Text in UTF-16 has a mark, or a character of ASCII, in front, of which half is 0.
  const [first, second] = bytes;
  if (second !== undefined && (first === 0 || second === 0 || (first! >= 0xfe && second >= 0xfe))) {
    throw new InputError(t('The file is UTF-16: save it as UTF-8.'), { line: 1, column: 1 });
  }
  if (isUtf8(bytes)) {
    return new TextDecoder().decode(bytes);
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const { offset, index } = firstInvalid(bytes, text);
  const lines = text.slice(0, index).split('\n');
  throw new InputError(t('The file is not UTF-8: byte {0} has no meaning here.', hex(bytes[offset]!)), {
    line: lines.length,
    column: lines.at(-1)!.length + 1,
  });
}

/** Where the first replacement character stands in the text, and the byte that it replaces. */
function firstInvalid(bytes: Buffer, text: string): { offset: number; index: number } {
  let offset = 0;
  let from = 0;
  for (;;) {
    const index = text.indexOf(replacement, from);
    offset += Buffer.byteLength(text.slice(from, index));
    if (!bytes.subarray(offset, offset + 3).equals(Buffer.from(replacement))) {
      return { offset, index };
    }
    // The file itself has this character.
    offset += 3;
    from = index + 1;
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
