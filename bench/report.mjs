import { cpus, release } from 'node:os';
import { bars as connectionBars } from './connections.mjs';
import { ipcBars } from './ipc.mjs';
import { programTitles } from './loads.mjs';
import { filters } from './records.mjs';
import { framesOver } from './scrolling.mjs';
import { median, medianRatio } from './statistics.mjs';

/** @typedef {import('./loads.mjs').Load} Load */
/** @typedef {Partial<Record<import('./loads.mjs').Program, number[]>>} Rounds */

/**
 * One line of the table of bars.
 * @typedef {object} Judgement
 * @property {string} what
 * @property {string} bar
 * @property {string} measured
 * @property {boolean} isMet
 */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/**
 * @param {string[]} titles
 * @param {string[][]} rows
 */
export function table(titles, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    line(titles),
    `|${titles.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

/**
 * The figures of one load, and its bars.
 * @param {Load} load
 * @param {Rounds} rounds
 */
export function reportLoad(load, rounds) {
  const ratio = (/** @type {number[]} */ values, /** @type {number[] | undefined} */ others) =>
    others ? medianRatio(values, others).toFixed(2) : '–';
  const rows = load.programs.flatMap((program) => {
    const values = rounds[program];
    return values
      ? [
          [
            programTitles[program],
            whole.format(median(values) / load.divisor),
            `${whole.format(Math.min(...values) / load.divisor)} … ${whole.format(Math.max(...values) / load.divisor)}`,
            ratio(values, rounds.c),
            ratio(values, rounds.node),
            program === 'memory' || program === 'file' ? ratio(values, rounds.off) : '–',
          ],
        ]
      : [];
  });
  return table([load.title, load.unit, 'least … most', 'to C', 'to Node', 'to unrecorded'], rows);
}

/**
 * @param {Load} load
 * @param {Rounds} rounds
 * @returns {Judgement[]}
 */
export function judgeLoad(load, rounds) {
  return load.bars.flatMap(({ program, to, atLeast }) => {
    const values = rounds[program];
    const others = rounds[to];
    if (!values || !others) {
      return [];
    }
    const measured = medianRatio(values, others);
    return [
      {
        what: `${load.name}: ${programTitles[program]} to ${programTitles[to]}`,
        bar: `≥ ${atLeast.toFixed(2)}`,
        measured: measured.toFixed(2),
        isMet: measured >= atLeast,
      },
    ];
  });
}

/** @typedef {import('./connections.mjs').ConnectionFigures} ConnectionFigures */
/** @typedef {import('./connections.mjs').ParentFigures} ParentFigures */

/**
 * @param {{ c: ConnectionFigures[], node: ConnectionFigures[], engine: (ConnectionFigures & ParentFigures)[] }} rounds
 */
export function reportConnections(rounds) {
  const row = (/** @type {string} */ title, /** @type {ConnectionFigures[]} */ figures) => [
    title,
    whole.format(median(figures.map(({ accepts }) => accepts))),
    whole.format(median(figures.map(({ memory }) => memory))),
    `${(100 * median(figures.map(({ idleCpu }) => idleCpu))).toFixed(1)} %`,
  ];
  const { longestHoldMs, listed, shown, more, leaked } = {
    longestHoldMs: Math.max(...rounds.engine.map((figures) => figures.longestHoldMs)),
    listed: Math.min(...rounds.engine.map((figures) => figures.listed)),
    shown: Math.max(...rounds.engine.map((figures) => figures.shown)),
    more: Math.min(...rounds.engine.map((figures) => figures.more)),
    leaked: Math.max(...rounds.engine.map((figures) => figures.leaked)),
  };
  return [
    table(
      ['10,000 connections', 'accepted/s', 'bytes of RSS a connection', 'CPU while idle'],
      [
        row(programTitles.c, rounds.c),
        row(programTitles.node, rounds.node),
        row(programTitles.memory, rounds.engine),
      ],
    ),
    `The model listed ${whole.format(listed)} accepted sockets, the tree showed ${shown} of them and “${whole.format(more)} more…”. ` +
      `The event loop of the process with model and tree was held for ${tenth.format(longestHoldMs)} ms at the longest, from the ` +
      `first connection to the last close. Descriptors left open afterwards: ${leaked}.`,
  ].join('\n\n');
}

/**
 * @param {Parameters<typeof reportConnections>[0]} rounds
 * @returns {Judgement[]}
 */
export function judgeConnections(rounds) {
  return connectionBars(rounds);
}

/**
 * @param {import('./ipc.mjs').IpcFigures[]} rounds
 */
export function reportIpc(rounds) {
  const of = (/** @type {keyof import('./ipc.mjs').IpcFigures} */ key) =>
    whole.format(median(rounds.map((figures) => figures[key])));
  return table(
    ['Model and socket host', 'a second'],
    [
      ['pipelined requests (`ping`)', of('pings')],
      ['pipelined calls (`getsockname`, with record)', of('calls')],
      ['records read in pages of 1,000, packed as they cross', of('rows')],
      ['the same, unpacked to objects', of('records')],
    ],
  );
}

/**
 * @param {import('./ipc.mjs').IpcFigures[]} rounds
 * @returns {Judgement[]}
 */
export function judgeIpc(rounds) {
  return ipcBars(rounds);
}

/**
 * Measured once: it takes long, and nothing else is measured against it.
 * @param {import('./records.mjs').RecordFigures} figures
 */
export function reportRecords(figures) {
  const { records, missing, recorded, filterMs } = figures;
  const mega = (/** @type {number} */ bytes) => `${whole.format(bytes / 1e6)} MB`;
  const ms = (/** @type {number} */ time) => `${tenth.format(time)} ms`;
  return table(
    [`${whole.format(records)} records, ${whole.format(missing)} of them dropped`, ''],
    [
      ['recorded a second: 64 bytes echoed on 100 connections, to a file', whole.format(recorded)],
      ...filters.map((filter, index) => [
        `looked through by the filter \`${filter.replaceAll('|', '\\|')}\``,
        `${whole.format(filterMs[index] ?? NaN)} ms`,
      ]),
      ['memory of the socket host (RSS)', mega(figures.hostBytes)],
      ['heap of the model', mega(figures.modelBytes)],
      .../** @type {const} */ (['table', 'lanes']).flatMap((view) => {
        const { pageBytes, frames } = figures[view];
        return [
          [`heap of the page, after scrolling the ${view}`, mega(pageBytes)],
          ...frames.map(({ what, median, slow, longest }) => [
            `scrolling the ${view} at ${what}: time of a frame, median; 99 % within; longest`,
            [median, slow, longest].map(ms).join('; '),
          ]),
        ];
      }),
    ],
  );
}

