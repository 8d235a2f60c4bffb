import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Call, CallRecord } from '../../src/common/call.js';
import { refusalOf } from '../../src/common/errors.js';
import { Emitter } from '../../src/common/event.js';
import { DisposableStore } from '../../src/common/lifecycle.js';
import type { Replies } from '../../src/common/replyRules.js';
import { joinChanges } from '../../src/common/protocol/joinChanges.js';
import type {
  KeptFraming,
  PanelCall,
  PanelCallResult,
  PanelEvents,
  PanelMethods,
  PanelRequest,
  PanelState,
  PanelView,
  ScenarioSummary,
} from '../../src/common/protocol/panel.js';
import { packMessage, unpackMessage } from '../../src/common/protocol/panelMessage.js';
import { type Handlers, RpcConnection, type Transport } from '../../src/common/rpc.js';
import type { SocketId } from '../../src/common/socket.js';
import type { LessonPlace } from '../../src/common/protocol/lesson.js';
import { parseLesson } from '../../src/common/notation/lesson.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import { checkedHandlers } from '../../src/extension/panel/messages.js';
import { LessonRun } from '../../src/playground/lessonRun.js';
import { Playground } from '../../src/playground/playground.js';
import { Recording } from '../../src/playground/recording.js';
import { Repeats } from '../../src/playground/repeats.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { type Held } from '../support/disposal.js';
import type { PageBrowser } from './browser.js';
import { type ThemeName, themes } from './themes.js';

const hostProgram = fileURLToPath(new URL('../../dist/socketHost.js', import.meta.url));

export interface PanelPageOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  scenarios?: ScenarioSummary[] | null;
  isRestored?: boolean;
  recording?: PanelState['recording'];
  /** A log of strace that is shown in the place of live sockets. */
  trace?: { file: string; of: string; isLive: boolean };
  /** Bytes of records in memory; default those of the host. */
  memory?: number;
  messages?: Record<string, string>;
  language?: string;
  reducedMotion?: boolean;
  /** How the records are shown; the table by default. */
  view?: 'lanes' | 'table';
  /** Calls made by hand in an earlier window. */
  history?: PanelCall[];
  /** What was called before the page was opened. */
  earlier?: Call[];
  /** The text of a lesson that is open, and what else is shown of it. */
  lesson?: { text: string } & Partial<LessonPlace>;
  /** It is open only once the page has asked for one. */
  isLessonLater?: boolean;
}

/** The built page in a real browser, before a real model with a real socket host. */
export interface PanelPage extends Held {
  readonly page: Page;
  readonly playground: Playground;
  readonly host: SocketHostProcess;
  /** What the page asked to be copied, run, watched and shown, in order. */
  readonly said: {
    copied: string[];
    opened: string[];
    /** The sockets whose streams were asked to be saved. */
    saved: SocketId[];
    scenarios: string[];
    /** The lessons that were asked for, and the actions on the open one that leave it. */
    lessons: string[];
    watched: SocketId[][];
    views: PanelView[];
    selections: { socketId: SocketId | null; seq: number | null }[];
    /** How often the last recording was asked for. */
    recordings: number;
    /** How often the machine's list was asked for a socket. */
    looks: number;
    taps: number;
    /** What the page wants to be kept for the workspace. */
    kept: (KeptFraming | Replies)[];
    /** What was asked of the trace. */
    traces: ('stop' | 'scenario')[];
  };
  /** What the file dialog gives next. */
  file: { name: string; bytes: Uint8Array } | null;
  /** Violations of the page's policy and errors that nobody caught: each fails the test that looks. */
  readonly faults: string[];
  /** A command of VS Code that acts on the page. */
  request(request: PanelRequest): void;
  /** The lesson that was to be open later is. */
  openLesson(): void;
  /** The scenarios that were looked for are there. */
  findScenarios(scenarios: ScenarioSummary[]): void;
}

/** One that somebody runs. */
export const runningScenario: ScenarioSummary = {
  id: 'busy',
  title: 'Busy',
  description: 'runs',
  group: null,
  obstacle: null,
  callCount: 2,
  state: 'running',
  made: [],
  isLesson: false,
  score: null,
};

