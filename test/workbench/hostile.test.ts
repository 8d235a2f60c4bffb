import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { panelFrame, quickInput, runCommand, showSockets } from '../support/workbench.js';

/** An icon, a link to a command, markup, and a direction that turns round what follows. */
const evil = '$(zap) [x](command:workbench.action.quit) <img src=x onerror=alert(1)>';

/** A scenario whose title and description are so, and that gives a socket such a name in the kernel. */
const file = `# Evil ${evil}
# About ${evil}.
a = socket(AF_UNIX, SOCK_DGRAM, 0)
bind(a, unix:"@${evil}") = 0
b = socket(AF_UNIX, SOCK_STREAM, 0)
send(b, "${evil}\\xe2\\x80\\xae\\x1b[31m", 11) = -1 ENOTCONN
`;

describe('Texts of strangers', () => {
  const workbench = useDarkWindow((folder) => writeFile(path.join(folder, 'evil.sockets'), file));

  /** What the texts would be made into if they were taken for more than text. */
  const made = (selector: string) =>
    workbench.page
      .locator(selector)
      .evaluateAll((places) =>
        places.flatMap((place) =>
          [
            ...place.querySelectorAll(
              '.codicon-zap, img[src="x"], [data-href^="command:"], [href^="command:"]',
            ),
          ].map((element) => element.outerHTML.slice(0, 200)),
        ),
      );

  it('are shown as they are in quick picks, the tree, hovers, messages and the status bar', async () => {
    const { page } = workbench;
    await showSockets(page);
    await runCommand(page, 'Sockets: Run Scenario…');
    const { row } = quickInput(page);
    await quickInput(page).field.fill('Evil');
    await row('Evil').waitFor();
    await expect.poll(() => row('Evil').innerText()).toContain(evil);
    expect(await made('.quick-input-widget')).toEqual([]);
    await row('Evil').click();

    // Its name from the kernel stands in the tree.
    const node = page.locator('.part.sidebar .monaco-list-row', { hasText: 'command:workbench' }).first();
    await node.waitFor();
    expect(await node.innerText()).toContain('[x](command:workbench.action.quit)');
    expect(await made('.part.sidebar')).toEqual([]);
    const hover = page.locator('.monaco-hover:visible', { hasText: 'command:workbench' });
    await expect
      .poll(async () => {
        // The tree may be drawn anew before VS Code shows it.
        await page.mouse.move(700, 880);
        await node.hover();
        return hover.waitFor({ timeout: 3000 }).then(
          () => true,
          () => false,
        );
      })
      .toBe(true);
    expect(await made('.monaco-hover')).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await made('.part.statusbar')).toEqual([]);
    expect(await made('.notifications-toasts')).toEqual([]);

    // And in the panel, with what turns the direction as escapes.
    await runCommand(page, 'Sockets: Open Playground');
    await panelFrame(page).getByRole('radio', { name: 'Lanes' }).click();
    const sent = panelFrame(page).locator('.chip', { hasText: 'send(' }).first();
    await sent.waitFor();
    expect(await panelFrame(page).locator('img, a[href^="command:"]').count()).toBe(0);
    const text = await sent.innerText();
    expect(['\u202e', '\u001b'].filter((control) => text.includes(control))).toEqual([]);
  });
});
