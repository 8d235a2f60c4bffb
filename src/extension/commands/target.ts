import * as v from 'valibot';
import type { SocketId } from '../../common/socket.js';
import type { Answers } from './flow.js';
import { socketKey } from './callFlow.js';

/**
 * What a command was given: a row of the tree, an element of the page, or, from a key binding or another
 * extension, arguments by name.
 */
export interface Target {
  socketId?: SocketId;
  seq?: number;
  scenarioId?: string;
  /** The panel is to show what comes of it: the walkthrough hides it otherwise. */
  isShown?: boolean;
  /** Answers to the questions of a call, by the argument's name. */
  answers: Answers;
}

const identified = v.object({
  socketId: v.optional(v.pipe(v.number(), v.safeInteger())),
  seq: v.optional(v.pipe(v.number(), v.safeInteger())),
  scenarioId: v.optional(v.string()),
  isShown: v.optional(v.boolean()),
});

/** Keys of the tree's rows and of the page's contexts that are no arguments. */
const notArguments = new Set([
  'kind',
  'key',
  'seq',
  'scenarioId',
  'webview',
  'webviewSection',
  'socketWords',
  'preventDefaultContextMenuItems',
  'isWaiting',
]);

export function targetOf(argument: unknown): Target {
  const parsed = v.safeParse(identified, argument);
  const answers: Answers = new Map();
  if (!parsed.success) {
    return { answers };
  }
  const { socketId, seq, scenarioId, isShown } = parsed.output;
  for (const [key, value] of Object.entries(argument as object)) {
    if (!notArguments.has(key) && (typeof value === 'string' || typeof value === 'number')) {
      answers.set(key, String(value));
    }
  }
  return {
    answers: socketId === undefined ? answers : answers.set(socketKey, String(socketId)),
    ...(socketId === undefined ? {} : { socketId }),
    ...(seq === undefined ? {} : { seq }),
    ...(scenarioId === undefined ? {} : { scenarioId }),
    ...(isShown === undefined ? {} : { isShown }),
  };
}

/** Whether it is a row of the tree. */
export function isRow(argument: unknown): boolean {
  return v.is(v.object({ kind: v.literal('socket'), key: v.string() }), argument);
}
