import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { endLeftovers, markVariable } from '../../scripts/leaks.mjs';
import { launchChromium } from '../../scripts/chromium.mjs';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { freePort } from '../support/peers.js';
import { runCommand, waitForWindow } from '../support/window.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Command lines of the processes that carry the mark, those that have ended left out. */
function commandLines(mark: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const environment = readFileSync(path.join('/proc', pid, 'environ'), 'utf8').split('\0');
      return environment.includes(`${markVariable}=${mark}`)
        ? [readFileSync(path.join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ')]
        : [];
    } catch {
      return [];
    }
  });
}

it(
  'serves a window at one printed address and ends with everything on Ctrl+C',
  { timeout: 300_000 },
  async () => {
    const mark = randomUUID();
    onTestFinished(async () => {
      await endLeftovers(mark, 0);
    });
    const port = await freePort();
    const start = spawn('npm', ['start', '--silent', '--', '--browser', '--port', String(port)], {
      cwd: root,
      // A group of its own, as a terminal gives to what runs in its foreground.
      detached: true,
      env: { ...process.env, [markVariable]: mark },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines: string[] = [];
    const output = createInterface(start.stdout).on('line', (line) => lines.push(line));
    await once(output, 'line');
    const url = new URL(lines[0] ?? '');
    expect(url.origin).toBe(`http://127.0.0.1:${port}`);
    expect(url.searchParams.get('folder')).toBe(path.join(root, 'scenarios'));
    expect(url.searchParams.get('tkn')).toMatch(/^\w{32}$/);
    expect((await fetch(url.origin, { headers: { connection: 'close' } })).status).toBe(403);

    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(url.href);
      await waitForWindow(page);
      // What there is to see is shown, and nothing runs for it.
      await page.getByText('Get Started with Sockets').first().waitFor({ timeout: 60_000 });
      await page.locator('.pane-header[aria-label^="Open Sockets"]').waitFor();
      expect(commandLines(mark).join('\n')).not.toMatch(/dist\/socketHost\.js/);
      // A call brings up the process that must not stay behind.
      await runCommand(page, 'Sockets: New TCP Server');
      await page.keyboard.press('Enter');
      await expect
        .poll(() => commandLines(mark).join('\n'), { timeout: 60_000 })
        .toMatch(/dist\/socketHost\.js/);

      const ended = once(start, 'exit');
      process.kill(-(start.pid ?? 0), 'SIGINT');
      expect(await ended).toEqual([0, null]);
      expect(await endLeftovers(mark, 30_000)).toEqual([]);
      expect(lines).toHaveLength(1);
    } finally {
      await browser.close();
    }
  },
);

it('says what is wrong with a port', async () => {
  const start = spawn(process.execPath, ['scripts/start.mjs', '--port', '65536'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [[said], [code]] = (await Promise.all([once(start.stderr, 'data'), once(start, 'exit')])) as [
    [Buffer],
    [number],
  ];
  expect(said.toString()).toContain('65536');
  expect(code).toBe(2);
});

it.each(['start', 'test', 'bench', 'package', 'fuzz'])(
  'says what scripts/%s.mjs takes, and which option it does not know',
  (name) => {
    const run = (option: string) =>
      spawnSync(process.execPath, [`scripts/${name}.mjs`, option], { cwd: root, encoding: 'utf8' });
    const [help, unknown] = [run('--help'), run('--nonsense')];
    expect(help.stdout).toMatch(/^Usage: npm /);
    expect([help.stderr, help.status]).toEqual(['', 0]);
    expect(unknown.stderr).toBe(`Unknown option '--nonsense'.\n\n${help.stdout}`);
    expect(unknown.status).toBe(2);
  },
);

/** Starts it until it has ended. */
async function startToItsEnd(args: string[], env = process.env): Promise<{ said: string; code: number }> {
  const start = spawn(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  start.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(start, 'close')) as [number];
  return { said, code };
}

it('ends at once when VS Code cannot be had', async () => {
  const temp = untilTestEnds(await tempDir());
  const npm = path.join(temp.path, 'npm');
  await writeFile(npm, '#!/bin/sh\n[ "$1" != pack ] && exec sleep 600\necho No network. >&2\nexit 1\n', {
    mode: 0o755,
  });
  const { said, code } = await startToItsEnd(['--browser'], {
    ...process.env,
    XDG_CACHE_HOME: temp.path,
    PATH: `${temp.path}:${process.env['PATH']}`,
  });
  expect(said).toContain('No network.');
  expect(code).toBe(1);
});

it('says so when the port is taken', { timeout: 300_000 }, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { said, code } = await startToItsEnd(['--browser', '--port', String(port)]);
  expect(said).toMatch(new RegExp(`EADDRINUSE.*${port}`));
  expect(code).toBe(1);
  server.close();
  await once(server, 'close');
});
