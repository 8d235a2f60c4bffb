import * as v from 'valibot';
import type { Call, Value } from '../../common/call.js';
import type { CallTemplate } from '../../common/callTemplate.js';
import type { LessonAction } from '../../common/protocol/lesson.js';
import type { PanelAutomation, PanelCall, PanelMethods, PanelView } from '../../common/protocol/panel.js';
import type { FramerState } from '../../common/framing/framer.js';
import { type Framing, mostBefore, mostLength } from '../../common/framing/framing.js';
import { repeatLimits, type RepeatRequest } from '../../common/protocol/repeat.js';
import { type Replies, replyLimits, ruleKinds } from '../../common/replyRules.js';
import type { SocketAddress } from '../../common/socket.js';
import { optionLevels } from '../../common/tables/optionLevels.js';
import { faultRows } from '../../common/tap/faults.js';
import { isCallName, type CallName } from '../../common/tables/signatures.js';

// Everything the page sends is checked here before anything acts on it. Limits are far above what a person
// does and far below what would hurt.
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const socketId = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const shortText = v.pipe(v.string(), v.maxLength(1000));
const maxText = 16 * 1024 * 1024;
const maxBytes = 64 * 1024 * 1024;
/** More buffers than one message takes, and more descriptors than a person polls. */
const maxItems = 2000;
const maxParts = 100_000;
const bytes = v.pipe(
  v.instance(Uint8Array),
  v.check(({ length }) => length <= maxBytes, 'Too many bytes.'),
);
const int = v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1));
const named = v.union([shortText, v.number()]);
const name = v.pipe(v.string(), v.maxLength(100));

const address: v.GenericSchema<unknown, SocketAddress> = v.variant('family', [
  v.strictObject({ family: v.literal('AF_INET'), address: shortText, port: v.number() }),
  v.pipe(
    v.strictObject({
      family: v.literal('AF_INET6'),
      address: shortText,
      port: v.number(),
      flowinfo: v.optional(v.number()),
      scopeId: v.optional(named),
    }),
    v.transform(({ flowinfo, scopeId, ...rest }) => ({
      ...rest,
      ...(flowinfo === undefined ? {} : { flowinfo }),
      ...(scopeId === undefined ? {} : { scopeId }),
    })),
  ),
  v.strictObject({ family: v.literal('AF_UNIX'), name: bytes, isAbstract: v.boolean() }),
  v.strictObject({ family: v.literal('AF_NETLINK'), pid: v.number(), groups: v.number() }),
  v.strictObject({ family: v.literal('AF_PACKET'), interface: named, protocol: named }),
  v.strictObject({ family: v.literal('AF_VSOCK'), cid: v.number(), port: v.number() }),
  v.strictObject({ family: v.literal('AF_CAN'), interface: named }),
  v.strictObject({ family: v.literal('raw'), bytes }),
]);

const value: v.GenericSchema<unknown, Value> = v.union([
  v.number(),
  v.bigint(),
  v.null(),
  address,
  v.variant('kind', [
    v.strictObject({ kind: v.literal('data'), bytes, length: count }),
    v.strictObject({
      kind: v.literal('struct'),
      fields: v.pipe(
        v.array(v.strictObject({ name: shortText, value: v.lazy(() => value) })),
        v.maxLength(100),
      ),
    }),
    v.strictObject({
      kind: v.literal('list'),
      items: v.pipe(v.array(v.lazy(() => value)), v.maxLength(maxItems)),
    }),
    v.strictObject({ kind: v.literal('inout'), value: v.number(), result: v.nullable(v.number()) }),
    v.strictObject({ kind: v.literal('any') }),
  ]),
]);

/** Objects within objects in an argument: the deepest, a structure in a control message, is far from it. */
const maxDepth = 32;

/** Whether an argument can be looked through at all: a page that is not ours must not exhaust the stack or the memory. */
function isModest(argument: unknown): boolean {
  let level: unknown[] = [argument];
  let size = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) {
      return false;
    }
    const below: unknown[] = [];
    for (const part of level) {
      if (part instanceof Uint8Array) {
        size += part.length;
      } else if (typeof part === 'object' && part !== null) {
        for (const inner of Object.values(part)) {
          below.push(inner);
        }
      }
    }
    if (size > maxBytes || below.length > maxParts) {
      return false;
    }
    level = below;
  }
  return true;
}

const argument = v.pipe(v.unknown(), v.check(isModest, 'Too deep or too large.'), value);

const callName = v.custom<CallName>((name) => typeof name === 'string' && isCallName(name));

