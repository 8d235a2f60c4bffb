import { wordBytes, type WordBytes } from './wordBytes.js';

/**
 * A call that moved payload, to be filled in and given to `Capture.appendMoved`: one object serves any number
 * of records. Calls other than these go through `Capture.append`.
 */
export class MovedRow {
  seq = 0;
  /** By `callIdOf`: one of `recv read recvfrom send write sendto`. */
  call = 0;
  fd = -1;
  /** 0 where it is none of ours. */
  socketId = 0;
  /** 0 where the other end is unknown or not ours. */
  peerId = 0;
  /** The `flags` argument. */
  messageFlags = 0;
  /** The length argument. */
  requested = 0;
  /** The kernel's answer: a count, or a negative errno. */
  result = 0;
  startNs = 0;
  endNs = 0;
  hasWaited = false;
  /** Who made the call, as an index in `makers`. */
  maker = 0;
  /** Position of the first byte in the stream; −1 for datagrams. */
  streamOffset = -1;
  /** Where the capture holds the same bytes already, as those that an echo received; −1 where it does not. */
  sharedSegment = -1;
  sharedOffset = 0;
  /**
   * Of `recvfrom` and `sendto`: an AF_INET or AF_INET6 structure as the kernel has it, without a scope. An address
   * of another family goes through `Capture.append`. It may lie anywhere.
   */
  address: WordBytes = wordBytes(8);
  addressStart = 0;
  /** 0 without an address. */
  addressLength = 0;
  /** The length that was passed for the address to be written. */
  addressRoom = 128;
}
