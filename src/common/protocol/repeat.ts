import type { Named, SocketId } from '../socket.js';
import type { PanelCall } from './panel.js';

/** A call to be made again and again. */
export interface RepeatRequest {
  /** With its templates: each repetition draws its own values. */
  call: PanelCall;
  /** The socket behind its descriptor: with it the repetitions end. Null for a call without one. */
  socketId: SocketId | null;
  count: number;
  /** From the start of one to the start of the next; a call that takes longer is not overtaken. */
  intervalMs: number;
  stopsAtError: boolean;
  /** What `{{counter}}` is in the first one. */
  firstCounter: number;
}

export const repeatLimits = { count: 1_000_000, intervalMs: 24 * 60 * 60 * 1000 } as const;

/** Why a repeated call has ended. */
export type RepeatEnd =
  | { kind: 'done' }
  /** By the user. */
  | { kind: 'stopped' }
  | { kind: 'error'; errno: Named }
  /** Its socket was closed. */
  | { kind: 'closed' }
  /** The next call could not be made; a sentence for people. */
  | { kind: 'problem'; message: string };

/** How far a repeated call is. */
export interface RepeatInfo {
  id: number;
  name: string;
  socketId: SocketId | null;
  count: number;
  intervalMs: number;
  /** Repetitions that have begun: each has used a value of the counter, one that waits too. */
  begun: number;
  /** Those that have returned. */
  made: number;
  failed: number;
  /** One of them waits. */
  isWaiting: boolean;
  /** Null while it goes on. */
  end: RepeatEnd | null;
}

/** What the start of one has come to. */
export type RepeatStart = { kind: 'started'; id: number } | { kind: 'refused'; message: string };
