import type { PastSocket, SocketInfo } from '../common/socket.js';

/** So many are kept: the oldest go first. */
const most = 16;
const nothing: readonly PastSocket[] = [];

type State = Omit<PastSocket, 'untilNs'>;

/**
 * What an open file was when answers came that its state explains. Nearly all files have none: what comes and goes without
 * such an answer is not kept.
 */
export class FilePast {
  /** As it was with the last such answer. */
  private answered: State | null = null;
  private all: readonly PastSocket[] = nothing;

  constructor(private readonly file: Readonly<State>) {}

  /**
   * A call on the file has returned, at this time of records.
   * @param isExplained Whether what the file is now explains the answer.
   */
  note(ns: number, isExplained: boolean): void {
    const { answered, file } = this;
    if (answered && !isSame(answered, file)) {
      this.all = [...this.all, { ...answered, untilNs: ns }].slice(-most);
      this.answered = null;
    }
    if (isExplained) {
      const { state, isShutdownRead, isShutdownWrite, local } = file;
      this.answered = { state, isShutdownRead, isShutdownWrite, local };
    }
  }

  /** As it is told of a descriptor: one that is closed is nothing of what the file was. */
  told(isClosed: boolean): SocketInfo['past'] {
    const { answered, all } = this;
    const told = isClosed && answered ? [...all, { ...answered, untilNs: Number.MAX_SAFE_INTEGER }] : all;
    return told.length > 0 ? told : undefined;
  }
}

function isSame(a: State, b: State): boolean {
  return (
    a.state === b.state && a.isShutdownRead === b.isShutdownRead && a.isShutdownWrite === b.isShutdownWrite
  );
}