/**
 * The bars of the panel in a real window. A frame in which nothing stands where a row belongs meets none.
 * @param {import('./window.mjs').WindowFigures} figures
 * @returns {Judgement[]}
 */
export function judgeWindow({ bundleBytes, frames }) {
  const bundle = bundleBytes / 1000;
  return [
    {
      what: 'window: script and styles of the page, gzipped',
      bar: '< 300 KB',
      measured: `${whole.format(bundle)} KB`,
      isMet: bundle < 300,
    },
    .../** @type {const} */ (['lanes', 'table']).flatMap((view) =>
      frames[view].map(({ what, longest, over, count, blank }) => ({
        what: `window: longest frame, ${view}, ${what}`,
        bar: '≤ 50 ms',
        measured: `${tenth.format(longest)} ms${over > 0 ? `, ${over} of ${count} frames over 50 ms` : ''}${blank > 0 ? `, ${blank} frames without a row` : ''}`,
        isMet: over === 0 && blank === 0,
      })),
    ),
  ];
}

/** @param {import('./window.mjs').WindowFigures} figures */
export function reportWindow({ bundleBytes, openings, records, heapBytes, frames, plain }) {
  const ms = (/** @type {number} */ time) => `${tenth.format(time)} ms`;
  return table(
    ['The panel in a VS Code window of 1440×900', ''],
    [
      ['script and styles of the page, gzipped', `${whole.format(bundleBytes / 1000)} KB`],
      ...openings.map(({ when, frameMs, paintMs }) => [
        `opened ${when}: from the command until VS Code gives the page a document; to the first painted content`,
        [frameMs, paintMs].map(ms).join('; '),
      ]),
      ['heap of the page, after all of it', `${whole.format(heapBytes / 1e6)} MB`],
      ...plain.map(({ what, times }) => [
        `for comparison, a list of plain text scrolled the same way at ${what}: time of a frame, median; 99 % within; longest; frames over 50 ms`,
        `${[median(times), times[Math.floor(0.99 * times.length)] ?? NaN, times.at(-1) ?? NaN].map(ms).join('; ')}; ${framesOver(times)} of ${times.length}`,
      ]),
      .../** @type {const} */ (['lanes', 'table']).flatMap((view) =>
        frames[view].flatMap(({ what, median: usual, slow, longest, blank, unread, slowest }) => [
          [
            `scrolling ${whole.format(records[view])} records in the ${view} at ${what}: time of a frame, median; 99 % within; longest; frames without a row; rows that were still being read`,
            `${[usual, slow, longest].map(ms).join('; ')}; ${blank}; ${tenth.format(100 * unread)} %`,
          ],
          ...slowest.map((cause) => ['&nbsp;&nbsp;a long frame', cause.replaceAll('|', '\\|')]),
        ]),
      ),
    ],
  );
}

/** @param {Judgement[]} judgements */
export function reportBars(judgements) {
  return table(
    ['Bar', 'asked', 'measured', ''],
    judgements.map(({ what, bar, measured, isMet }) => [what, bar, measured, isMet ? 'met' : '**missed**']),
  );
}

/**
 * What the figures were made on and how.
 * @param {{ rounds: number, seconds: number, load: number }} options
 */
export function preface({ rounds, seconds, load }) {
  const [cpu] = cpus();
  return [
    '# Benchmarks',
    'Written by `npm run bench -- --write`; nothing here is typed by hand.',
    `${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, Linux ${release()}, Node ${process.version}, ` +
      `load average ${load.toFixed(1)} at the start. ${rounds} rounds of ${seconds} s, the programs in rotating order within ` +
      'each round, after one round that does not count. A figure is the median of the rounds, a ratio the median of the ' +
      'ratios of each round. Absolute figures differ from machine to machine and from day to day; ratios of one run hold.',
    'The client of every load is the same C program, in a process of its own on the other CPU, or on the same one where it says ' +
      'so. *C, epoll* is one thread with one edge-triggered epoll descriptor, compiled with `gcc -O2` at the start of the run. ' +
      '*The last 64 MiB kept* is the same with as much memory to receive into, one block after the other, as records may have by ' +
      'default: what that costs, any program pays that keeps what comes. ' +
      '*Node* is `net` and `dgram`. *engine* is the socket host in an automatic mode (accept, then echo or discard), its calls ' +
      'counted and not recorded. *Recorded* is the same with every `recv` and `send` a record with its bytes: *in memory* within ' +
      'the default limits, *to a file* written behind to the recording’s file as well. Bulk traffic is faster than a file may be: ' +
      'what has to leave memory before it is written is dropped and counted, and no part of the figure tells how much.',
  ].join('\n\n');
}