export async function openPanel(browser: PageBrowser, options: PanelPageOptions = {}): Promise<PanelPage> {
  const theme = themes[options.theme ?? 'dark'];
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: options.width ?? 1180, height: options.height ?? 860 });
  await page.emulateMedia({
    reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
  });
  page.setDefaultTimeout(20_000);
  const store = new DisposableStore();
  const { memory } = options;
  const host = new SocketHostProcess(hostProgram, () => (memory === undefined ? {} : { memory }));
  const trace = options.trace ? await Recording.openTrace(hostProgram, options.trace) : null;
  const playground = store.add(new Playground(trace ?? host));
  const repeats = store.add(
    new Repeats(playground, async (call, callOptions) => {
      const { started, returned } = playground.call(call, callOptions);
      return { kind: 'started', start: await started, returned };
    }),
  );
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      faults.push(message.text());
    }
  });

  const received = new Emitter<unknown>();
  const closed = new Emitter<void>();
  const transport: Transport = {
    send: (message) => {
      page
        .evaluate(
          (text) => (window as unknown as Bridge).receiveFromExtension(text),
          toText(packMessage(message)),
        )
        .catch(() => closed.fire());
    },
    onDidReceive: received.event,
    onDidClose: closed.event,
  };
  const said: PanelPage['said'] = {
    copied: [],
    opened: [],
    saved: [],
    scenarios: [],
    lessons: [],
    watched: [],
    views: [],
    selections: [],
    recordings: 0,
    looks: 0,
    taps: 0,
    kept: [],
    traces: [],
  };
  const result: PanelPage = {
    page,
    playground,
    host,
    said,
    file: null,
    faults,
    request: (request) => connection.fire('didRequest', request),
    openLesson: () => connection.fire('didChangeLesson', { lesson: lesson!.state() }),
    findScenarios: (scenarios) => connection.fire('didChangeScenarios', { scenarios }),
    dispose: async () => {
      store.dispose();
      await page.close();
      await host.end();
    },
  };
  if (trace) {
    await playground.start();
  }
  for (const call of options.earlier ?? []) {
    const { seq } = await playground.call(call).returned;
    await playground.whenKnown(seq);
  }
  const watcher = store.add(playground.createWatcher());
  const lesson = options.lesson ? openLesson(options.lesson, playground) : undefined;
  const handlers: Handlers<PanelMethods> = {
    ready: (): PanelState => {
      follow();
      connection.restartPaced('didChange');
      return {
        ...playground.snapshot(),
        status: playground.status,
        scenarios: options.scenarios === undefined ? [] : options.scenarios,
        lesson: options.isLessonLater ? null : (lesson?.state() ?? null),
        repeats: repeats.all,
        history: options.history ?? [],
        choices: { framings: [], replies: null, mode: null },
        platform: 'linux',
        interfaces: ['lo', 'eth0'],
        originTime: playground.originTime,
        messages: options.messages ?? {},
        language: options.language ?? 'en',
        isTrusted: true,
        isRestored: options.isRestored ?? false,
        trace: trace?.trace ?? null,
        recording: trace
          ? { file: trace.file, name: trace.name, ...trace.info }
          : (options.recording ?? null),
      };
    },
    call: (request) => makeCall(playground, request),
    cancel: ({ seq }) => playground.cancel(seq),
    repeat: (request) => repeats.start(request),
    automate: async ({ socketId, mode, replies }) => {
      const isListener = playground.sockets.get(socketId)?.state === 'listening' && mode !== 'accept';
      const plain = { isRecorded: true, isBatched: false, ...(replies ? { replies } : {}) };
      const automation = isListener
        ? { ...plain, mode: 'accept' as const, accepted: mode }
        : mode && { ...plain, mode, accepted: null };
      try {
        await playground.automate(socketId, mode && automation);
        return { kind: 'done' };
      } catch (error) {
        return { kind: 'refused', message: (error as Error).message };
      }
    },
    stopRepeat: ({ id }) => repeats.stop(id),
    readRecords: ({ from, count }) => playground.readPage(from, count),
    readEach: ({ seqs }) => playground.readEach(seqs),
    filterRecords: (request) => playground.filterRecords(request),
    cancelFilter: ({ id }) => playground.cancelFilter(id),
    sortRecords: (request) => playground.sortRecords(request),
    frameStream: (request) => playground.frameStream(request),
    surveyRecords: (request) => playground.surveyRecords(request),
    readData: ({ seq, offset, length }) => playground.readData(seq, offset, length),
    watch: ({ socketIds }) => {
      said.watched.push(socketIds);
      watcher.watch(socketIds);
    },
    inspect: ({ socketId, levels }) => playground.inspect(socketId, levels),
    probeFamilies: (request) => playground.probeFamilies(request),
    lookAtSystemSocket: (which) => {
      said.looks++;
      return 'socketId' in which ? playground.system.look(which) : null;
    },
    rename: ({ socketId, name }) => playground.rename(socketId, name),
    select: (selection) => void said.selections.push(selection),
    setView: (view) => void said.views.push(view),
    runScenario: ({ id }) => void said.scenarios.push(id),
    openScenario: () => {},
    openLesson: ({ id }) => {
      said.lessons.push(id);
      if (options.isLessonLater) {
        result.openLesson();
      }
    },
    actOnLesson: (action) => {
      switch (action.kind) {
        case 'answer':
          return lesson?.run.answer(action.line, action.given);
        case 'type':
          return void lesson?.run.type(action.text);
        case 'restart':
          return void lesson?.run.restart();
        case 'step':
        case 'runToEnd':
        case 'pass':
          return lesson?.run[action.kind]();
        default:
          said.lessons.push(action.kind);
          if (action.kind === 'close' || action.kind === 'leave') {
            connection.fire('didChangeLesson', { lesson: null });
          }
      }
    },
    restart: () => playground.restart(),
    copy: ({ text }) => void said.copied.push(text),
    startTap: () => void said.taps++,
    keepFraming: (kept) => void said.kept.push(kept),
    keepReplies: (replies) => void said.kept.push(replies),
    setTapFaults: async ({ id, faults }) => {
      await playground.setTapFaults(id, faults);
      return { kind: 'done' };
    },
    stopTap: ({ id }) => playground.stopTap(id),
    stopTrace: () => void said.traces.push('stop'),
    makeScenario: () => void said.traces.push('scenario'),
    saveStream: ({ socketId }) => void said.saved.push(socketId),
    openText: ({ text }) => void said.opened.push(text),
    openLastRecording: () => void said.recordings++,
    pickFile: () => result.file,
  };
  const connection = store.add(
    new RpcConnection<never, object, PanelEvents>(transport, checkedHandlers(handlers), (error) =>
      faults.push(String(error)),
    ),
  );
  /** Before the page is there nobody could be told. */
  const follow = () => {
    if (trace) {
      store.add(trace.onDidChangeTrace((state) => connection.fire('didChangeTrace', state)));
    }
    store.add(playground.onDidChange((change) => connection.firePaced('didChange', change, joinChanges)));
    store.add(repeats.onDidChange((all) => connection.fire('didChangeRepeats', { repeats: all })));
    store.add(playground.onDidChangeStatus((status) => connection.fire('didChangeStatus', status)));
    if (lesson) {
      store.add(lesson.run);
      store.add(lesson.run.onDidChange(() => connection.fire('didChangeLesson', { lesson: lesson.state() })));
    }
  };

  await page.exposeFunction('sendToExtension', (text: string) =>
    received.fire(unpackMessage(fromText(text))),
  );
  await page.addInitScript(
    ({ variables, stored }) => {
      let state: unknown = stored;
      const bridge = window as unknown as Bridge;
      Object.assign(window, {
        receiveFromExtension: (text: string) => {
          const data: unknown = JSON.parse(text, (_key, value: unknown) =>
            typeof value === 'object' && value !== null && '$bytes' in value
              ? Uint8Array.from(atob(value.$bytes as string), (char) => char.charCodeAt(0))
              : value,
          );
          window.dispatchEvent(new MessageEvent('message', { data }));
        },
        acquireVsCodeApi: () => ({
          postMessage: (message: unknown) =>
            bridge.sendToExtension(
              JSON.stringify(message, (_key, value: unknown) =>
                value instanceof Uint8Array
                  ? { $bytes: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')) }
                  : value,
              ),
            ),
          getState: () => state,
          setState: (value: unknown) => {
            state = value;
          },
        }),
      });
      document.addEventListener('readystatechange', () => {
        for (const [name, value] of Object.entries(variables)) {
          document.documentElement.style.setProperty(name, value);
        }
      });
    },
    { variables: theme.variables, stored: { mode: options.view ?? 'table' } },
  );
  const query = new URLSearchParams({ classes: theme.classes, language: options.language ?? 'en' });
  await page.goto(`${browser.url}?${query}`);
  await page.locator('.app').waitFor();
  await page.evaluate(() => document.fonts.ready);
  return result;
}

