import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Held, tempDir } from '../support/disposal.js';
import { readLesson } from '../support/lessons.js';
import { panelFrame, runCommand, startWorkbench, type Workbench } from '../support/workbench.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pictures = path.join(root, 'docs/images/gallery');

interface Look {
  name: string;
  theme: string;
  locale?: 'ko';
}

/** What the records tell. */
interface Story {
  title: string;
  text: string;
}

const looks: Look[] = [
  { name: 'dark', theme: 'Default Dark Modern' },
  { name: 'light', theme: 'Default Light Modern' },
  { name: 'high-contrast', theme: 'Default High Contrast' },
  { name: 'high-contrast-light', theme: 'Default High Contrast Light' },
  { name: 'korean', theme: 'Default Dark Modern', locale: 'ko' },
];

/** The conversation of the pictures: a failed call, a wait, two sends that one recv takes, an end of one direction. */
const conversation: Story = {
  title: 'A conversation',
  text: `# A conversation
listener = socket(AF_INET, SOCK_STREAM, 0)
setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, 1) = 0
bind(listener, 127.0.0.1:0) = 0
listen(listener, 128) = 0
[server] connection = accept(listener)
client = socket(AF_INET, SOCK_STREAM, 0)
bind(client, getsockname(listener)) = -1 EADDRINUSE
sleep(1.2)
connect(client, getsockname(listener)) = 0
[server] sleep(0.2)
send(client, "GET /a\\n", 7) = 7
send(client, "GET /b\\n", 7) = 7
[server] recv(connection, "GET /a\\nGET /b\\n", 4096) = 14
[server] send(connection, "ok\\n", 3) = 3
recv(client, "ok\\n", 4096) = 3
send(client, "bye\\n", 4) = 4
shutdown(client, SHUT_WR) = 0
[server] timeout(120)
[server] accept(listener)
`,
};

/** The lesson of five clients up to where four have their answer, one waits, and so does the server for a sixth. */
const five: Story = { title: 'Five and a sixth', text: fiveClients() };

function fiveClients(): string {
  const lines = readLesson('five-clients.sockets').text.split('\n');
  const wait = lines.findIndex((line) => line.startsWith('[eve]'));
  const calls = lines.slice(0, wait).filter((line) => !line.startsWith('#'));
  const waiting = ['[eve] timeout(120)', lines[wait], '[server] timeout(120)', '[server] accept(listener)'];
  return ['# Five and a sixth', ...calls, ...waiting, ''].join('\n');
}

/** What is shown in the documentation, each region in each look; made only when asked for. */
describe.runIf(process.env['SCREENSHOTS'])('The pictures of every region', () => {
  describe.each(looks.flatMap((look) => [conversation, five].map((story) => ({ ...look, story }))))(
    '$name, $story.title',
    ({ name, theme, locale, story }) => {
      let folder: Held & { path: string };
      let workbench: Workbench;
      /** Titles of commands as the palette shows them in this language. */
      let titles: Record<string, string>;

      beforeAll(async () => {
        await mkdir(pictures, { recursive: true });
        const file = path.join(root, `package.nls${locale ? '.ko' : ''}.json`);
        titles = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
        folder = await tempDir();
        await writeFile(path.join(folder.path, 'story.sockets'), story.text);
        workbench = await startWorkbench({
          folder: folder.path,
          settings: { 'workbench.colorTheme': theme },
          ...(locale ? { locale } : {}),
        });
      });
      afterAll(async () => {
        await workbench?.dispose();
        await folder?.dispose();
      });

      const command = (title: string) => runCommand(workbench.page, `${titles['category']}: ${title}`);
      /** What each picture of this look shows. */
      const taken: string[] = [];
      const take = async (region: string, part?: Locator) => {
        await workbench.page.mouse.move(2, 2);
        const file = path.join(pictures, `${region}-${name}.png`);
        taken.push((await (part ?? workbench.page).screenshot({ path: file })).toString('base64'));
      };

      it('is taken', async () => {
        const { page } = workbench;
        await page.locator(`.activitybar .action-label[aria-label^="${titles['container']}"]`).click();
        await command(titles['command.open']!);
        const frame = panelFrame(page);
        const region = (id: string) => frame.locator(`[data-region="${id}"]`);
        await frame.locator('[data-region="composer"]').waitFor();
        if (story === conversation) {
          // The lessons are read after the window has come up.
          await frame.locator('.startitem .codicon-mortar-board').first().waitFor();
          await page.locator('.sidebar .codicon-mortar-board').first().waitFor();
          await take('empty');
        }

        await frame
          .locator('.toolbar button', { has: frame.locator('.codicon-run-all') })
          .first()
          .click();
        await frame.getByRole('menuitem', { name: story.title }).click();
        if (story === five) {
          await frame.locator('.chip.waiting').nth(1).waitFor();
          await take('five');
          return;
        }
        await frame.locator('.lanesgrid .rq').first().waitFor();
        await expect.poll(() => frame.locator('.chip.failed').innerText()).toContain('EADDRINUSE');
        // The last call is the one that goes on waiting.
        await frame.locator('.chip.waiting').waitFor();
        await frame.locator('.lanesgrid .chip', { hasText: 'shutdown' }).first().click();
        await take('lanes');
        await command(titles['command.toggleInspector']!);
        await region('inspector').waitFor();
        await take('inspector', region('inspector'));
        await take('composer', region('composer'));

        await command(titles['command.showTable']!);
        const row = frame.locator('[role="row"][data-seq]', { hasText: 'recv' }).first();
        await row.click();
        await row.press('Enter');
        await region('detail').waitFor();
        await take('table');
        await take('sidebar', page.locator('.part.sidebar'));
        expect(new Set(taken).size).toBe(6);
      });
    },
  );
});
