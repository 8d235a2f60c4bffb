import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Caller } from '../caller.js';
import { openPages } from '../openPages.js';

const open = openPages();

it('keeps in a narrow lane what it received and where its error leads to', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 860 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const pairs: [number, number][] = [];
  for (let count = 0; count < 6; count++) {
    pairs.push(await caller.connection(listener));
  }
  for (const [client, peer] of pairs) {
    await caller.send(client, `c${client} line 1\n`);
    await caller.recv(peer);
  }
  const fd = await caller.call('socket', 2, 1, 0);
  await caller.send(pairs[0]![0], '안녕');
  await caller.recv(pairs[0]![1]);
  const { playground } = panel;
  const record = await playground.call({ name: 'bind', args: [fd, listener.address] }).returned;
  playground.facts.lookUp(record);
  await playground.facts.whenFound(record);
  const failed = record.seq;
  await page.locator(`.chip#record-${failed}`).waitFor();
  const beyond = () =>
    page.locator('.chip').evaluateAll((chips) =>
      chips.flatMap((chip) => {
        if (chip.querySelector('.call')?.textContent !== 'recv') {
          return [];
        }
        const { left, right } = chip.getBoundingClientRect();
        const heads = [...document.querySelectorAll('.lh')].map((head) => head.getBoundingClientRect());
        // Two digits may end right of the lane, and nothing at the life-line of the next one.
        const end = heads.find((head) => head.right > left)!.right + 6;
        return right > end ? [`${chip.textContent} ${right - end}`] : [];
      }),
    );
  await expect.poll(beyond).toEqual([]);
  // The way to who holds the address covers nothing: it is there where the call is looked at.
  const link = page.locator(`.chip#record-${failed} .lnk`);
  await expect.poll(() => link.count()).toBe(1);
  expect(await link.isVisible()).toBe(false);
  await page.locator(`.chip#record-${failed}`).hover();
  await expect.poll(() => link.isVisible()).toBe(true);
  const gap = await page.locator(`.chip#record-${failed}`).evaluate((chip) => {
    const name = document.createRange();
    name.selectNodeContents(chip.querySelector('.call')!);
    return chip.querySelector('.lnk')!.getBoundingClientRect().left - name.getBoundingClientRect().right;
  });
  expect(gap).toBeGreaterThan(0);
  await link.click();
  await expect
    .poll(() => page.locator('.lh[aria-selected="true"]').innerText())
    .toContain(`fd ${listener.fd}`);
});

it('says in the narrowest lane what came, and how long it waited for it only where that stands apart', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 480, height: 780 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const { port } = listener.address as { port: number };
  // Somebody else: no record of ours comes between the call and its answer.
  const client = connect(port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  const fd = await caller.call('accept', listener.fd);
  for (let count = 0; count < 4; count++) {
    await caller.call('socket', 2, 1, 0);
  }
  const wait = await caller.wait('recv', fd, { kind: 'any' }, 9, 0);
  const chip = page.locator(`.chip#record-${wait.seq}`);
  // A wait that people notice.
  await expect.poll(() => chip.locator('.num').textContent()).toMatch(/[1-9]/);
  client.write('xyzw\n');
  expect(await wait.returned).toBe(5);
  await expect.poll(() => chip.locator('.got').textContent()).toBe('xyz…');
  expect(await chip.locator('.ret, .w').count()).toBe(0);
  expect(await chip.getAttribute('title')).toMatch(/= 5\nxyzw⏎\nblocked /);
  await page.setViewportSize({ width: 1650, height: 780 });
  await page.locator('.lanes.brief').waitFor();
  await expect.poll(() => chip.locator('.got').textContent()).toBe('xyzw⏎');
  const room = () =>
    chip.evaluate((one) => {
      const [got, clock] = ['.got', '.w > .codicon-watch'].map((part) => one.querySelector(part));
      return got && clock ? clock.getBoundingClientRect().left - got.getBoundingClientRect().right : 0;
    });
  await expect.poll(room).toBeGreaterThan(4);
});

it('begins an arrow where the call ends, however wide its letters are, and shows whole letters in a queue', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1400, height: 700 });
  const caller = new Caller(panel.playground);
  const [client, peer] = await caller.connection(await caller.listener());
  await caller.send(peer, '안녕하세');
  const seq = panel.playground.lastSeq;
  await caller.send(client, '안녕');
  await page.locator(`.rq[data-seq="${seq + 1}"]`).waitFor();
  const gapOf = (of: number) =>
    page.evaluate((record) => {
      const chip = document.getElementById(`record-${record}`)!.getBoundingClientRect();
      const wire = document.querySelector(`.wires g[data-seq="${record}"] .wire`)!.getBoundingClientRect();
      return wire.left - chip.right;
    }, of);
  // The other end is right of it, in this order of the lanes.
  await expect.poll(() => gapOf(seq)).toBeGreaterThanOrEqual(0);
  expect(await gapOf(seq)).toBeLessThan(8);
  const cut = await page
    .locator('.rq')
    .evaluateAll((boxes) => boxes.filter((box) => box.scrollWidth > box.clientWidth + 1).length);
  expect(cut).toBe(0);
});
