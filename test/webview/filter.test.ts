import { describe, expect, it } from 'vitest';
import { dataValue } from '../../src/common/call.js';
import { untilTestEnds } from '../support/disposal.js';
import { useBrowser } from './browser.js';
import { axeViolations } from './axe.js';
import { openPanel, resize } from './panelPage.js';

const browser = useBrowser();

/** A panel with a socket, a datagram sent into nowhere and one that failed. */
async function withRecords() {
  const panel = untilTestEnds(await openPanel(browser, { width: 900, height: 500 }));
  const { page, playground } = panel;
  const fd = (await playground.call({ name: 'socket', args: [2, 2, 0] }).returned).result!;
  const hello = dataValue(new TextEncoder().encode('hello'));
  const address = { family: 'AF_INET', address: '127.0.0.1', port: 9 } as const;
  await playground.call({ name: 'sendto', args: [fd, hello, 5, 0, address] }).returned;
  await playground.call({ name: 'send', args: [fd, hello] }).returned;
  const count = page.locator('.rec');
  await expect.poll(() => count.innerText()).toBe('3 records');
  return { ...panel, field: page.getByRole('combobox', { name: 'Show records that fit' }), count, fd };
}

describe('the filter', () => {
  it('offers what fits at the caret, by keys and by mouse', async () => {
    const { page, field, count, faults } = await withRecords();
    const options = page.locator('#filter-items').getByRole('option');
    await field.fill('ca');
    await expect.poll(() => options.first().innerText()).toContain('call');
    await field.press('ArrowDown');
    expect(await field.getAttribute('aria-activedescendant')).toBe('filter-item-0');
    await field.press('Enter');
    expect(await field.inputValue()).toBe('call ');
    await options.filter({ hasText: '==' }).first().click();
    await field.pressSequentially('sen');
    await expect.poll(() => options.allInnerTexts()).toHaveLength(3);
    expect(await axeViolations(page)).toEqual([]);
    await field.press('ArrowDown');
    await field.press('Tab');
    expect(await field.inputValue()).toBe('call == send ');
    await expect.poll(() => count.innerText()).toBe('1 of 3');
    await field.press('Escape');
    await expect.poll(() => options.count()).toBe(0);
    expect(await field.inputValue()).toBe('call == send ');
    await field.press('Escape');
    await expect.poll(() => count.innerText()).toBe('3 records');
    expect(faults).toEqual([]);
  });

  it('marks an error in its place, says what it is, and leaves the rows as they were', async () => {
    const { page, field, count } = await withRecords();
    await field.fill('data contains hello');
    await expect.poll(() => count.innerText()).toBe('1 of 3');
    await field.fill('failed');
    await page.getByRole('option', { name: /^errno/ }).waitFor();
    const show = page.getByRole('button', { name: 'Show the failed calls' });
    await show.focus();
    await show.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('errno');
    await expect.poll(() => count.innerText()).toBe('1 of 3');
    expect(await field.evaluate((one) => one === document.activeElement)).toBe(true);
    await field.fill('data contains hello');
    await expect.poll(() => count.innerText()).toBe('1 of 3');
    await field.fill('data contains hello && len > x');
    await expect.poll(() => page.locator('.marks u').innerText()).toBe('x');
    expect(await page.locator('#filter-problem').innerText()).toBe(
      'A number is expected. The records shown are still those of data contains hello.',
    );
    expect(await field.getAttribute('aria-describedby')).toBe('filter-problem');
    expect(await count.innerText()).toBe('1 of 3');
    // The mark lies under the letter that it is about.
    const [mark, box] = [await page.locator('.marks u').boundingBox(), await field.boundingBox()];
    expect(mark!.x).toBeGreaterThan(box!.x + 100);
    expect(await axeViolations(page)).toEqual([]);
  });

  it.each([600, 400])('is there at a width of %i, by mouse and by keys', async (width) => {
    const panel = await withRecords();
    const { page, field, count } = panel;
    await resize(page, width, 600);
    await field.click();
    await page.keyboard.type('call == send');
    await page.keyboard.press('Enter');
    await expect.poll(() => count.innerText()).toBe('1 of 3');
    expect(await field.evaluate((one: HTMLInputElement) => one.scrollWidth - one.clientWidth)).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    await page.locator('.row').first().click();
    await page.keyboard.press('/');
    await expect.poll(() => field.evaluate((one) => one === document.activeElement)).toBe(true);
    // The inspector lies over the records, not over the filter.
    panel.request({ kind: 'showInspector' });
    await page.locator('.side').waitFor();
    await field.click();
  });

  it('says which new records it hides, and shows them again', async () => {
    const { page, field, count, playground, fd, faults } = await withRecords();
    await field.fill('call == send');
    await field.press('Enter');
    await expect.poll(() => count.innerText()).toBe('1 of 3');
    const note = page.locator('.hiddennote');
    expect(await note.count()).toBe(0);
    await playground.call({ name: 'getsockname', args: [fd] }).returned;
    await expect.poll(() => note.innerText()).toContain('1 new record does not fit the filter.');
    // What it fits is not hidden.
    await playground.call({ name: 'send', args: [fd, dataValue(new Uint8Array(2))] }).returned;
    await expect.poll(() => count.innerText()).toBe('2 of 5');
    await playground.call({ name: 'getsockname', args: [fd] }).returned;
    await expect.poll(() => note.innerText()).toContain('2 new records do not fit the filter.');
    await page.getByRole('radio', { name: 'Lanes' }).click();
    await note.getByRole('button', { name: 'Clear the filter' }).click();
    await expect.poll(() => count.innerText()).toBe('6 records');
    expect(await note.count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('follows new records', async () => {
    const { playground, page, field, count, fd } = await withRecords();
    await field.fill('errno');
    await expect.poll(() => count.innerText()).toBe('1 of 3');
    await playground.call({ name: 'send', args: [fd, dataValue(new Uint8Array(3))] }).returned;
    await expect.poll(() => count.innerText()).toBe('2 of 4');
    await expect
      .poll(() => page.locator('.row .c7').allInnerTexts())
      .toEqual(['-1 EDESTADDRREQ', '-1 EDESTADDRREQ']);
  });
});
