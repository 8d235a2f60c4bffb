import { expect, it } from 'vitest';
import { Caller } from '../caller.js';
import { openPages } from '../openPages.js';

const open = openPages();

it('shows the number at the end of a name in a head that has no room for all of it', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 500 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  for (let index = 0; index < 6; index++) {
    await caller.connection(listener);
  }
  const shown = () =>
    page.locator('.lh .role').evaluateAll((all) =>
      all.flatMap((role) => {
        const begin = role.querySelector('.begin');
        const number = begin?.nextSibling;
        if (number?.nodeType !== Node.TEXT_NODE) {
          return [];
        }
        const range = document.createRange();
        range.selectNode(number);
        const isSeen = range.getBoundingClientRect().right <= role.getBoundingClientRect().right + 1;
        const isCut = begin!.scrollWidth > begin!.clientWidth;
        return role.textContent.startsWith('server_peer')
          ? [{ text: number.textContent, isSeen, isCut }]
          : [];
      }),
    );
  /** Whether what waits in a head stands right of the name. */
  const waits = () =>
    page.locator('.lh:has(.waits)').evaluateAll((heads) =>
      heads.map((head) => {
        const end = document.createRange();
        end.selectNode(head.querySelector('.begin')!.nextSibling!);
        const mark = head.querySelector('.waits')!;
        const isApart = end.getBoundingClientRect().right <= mark.getBoundingClientRect().left;
        return [
          mark.textContent,
          isApart,
          head.getBoundingClientRect().right > mark.getBoundingClientRect().right,
        ];
      }),
    );
  const all = ['2', '3', '4', '5', '6'].map((text) => ({ text, isSeen: true, isCut: true }));
  await expect.poll(shown).toEqual(all);
  // The number stays beside what waits there, too, which says that it is bytes.
  const [client] = await caller.connection(listener);
  await caller.send(client, 'apple');
  await expect.poll(waits).toEqual([['+5 B', true, true]]);
  await expect.poll(shown).toEqual([...all, { text: '7', isSeen: true, isCut: true }]);
});

it('keeps the names of states off the edges that they have in high contrast, in narrow lanes too', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1180, height: 700, theme: 'highContrast' });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const pairs: [number, number][] = [];
  for (let index = 0; index < 6; index++) {
    pairs.push(await caller.connection(listener));
  }
  await caller.call('shutdown', pairs[5]![0], 1);
  await page.locator('.kev.tight .pill', { hasText: 'CLOSE_WAIT' }).waitFor();
  const gaps = () =>
    page.locator('.lanes .pill').evaluateAll((pills) =>
      pills.flatMap((pill) => {
        const word = document.createRange();
        word.selectNodeContents(pill);
        const [text, edge] = [word.getBoundingClientRect(), pill.getBoundingClientRect()];
        const isCut = pill.scrollWidth > pill.clientWidth;
        const gap = Math.min(text.left - edge.left, edge.right - text.right);
        return gap < 2.5 || isCut ? [`${pill.textContent} ${gap} ${isCut}`] : [];
      }),
    );
  await expect.poll(gaps).toEqual([]);
});

it('call a socket by its new name, and so does what names it in its other end', async () => {
  const { page, panel } = await open({ view: 'lanes', width: 1400, height: 700 });
  const { playground } = panel;
  const caller = new Caller(playground);
  const [client, peer] = await caller.connection(await caller.listener());
  const idOf = (fd: number) => [...playground.sockets.values()].find((one) => one.fd === fd)!.id;
  panel.request({ kind: 'select', socketId: idOf(client), seq: null });
  panel.request({ kind: 'showInspector' });
  const other = page.locator('.side').getByRole('button', { name: `server_peer fd ${peer}` });
  await other.waitFor();
  await playground.rename(idOf(peer), 'mine');
  const head = page.locator(`.lh[data-lane="${idOf(peer)}"]`);
  await expect.poll(() => head.innerText()).toContain('mine');
  await page
    .locator('.side')
    .getByRole('button', { name: `mine fd ${peer}` })
    .waitFor();
  await expect.poll(() => page.locator('.target option').allInnerTexts()).toContain(`fd ${peer}  mine`);
  // Nowhere is it called as before.
  expect(await page.locator('.app').innerText()).not.toContain('server_peer');
  const titles = await page
    .locator('[title]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('title')));
  expect(titles.filter((title) => title?.includes('server_peer'))).toEqual([]);
});