function openLesson({ text, ...place }: NonNullable<PanelPageOptions['lesson']>, playground: Playground) {
  const scenario = parseScenario(text);
  const lesson = parseLesson(scenario);
  const run = new LessonRun({
    playground,
    scenario,
    lesson,
    name: lesson.title,
    folder: '/',
    outside: () => ({ loopbackOnly: true }),
  });
  const { title, description } = lesson;
  const state = () =>
    run.state({ id: 'lesson', title, description, group: null, obstacle: null, following: null, ...place });
  return { run, state };
}

/** The two ways of the bridge between the browser and this process. Text is faster than what the driver makes of objects. */
interface Bridge {
  receiveFromExtension(text: string): void;
  sendToExtension(text: string): void;
}

function toText(message: unknown): string {
  return JSON.stringify(message, (_key, value: unknown) =>
    value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value,
  );
}

function fromText(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && '$bytes' in value
      ? new Uint8Array(Buffer.from(value.$bytes as string, 'base64'))
      : value,
  );
}

async function makeCall(playground: Playground, request: PanelCall): Promise<PanelCallResult> {
  const { call, templates: _templates, isByHand: _isByHand, ...options } = request;
  try {
    const { started, returned } = playground.call(call, options);
    const start = await started;
    const record: CallRecord | undefined =
      start.kind === 'returned' ? start.record : await playground.readRecord(start.seq);
    return { kind: 'record', record: record ?? (await returned) };
  } catch (error) {
    const refusal = refusalOf(error);
    return {
      kind: 'refused',
      argument: refusal?.argument ?? null,
      message: refusal?.message ?? String(error instanceof Error ? error.message : error),
    };
  }
}

/** As when the user chooses another colour theme. */
export function setTheme(page: Page, name: ThemeName): Promise<void> {
  return page.evaluate(({ classes, variables }) => {
    document.body.className = classes;
    document.documentElement.removeAttribute('style');
    for (const [variable, value] of Object.entries(variables)) {
      document.documentElement.style.setProperty(variable, value);
    }
  }, themes[name]);
}

/** Gives the page another size, and waits until it has made use of it. */
export async function resize(page: Page, width: number, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}
