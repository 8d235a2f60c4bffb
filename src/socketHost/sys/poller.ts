import koffi, { type node } from 'koffi';
import type { Disposable } from '../../common/lifecycle.js';
import { epoll, epollControl } from './linux.js';
import { Memory } from './memory.js';
import * as sys from './syscall.js';

/** Events fetched by one call, and calls a wake: what is left then waits for the other work of the loop. */
const eventsAFetch = 128;
const fetchesAWake = 4;
/**
 * Under messages that come one by one a round through the loop costs as much as they do. After so many wakes, each within so
 * short a time of the one before, a wake that leaves nothing for the loop to do waits for more itself, so often and so long
 * at most. Where nothing came it was the loop that was to bring it: so many wakes follow before the next try.
 */
const denseWakes = 32;
const denseMs = 1;
const lingersAWake = 7;
const lingerMs = 5;
const wakesWithout = 2000;
const words = 3;

const arrivals = (epoll.IN | epoll.PRI | epoll.RDHUP | epoll.ET) >>> 0;
/**
 * Room to send is told of anew with every datagram that leaves, to nobody where none waits for it: asked for only then.
 */
const arrivalsAndRoom = (arrivals | epoll.OUT) >>> 0;

/** Told of the events of epoll(7) that are up; edge-triggered, so each change is told once. */
export interface ReadinessListener {
  /** Whether they leave nothing for the loop to do. */
  onReady(events: number): boolean;
}

/** koffi passes `(status, events)`, other than its types say. */
type PollCallback = (status: number, events: unknown) => void;

/**
 * Readiness of all sockets through one edge-triggered epoll descriptor, itself watched by libuv. What must
 * never happen is that libuv polls an invalid descriptor: that aborts the process. So it sees only this one.
 */
export class Poller implements Disposable {
  private readonly events = new Memory(eventsAFetch * words * 4);
  private readonly fetched = new Uint32Array(this.events.bytes.buffer);
  private readonly event = new Memory(words * 4);
  private readonly eventWords = new Uint32Array(this.event.bytes.buffer);
  private readonly listeners: (ReadinessListener | undefined)[] = [];
  /** Tells an event of a slot's former owner from one of the present. */
  private readonly generations: number[] = [];
  private readonly free: number[] = [];
  /** Held: an unreferenced handle is collected and falls silent. */
  private readonly handle: node.PollHandle;
  private isDisposed = false;
  /** When the last wake ended, how many have come at a short distance, and whether what was served leaves nothing to do. */
  private servedAt = -Infinity;
  private dense = 0;
  private isQuiet = false;
  /** Counts the fetches: the events of one are served in one go. */
  fetches = 0;

  /** @param epfd An epoll descriptor, which the poller does not close. */
  constructor(private readonly epfd: number) {
    const callback: PollCallback = () => this.wake();
    this.handle = koffi.node.poll(epfd, { readable: true }, callback as never);
  }

  /**
   * Watches a descriptor from now on; what is up already is told at once. Returns its slot.
   * @param withRoom Whether room to send is told of as well, as after {@link addRoom}.
   */
  add(fd: number, listener: ReadinessListener, withRoom: boolean): number {
    const slot = this.free.pop() ?? this.listeners.length;
    this.listeners[slot] = listener;
    this.generations[slot] = ((this.generations[slot] ?? 0) + 1) >>> 0;
    this.control(epollControl.CTL_ADD, fd, slot, withRoom ? arrivalsAndRoom : arrivals);
    return slot;
  }

  /** Tells of room to send as well from now on; of all that is up already once more. */
  addRoom(fd: number, slot: number): void {
    this.control(epollControl.CTL_MOD, fd, slot, arrivalsAndRoom);
  }

  /** To be called before the descriptor is closed. */
  remove(fd: number, slot: number): void {
    this.listeners[slot] = undefined;
    this.free.push(slot);
    this.control(epollControl.CTL_DEL, fd, slot, 0);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.handle.close();
    }
  }

  private control(op: number, fd: number, slot: number, mask: number): void {
    this.eventWords[0] = mask;
    this.eventWords[1] = slot;
    this.eventWords[2] = this.generations[slot]!;
    const result = sys.epollControl(this.epfd, op, fd, this.event);
    if (result < 0) {
      throw new Error(`epoll_ctl(${op}, ${fd}) failed with errno ${-result}.`);
    }
  }

  private wake(): void {
    // koffi swallows what is thrown here and throws it from an unrelated call.
    try {
      this.dense = performance.now() - this.servedAt < denseMs ? this.dense + 1 : Math.min(this.dense, 0);
      this.serveAll(this.dense < denseWakes ? 0 : lingersAWake);
      this.servedAt = performance.now();
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
  }

  /** @param lingers How often it may wait for more. */
  private serveAll(lingers: number): void {
    let timeoutMs = 0;
    let served = 0;
    for (let fetches = fetchesAWake; fetches > 0 && !this.isDisposed;) {
      const count = this.serve(timeoutMs);
      served += count;
      if (count === eventsAFetch) {
        fetches--;
        timeoutMs = 0;
      } else if (count > 0 && this.isQuiet && served < eventsAFetch && lingers-- > 0) {
        timeoutMs = lingerMs;
      } else {
        if (count === 0 && timeoutMs > 0) {
          this.dense = -wakesWithout;
        }
        return;
      }
    }
  }

  /** Fetches events and has them served. How many there were. */
  private serve(timeoutMs: number): number {
    this.fetches++;
    this.isQuiet = true;
    const count = sys.epollFetch(this.epfd, this.events, eventsAFetch, timeoutMs);
    for (let at = 0; at < count * words; at += words) {
      const slot = this.fetched[at + 1]!;
      if (
        this.generations[slot] === this.fetched[at + 2] &&
        !this.listeners[slot]?.onReady(this.fetched[at]!)
      ) {
        this.isQuiet = false;
      }
    }
    return count;
  }
}
