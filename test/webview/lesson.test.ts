import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openPages } from './openPages.js';
import { axeViolations, axeViolationsInThemes } from './axe.js';
import { runningScenario } from './panelPage.js';

const open = openPages();
const scenario = (name: string) =>
  readFile(fileURLToPath(new URL(`../../scenarios/${name}`, import.meta.url)), 'utf8');

const lesson = (page: Page) => page.getByRole('region', { name: 'Lesson' });
const button = (page: Page, name: string) => lesson(page).getByRole('button', { name, exact: true });
const lines = (page: Page) => lesson(page).locator('.lline');
const status = (page: Page) => page.locator('.app > [role=status]');

/** Makes calls until the line with that number is the next. */
async function stepTo(page: Page, line: number): Promise<void> {
  for (let at = 0; at < line; at++) {
    await button(page, 'Make This Call').click();
    await expect
      .poll(() =>
        lines(page)
          .nth(at + 1)
          .getAttribute('aria-current'),
      )
      .toBe('step');
  }
}

it('makes one call a press: its answer beside it, its record selected, its socket in the inspector', async () => {
  const { page } = await open({
    view: 'lanes',
    width: 1440,
    lesson: { text: await scenario('two-sends-one-recv.sockets'), group: 'First calls' },
  });
  await lesson(page).getByText('It is tempting to think').waitFor();
  expect(await page.locator('.chip').count()).toBe(0);
  // It is as wide as its column, which gives room to the sockets.
  const place = async () => ({ ...(await button(page, 'Make This Call').boundingBox())!, width: 0 });
  const before = await place();
  await stepTo(page, 3);
  // Who presses in one place makes one call after the other.
  await expect.poll(place).toEqual(before);
  await expect.poll(() => lines(page).nth(2).innerText()).toMatch(/listen\(server, 5\)\s*= 0/);
  // What is to come tells nothing of its answer.
  expect(await lines(page).nth(9).innerText()).toContain('recv(peer, …, 4096, 0)');
  await page.locator('#record-3').waitFor();
  // One button is the next to be pressed: it alone is filled, also where the pointer is not on it.
  await page.mouse.move(2, 2);
  const filled = await page.locator('.btn').evaluateAll((all) => {
    const ground = (element: Element) => getComputedStyle(element).backgroundColor;
    const main = ground(document.querySelector('.lactions .primary')!);
    return all.filter((each) => ground(each) === main).map((each) => each.textContent);
  });
  expect(filled).toEqual(['Make This Call']);
  await expect.poll(() => page.locator('.side').innerText()).toContain('LISTEN');
  await expect
    .poll(() => status(page).innerText())
    .toBe('listen(server, 5) = 0. Next: client = socket(AF_INET, SOCK_STREAM, 0)');
});

it('shows its own lanes, and those of other open sockets when somebody wants them', async () => {
  const { panel, page } = await open({
    view: 'lanes',
    width: 1440,
    earlier: [1, 2, 3].map(() => ({ name: 'socket', args: [2, 1, 0] })),
    lesson: { text: await scenario('two-sends-one-recv.sockets') },
  });
  const others = page.getByRole('button', { name: '3 other sockets', exact: true });
  await others.waitFor();
  expect(await page.locator('.hiddennote').count()).toBe(0);
  await stepTo(page, 1);
  const lanes = () => page.locator('.lh .role').allInnerTexts();
  await expect.poll(lanes).toEqual(['server']);
  await others.press('Enter');
  await expect.poll(lanes).toEqual(['server', 'new', 'new', 'new']);
  await others.click();
  await expect.poll(lanes).toEqual(['server']);
  // A scenario that runs meanwhile does not take its place, also where none of its records is in view.
  const [before] = panel.playground.sockets.values();
  for (let at = 0; at < 60; at++) {
    await panel.playground.call({ name: 'getpeername', args: [before!.fd, { kind: 'any' }, 16] }).returned;
  }
  await expect.poll(lanes).toEqual(['server', 'new']);
  panel.findScenarios([runningScenario]);
  panel.request({ kind: 'filter' });
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('filter');
  await expect.poll(lanes).toEqual(['server', 'new']);
});

it('asks before the call, and lets the kernel answer', async () => {
  const { page } = await open({ lesson: { text: await scenario('two-sends-one-recv.sockets') } });
  await stepTo(page, 9);
  const question = lesson(page).getByRole('group', { name: 'What happens next?' });
  await question.getByText('recv() has room for 4096 bytes.').waitFor();
  await expect.poll(() => status(page).innerText()).toContain('What happens next? recv() has room');
  expect(await lesson(page).innerText()).not.toContain('TCP carries bytes');
  await question.getByLabel('7: the first request').check();
  await button(page, 'Make This Call').click();
  await lesson(page).getByText('You predicted: 7: the first request. It is: 14: both requests').waitFor();
  await lesson(page).getByText('TCP carries bytes').waitFor();
  await expect.poll(() => status(page).innerText()).toContain('You predicted: 7: the first request.');
  await button(page, 'Run to the End').click();
  await lesson(page).getByText('You predicted 0 of 1.').waitFor();
  await lesson(page).getByText('A protocol over TCP has to say').waitFor();
  await expect.poll(() => lesson(page).locator('.lline.made').count()).toBe(13);
});