const call: v.GenericSchema<unknown, Call> = v.pipe(
  v.object({ name: callName, args: v.pipe(v.array(argument), v.maxLength(10)) }),
  v.transform(({ name, args }) => ({ name, args })),
);

const template: v.GenericSchema<unknown, CallTemplate> = v.strictObject({
  argument: v.pipe(count, v.maxValue(9)),
  part: v.nullable(v.pipe(count, v.maxValue(maxItems))),
  source: v.strictObject({
    mode: v.picklist(['text', 'hex']),
    text: v.pipe(v.string(), v.maxLength(maxText)),
    ending: v.picklist(['LF', 'CRLF', 'CR', 'none']),
  }),
});

const panelCall: v.GenericSchema<unknown, PanelCall> = v.pipe(
  v.strictObject({
    call,
    hostName: v.optional(
      v.strictObject({
        host: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
        port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
      }),
    ),
    socketName: v.optional(name),
    templates: v.exactOptional(v.pipe(v.array(template), v.maxLength(maxItems))),
    isByHand: v.exactOptional(v.boolean()),
  }),
  v.transform(({ hostName, socketName, ...rest }) => ({
    ...rest,
    ...(hostName ? { hostName } : {}),
    ...(socketName === undefined ? {} : { socketName }),
  })),
);

const replies: v.GenericSchema<unknown, Replies> = v.strictObject({
  unit: v.picklist(['receive', 'line']),
  rules: v.pipe(
    v.array(
      v.strictObject({
        kind: v.picklist(ruleKinds),
        pattern: v.pipe(v.string(), v.maxLength(replyLimits.pattern)),
        reply: v.pipe(v.string(), v.maxLength(replyLimits.reply)),
      }),
    ),
    v.maxLength(replyLimits.rules),
  ),
});

const automation: v.GenericSchema<unknown, PanelAutomation> = v.strictObject({
  socketId,
  mode: v.nullable(v.picklist(['accept', 'receive', 'echo', 'discard', 'reply'])),
  replies: v.exactOptional(replies),
});

const repeat: v.GenericSchema<unknown, RepeatRequest> = v.strictObject({
  call: panelCall,
  socketId: v.nullable(socketId),
  count: v.pipe(seq, v.maxValue(repeatLimits.count)),
  intervalMs: v.pipe(count, v.maxValue(repeatLimits.intervalMs)),
  stopsAtError: v.boolean(),
  firstCounter: seq,
});

export const viewMode = v.picklist(['lanes', 'table']);

const panelView: v.GenericSchema<unknown, PanelView> = v.strictObject({
  isPaused: v.boolean(),
  isInspectorVisible: v.boolean(),
  region: v.nullable(v.picklist(['toolbar', 'lesson', 'records', 'composer', 'inspector', 'detail'])),
  isEditing: v.boolean(),
  filter: v.pipe(v.string(), v.maxLength(10_000)),
  mode: viewMode,
});

const framing: v.GenericSchema<unknown, Framing> = v.variant('kind', [
  v.strictObject({ kind: v.literal('line'), ending: v.picklist(['LF', 'CRLF']) }),
  v.strictObject({
    kind: v.literal('fixed'),
    length: v.pipe(count, v.minValue(1), v.maxValue(mostLength)),
  }),
  v.strictObject({
    kind: v.literal('length'),
    width: v.picklist([1, 2, 4]),
    isLittleEndian: v.boolean(),
    before: v.pipe(count, v.maxValue(mostBefore)),
    isWhole: v.boolean(),
  }),
]);

const framerState: v.GenericSchema<unknown, FramerState> = v.strictObject({
  position: count,
  start: count,
  number: count,
  end: v.nullable(count),
  flags: count,
  head: v.pipe(v.array(v.pipe(count, v.maxValue(255))), v.maxLength(4)),
  isAfterCR: v.boolean(),
  lostAt: v.nullable(count),
});

const directionFaults = v.record(
  v.picklist(faultRows.map((row) => row.name)),
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
);

const lessonAction: v.GenericSchema<unknown, LessonAction> = v.variant('kind', [
  v.strictObject({
    kind: v.picklist(['step', 'runToEnd', 'restart', 'pass', 'next', 'openFile', 'close', 'leave']),
  }),
  v.strictObject({
    kind: v.literal('answer'),
    line: v.pipe(count, v.maxValue(1_000_000)),
    given: v.union([v.pipe(count, v.maxValue(1000)), v.pipe(v.string(), v.maxLength(1000))]),
  }),
  v.strictObject({ kind: v.literal('type'), text: v.pipe(v.string(), v.minLength(1), v.maxLength(10_000)) }),
]);

const none = v.undefined();
const scenario = v.strictObject({ id: v.pipe(v.string(), v.maxLength(10_000)) });

