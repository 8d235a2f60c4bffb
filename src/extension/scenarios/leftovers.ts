import type { SocketId, SocketInfo } from '../../common/socket.js';
import type { Playground } from '../../playground/playground.js';
import { isOpen } from '../../playground/socketBook.js';
import { ScenarioMemory } from '../../playground/scenarioScope.js';

/** Between two looks whether another process still has a socket. */
const lookMs = 1000;

interface Leftover {
  memory: ScenarioMemory;
  /** The lines that have run, as they were. */
  done: string;
  /** The line where it can go on, counted from 1; undefined where the run went to its end, or failed. */
  next: number | undefined;
}

/**
 * What the last run of each file has left: sockets to look at, and where a run ended at a line, what its names stand for.
 * The next run of the file goes on with it, or clears it away.
 */
export class Leftovers {
  private readonly files = new Map<string, Leftover>();
  /** Those whose files are looked at again and again. */
  private readonly looking = new WeakSet<ScenarioMemory>();

  constructor(private readonly playground: Playground) {}

  /** Whether a run can go on at a line, counted from 1: the one before ended there, and nothing above was changed. */
  canGoOn(id: string, line: number, text: string): boolean {
    const left = this.files.get(id);
    return left?.next === line && left.done === linesBefore(text, line);
  }

  /** The sockets that the last run of a file has made. */
  madeBy(id: string): ReadonlySet<SocketId> {
    return this.files.get(id)?.memory.sockets ?? new Set();
  }

  /** Those of them that are open. */
  openOf(id: string): SocketInfo[] {
    const made = this.madeBy(id);
    return made.size === 0 ? [] : this.playground.openSockets.filter((socket) => made.has(socket.id));
  }

  /** The files whose last run has made one of some sockets. */
  filesOf(sockets: readonly SocketInfo[]): string[] {
    return [...this.files]
      .filter(([, { memory }]) => sockets.some(({ id }) => memory.sockets.has(id)))
      .map(([id]) => id);
  }

  /**
   * What a run begins with. A run that does not go on closes the sockets of the last one, by real calls, and removes its
   * socket files: it finds its ports and paths free.
   * @param first The line that it begins at.
   */
  async take(id: string, first: number, text: string, madeBy: string): Promise<ScenarioMemory> {
    const left = this.files.get(id);
    if (left && this.canGoOn(id, first, text)) {
      return left.memory;
    }
    this.files.delete(id);
    if (left) {
      await this.playground.close(left.memory.sockets, { madeBy });
      await left.memory.files.remove();
    }
    return new ScenarioMemory();
  }

  /**
   * Notes what a run has left.
   * @param goOn The line where it can go on; its socket files stay until then. Else each goes with its socket.
   */
  async leave(id: string, memory: ScenarioMemory, goOn?: { line: number; text: string }): Promise<void> {
    this.files.set(id, { memory, next: goOn?.line, done: goOn ? linesBefore(goOn.text, goOn.line) : '' });
    if (!goOn) {
      await this.removeWithSockets(memory);
    }
  }

  /** Removes the files of sockets that are closed, and the others as soon as theirs are. */
  private async removeWithSockets(memory: ScenarioMemory): Promise<void> {
    const { playground } = this;
    await playground.whenKnown(playground.lastSeq);
    const subscription = playground.onDidChange(({ sockets }) => {
      if (memory.files.count === 0) {
        subscription.dispose();
      } else if (sockets.some((socket) => !isOpen(socket) && memory.sockets.has(socket.id))) {
        void this.removeLeft(memory);
      }
    });
    await this.removeLeft(memory);
  }

  /** Where all of its sockets are closed here, another process has what is left, or a message: nothing tells of its end. */
  private async removeLeft(memory: ScenarioMemory): Promise<void> {
    await memory.files.removeLeft();
    const isHeldHere = this.playground.openSockets.some(({ id }) => memory.sockets.has(id));
    if (memory.files.count > 0 && !isHeldHere && !this.looking.has(memory)) {
      this.looking.add(memory);
      setTimeout(() => {
        this.looking.delete(memory);
        void this.removeLeft(memory);
      }, lookMs).unref();
    }
  }
}

function linesBefore(text: string, line: number): string {
  return text
    .split('\n')
    .slice(0, line - 1)
    .join('\n');
}
