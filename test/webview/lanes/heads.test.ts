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
        if (!begin || !number) {
          return [];
        }
        const range = document.createRange();
        range.selectNode(number);
        const isSeen = range.getBoundingClientRect().right <= role.getBoundingClientRect().right + 1;
        const isCut = begin.scrollWidth > begin.clientWidth;
        return role.textContent.startsWith('server_peer')
          ? [{ text: number.textContent, isSeen, isCut }]
          : [];
      }),
    );
  const all = ['2', '3', '4', '5', '6'].map((text) => ({ text, isSeen: true, isCut: true }));
  await expect.poll(shown).toEqual(all);
});
