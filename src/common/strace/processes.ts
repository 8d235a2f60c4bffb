import type { ObservedFile, ObservedSocket } from './observedSocket.js';

/** What a number of a process stands for. */
interface Place {
  file: ObservedFile;
  /** Null for a copy that fork(2) made, as long as nobody uses it. */
  socket: ObservedSocket | null;
  /** At first: what is set later is its socket's. */
  isCloseOnExec: boolean;
}

function isCloseOnExec(place: Place): boolean {
  return (place.socket ?? place).isCloseOnExec;
}

/** The descriptors of a process: shared by its threads. */
export class FileTable {
  readonly places = new Map<number, Place>();
  /** Numbers that were sockets: who goes on using one has a fault worth seeing. */
  readonly closed = new Set<number>();
  users = 1;

  /** Another process's, as fork(2) copies it. */
  copy(): FileTable {
    const table = new FileTable();
    for (const [fd, place] of this.places) {
      table.put(fd, { file: place.file, socket: null, isCloseOnExec: isCloseOnExec(place) });
    }
    return table;
  }

  put(fd: number, place: Place): void {
    place.file.holders += 1;
    this.places.set(fd, place);
    this.closed.delete(fd);
  }

  /** The number stands for nothing any more. */
  remove(fd: number): Place | undefined {
    const place = this.places.get(fd);
    if (place) {
      this.places.delete(fd);
      this.closed.add(fd);
      place.file.holders -= 1;
    }
    return place;
  }
}

/** A thread of a traced program. */
export class Thread {
  /** The program's name without its path; null as long as the log has not said it. */
  name: string | null = null;
  /** Whether it has made or used a socket. */
  hasUsedSocket = false;

  constructor(
    /** The number; null where the log has none. */
    readonly pid: number | null,
    /** That of the process: its first thread's. */
    public group: number | null,
    public table: FileTable,
  ) {}

  /** For people: `python3[4101]`. */
  get label(): string | null {
    return labelOf(this.name, this.pid);
  }

  get processLabel(): string | null {
    return labelOf(this.name, this.group);
  }
}

function labelOf(name: string | null, pid: number | null): string | null {
  return pid === null ? name : name === null ? `pid ${pid}` : `${name}[${pid}]`;
}

/** A clone(2) that has begun and not returned. */
interface Birth {
  parent: Thread;
  flags: readonly string[];
  child: number | null;
}

/** The threads of a log and what they share. */
export class Processes {
  private readonly threads = new Map<number | null, Thread>();
  private readonly births: Birth[] = [];

  /** @param end Called with each place of a process that has ended. */
  constructor(private readonly end: (place: Place) => void) {}

  /** A process with its threads, before anything is known of its descriptors. */
  know(pid: number, name: string | null, threads: readonly number[]): void {
    const table = new FileTable();
    table.users = 0;
    for (const each of new Set([pid, ...threads])) {
      const thread = new Thread(each, pid, table);
      thread.name = name;
      table.users += 1;
      this.threads.set(each, thread);
    }
  }

  /**
   * The thread of a line. One that nobody has told of is a child of whoever is making one; where several are, the log
   * says later whose.
   */
  of(pid: number | null): Thread {
    const known = this.threads.get(pid);
    if (known) {
      return known;
    }
    const birth = this.births.find(({ child }) => child === null);
    if (birth && pid !== null) {
      birth.child = pid;
      return this.make(pid, birth.parent, birth.flags);
    }
    const thread = new Thread(pid, pid, new FileTable());
    this.threads.set(pid, thread);
    return thread;
  }

  /** A thread begins to make another one. */
  beginBirth(parent: Thread, flags: readonly string[]): void {
    this.births.push({ parent, flags, child: null });
  }

  /**
   * It has, or has failed: the number may have been seen before. False where the process was taken for another one's
   * child, and has used sockets as such.
   */
  endBirth(parent: Thread, flags: readonly string[], pid: number | null): boolean {
    const at = this.births.findIndex((birth) => birth.parent === parent);
    const birth = at < 0 ? undefined : this.births.splice(at, 1)[0];
    const mistaken = birth?.child ?? null;
    if (mistaken === pid) {
      return true;
    }
    if (pid !== null && pid > 0) {
      const taken = this.births.find(({ child }) => child === pid);
      if (taken) {
        const isWhole = this.adopt(pid, taken.parent, { parent, flags });
        taken.child = mistaken;
        return (mistaken === null || this.adopt(mistaken, parent, taken)) && isWhole;
      }
      if (!this.threads.has(pid) || birth === undefined) {
        this.make(pid, parent, flags);
      }
    }
    const other = mistaken === null ? undefined : this.births.find(({ child }) => child === null);
    if (other) {
      other.child = mistaken;
      return this.adopt(mistaken!, parent, other);
    }
    return true;
  }

  /** What remains open is closed by the kernel. */
  exit(pid: number | null): void {
    const thread = this.threads.get(pid);
    if (thread) {
      this.threads.delete(pid);
      this.leave(thread.table);
    }
  }

  /** execve(2) leaves no other thread and takes what is marked so. */
  execute(thread: Thread, name: string | null): void {
    thread.name = name ?? thread.name;
    thread.group = thread.pid;
    for (const [fd, place] of [...thread.table.places]) {
      if (isCloseOnExec(place)) {
        thread.table.remove(fd);
        this.end(place);
      }
    }
  }

  private make(pid: number, parent: Thread, flags: readonly string[]): Thread {
    const thread = new Thread(pid, groupOf(pid, parent, flags), inherited(parent, flags));
    thread.name = parent.name;
    this.threads.set(pid, thread);
    return thread;
  }

  /** Gives a thread to its parent: it was taken for another one's child. False where it has used sockets as such. */
  private adopt(pid: number, from: Thread, { parent, flags }: Omit<Birth, 'child'>): boolean {
    const thread = this.threads.get(pid);
    if (!thread || (thread.table === parent.table && flags.includes('CLONE_FILES'))) {
      return true;
    }
    if (thread.hasUsedSocket) {
      return false;
    }
    const { table, name } = thread;
    thread.table = inherited(parent, flags);
    thread.group = groupOf(pid, parent, flags);
    thread.name = name === from.name ? parent.name : name;
    this.leave(table);
    return true;
  }

  private leave(table: FileTable): void {
    table.users -= 1;
    if (table.users > 0) {
      return;
    }
    for (const fd of [...table.places.keys()]) {
      this.end(table.remove(fd)!);
    }
  }
}

/** The descriptors that a thread has from the one that makes it. */
function inherited({ table }: Thread, flags: readonly string[]): FileTable {
  if (!flags.includes('CLONE_FILES')) {
    return table.copy();
  }
  table.users += 1;
  return table;
}

function groupOf(pid: number, parent: Thread, flags: readonly string[]): number | null {
  return flags.includes('CLONE_THREAD') ? parent.group : pid;
}

export type { Place };