it('leaves what is typed into a prediction, while what was typed before comes back', async () => {
  const text = '# predict: What is its number?\nserver = socket(AF_INET, SOCK_STREAM, 0)\n';
  const { page, panel } = await open({ lesson: { text } });
  const field = lesson(page).getByRole('group', { name: 'What happens next?' }).getByRole('textbox');
  // The next key is down, and not told of yet.
  await field.evaluate((input: HTMLInputElement) => {
    input.focus();
    input.value = '2';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.value = '21';
  });
  // What follows it on the same way has come when it has.
  await button(page, 'Open the file of the lesson').evaluate((one: HTMLElement) => one.click());
  await expect.poll(() => panel.said.lessons).toEqual(['openFile']);
  panel.request({ kind: 'filter' });
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('filter');
  expect(await field.inputValue()).toBe('21');
});

it('makes a wrong call that is typed, shows what the kernel says, and goes on', async () => {
  const { page, panel } = await open({ lesson: { text: await scenario('order.sockets') } });
  await stepTo(page, 1);
  const field = lesson(page).getByLabel('Type the call yourself');
  await field.fill('getpeername(server)');
  await field.press('Enter');
  const attempt = lesson(page).locator('.lattempt');
  await expect.poll(() => attempt.innerText()).toMatch(/getpeername\(server\)\s*= -1 ENOTCONN/);
  await expect.poll(() => attempt.innerText()).toContain('not connected');
  await expect.poll(() => field.inputValue()).toBe('');
  // What differs is said; where the calls that come are hidden, not how the lesson has it.
  await attempt.getByText('The lesson calls accept here.').waitFor();
  await field.fill('accept(sever)');
  await field.press('Enter');
  await attempt.getByText('Did you mean server?').waitFor();
  expect(await field.inputValue()).toBe('accept(sever)');
  await field.fill('accept(server)');
  await field.press('Enter');
  // That is the lesson's call: it is not made a second time.
  await expect.poll(() => lines(page).nth(2).getAttribute('aria-current')).toBe('step');
  const records = await panel.playground.readRecords(1, 10);
  expect(records.map(({ name }) => name)).toEqual(['socket', 'getpeername', 'accept']);
  await field.fill('socket(AF_INET, SOCK_DGRAM, 0)');
  await field.press('Enter');
  await button(page, 'Go On Without It').click();
  await expect.poll(() => lines(page).nth(2).innerText()).toContain('passed over');
});

it('says what differs from the lesson’s call, and which call the button makes while another one is typed', async () => {
  const { page, panel } = await open({ lesson: { text: await scenario('two-sends-one-recv.sockets') } });
  const field = lesson(page).getByLabel('Type the call yourself');
  await field.fill('socket(AF_INET, SOCK_DGRAM)');
  // What was typed is what is to be made next: its button is the filled one.
  const isFilled = (name: string) => button(page, name).evaluate((one) => one.classList.contains('primary'));
  expect(await Promise.all(['Call It', 'Make the Lesson’s Call'].map(isFilled))).toEqual([true, false]);
  await field.press('Enter');
  const attempt = lesson(page).locator('.lattempt');
  await attempt.getByText('type is SOCK_DGRAM, and SOCK_STREAM in the lesson.').waitFor();
  await expect
    .poll(() => status(page).innerText())
    .toContain('type is SOCK_DGRAM, and SOCK_STREAM in the lesson.');
  expect(await isFilled('Make This Call')).toBe(true);
  await button(page, 'Hide the calls that come, to type them').click();
  await attempt.getByText('Not as in the lesson: type.').waitFor();
  await field.fill('server = socket(AF_INET, SOCK_STREAM)');
  await field.press('Enter');
  await expect.poll(() => lines(page).nth(1).getAttribute('aria-current')).toBe('step');
  // The form of the call, too, may show another one. It goes on to the lesson's by itself first.
  await page.locator('.preview').getByText('bind').waitFor();
  panel.request({ kind: 'prepare', call: { name: 'listen', args: [3, 5] } });
  await page.locator('.preview').getByText('listen').waitFor();
  await page
    .getByLabel(/backlog/)
    .first()
    .fill('7');
  await button(page, 'Make the Lesson’s Call').waitFor();
});

