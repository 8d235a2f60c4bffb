// The programs that the tests need besides Node: a browser, tracers, and real peers to talk to.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {string} aptPackage Debian's package that has it.
 * @property {() => boolean} isPresent
 */

/** @param {string} program */
export function findProgram(program) {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Chromium without a window of its own, which nobody sees: a page costs half of what it costs in the whole browser. */
const headlessShell = 'chromium-headless-shell';
const wholeBrowsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The browser that shows the window: the environment's CHROMIUM, else the first that is installed.
 * @param {{ isWhole?: boolean }} [options] Whether one that people use comes before the one without a window.
 * @returns {string | undefined}
 */
export function findChromium({ isWhole = false } = {}) {
  const programs = isWhole ? [...wholeBrowsers, headlessShell] : [headlessShell, ...wholeBrowsers];
  return process.env['CHROMIUM'] ?? programs.map(findProgram).find(Boolean);
}

function hasCjkFont() {
  const folder = '/usr/share/fonts/opentype/noto';
  if (existsSync(folder) && readdirSync(folder).some((name) => name.includes('CJK'))) {
    return true;
  }
  return spawnSync('fc-list', [':lang=ko', 'family'], { encoding: 'utf8' }).stdout?.trim().length > 0;
}

/** @type {Tool[]} */
const tools = [
  { name: 'chromium', aptPackage: 'chromium', isPresent: () => findChromium() !== undefined },
  ...['strace', 'ncat', 'socat', 'curl', 'python3', 'tshark'].map((name) => ({
    name,
    aptPackage: name,
    isPresent: () => findProgram(name) !== undefined,
  })),
  { name: 'a Korean font', aptPackage: 'fonts-noto-cjk', isPresent: hasCjkFont },
];

/** @param {string[]} packages */
const installation = (packages) => ['install', '--yes', '--no-install-recommends', ...packages];

/** What must be had is waited for: another installation may be at work. */
const patient = ['-o', 'DPkg::Lock::Timeout=300'];

/** What can be done without is not: a mirror that does not answer would hold the tests for minutes. */
const impatient = ['DPkg::Lock::Timeout=10', 'Acquire::Retries=0', 'Acquire::http::Timeout=10'].flatMap(
  (option) => ['-o', option],
);

/**
 * @param {string[]} packages
 * @param {string[]} options Of apt-get.
 */
async function install(packages, options) {
  process.stderr.write(`Installing ${packages.join(', ')}…\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', [...options, 'update'], { env });
  await run('apt-get', [...options, ...installation(packages)], { env });
}

/**
 * Sees to it that all of them are there: installs what is missing where that is possible without asking anybody.
 * @throws {Error} Names what is missing and the command that installs it.
 */
export async function ensureTools() {
  const isInstalling = process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
  if (isInstalling && process.env['CHROMIUM'] === undefined && !findProgram(headlessShell)) {
    await install([headlessShell], impatient).catch(() => {
      // Not every system has this package, or a way to it: any Chromium will do.
    });
  }
  const missing = tools.filter((tool) => !tool.isPresent());
  if (missing.length === 0) {
    return;
  }
  const names = missing.map(({ name }) => name).join(', ');
  const packages = missing.map(({ aptPackage }) => aptPackage);
  if (!isInstalling) {
    throw new Error(
      findProgram('apt-get')
        ? `The tests need ${names}. Install with:\n  sudo apt-get update && sudo apt-get ${installation(packages).join(' ')}`
        : `The tests need ${names}. Install them with your system's package manager.`,
    );
  }
  await install(packages, patient);
  const still = missing.filter((tool) => !tool.isPresent());
  if (still.length > 0) {
    throw new Error(`Installed, but not found: ${still.map(({ name }) => name).join(', ')}.`);
  }
}
