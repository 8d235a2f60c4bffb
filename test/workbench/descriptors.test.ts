import { beforeAll, describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { PanelDriver } from './panelDriver.js';

/** A descriptor goes from one socket to another in the panel of a real window. */
describe('Passing a descriptor in a real window', () => {
  const workbench = useDarkWindow();
  let panel: PanelDriver;
  beforeAll(async () => {
    panel = await PanelDriver.open(workbench.page);
  });

  it('puts it into a control message, and it arrives under a new number', async () => {
    await panel.startPreset('Pass a descriptor');
    await panel.call(/socketpair returned 0/);
    await panel.call(/socket returned \d+/);
    expect(await panel.preview()).toMatch(
      /^sendmsg\(\d+, .*msg_control=\[\{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=\[\d+\]\}\]\}, 0\)/,
    );
    const control = panel.composer.getByRole('group', { name: 'Control message 1' });
    const passed = control.getByLabel('Descriptor 1 to pass');
    expect(await passed.locator('option:checked').innerText()).toMatch(/^fd \d+\s+passed$/);
    await panel.call(/sendmsg returned 6/);
    expect(await panel.lastRow().innerText()).toMatch(/SCM_RIGHTS passes fd \d+ passed/);
    await panel.call(/recvmsg returned 6/);
    const row = await panel.lastRow().innerText();
    expect(row).toMatch(/SCM_RIGHTS arrived as fd \d+ received/);
    const [, fd] = /arrived as fd (\d+)/.exec(row)!;
    // What arrived is a socket like any other: the kernel tells what it is.
    await panel.lastRow().click();
    await panel.lastRow().press('Enter');
    const detail = panel.frame.getByRole('region', { name: 'Record detail' });
    await expect.poll(() => detail.innerText()).toContain(`arrived as fd ${fd} received`);
    await panel.target('received');
    await panel.choose('bind');
    await panel.fill('addr', '127.0.0.1:0');
    await panel.lastRow().click();
    await panel.picture('scm-rights');
    await panel.call('bind returned 0');
  });
});
