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

it('announces how many calls an automatic mode has made, and none of them by itself', async () => {
  const { page, panel } = await open({ width: 1180, height: 700 });
  const { playground } = panel;
  const caller = new Caller(playground);
  const [client, peer] = await caller.connection(await caller.listener());
  const status = page.getByRole('status').last();
  await expect.poll(() => status.innerText()).toContain(`up to record ${playground.lastSeq}.`);
  const echoing = [...playground.sockets.values()].find(({ fd }) => fd === peer)!;
  await playground.automate(echoing.id, { mode: 'echo', accepted: null, isRecorded: true, isBatched: false });
  const before = playground.lastSeq;
  const said: string[] = [];
  await page.exposeFunction('noteStatus', (text: string) => said.push(text));
  await status.evaluate((element) => {
    const { noteStatus } = window as unknown as { noteStatus: (text: string) => void };
    new MutationObserver(() => noteStatus(element.textContent)).observe(element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await caller.send(client, 'apple');
  await expect.poll(() => playground.lastSeq).toBe(before + 3);
  const summary = `Automatic calls: 2, up to record ${before + 3}.`;
  await expect.poll(() => status.innerText()).toContain(summary);
  expect(said.filter((text) => /recv|echo/.test(text))).toEqual([]);
});
