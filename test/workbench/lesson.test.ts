import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseHandIn } from '../../src/common/handIn.js';
import { useDarkWindow } from '../support/sharedWindow.js';
import {
  answer,
  editorText,
  panelFrame,
  quickInput,
  runCommand,
  showSockets,
  waitForWindow,
} from '../support/workbench.js';
import { takePicture } from './panelDriver.js';

describe('A lesson in a real window', () => {
  const workbench = useDarkWindow(undefined, { picturesAreDark: false });
  let page: Page;
  let frame: FrameLocator;
  beforeAll(async () => {
    page = workbench.page;
    await showSockets(page);
    frame = panelFrame(page);
  });

  const tree = () => page.getByRole('tree', { name: 'Scenarios' });
  const row = (title: string) => tree().locator('.monaco-list-row', { hasText: title });
  const lesson = () => frame.getByRole('region', { name: 'Lesson' });
  const focused = () => frame.locator(':focus');

  /** Presses Enter on the button that has the focus, and waits for the next call. */
  async function makeCall(): Promise<void> {
    const before = await lesson().locator('.lline.made').count();
    await focused()
      .filter({ hasText: 'Make This Call' })
      .and(frame.locator('[aria-disabled=false]'))
      .waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => lesson().locator('.lline.made').count()).toBe(before + 1);
  }

  it('is gone through with the keyboard alone, from the tree to its end', async () => {
    await runCommand(page, 'Sockets: Focus on Scenarios View');
    await row('Two sends, one recv').waitFor();
    // From the top, row by row.
    const focusedRow = () =>
      tree().evaluate(
        (list) => list.contains(document.activeElement) && list.querySelector('.focused')?.textContent,
      );
    await expect.poll(() => tree().evaluate((list) => list.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Home');
    await expect.poll(focusedRow).toContain('First calls');
    for (let text = 'First calls'; !text.includes('Two sends, one recv');) {
      await page.keyboard.press('ArrowDown');
      await expect.poll(focusedRow).not.toBe(text);
      text = String(await focusedRow());
    }
    await page.keyboard.press('Enter');
    await lesson().getByText('It is tempting to think').waitFor();
    await focused().filter({ hasText: 'Make This Call' }).waitFor();
    for (let call = 0; call < 6; call++) {
      await makeCall();
    }
    // A wrong call, typed: it is made, and the kernel says what it thinks of it.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await lesson().locator('.ltyped input:focus').waitFor();
    await page.keyboard.type('listen(client, 5)');
    await page.keyboard.press('Enter');
    await expect.poll(() => lesson().locator('.lattempt').innerText()).toContain('= -1 EINVAL');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    for (let call = 0; call < 3; call++) {
      await makeCall();
    }
    await takePicture(page, 'lesson');
    // The question has the focus before its call is made.
    await lesson().locator('.lquestion input:focus').waitFor();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => lesson().getByLabel('14: both requests').isChecked()).toBe(true);
    await page.keyboard.press('Enter');
    await lesson().getByText('You predicted it: 14: both requests').waitFor();
    for (let call = 0; call < 3; call++) {
      await makeCall();
    }
    await lesson().getByText('All calls are made. You predicted 1 of 1.').waitFor();
    await focused().filter({ hasText: 'Next Lesson: Text is bytes' }).waitFor();
    await row('Two sends, one recv').locator('.codicon-pass-filled').waitFor();
    expect(await row('Two sends, one recv').innerText()).toContain('done, predicted 1 of 1');
  });

  it('closes its sockets when the next one is opened, and is remembered in a new window', async () => {
    await page.keyboard.press('Enter');
    await lesson().getByText('How long a text is, and what recv() may cut.').waitFor();
    await focused().filter({ hasText: 'Make This Call' }).waitFor();
    await page.locator('.activitybar .badge-content:visible').waitFor({ state: 'detached' });
    const reloaded = page.waitForEvent('domcontentloaded');
    await runCommand(page, 'Developer: Reload Window');
    await reloaded;
    await waitForWindow(page);
    await row('Two sends, one recv').locator('.codicon-pass-filled').waitFor();
    await runCommand(page, 'Sockets: Forget Progress of Lessons…');
    await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Forget' }).click();
    await row('Two sends, one recv')
      .locator('.custom-view-tree-node-item-icon.codicon-mortar-board')
      .waitFor();
    expect(await row('Two sends, one recv').innerText()).not.toContain('done');
  });

  it('hands in what was written, and says before what it writes', async () => {
    await runCommand(page, 'Sockets: New Scenario');
    await expect.poll(() => editorText(page)).toContain('My scenario');
    const text = [
      '# Exercise: answer a datagram',
      '',
      'server = socket(AF_INET, SOCK_DGRAM, 0)',
      'bind(server, 127.0.0.1:0)',
      'client = socket(AF_INET, SOCK_DGRAM, 0)',
      'bind(client, 127.0.0.1:0)',
      'sendto(server, "42", 2, 0, getsockname(client))',
    ].join('\n');
    await expect
      .poll(async () => {
        // Not by the focus it has now: VS Code may give that back to the panel, which had it before the palette.
        await page.locator('.editor-instance .view-lines').click();
        await page.locator('.monaco-editor.focused').waitFor();
        await page.keyboard.press('Control+A');
        await page.keyboard.insertText(text);
        return editorText(page);
      })
      .toContain('sendto(server, "42"');
    await runCommand(page, 'Sockets: Hand In…');
    await answer(page, 'Kim');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByText('Hand in 1 exercise?').waitFor();
    expect(await dialog.innerText()).toMatch(
      /Name: Kim[^]*udp-answer: passed, 3 of 3 checks[^]*sent nowhere/,
    );
    await dialog.getByRole('button', { name: 'Choose a Place…' }).click();
    const { field } = quickInput(page);
    await expect.poll(() => field.inputValue()).toContain('Kim_Exercises.handin');
    await accept(page, field);
    await page.locator('.notification-toast', { hasText: 'Kim_Exercises.handin is written' }).waitFor();
    const written = parseHandIn(await readFile(path.join(workbench.folder, 'Kim_Exercises.handin'), 'utf8'));
    expect(written).toMatchObject({ student: 'Kim', exercises: [{ exercise: 'udp-answer', text }] });
    // It was never saved: where it is closed otherwise, VS Code asks what to do with it.
    await runCommand(page, 'View: Revert and Close Editor');
  });
});

/** Until the dialog has looked at the path it takes no Enter. */
async function accept(page: Page, field: Locator): Promise<void> {
  await expect
    .poll(async () => {
      await field.press('Enter', { timeout: 2000 }).catch(() => {
        // It has closed meanwhile.
      });
      return page.locator('.quick-input-widget:visible').count();
    })
    .toBe(0);
}
