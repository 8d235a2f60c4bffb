import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { panelFrame, runCommand, showSockets } from '../support/workbench.js';

const pictures = fileURLToPath(new URL('../../docs/images', import.meta.url));

/** The panel in a real window, driven as a person drives it. */
export class PanelDriver {
  readonly frame: FrameLocator;
  readonly composer: Locator;
  readonly status: Locator;

  private constructor(readonly page: Page) {
    this.frame = panelFrame(page);
    this.composer = this.frame.locator('[data-region="composer"]');
    this.status = this.frame.getByRole('status');
  }

  /** Opens the Sockets view and the panel, with the records as a table unless they are to be lanes. */
  static async open(page: Page, view: 'Lanes' | 'Table' = 'Table'): Promise<PanelDriver> {
    await showSockets(page);
    await runCommand(page, 'Sockets: Open Playground');
    const driver = new PanelDriver(page);
    await driver.frame.locator('[data-region="composer"]').waitFor();
    // The window gives the panel the focus when the palette has gone; a menu opened before would close again.
    await driver.frame.locator('body').evaluate(
      ({ ownerDocument: document }) =>
        new Promise<void>((resolve) => {
          if (document.hasFocus()) {
            resolve();
          } else {
            document.defaultView!.addEventListener('focus', () => resolve(), { once: true });
          }
        }),
    );
    await driver.frame.getByRole('radio', { name: view }).click();
    return driver;
  }

  /** Starts a preset from the menu beside *Socket*. */
  async startPreset(title: string): Promise<void> {
    await this.frame.getByRole('button', { name: 'Start with…' }).click();
    await this.frame.getByRole('menuitem', { name: title }).click();
  }

  /** Makes the call that the composer shows, and waits until the panel has told of it and shows the next one. */
  async call(answer: string | RegExp): Promise<void> {
    await this.ready().click();
    await this.said(answer);
    await this.ready().waitFor();
  }

  /** Waits for what the status line says of a call, and for the call's row. */
  async said(answer: string | RegExp): Promise<void> {
    const status = this.status.filter({ hasText: answer });
    try {
      await status.waitFor({ state: 'attached' });
    } catch {
      const [said, composer] = await Promise.all([this.status.innerText(), this.composer.innerText()]);
      throw new Error(`The panel did not say ${answer}. It says: ${said}\nThe composer shows:\n${composer}`);
    }
    const seq = /^Record (\d+)/.exec(await this.status.innerText())?.[1];
    if (seq !== undefined) {
      await this.row(Number(seq)).locator('.c7').waitFor();
    }
  }

  /** The button that makes the call, once the one before is through and the next is filled in. */
  private ready(): Locator {
    return this.composer.locator('.callbtn[aria-busy=false]');
  }

  /** Chooses the open socket that the next call is made on, by its name: `client`. */
  async target(name: string): Promise<void> {
    const picker = this.composer.getByRole('combobox', { name: 'Socket' });
    const label = await picker
      .locator('option', { hasText: new RegExp(`^fd \\d+\\s+${name}$`) })
      .last()
      .innerText();
    await picker.selectOption({ label: label.trim() });
  }

  async choose(call: string): Promise<void> {
    await this.composer
      .getByRole('toolbar', { name: 'Calls' })
      .getByRole('button', { name: call, exact: true })
      .click();
  }

  /** Fills a field of the form, by its argument's name. */
  async fill(field: string, text: string): Promise<void> {
    await this.composer.getByRole('textbox', { name: field, exact: true }).fill(text);
  }

  async lineEnding(name: 'LF' | 'CRLF' | 'CR' | 'none'): Promise<void> {
    await this.composer.getByRole('radio', { name, exact: true }).click();
  }

  /** The exact call that would be made. */
  preview(): Promise<string> {
    return this.composer.getByRole('group', { name: 'The exact call' }).innerText();
  }

  /** The row of a record. */
  row(seq: number): Locator {
    return this.frame.locator(`#record-${seq}`);
  }

  lastRow(): Locator {
    return this.frame.locator('[role="row"][data-seq]').last();
  }

  /** What a form's field complains of. */
  problem(): Locator {
    return this.composer.locator('.problem');
  }

  picture(name: string): Promise<void> {
    return takePicture(this.page, name);
  }
}

/** A picture for the documentation; made only when asked for, so that tests leave the work tree alone. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS']) {
    // Hovered buttons and their tips are of the test's mouse.
    await page.mouse.move(2, 2);
    // A row that has just come is still being read.
    await expect.poll(() => panelFrame(page).locator('.unread').count()).toBe(0);
    await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  }
}
