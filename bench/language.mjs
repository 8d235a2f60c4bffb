// How fast scenarios are read: a file of 1 MB, and what an editor does after each key in a file of 2,000 lines.
// Usage: node bench/language.mjs
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSources } from './modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = 40;

/** The built-in scenarios one after another, as often as it takes. */
async function sample() {
  const folder = path.join(root, 'scenarios');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sockets')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  const once = texts.join('\n');
  const large = once.repeat(Math.ceil((1024 * 1024) / once.length)).slice(0, 1024 * 1024);
  return {
    large: large.slice(0, large.lastIndexOf('\n')),
    lines: large.split('\n').slice(0, 2000).join('\n'),
  };
}

/**
 * The median time of a piece of work behind its warm-up, in ms.
 * @param {(round: number) => unknown} work
 */
function measure(work) {
  const times = Array.from({ length: rounds }, (_, round) => {
    const start = performance.now();
    work(round);
    return performance.now() - start;
  });
  const warm = times.slice(rounds / 2).sort((a, b) => a - b);
  return { median: warm[Math.floor(warm.length / 2)] ?? NaN, best: warm[0] ?? NaN };
}

/**
 * @typedef {object} Modules
 * @property {typeof import('../src/common/notation/parser.js').parseScenario} parseScenario
 * @property {typeof import('../src/common/language/file.js').LanguageFile} LanguageFile
 * @property {typeof import('../src/common/language/warnings.js').findWarnings} findWarnings
 */

/**
 * @param {string} what
 * @param {{ median: number, best: number }} figures
 * @param {number} bar
 */
function tell(what, { median, best }, bar) {
  console.log(`${what}: median ${median.toFixed(1)} ms, best ${best.toFixed(1)} ms (bar ${bar} ms)`);
}

const temp = await mkdtemp(path.join(tmpdir(), 'sp-language-'));
try {
  const { parseScenario, LanguageFile, findWarnings } = /** @type {Modules} */ (
    await loadSources(temp, 'language', [
      'common/notation/parser',
      'common/language/file',
      'common/language/warnings',
    ])
  );
  const { large, lines } = await sample();
  tell(
    `1 MB, ${large.split('\n').length} lines`,
    measure(() => parseScenario(large)),
    100,
  );
  const edit = measure((round) => {
    const file = new LanguageFile(`# ${round}\n${lines}`, 'linux');
    findWarnings(file.scenario, 'linux');
  });
  tell('Diagnostics of 2,000 lines after an edit', edit, 16);
} finally {
  await rm(temp, { recursive: true, force: true });
}