it('shows its beginning at the start and its last words at the end; its buttons stay where they are', async () => {
  const before = 'Two ends of one line. '.repeat(30);
  const sends = 'send(a, "hi", 2, 0) = 2\n'.repeat(8);
  const { page } = await open({
    view: 'lanes',
    width: 1440,
    lesson: {
      text: `# Pair\n# before: ${before}\na, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\n${sends}# after: ${'All is sent. '.repeat(12)}\n`,
    },
  });
  const place = async () => [
    await button(page, 'Run to the End').boundingBox(),
    await button(page, 'Back to the Start').boundingBox(),
  ];
  const places = await place();
  const field = lesson(page).getByLabel('Type the call yourself');
  for (const wrong of ['sned(a)', 'sendd(a)']) {
    await field.fill(wrong);
    await button(page, 'Make the Lesson’s Call').waitFor();
    expect(await place()).toEqual(places);
    await field.press('Enter');
    await lesson(page).locator('.lattempt', { hasText: wrong }).waitFor();
  }
  // The one that was mended since takes no room.
  expect(await lesson(page).locator('.lattempt').count()).toBe(1);
  await button(page, 'Run to the End').click();
  const after = lesson(page).locator('.lafter');
  await after.waitFor();
  const body = lesson(page).locator('.lbody');
  const hidden = () =>
    body.evaluate((element) => {
      const { bottom } = element.querySelector('.lafter')!.getBoundingClientRect();
      return bottom - element.getBoundingClientRect().bottom;
    });
  await expect.poll(hidden).toBeLessThanOrEqual(0);
  await button(page, 'Back to the Start').click();
  await expect.poll(() => lines(page).nth(0).getAttribute('aria-current')).toBe('step');
  await expect.poll(() => body.evaluate((element) => element.scrollTop)).toBe(0);
});

it('says who waits, and lets the wait be cancelled', async () => {
  const { page } = await open({
    lesson: {
      text: '# Wait\n# before: x\na, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nrecv(b, _, 10, 0) = 0\nclose(a) = 0\n',
    },
  });
  await stepTo(page, 1);
  await button(page, 'Make This Call').click();
  await lesson(page).getByText('Every call that was made waits').waitFor();
  await lesson(page).locator('.lwaiting').getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => lines(page).nth(2).getAttribute('aria-current')).toBe('step');
  // It says which sockets it closes.
  expect(await button(page, 'Back to the Start').getAttribute('title')).toMatch(
    /^Closes the sockets of the lesson: fd \d+, fd \d+$/,
  );
  await button(page, 'Back to the Start').click();
  await expect.poll(() => lines(page).nth(0).getAttribute('aria-current')).toBe('step');
  // What was before is there without the filter.
  await expect.poll(() => page.locator('#filter').inputValue()).toMatch(/^seq > \d && /);
  await expect.poll(() => lesson(page).locator('.lline.coming').count()).toBe(3);
});

it('shows its own records and sockets alone, and says so', async () => {
  const { page, panel } = await open({
    lesson: {
      text: '# Pair\n# before: x\na, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nclose(a) = 0\nclose(b) = 0\n',
    },
    isLessonLater: true,
    earlier: [{ name: 'socket', args: [2, 1, 0] }],
    scenarios: [],
    width: 1300,
  });
  await page.locator('#record-1').click();
  await page.locator('.shead').waitFor();
  panel.openLesson();
  await lesson(page).waitFor();
  await page.getByText('The records of this lesson come here.').waitFor();
  // Nothing is told of the socket from before.
  await page.getByText('Select a record or a socket to see what the kernel tells of it.').waitFor();
  const own = page.getByTitle(
    'Only what the lesson and you have called since it began is shown. Clear the filter to see all.',
  );
  expect(await own.innerText()).toBe('Lesson');
  await button(page, 'Make This Call').click();
  await page.locator('#record-2').waitFor();
  await page.locator('.shead').waitFor();
  expect(await page.locator('#record-1').count()).toBe(0);
  await page.getByRole('button', { name: 'Show all records, not only those of the lesson' }).click();
  await page.locator('#record-1').waitFor();
  await expect.poll(() => own.count()).toBe(0);
  // Who has taken it away is not given it again by the same lesson.
  await button(page, 'Back to the Start').click();
  await page.locator('#record-4').waitFor();
  await page.getByText('Select a record or a socket to see what the kernel tells of it.').waitFor();
  expect(await page.locator('#filter').inputValue()).toBe('');
  // With sockets of its own open it says what becomes of them.
  await button(page, 'Make This Call').click();
  await expect.poll(() => lesson(page).locator('.lline.made').count()).toBe(1);
  await button(page, 'Close the lesson').click();
  const items = page.getByRole('menu', { name: 'Close the lesson' }).getByRole('menuitem');
  await expect
    .poll(() => items.first().innerText())
    .toMatch(/^Close the lesson and its sockets\s*fd \d+, fd \d+$/);
  await items.nth(1).click();
  await lesson(page).waitFor({ state: 'detached' });
  await expect.poll(() => panel.said.lessons).toEqual(['leave']);
});

