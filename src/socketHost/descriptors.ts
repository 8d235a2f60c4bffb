import { readFileSync } from 'node:fs';
import { fileControl } from './sys/linux.js';
import * as sys from './sys/syscall.js';

/** The kernel's table of descriptors grows with the highest one: not higher than this for the host's few. */
const highest = 65536;

/** Read at the start: later there may be no descriptor left to read it with. */
const limit = Math.min(descriptorLimit(), highest);

/** Where the descriptors begin of which there may be many at a time. */
const base = Math.max(limit - 1024, Math.floor(limit * 0.75));

/**
 * The host's own descriptors, at the top of the range, so that the user's numbers stay the lowest free ones.
 * One is kept in reserve: a dup must succeed also when the user has taken all others.
 */
export class Descriptors {
  private reserve = -1;

  constructor(private readonly source: number) {
    this.refill();
  }

  /** Moves a descriptor to the top of the range. */
  static raise(fd: number): number {
    return raiseTo(limit - 16, fd);
  }

  /** The same for one of many: there may be no room at the very top. */
  static raiseOneOfMany(fd: number): number {
    return raiseTo(base, fd);
  }

  /** A dup at the top of the range; negative when there is none to be had. */
  dup(fd: number): number {
    const dup = sys.fcntl(fd, fileControl.F_DUPFD_CLOEXEC, base);
    if (dup >= 0 || this.reserve < 0) {
      return dup;
    }
    const { reserve } = this;
    this.reserve = -1;
    return sys.dup3(fd, reserve, fileControl.O_CLOEXEC);
  }

  /** A descriptor has been closed: takes the reserve again if it is used up. */
  refill(): void {
    if (this.reserve < 0) {
      this.reserve = sys.fcntl(this.source, fileControl.F_DUPFD_CLOEXEC, base);
    }
  }
}

/** The number from `from` on that the descriptor now has; its own where none is free. */
function raiseTo(from: number, fd: number): number {
  const raised = sys.fcntl(fd, fileControl.F_DUPFD_CLOEXEC, from);
  if (raised < 0) {
    return fd;
  }
  sys.close(fd);
  return raised;
}

function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
}
