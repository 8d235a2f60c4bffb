import { beforeAll, describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { runCommand } from '../support/workbench.js';
import { PanelDriver } from './panelDriver.js';

/** What the kernel of this machine has, and what it says of a socket. */
describe('The kernel in the panel', () => {
  const workbench = useDarkWindow();
  let panel: PanelDriver;
  beforeAll(async () => {
    panel = await PanelDriver.open(workbench.page);
  });

  it('is asked for its families by a command, and a press makes the call', async () => {
    await runCommand(workbench.page, 'Sockets: Show Support Matrix');
    const matrix = panel.frame.locator('.matrix');
    await matrix.locator('.made').first().waitFor();
    expect(await matrix.locator('.mcost').innerText()).toContain('they are not among the records');
    const answer = (call: string) => matrix.locator(`button[aria-label^="${call}:"]`);
    await answer('socket(AF_X25, SOCK_SEQPACKET, 0)').focus();
    await matrix.locator('#matrix-about', { hasText: 'X.25' }).waitFor();
    await panel.picture('support-matrix');
    await answer('socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)').click();
    expect(await panel.preview()).toContain('socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)');
    await panel.call(/socket returned \d+/);
  });

  it('tells every option of a socket, and what differs from another one', async () => {
    await panel.startPreset('TCP server');
    await panel.frame.getByRole('button', { name: 'Run all' }).click();
    await panel.said('accept waits');
    await panel.frame.getByRole('button', { name: 'Connect a client here' }).click();
    await panel.said(/accept returned \d+|connect returned 0/);
    await panel.target('server_peer');
    const side = panel.frame.locator('[data-region="inspector"]');
    // The client's: the row of what came last may not be drawn yet.
    await panel.frame.locator('[role="row"][data-seq]', { hasText: 'connect' }).last().click();
    if (!(await side.isVisible())) {
      await runCommand(workbench.page, 'Sockets: Toggle Inspector');
    }
    await side.getByRole('button', { name: 'Set SO_PRIORITY' }).click();
    await side.getByLabel('The value of SO_PRIORITY').fill('4');
    await side.getByLabel('The value of SO_PRIORITY').press('Enter');
    await panel.frame.locator('.opt', { hasText: 'SO_PRIORITY' }).getByText('4', { exact: true }).waitFor();
    const others = side.getByLabel('Compare with…');
    const listener = await others.locator('option', { hasText: /^server,/ }).innerText();
    await others.selectOption({ label: listener.trim() });
    const differences = side.locator('summary', { hasText: 'Differences' });
    await differences.waitFor();
    await side.locator('summary', { hasText: 'IPPROTO_TCP' }).click();
    await differences.evaluate((element) => {
      const list = element.closest('.sbody')!;
      list.scrollTop += element.getBoundingClientRect().top - list.getBoundingClientRect().top;
    });
    const shown = differences.locator('..');
    await expect.poll(() => shown.innerText()).toMatch(/SO_PRIORITY\s+4 ≠ 0/);
    await panel.picture('options');
  });
});
