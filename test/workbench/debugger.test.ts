import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { useDarkWindow } from '../support/sharedWindow.js';
import { quickAccess, quickInput, runCommand } from '../support/workbench.js';

const pictures = fileURLToPath(new URL('../../docs/images', import.meta.url));

const conversation = `# A conversation between two threads
server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
[server] peer = accept(server)

# The client
client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, getsockname(server)) = 0
sent = send(client, "GET /a\\n", 7)
[server] timeout(60)
[server] recv(peer, "GET /a\\n", 4096) = 7
[server] recv(peer, 4096)
shutdown(client, SHUT_WR) = 0
[server] close(peer) = 0
`;

const unexpected = `# Nobody listens there
a = socket(AF_INET, SOCK_STREAM, 0)
bind(a, 127.0.0.1:0) = 0
b = socket(AF_INET, SOCK_STREAM, 0)
connect(b, getsockname(a)) = 0
`;

describe('The debugger in a window', () => {
  const workbench = useDarkWindow(async (folder) => {
    await writeFile(path.join(folder, 'conversation.sockets'), conversation);
    await writeFile(path.join(folder, 'unexpected.sockets'), unexpected);
    await writeFile(path.join(folder, 'tested.sockets'), unexpected);
  });

  const open = async (name: string) => {
    const { page } = workbench;
    await quickAccess(page, { key: 'Control+P', text: name, label: name });
    await page.locator('.tab.active', { hasText: name }).waitFor();
    await page.locator('.codelens-decoration', { hasText: 'Debug' }).first().waitFor();
  };
  const goTo = async (line: number) => {
    const { page } = workbench;
    await page.keyboard.press('Control+G');
    const { field } = quickInput(page);
    await field.fill(`:${line}`);
    await field.press('Enter');
    await page.locator('.statusbar-item', { hasText: `Ln ${line},` }).waitFor();
    await page.locator('.monaco-editor.focused').waitFor();
  };
  const picture = async (name: string) => {
    if (process.env['SCREENSHOTS']) {
      await workbench.page.mouse.move(700, 880);
      await workbench.page.screenshot({ path: path.join(pictures, `${name}.png`) });
    }
  };

  it('stops at a breakpoint, shows threads and sockets, makes a call in the console, and stops', async () => {
    const { page } = workbench;
    await open('conversation.sockets');
    await goTo(14);
    await page.keyboard.press('F9');
    await page.locator('.codicon-debug-breakpoint').first().waitFor();
    await page.keyboard.press('Control+Shift+D');
    await page.keyboard.press('F5');
    const stack = page.locator('.debug-call-stack');
    await stack.getByText('shutdown(client, SHUT_WR) = 0').waitFor();
    const server = stack.locator('.monaco-list-row', { hasText: 'server' });
    await server.locator('.monaco-tl-twistie').click();
    await stack.getByText(/^waiting in recv\(\d+\) for \d/).waitFor();
    const variables = page.locator('.debug-variables');
    const row = variables.locator('.monaco-list-row', { hasText: 'client' }).first();
    await row.click();
    await page.keyboard.press('ArrowRight');
    await variables
      .locator('.monaco-list-row', { hasText: '5-tuple' })
      .getByText(/TCP 127.0.0.1:\d+ → 127/)
      .waitFor();
    const console = page.locator('.repl');
    await console.locator('.repl-input-wrapper .view-line').click();
    await page.keyboard.type('getsockname(server)');
    await page.keyboard.press('Enter');
    const answer = console.getByText(/^getsockname\(\d+, 127\.0\.0\.1:\d+\) = 0$/);
    await answer.waitFor();
    await picture('debugger');
    // The kernel goes on: the frame says what has come of it, and whoever types goes on typing.
    await page.keyboard.type('send(client, "more")');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await stack.getByText('close(peer) = 0').waitFor();
    expect(await console.locator('.repl-input-wrapper .monaco-editor.focused').count()).toBe(1);
    await page.keyboard.press('Shift+F5');
    await console.getByText('Stopped; its sockets are closed. Calls: ').waitFor();
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
    const badges = page.locator('.activitybar .action-item', {
      has: page.locator('.action-label[aria-label^="Sockets"]'),
    });
    await expect.poll(() => badges.locator('.badge-content:visible').count()).toBe(0);
  });

  it('stops at a result that the file does not expect', async () => {
    const { page } = workbench;
    await open('unexpected.sockets');
    await page.locator('.codelens-decoration a', { hasText: 'Debug' }).first().click();
    await page
      .locator('.debug-call-stack')
      .getByText(/socket\(AF_INET, SOCK_STREAM, 0\)/)
      .waitFor();
    await page.keyboard.press('F5');
    const widget = page.locator('.exception-widget');
    await widget.getByText('Got: -1 ECONNREFUSED').waitFor();
    expect(await widget.innerText()).toMatch(/Unexpected result/);
    await picture('debugger-unexpected');
    await page.keyboard.press('F5');
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  });

  it('has the files as tests, which say what was expected and what came', async () => {
    const { page } = workbench;
    await open('tested.sockets');
    await runCommand(page, 'Testing: Focus on Test Explorer View');
    const tests = page.locator('.test-explorer');
    await tests.locator('.monaco-list-row', { hasText: 'tested' }).first().waitFor();
    await runCommand(page, 'Test: Run All Tests');
    const count = (icon: string) => tests.locator(`.monaco-list-row .codicon-testing-${icon}-icon`).count();
    await expect
      .poll(async () => [await count('passed'), await count('failed')], { timeout: 30_000 })
      .toEqual([1, 2]);
    await picture('test-explorer');
  });
});
