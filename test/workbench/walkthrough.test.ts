import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { panelFrame, pick, runCommand, startWorkbench, type Workbench } from '../support/workbench.js';

describe('The walkthrough', () => {
  let workbench: Workbench;
  let page: Page;
  beforeAll(async () => {
    workbench = await startWorkbench();
    page = workbench.page;
    await runCommand(page, 'Sockets: Open Walkthrough');
  });
  afterAll(() => workbench?.dispose());

  const titles = [
    'Open the playground',
    'Let a server listen',
    'Connect to it',
    'Send and receive',
    'Follow a lesson, run a scenario',
  ];
  const steps = (window = page): Locator => window.locator('.getting-started-step');
  const step = (title: string): Locator => steps().filter({ hasText: title });
  const done = (window = page) =>
    steps(window)
      .filter({ has: window.locator('[role=checkbox][aria-checked=true]') })
      .locator('.step-title')
      .allInnerTexts();

  it('has its steps, each with a picture in the colours of the theme', async () => {
    await expect.poll(() => steps().locator('.step-title').allInnerTexts()).toEqual(titles);
    const picture = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame').locator('svg');
    for (const title of titles) {
      await step(title).locator('.step-title').click();
      await step(title).locator('.monaco-button').first().waitFor();
      await picture.waitFor();
      const background = () =>
        picture
          .locator('rect')
          .first()
          .evaluate((rect) => getComputedStyle(rect).fill);
      await expect.poll(background).toMatch(/^rgb\(/);
    }
    expect(await done()).toEqual([]);
  });

  it('ticks a step when the real thing has happened, however it was done', async () => {
    await step('Let a server listen').locator('.step-title').click();
    await step('Let a server listen').getByText('New TCP Server').click();
    const frame = panelFrame(page);
    await frame.getByRole('button', { name: 'Connect a client here' }).click();
    await frame.locator('.preview .call', { hasText: 'send(' }).waitFor();
    await frame.locator('.callbtn[aria-busy=false]').click();
    await frame.locator('.preview .call', { hasText: 'recv(' }).waitFor();
    await frame.locator('.callbtn[aria-busy=false]').click();
    await runCommand(page, 'Sockets: Open Walkthrough');
    await expect.poll(() => done()).toEqual(titles.slice(0, 4));
    await runCommand(page, 'Sockets: Open Playground');
    await frame.getByText('8 records', { exact: true }).waitFor();
    await runCommand(page, 'Sockets: Run Scenario');
    await pick(page, 'Echo server');
    // Its calls are shown as they are made.
    await frame.getByText('8 records', { exact: true }).waitFor({ state: 'detached' });
    await runCommand(page, 'Sockets: Open Walkthrough');
    await expect.poll(() => done()).toEqual(titles);
  });

  it('ticks the steps that were done before it was opened, too', async () => {
    const other = untilTestEnds(await startWorkbench());
    await runCommand(other.page, 'Sockets: New TCP Server');
    const frame = panelFrame(other.page);
    await frame.getByRole('button', { name: 'Connect a client here' }).click();
    await frame.locator('.preview .call', { hasText: 'send(' }).waitFor();
    await runCommand(other.page, 'Sockets: Open Walkthrough');
    await expect.poll(() => done(other.page)).toEqual(titles.slice(0, 3));
  });

  it('is followed by the tree, where a key closes the rows that are selected', async () => {
    await runCommand(page, 'View: Show Sockets');
    const rows = page
      .locator('.pane', { has: page.locator('.pane-header[aria-label^="Open Sockets"]') })
      .locator('.monaco-list-row', { hasText: / · fd \d+/ });
    await expect.poll(() => rows.count()).toBe(3);
    const status = page.locator('.statusbar-item', { has: page.locator('.codicon-plug') });
    await expect.poll(() => status.innerText()).toMatch(/3/);
    await rows.first().click();
    await rows.nth(2).click({ modifiers: ['Shift'] });
    // What is about one socket is not offered for several.
    await rows.nth(1).click({ button: 'right' });
    const entries = page.locator('.monaco-menu:visible .action-item');
    await entries.filter({ hasText: 'Copy 5-Tuple' }).waitFor();
    expect(await entries.filter({ hasText: /Rename|Listen|Shut Down/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
    // The menu gives the focus back to the tree.
    const tree = page.getByRole('tree', { name: 'Open Sockets' });
    await expect.poll(() => tree.evaluate((list) => list.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Delete');
    await status.waitFor({ state: 'detached' });
    await expect.poll(() => rows.count()).toBe(0);
  });
});
