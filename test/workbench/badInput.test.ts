import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { runCommand } from '../support/workbench.js';
import { PanelDriver } from './panelDriver.js';

/** Each wrong value is answered at its place, makes no record unless the kernel was asked, and loses nothing. */
describe('Bad input in the panel', () => {
  const workbench = useDarkWindow((folder) =>
    writeFile(path.join(folder, 'noise.sockets'), randomBytes(1024 * 1024)),
  );
  let panel: PanelDriver;
  beforeAll(async () => {
    panel = await PanelDriver.open(workbench.page);
    await panel.call(/socket returned \d+/);
  });

  const records = () => panel.lastRow().getAttribute('data-seq').then(Number);

  /** What stands in the fields of an argument: those of an address have a colon between them here. */
  async function written(field: string): Promise<string> {
    const parts = panel.composer.getByRole('group', { name: `Address ${field}` }).locator('input');
    const own = panel.composer.getByRole('textbox', { name: field, exact: true });
    const fields = (await parts.count()) > 0 ? parts : own;
    return (await fields.evaluateAll((all: HTMLInputElement[]) => all.map(({ value }) => value))).join(':');
  }

  /** Presses Call with a wrong value, which makes no record and stays to be mended. What the form says of it. */
  async function refusal(field: string, text: string): Promise<string> {
    const before = await records();
    await panel.fill(field, text);
    // Ctrl+Enter goes through VS Code, and would come after what is done next.
    await panel.composer.locator('.callbtn').press('Enter');
    const message = await panel.problem().innerText();
    expect(await records()).toBe(before);
    expect(await written(field)).toBe(text);
    return message;
  }

  it('refuses port 65536 and others that are none, at their field', async () => {
    await panel.choose('bind');
    expect(await refusal('addr', '127.0.0.1:65536')).toMatch(/65535/);
    expect(await refusal('addr', '127.0.0.1:-1')).toMatch(/65535/);
    expect(await refusal('addr', '127.0.0.1:1.5')).toMatch(/whole number/);
    const wrong = panel.composer.locator('.part.invalid input');
    expect(await wrong.getAttribute('data-part')).toBe('port');
    await panel.picture('bad-port');
  });

  it('says when a name does not resolve', async () => {
    await panel.choose('connect');
    expect(await refusal('addr', 'no-such-host.invalid:80')).toMatch(/no-such-host\.invalid/);
  });

  it('gives an address of another family to the kernel, which says what it thinks of it', async () => {
    await panel.choose('bind');
    await panel.fill('addr', '[::1]:0');
    await panel.call(/bind failed|EAFNOSUPPORT|EINVAL/);
    expect(await panel.lastRow().innerText()).toMatch(/-1 (EAFNOSUPPORT|EINVAL)/);
  });

  it('takes a Unix path of 108 bytes and not of 109', async () => {
    await panel.startPreset('Unix stream');
    await panel.call(/socket returned \d+/);
    const longest = `${workbench.folder}/`.padEnd(108, 'x');
    expect(await refusal('addr', `unix:"${longest}y"`)).toMatch(/108/);
    await panel.fill('addr', `unix:"${longest}"`);
    await panel.call('bind returned 0');
    expect(await panel.lastRow().innerText()).toContain('xxx');
  });

  it('refuses hex with an odd digit, at its column, and a length beyond the data', async () => {
    await panel.startPreset('UDP pair');
    await panel.frame.getByRole('button', { name: 'Run all' }).click();
    await panel.said(/sendto returned \d+/);
    await panel.choose('sendto');
    await panel.composer.getByRole('radio', { name: 'Hex', exact: true }).click();
    expect(await refusal('buf', 'de ad b')).toMatch(/Column 7:/);
    await panel.fill('buf', 'de ad be ef');
    await panel.composer.getByRole('button', { name: /^More fields, which/ }).click();
    expect(await refusal('len', '5')).toMatch(/4/);
    await panel.fill('len', '4');
    await panel.call('sendto returned 4');
    expect(await panel.problem().count()).toBe(0);
  });

  it('asks the kernel about a closed descriptor, and shows its answer', async () => {
    await panel.choose('close');
    await panel.call('close returned 0');
    await panel.composer.getByRole('combobox', { name: 'Socket' }).selectOption('number');
    await panel.fill('Descriptor', '400');
    await panel.call('EBADF');
    expect(await panel.lastRow().innerText()).toContain('No open descriptor of this process has the number');
  });

  it('names what is wrong in a file of a megabyte of noise, and goes on', async () => {
    await panel.frame.getByRole('button', { name: 'Run scenario' }).click();
    await panel.frame.getByRole('menuitem', { name: 'noise' }).click();
    await workbench.page.locator('.notification-toast', { hasText: /noise cannot run: line \d+/ }).waitFor();
    const before = await records();
    await runCommand(workbench.page, 'Notifications: Clear All Notifications');
    await panel.frame.getByRole('button', { name: 'Socket', exact: true }).click();
    await panel.call(/socket returned \d+/);
    expect(await records()).toBe(before + 1);
  });
});