type Schemas = {
  [K in keyof PanelMethods]: v.GenericSchema<
    unknown,
    Parameters<PanelMethods[K]> extends [infer Request] ? Request : undefined
  >;
};

/** What each method takes. */
export const panelSchemas: Schemas = {
  ready: none,
  call: panelCall,
  cancel: v.strictObject({ seq }),
  repeat,
  automate: automation,
  stopRepeat: v.strictObject({ id: seq }),
  readRecords: v.strictObject({ from: count, count: v.pipe(count, v.maxValue(10_000)) }),
  readEach: v.strictObject({ seqs: v.pipe(v.array(seq), v.maxLength(1000)) }),
  filterRecords: v.strictObject({
    id: count,
    filter: v.pipe(v.string(), v.maxLength(10_000)),
    from: count,
    to: v.exactOptional(count),
    count: v.pipe(count, v.maxValue(20_000)),
  }),
  cancelFilter: v.strictObject({ id: count }),
  sortRecords: v.strictObject({
    id: count,
    filter: v.pipe(v.string(), v.maxLength(10_000)),
    by: v.picklist(['time', 'took', 'fd', 'call', 'len', 'result']),
    isDescending: v.boolean(),
  }),
  frameStream: v.strictObject({
    socketIds: v.pipe(v.array(socketId), v.maxLength(1000)),
    direction: v.picklist(['in', 'out']),
    framing,
    from: count,
    state: v.nullable(framerState),
    again: v.nullable(count),
  }),
  surveyRecords: v.strictObject({
    from: count,
    to: v.exactOptional(count),
    width: v.pipe(count, v.minValue(1)),
    count: v.pipe(count, v.maxValue(4096)),
  }),
  readData: v.strictObject({ seq, offset: count, length: v.pipe(count, v.maxValue(maxBytes)) }),
  watch: v.strictObject({ socketIds: v.pipe(v.array(socketId), v.maxLength(100_000)) }),
  inspect: v.strictObject({
    socketId,
    levels: v.exactOptional(v.pipe(v.array(v.picklist(optionLevels())), v.maxLength(100))),
  }),
  lookAtSystemSocket: v.union([v.strictObject({ key: shortText }), v.strictObject({ socketId })]),
  probeFamilies: v.strictObject({
    probes: v.pipe(v.array(v.strictObject({ domain: int, type: int, protocol: int })), v.maxLength(10_000)),
  }),
  rename: v.strictObject({ socketId, name: v.nullable(v.pipe(v.string(), v.maxLength(100))) }),
  select: v.strictObject({ socketId: v.nullable(socketId), seq: v.nullable(seq) }),
  setView: panelView,
  runScenario: scenario,
  openLesson: scenario,
  actOnLesson: lessonAction,
  openScenario: scenario,
  restart: none,
  copy: v.strictObject({ text: v.pipe(v.string(), v.maxLength(maxText)) }),
  saveStream: v.strictObject({ socketId }),
  openText: v.strictObject({
    text: v.pipe(v.string(), v.maxLength(maxText)),
    language: v.picklist(['json', 'plaintext']),
  }),
  pickFile: none,
  stopTrace: none,
  makeScenario: none,
  keepFraming: v.strictObject({ of: v.union([socketId, shortText]), framing: v.nullable(framing) }),
  keepReplies: replies,
  startTap: none,
  setTapFaults: v.strictObject({
    id: seq,
    faults: v.strictObject({ seed: count, toServer: directionFaults, toClient: directionFaults }),
  }),
  stopTap: v.strictObject({ id: seq }),
  openLastRecording: none,
};

/** A message of the page that does not keep to the protocol. */
export class InvalidMessageError extends Error {
  constructor(
    readonly method: string,
    issue: string,
  ) {
    super(`${method}: ${issue}`);
    this.name = 'InvalidMessageError';
  }
}

/**
 * The handlers with every request checked first: a request that does not match is refused and logged, and
 * nothing else happens.
 */
export function checkedHandlers(handlers: {
  [K in keyof PanelMethods]: (...args: Parameters<PanelMethods[K]>) => unknown;
}): Record<string, (argument: never) => unknown> {
  return Object.fromEntries(
    Object.entries(panelSchemas).map(([method, schema]) => {
      const handler = handlers[method as keyof PanelMethods] as (argument: unknown) => unknown;
      return [
        method,
        (argument: unknown) => {
          const parsed = v.safeParse(schema, argument);
          if (!parsed.success) {
            throw new InvalidMessageError(method, v.summarize(parsed.issues).slice(0, 1000));
          }
          return handler(parsed.output);
        },
      ];
    }),
  );
}
