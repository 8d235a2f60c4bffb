import type { SocketId } from '../../common/socket.js';

/** The longest that the two presses of a double press are apart, in ms. */
const doublePressMs = 500;

/** Presses of a button in a row that goes with its press: the second of a double press meets the row behind it. */
export class RowPresses {
  private last: { socketId: SocketId | undefined; at: number } | null = null;

  constructor(private readonly now = () => performance.now()) {}

  /** Whether this press belongs to the one before, which was on another row. */
  isSecond(socketId: SocketId | undefined): boolean {
    const at = this.now();
    const { last } = this;
    const isSecond = last !== null && last.socketId !== socketId && at - last.at < doublePressMs;
    this.last = { socketId: isSecond ? last.socketId : socketId, at };
    return isSecond;
  }
}
