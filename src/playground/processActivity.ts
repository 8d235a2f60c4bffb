import { readFileSync } from 'node:fs';

/** Ticks of the kernel's clock, of which there are 100 a second, that are more than the odd timer takes. */
const leastTicks = 10;

/** Looks at what a process does, where the system tells (`/proc`). */
export class ProcessActivity {
  private lastTicks = Infinity;

  constructor(private readonly pid: number) {}

  /** Whether it runs, waits for its turn, or has taken a good part of its processor since the last look. */
  isBusy(): boolean {
    const status = this.read();
    if (!status) {
      return false;
    }
    const hasWorked = status.ticks - this.lastTicks >= leastTicks;
    this.lastTicks = status.ticks;
    return hasWorked || status.state === 'R';
  }

  private read(): { state: string; ticks: number } | undefined {
    try {
      const text = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
      // The name of the program, in parentheses, may hold anything; `state` is the third field, `utime` the 14th.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return { state: fields[0] ?? '', ticks: Number(fields[11]) + Number(fields[12]) };
    } catch {
      return undefined;
    }
  }
}
