import type { FrameLocator, Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { runCommand } from '../support/workbench.js';
import { PanelDriver } from './panelDriver.js';

describe('The keys of the panel', () => {
  const workbench = useDarkWindow();
  let page: Page;
  let frame: FrameLocator;
  /** The number of the record before the first one. */
  let earlier: number;
  beforeAll(async () => {
    page = workbench.page;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    ({ frame } = await PanelDriver.open(page, 'Lanes'));
    if (await inspector().isVisible()) {
      await runCommand(page, 'Sockets: Toggle Inspector');
    }
    await runCommand(page, 'Sockets: New TCP Server');
    await frame.getByText('4 records', { exact: true }).waitFor();
    earlier = Number(await frame.locator('[data-seq]').first().getAttribute('data-seq')) - 1;
  });

  const record = (number: number) => `#record-${earlier + number}`;
  const count = () => frame.getByRole('row').count();
  const inspector = () => frame.locator('[data-region="inspector"]');

  /**
   * Presses a key until it shows, because VS Code learns with a delay where the page's focus is. Only for keys that do
   * no harm when they are pressed once too often.
   */
  async function pressUntil(key: string, effect: Locator): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      await page.keyboard.press(key);
      try {
        await effect.waitFor({ timeout: 2000 });
        return;
      } catch (error) {
        if (tries === 10) {
          throw error;
        }
      }
    }
  }

  it('reach the page while a record has the focus', async () => {
    await frame.locator(record(4)).click();
    await pressUntil('Escape', frame.locator(record(4), { hasText: 'cancelled' }));
    await page.keyboard.press('i');
    await inspector().waitFor();
    await page.keyboard.press('i');
    await inspector().waitFor({ state: 'detached' });
    expect(await count()).toBe(5);
  });

  it('make the call in the composer', async () => {
    await page.keyboard.press('n');
    await frame.locator('[data-region="composer"] :focus').waitFor();
    await page.keyboard.press('Control+Enter');
    await frame.locator(record(5), { hasText: 'socket' }).waitFor();
    expect(await count()).toBe(6);
  });

  it('lead to the filter', async () => {
    await frame.locator(record(2)).click();
    await pressUntil('/', frame.locator('#filter:focus'));
    await frame.locator('#filter').fill('');
    await page.keyboard.type('listen');
    await expect.poll(count).toBe(2);
    expect(await frame.locator('#filter').inputValue()).toBe('listen');
    // Two of these letters are keys elsewhere.
    expect(await inspector().count()).toBe(0);
    await frame.locator('#filter').fill('');
    await expect.poll(count).toBe(6);
  });

  it('change between lanes and table', async () => {
    await frame.getByRole('grid', { name: 'Lanes' }).waitFor();
    await frame.locator(record(2)).click();
    await pressUntil('t', frame.getByRole('table', { name: 'Records' }));
    await pressUntil('l', frame.getByRole('grid', { name: 'Lanes' }));
    expect(await frame.getByRole('table', { name: 'Records' }).count()).toBe(0);
  });

  it('copy the selected call', async () => {
    await frame.locator(record(3)).click();
    const copied = async () => {
      // VS Code learns with a delay where the page's focus is.
      await page.keyboard.press('Control+C');
      return page.evaluate(() => navigator.clipboard.readText());
    };
    await expect.poll(copied).toMatch(/^listen\(\d+, 128\) = 0$/);
  });

  it('lead through the whole life of a connection, both ends, in lanes', async () => {
    const composer = frame.locator('[data-region="composer"]');
    const status = frame.getByRole('status');
    const lanes = frame.locator('[role="grid"]');
    await frame.locator(record(3)).click();

    /** Goes through what can have the focus until this has. */
    const tabTo = async (target: Locator, key: 'Tab' | 'Shift+Tab' = 'Shift+Tab') => {
      for (let steps = 0; !(await target.evaluate((element) => element.matches(':focus'))); steps++) {
        expect(steps, `${key} leads to it`).toBeLessThan(60);
        await page.keyboard.press(key);
      }
    };
    const choose = async (name: string) => {
      const calls = composer.getByRole('toolbar', { name: 'Calls' });
      await tabTo(calls.locator('[tabindex="0"]'));
      await page.keyboard.press('Home');
      const button = calls.getByRole('button', { name, exact: true });
      for (let steps = 0; !(await button.evaluate((element) => element.matches(':focus'))); steps++) {
        expect(steps, `the arrow leads to ${name}`).toBeLessThan(30);
        await page.keyboard.press('ArrowRight');
      }
      await page.keyboard.press('Enter');
    };
    /** Chooses the open socket whose entry in the list says so. */
    const target = async (label: RegExp) => {
      const select = composer.getByRole('combobox', { name: 'Socket' });
      await tabTo(select);
      const shown = () =>
        select.evaluate((element) => (element as HTMLSelectElement).selectedOptions[0]?.textContent ?? '');
      await page.keyboard.press('Home');
      for (let steps = 0; !label.test(await shown()); steps++) {
        expect(steps, `there is ${label}`).toBeLessThan(20);
        await page.keyboard.press('ArrowDown');
      }
      // The calls come next.
      await page.keyboard.press('Tab');
    };
    const call = async (name: string, answer: RegExp) => {
      await composer.locator('.preview .call', { hasText: new RegExp(`^${name}\\(`) }).waitFor();
      await composer.locator('.callbtn[aria-busy=false]').waitFor();
      const before = await status.innerText();
      await page.keyboard.press('Control+Enter');
      const isSaid = async () => {
        const said = await status.innerText();
        return said === before ? '' : said;
      };
      await expect.poll(isSaid).toMatch(answer);
    };

    const makeSocket = async () => {
      await page.keyboard.press('Escape');
      await pressUntil('n', composer.locator(':focus'));
      await call('socket', /socket returned \d+/);
      const said = /returned (\d+)/.exec(await status.innerText());
      return said![1]!;
    };
    const listener = await makeSocket();
    await choose('bind');
    await call('bind', /bind returned 0/);
    await call('listen', /listen returned 0/);
    await call('accept', /accept waits/);
    const client = await makeSocket();
    await choose('connect');
    await call('connect', /(accept returned|connect returned 0)/);
    const accepted = lanes.locator('[role="columnheader"][data-lane]', { hasText: 'ESTABLISHED' });
    await expect.poll(() => accepted.count()).toBe(2);
    await choose('send');
    await call('send', /send returned 6/);
    // The first test has made a server, too.
    await target(/server2_peer$/);
    await choose('recv');
    await call('recv', /recv returned 6/);
    await choose('shutdown');
    await call('shutdown', /shutdown returned 0/);
    await choose('close');
    await call('close', /close returned 0/);
    for (const fd of [client, listener]) {
      await target(new RegExp(`^fd ${fd} `));
      await choose('close');
      await call('close', new RegExp(`fd ${fd}: close returned 0`));
    }
    const closed = lanes.locator('[role="columnheader"][data-lane]', { hasText: 'closed' });
    await expect.poll(() => closed.count()).toBe(2);
    // Its connection was ended from here first: the kernel keeps it, without its descriptor.
    const kept = lanes.locator('[role="columnheader"][data-lane]', { hasText: 'TIME_WAIT' });
    await expect.poll(() => kept.count()).toBe(1);
  });

  it('do nothing while the focus is elsewhere', async () => {
    const before = await count();
    // VS Code draws the tree a little after the panel was told that the other listener is closed.
    const listener = page.locator('.sidebar .monaco-list-row', { hasText: 'LISTEN' });
    await expect.poll(() => listener.count()).toBe(1);
    await listener.click();
    await page.keyboard.press('Control+Enter');
    await page.keyboard.press('i');
    await runCommand(page, 'Sockets: Focus Next Region of the Panel');
    expect(await count()).toBe(before);
    expect(await inspector().count()).toBe(0);
  });

  it('lose no record by a misclick: to clear them asks first', async () => {
    const before = await count();
    const dialog = page.locator('.monaco-dialog-box', { hasText: 'Clear the records?' });
    const ask = async () => {
      await runCommand(page, 'Sockets: Clear Records');
      // The list of commands may take the focus back to where it was before, as it closes.
      await dialog.getByRole('button', { name: 'Clear Records' }).focus();
    };
    await ask();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await count()).toBe(before);
    await ask();
    await page.keyboard.press('Enter');
    await expect.poll(count).toBeLessThan(before);
  });
});
