import { expect, it } from 'vitest';
import { Caller } from './caller.js';
import { openPages } from './openPages.js';

const open = openPages();

it('announces what was called beside the form, and says where it keeps the number of a socket', async () => {
  const { page, panel } = await open({ width: 1180, height: 700 });
  const caller = new Caller(panel.playground);
  const status = page.getByRole('status').last();
  const fd = await caller.call('socket', 2, 1, 0);
  await expect.poll(() => status.innerText()).toBe(`Record 1, new, fd ${fd}: socket returned ${fd}.`);
  await caller.call('listen', 999, 1);
  await expect.poll(() => status.innerText()).toContain('listen failed with EBADF');
  // The list of sockets begins with what tells them apart.
  const id = [...panel.playground.sockets.values()][0]!.id;
  await panel.playground.rename(id, 'a name that has no room in the form, nor in the inspector');
  const option = page.locator('.target option', { hasText: 'a name' });
  await expect
    .poll(() => option.innerText())
    .toBe(`fd ${fd}  a name that has no room in the form, nor in the inspector`);
  panel.request({ kind: 'select', socketId: id, seq: null });
  panel.request({ kind: 'showInspector' });
  const number = page.locator('.shead h2 .mono');
  await number.waitFor();
  const isWhole = () =>
    number.evaluate((one) => {
      const head = one.closest('h2')!;
      return (
        one.getBoundingClientRect().right <= head.getBoundingClientRect().right + 1 &&
        one.getBoundingClientRect().right <= head.nextElementSibling!.getBoundingClientRect().left
      );
    });
  await expect.poll(isWhole).toBe(true);
});
