/** Keeps the order of the lines of several threads. */
export const nodeTurns = `
/**
 * The order of the lines. The next to start is always the first in the file, not yet started, whose thread does not
 * wait. A line that may wait and has not ended within \`patience\` milliseconds counts as waiting, and as long a time is
 * given to a wait that the latest line may have ended.
 */
class Turns {
  patience = 100;
  latest = 0;
  done = new Set();
  threads;

  constructor(firstLines) {
    this.threads = new Map(
      Object.entries(firstLines).map(([name, upcoming]) => [name, { upcoming, state: 'idle', since: 0 }]),
    );
  }

  isTurn(thread, line) {
    const now = performance.now();
    for (const [name, { upcoming, state, since }] of this.threads) {
      const goesFirst = upcoming < line;
      if (
        name !== thread &&
        (state === 'runs' ||
          (state === 'idle' && goesFirst) ||
          (state === 'may wait' && now - since < this.patience) ||
          (state !== 'idle' && goesFirst && now - this.latest < this.patience))
      ) {
        return false;
      }
    }
    return true;
  }

  /** Resolves when it is a line's turn, and the lines whose values it uses are done. */
  async begin(thread, line, upcoming, state, givers = []) {
    const own = this.threads.get(thread);
    while (!givers.every((giver) => this.done.has(giver))) {
      own.state = 'waits';
      await delay(5);
    }
    own.state = 'idle';
    while (!this.isTurn(thread, line)) {
      await delay(5);
    }
    Object.assign(own, { state, since: performance.now(), upcoming });
  }

  end(thread, line) {
    this.threads.get(thread).state = 'idle';
    this.done.add(line);
    this.latest = performance.now();
  }
}
`;
