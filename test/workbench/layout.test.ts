import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { PanelDriver } from './panelDriver.js';

const sizes = [
  { width: 1366, height: 768 },
  { width: 1440, height: 900 },
];

/** What a person needs at once, on the screens that most people have. */
describe('The panel beside the open sidebar', () => {
  const workbench = useDarkWindow((folder) => {
    const lines = ['# Four hundred and one', 'a, b = socketpair(AF_UNIX, SOCK_DGRAM, 0)'];
    for (let count = 100; count < 300; count++) {
      lines.push(`send(a, "datagram ${count}", 12)`, 'recv(b, 100)');
    }
    return writeFile(path.join(folder, 'many.sockets'), lines.join('\n'));
  });
  let panel: PanelDriver;
  beforeAll(async () => {
    panel = await PanelDriver.open(workbench.page);
    // Enough records to fill the table, and a connection of which both ends are open.
    await panel.frame.getByRole('button', { name: 'Run scenario' }).click();
    await panel.frame.getByRole('menuitem', { name: 'Half-close' }).click();
    await panel.frame.locator('.rec', { hasText: /^(1[5-9]|[2-9]\d) / }).waitFor();
    await panel.startPreset('TCP server');
    await panel.frame.getByRole('button', { name: 'Run all' }).click();
    await panel.said('accept waits');
    await panel.frame.getByRole('button', { name: 'Connect a client here' }).click();
    await panel.said(/accept returned \d+|connect returned 0/);
    await panel.target('server_peer');
  });
  afterEach(() => workbench.page.setViewportSize({ width: 1440, height: 900 }));

  it.each(sizes)('is whole at $width×$height, the form of send open', async ({ width, height }) => {
    await workbench.page.setViewportSize({ width, height });
    await panel.choose('send');
    await panel.frame.locator('.composer textarea').waitFor();
    const look = (body: Element, windowHeight: number) => {
      const view = body.ownerDocument.documentElement;
      const isWhole = (element: Element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return left >= 0 && top >= 0 && right <= view.clientWidth + 0.5 && bottom <= view.clientHeight + 0.5;
      };
      const controls = [...body.querySelectorAll('.toolbar button, .composer button, .composer textarea')];
      const table = body.querySelector('[role="table"]')!.getBoundingClientRect();
      const head = body.querySelector('[role="columnheader"]')!.getBoundingClientRect();
      return {
        overflow: view.scrollWidth - view.clientWidth,
        clipped: controls.filter((control) => !isWhole(control)).map((control) => control.textContent),
        // The window gives the panel its new size a little later.
        isInWindow: view.clientHeight < windowHeight,
        hasRows: Math.floor((table.bottom - head.bottom) / 22) >= 14,
        callsHeight: body.querySelector('.callbar')!.getBoundingClientRect().height,
      };
    };
    const body = panel.frame.locator('body');
    await expect
      .poll(() => body.evaluate(look, height))
      .toEqual({ overflow: 0, clipped: [], isInWindow: true, hasRows: true, callsHeight: 36 });
    await panel.picture(`panel-${width}x${height}`);
  });

  it('shows whole pages of records with bytes', async () => {
    // A message of VS Code takes at most 255 byte arrays, and a page of records has as many as it has calls with data.
    await panel.frame.getByRole('button', { name: 'Run scenario' }).click();
    await panel.frame.getByRole('menuitem', { name: 'Four hundred and one' }).click();
    await panel.frame.locator('.rec', { hasText: /^4\d\d records$/ }).waitFor();
    const previews = panel.frame.locator('[role="row"][data-seq] .c8', { hasText: /datagram \d+/ });
    await panel.frame
      .getByRole('table')
      .locator('.scroll')
      .evaluate((area) => {
        area.scrollTop = area.scrollHeight / 2;
      });
    await expect.poll(() => previews.count()).toBeGreaterThanOrEqual(14);
  });
});
