import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Held, tempDir } from '../support/disposal.js';
import { compile } from '../support/tracedPrograms.js';
import {
  editorText,
  panelFrame,
  pick,
  quickInput,
  runCommand,
  startWorkbench,
  type Workbench,
} from '../support/workbench.js';
import { waitForWindow } from '../support/window.js';
import { takePicture } from './panelDriver.js';

/** The names of the processes that have a word in their arguments. */
function processesWith(word: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
      return args.includes(word) ? [readFileSync(`/proc/${pid}/comm`, 'latin1').trim()] : [];
    } catch {
      return [];
    }
  });
}

describe('A program under strace in a real window', () => {
  let folder: Held & { path: string };
  let workbench: Workbench;
  beforeAll(async () => {
    folder = await tempDir();
    await compile('echo.c', folder.path);
    // One of its own, which the last of the tests ends.
    workbench = await startWorkbench({
      folder: folder.path,
      settings: { 'workbench.colorTheme': 'Default Dark Modern' },
    });
  });
  afterAll(async () => {
    await workbench?.dispose();
    await folder?.dispose();
  });

  const frame = () => panelFrame(workbench.page);

  it('is stopped from the panel while it waits', async () => {
    const { page } = workbench;
    await runCommand(page, 'Sockets: Trace Program');
    const { field, row } = quickInput(page);
    // Signs that a shell reads, and VS Code must not.
    const server =
      'import socket, sys; assert sys.argv[1] == "1"; socket.create_server(("127.0.0.1", 0)).accept()';
    await field.fill(`file=1; exec python3 -c '${server}' "$(echo \${file})"`);
    await row('python3 -c').first().waitFor();
    await field.press('Enter');
    await frame().locator('.chip.waiting', { hasText: 'accept4' }).waitFor();
    await frame().getByRole('button', { name: 'Stop' }).click();
    const banner = () => frame().locator('.banner').innerText();
    await expect.poll(banner, { timeout: 60_000 }).toContain('What strace has seen of file=1');
  });

  it('draws its lanes while it runs in a terminal', async () => {
    const { page } = workbench;
    await runCommand(page, 'Sockets: Trace Program');
    const { field, row } = quickInput(page);
    await field.fill('./echo');
    await row('./echo').first().waitFor();
    await field.press('Enter');
    await frame().locator('.observed').waitFor();
    await expect.poll(() => frame().locator('.rec').innerText(), { timeout: 60_000 }).toBe('21 records');
    await frame().getByText('What strace has seen of ./echo').waitFor();
    await expect.poll(() => frame().locator('.wires .wire.bytes').count()).toBeGreaterThan(0);
    await page.locator('.terminal-wrapper:visible').first().waitFor();
    if (process.env['SCREENSHOTS']) {
      await runCommand(page, 'View: Hide Panel');
      await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
      await frame().locator('.lh').first().click();
      await page.keyboard.press('Home');
      await takePicture(page, 'trace');
      await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
    }
    // The same life here: a scenario of what strace saw.
    await frame().getByRole('button', { name: 'Make Scenario' }).click();
    if (process.env['SCREENSHOTS']) {
      // The lane that the picture shows is selected: then there is a choice.
      await pick(page, 'All Records');
    }
    await pick(page, 'With Expectations');
    await expect.poll(() => editorText(page)).toContain('It is played again on loopback');
  });

  it('ends with its window', async () => {
    const { page } = workbench;
    const mark = path.basename(folder.path);
    const left = () => processesWith(mark);
    const server = `python3 -c 'import socket; socket.create_server(("127.0.0.1", 0)).accept()' ${mark}`;
    const trace = async () => {
      await runCommand(page, 'Sockets: Trace Program');
      const { field, row } = quickInput(page);
      await field.fill(server);
      await row('python3 -c').first().waitFor();
      await field.press('Enter');
      await expect
        .poll(left, { timeout: 60_000 })
        .toEqual(expect.arrayContaining(['strace', expect.stringMatching(/^python/)]));
    };
    await trace();
    await page.reload();
    await expect.poll(left, { timeout: 60_000 }).toEqual([]);
    await waitForWindow(page);
    await trace();
    await workbench.dispose();
    await expect.poll(left, { timeout: 60_000 }).toEqual([]);
  });
});
