import { fstatSync } from 'node:fs';
import type { DescriptorKind } from '../common/socket.js';
import type { FileOrigin } from './fileIdentity.js';
import type { OpenFile } from './openFile.js';
import { fileControl, option } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import * as sys from './sys/syscall.js';

/**
 * What is behind a descriptor that arrived from somewhere: the open file of ours that it is another descriptor of, or what
 * the kernel says of it.
 * @param files All that are open here.
 */
export function identify(fd: number, files: Iterable<OpenFile>): FileOrigin | OpenFile {
  const status = fstatSync(fd);
  const kind = status.isSocket() ? 'socket' : status.isFIFO() ? 'pipe' : 'file';
  const known = [...files].find((file) => file.kind === kind && isSame(file, fd, status.ino));
  if (known && known.handle < 0) {
    // It was only in a message for a while.
    known.forgetDescriptors();
  }
  return known ?? originOf(fd, kind);
}

/** A socket has one open file; the two ends of a pipe have one inode, and it may be open more than once. */
function isSame(file: OpenFile, fd: number, inode: number): boolean {
  const { handle } = file;
  if (handle < 0) {
    return file.inode === inode && (file.isSocket || file.role === pipeRole(fd));
  }
  file.inode ??= fstatSync(handle).ino;
  return file.inode === inode && (file.isSocket || sys.fcntl(handle, fileControl.F_DUPFD_QUERY, fd) === 1);
}

function pipeRole(fd: number): 'reader' | 'writer' {
  const mode = sys.fcntl(fd, fileControl.F_GETFL, 0) & fileControl.accessMode;
  return mode === fileControl.O_WRONLY ? 'writer' : 'reader';
}

function originOf(fd: number, kind: DescriptorKind): FileOrigin {
  const flags = Math.max(0, sys.fcntl(fd, fileControl.F_GETFL, 0));
  const isNonBlocking = (flags & fileControl.O_NONBLOCK) !== 0;
  const ask = (name: number) => (kind === 'socket' ? read(fd, name) : null);
  if (!isNonBlocking) {
    // For whoever else has it too, until it is closed here: the bit belongs to the open file.
    sys.fcntl(fd, fileControl.F_SETFL, flags | fileControl.O_NONBLOCK);
  }
  return {
    kind,
    domain: ask(option.SO_DOMAIN),
    type: ask(option.SO_TYPE),
    protocol: ask(option.SO_PROTOCOL),
    role: kind === 'pipe' ? pipeRole(fd) : 'received',
    state: kind === 'socket' ? stateOf(fd) : 'open',
    isNonBlocking,
    isForeign: true,
    listener: null,
  };
}

/** What can be told of the calls that somebody else has made on it. */
function stateOf(fd: number): OpenFile['state'] {
  if (read(fd, option.SO_ACCEPTCONN) === 1) {
    return 'listening';
  }
  const cell = new IntCell();
  cell.value = 0;
  return sys.getpeername(fd, new Memory(128), cell) < 0 ? 'open' : 'connected';
}

function read(fd: number, name: number): number | null {
  const memory = new Memory(4);
  const cell = new IntCell();
  cell.value = 4;
  return sys.getsockopt(fd, option.SOL_SOCKET, name, memory, cell) < 0
    ? null
    : new DataView(memory.bytes.buffer).getInt32(0, true);
}