it('does not begin where the machine lacks something, and says what', async () => {
  const { page, panel } = await open({
    lesson: { text: await scenario('echo.sockets'), obstacle: 'It runs on Windows only.' },
  });
  await lesson(page).getByText('It runs on Windows only.').waitFor();
  expect(await button(page, 'Make This Call').getAttribute('aria-disabled')).toBe('true');
  await button(page, 'Make This Call').click({ force: true });
  await button(page, 'Close the lesson').click();
  await lesson(page).waitFor({ state: 'detached' });
  expect([panel.playground.lastSeq, panel.said.lessons]).toEqual([0, ['close']]);
});

it('hides the calls that come, and shows the call in three languages', async () => {
  const { page } = await open({ lesson: { text: await scenario('two-sends-one-recv.sockets') } });
  await stepTo(page, 1);
  const code = lesson(page).locator('.lcode pre');
  await expect.poll(() => code.innerText()).toContain('bind(server, &address.as.any, address.length)');
  await lesson(page).getByRole('radio', { name: 'Python' }).click();
  await expect.poll(() => code.innerText()).toBe("server.bind(('127.0.0.1', 0))");
  const field = lesson(page).getByLabel('Type the call yourself');
  expect(await field.getAttribute('placeholder')).toBe('As in C: bind(sockfd, …)');
  await button(page, 'Hide the calls that come, to type them').click();
  await expect.poll(() => lines(page).nth(1).innerText()).toContain('bind(…)');
  await expect.poll(() => lines(page).nth(2).innerText()).not.toContain('listen');
  await expect.poll(() => code.count()).toBe(0);
});

describe('with the keyboard alone', () => {
  it('a lesson goes from its beginning to the next one', async () => {
    const { page, panel } = await open({
      lesson: {
        text: '# Two\n# before: x\na, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\n# predict: How many?\n#  [x] 2\n#  [ ] 9\nsend(a, "hi", 2, 0) = 2\n# after: y\n',
        following: { id: 'other', title: 'Another' },
      },
    });
    panel.request({ kind: 'focusLesson' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Make This Call');
    await page.keyboard.press('Enter');
    await lesson(page).getByRole('group', { name: 'What happens next?' }).waitFor();
    await expect
      .poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement).type))
      .toBe('radio');
    await page.keyboard.press('Space');
    await expect.poll(() => lesson(page).getByLabel('2', { exact: true }).isChecked()).toBe(true);
    await page.keyboard.press('Enter');
    await lesson(page).getByText('You predicted it: 2').waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toBe('Next Lesson: Another');
    await page.keyboard.press('Enter');
    await expect.poll(() => panel.said.lessons).toEqual(['next']);
    await button(page, 'Close the lesson').focus();
    await page.keyboard.press('Enter');
    await page.locator('[role=menuitem]:focus').waitFor();
    await page.keyboard.press('Enter');
    await lesson(page).waitFor({ state: 'detached' });
    await page.locator('[data-region=records] :focus, [data-region=records]:focus').waitFor();
  });
});

it('every theme lets everybody read it, with room and without', async () => {
  const { page } = await open({
    view: 'lanes',
    lesson: { text: (await scenario('two-sends-one-recv.sockets')).replace(/^# /, '# A long title: ') },
  });
  const isTitleWhole = () =>
    lesson(page)
      .locator('h2')
      .evaluate((title) => title.scrollWidth <= title.clientWidth);
  await page.setViewportSize({ width: 950, height: 860 });
  await expect.poll(isTitleWhole).toBe(true);
  await page.setViewportSize({ width: 1180, height: 860 });
  await stepTo(page, 9);
  await lesson(page).getByLabel('Type the call yourself').fill('sned(client)');
  await lesson(page).getByRole('button', { name: 'Call It' }).click();
  await lesson(page).locator('.lattempt.refused').waitFor();
  expect(await axeViolationsInThemes(page)).toEqual([]);
  for (const width of [600, 400]) {
    await page.setViewportSize({ width, height: 860 });
    expect(await axeViolations(page), String(width)).toEqual([]);
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
      .toBe(true);
    // The refused call is still typed, and the button makes another one.
    for (const name of ['Make the Lesson’s Call', 'Run to the End', 'Back to the Start']) {
      expect(await button(page, name).isVisible()).toBe(true);
    }
  }
});
