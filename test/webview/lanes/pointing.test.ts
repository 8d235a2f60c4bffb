import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Call } from '../../../src/common/call.js';
import { Caller } from '../caller.js';
import { openPages } from '../openPages.js';
import { setTheme } from '../panelPage.js';

const open = openPages();
const isInView = (page: Page, seq: number) =>
  page.evaluate((id) => {
    const [row, area] = [document.getElementById(`record-${id}`), document.querySelector('.lanes')!];
    const { top, bottom } = area.getBoundingClientRect();
    const at = row?.getBoundingClientRect();
    return at !== undefined && at.top >= top && at.bottom <= bottom;
  }, seq);

it('opens what was pressed twice, also where its call is out of view', async () => {
  const { panel, page } = await open({ view: 'lanes', width: 1180, height: 700 });
  const caller = new Caller(panel.playground);
  const listener = await caller.listener();
  const { seq, returned } = await caller.wait('accept', listener.fd);
  await Promise.all(Array.from({ length: 40 }, () => caller.call('getsockname', listener.fd)));
  const client = await caller.call('socket', 2, 1, 0);
  await caller.call('connect', client, listener.address);
  await returned;
  // It returns far behind its call: one press must not bring something else under the pointer.
  const answer = page.locator(`.chip[data-seq="${seq}"]`, { hasText: '=' });
  await answer.click();
  await expect.poll(() => answer.getAttribute('aria-selected')).toBe('true');
  expect(await isInView(page, seq)).toBe(false);
  await page.locator('.chip#record-47').click();
  await answer.dblclick();
  await page.getByText(`Record ${seq}`, { exact: true }).waitFor();
  await expect.poll(() => isInView(page, seq)).toBe(true);
});

it('opens what the first press has selected in the table, also where another row has come under the pointer', async () => {
  const call: Call = { name: 'socket', args: [2, 1, 0] };
  const { page } = await open({ earlier: [call, call] });
  await page.locator('#record-1').click();
  await page.locator('#record-2').dispatchEvent('dblclick');
  await expect.poll(() => page.getByText('Record 1', { exact: true }).count()).toBe(1);
});

it('keeps a failure red where it is selected, in lanes and table, in any theme', async () => {
  const { panel, page } = await open({ view: 'lanes', width: 1180, height: 700 });
  const caller = new Caller(panel.playground);
  const fd = await caller.call('socket', 2, 1, 0);
  await caller.send(fd, 'no');
  await caller.send(fd, 'no');
  await page.locator('#record-3').click();
  const looks = () =>
    page.locator('#record-2, #record-3').evaluateAll((all) =>
      all.map((one) => {
        const { backgroundColor, boxShadow } = getComputedStyle(one);
        const errno = [...one.querySelectorAll('b, .res')].find((each) =>
          each.textContent?.includes('EPIPE'),
        )!;
        return [backgroundColor, /rgb[^)]*\)/.exec(boxShadow)?.[0], getComputedStyle(errno).color].join(' ');
      }),
    );
  for (const mode of ['Lanes', 'Table']) {
    await page.getByRole('radio', { name: mode }).click();
    await page.locator('#record-3:is([aria-selected=true], [aria-current=true])').waitFor();
    for (const theme of ['dark', 'highContrast'] as const) {
      await setTheme(page, theme);
      const [plain, selected] = await looks();
      expect(selected, `${mode} ${theme}`).toBe(plain);
    }
  }
});

it('leaves the form as it is where a record is looked at', async () => {
  const { panel, page } = await open({ view: 'lanes', earlier: [{ name: 'socketpair', args: [1, 1, 0] }] });
  const preview = page.locator('.preview .call');
  await page.locator('textarea').fill('written');
  panel.request({ kind: 'call' });
  await page.locator('#record-2[aria-selected=true]').waitFor();
  await expect.poll(() => page.locator('.composer').innerText()).toContain('Next: recv');
  const before = await preview.innerText();
  await page.locator('#record-2').dblclick();
  await page.getByText('Record 2', { exact: true }).waitFor();
  // What was told of by then has been made good.
  panel.request({ kind: 'filter' });
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('filter');
  expect(await preview.innerText()).toBe(before);
});

it('follows the newest records where a lesson is closed, wherever the view was before it', async () => {
  const { panel, page } = await open({
    view: 'lanes',
    width: 1300,
    height: 700,
    isLessonLater: true,
    earlier: [{ name: 'socket', args: [2, 1, 0] }],
    lesson: { text: '# Pair\n# before: x\na, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nclose(a) = 0\n' },
  });
  const caller = new Caller(panel.playground);
  await Promise.all(Array.from({ length: 80 }, () => caller.call('getpeername', 9999)));
  await page.locator('#record-81').waitFor();
  await page.locator('.lanes').hover();
  await page.mouse.wheel(0, -1500);
  await page.getByRole('button', { name: 'Latest of 81' }).waitFor();
  panel.openLesson();
  await page.getByRole('button', { name: 'Make This Call' }).click();
  await page.locator('#record-82').waitFor();
  await page.getByRole('button', { name: 'Close the lesson' }).click();
  await page.getByRole('menuitem').nth(1).click();
  await page.getByRole('region', { name: 'Lesson' }).waitFor({ state: 'detached' });
  await page.getByText('82 records').waitFor();
  await expect.poll(() => isInView(page, 82)).toBe(true);
});
