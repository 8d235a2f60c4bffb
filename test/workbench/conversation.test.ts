import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { untilTestEnds } from '../support/disposal.js';
import { freePort, startNcat, startPythonServer } from '../support/peers.js';
import { useDarkWindow } from '../support/sharedWindow.js';
import { PanelDriver } from './panelDriver.js';

/** Conversations with programs that are not ours, typed into the panel of a real window. */
describe('The panel in a real window', () => {
  const workbench = useDarkWindow();
  let panel: PanelDriver;
  beforeAll(async () => {
    panel = await PanelDriver.open(workbench.page);
  });

  it('asks a web server', async () => {
    await writeFile(path.join(workbench.folder, 'hello.txt'), 'Hello from the server.\n');
    const server = untilTestEnds(await startPythonServer(workbench.folder));

    await panel.startPreset('TCP client');
    await panel.call(/socket returned \d+/);
    const first = Number(await panel.lastRow().getAttribute('data-seq'));
    await panel.fill('addr', `127.0.0.1:${server.port}`);
    expect(await panel.preview()).toMatch(new RegExp(`^connect\\(\\d+, 127\\.0\\.0\\.1:${server.port}\\)`));
    await panel.call('connect returned 0');
    await panel.choose('send');
    await panel.fill('buf', 'GET /hello.txt HTTP/1.0\n\n');
    await panel.lineEnding('CRLF');
    expect(await panel.preview()).toContain(String.raw`"GET /hello.txt HTTP/1.0\r\n\r\n", 27, 0)`);
    await panel.call('send returned 27');
    let answer = '';
    for (let isOpen = true; isOpen;) {
      await panel.choose('recv');
      const before = await panel.lastRow().getAttribute('data-seq');
      await panel.call(new RegExp(`Record ${Number(before) + 1},.*recv returned \\d+`));
      const row = panel.lastRow();
      answer += await row.locator('.pv').innerText();
      isOpen = (await row.locator('.res').innerText()).trim() !== '0';
    }
    expect(answer).toMatch(/HTTP\/1\.0 200 OK/);
    expect(answer).toContain('Hello from the server.');
    await panel.row(first + 3).click();
    await panel.row(first + 3).press('Enter');
    const detail = panel.frame.getByRole('region', { name: 'Record detail' });
    await expect.poll(() => detail.innerText()).toContain('48 54 54 50 2f 31 2e 30');
    await panel.picture('http-get');
    await detail.getByRole('button', { name: 'Close the detail' }).click();
    await server.waitForText(/"GET \/hello\.txt HTTP\/1\.0" 200/);
    await panel.choose('close');
    await panel.call('close returned 0');
  });

  it('hears from ncat and answers: a chat in both directions', async () => {
    await panel.startPreset('TCP server');
    await panel.call(/socket returned \d+/);
    await panel.call('bind returned 0');
    await panel.call('listen returned 0');
    await panel.call('accept waits');
    const command = await panel.frame.locator('.strip code').innerText();
    const [, port] = /^nc 127\.0\.0\.1 (\d+)$/.exec(command)!;

    const ncat = untilTestEnds(await startNcat(Number(port)));
    await panel.said(/accept returned \d+/);
    await panel.target('server_peer');
    ncat.write('Are you there?\n');
    await panel.choose('recv');
    await panel.call('recv returned 15');
    expect(await panel.lastRow().innerText()).toContain('Are you there?');

    await panel.choose('send');
    await panel.fill('buf', 'Yes, by hand. 안녕!\n');
    await panel.call(/send returned \d+/);
    await ncat.waitForText(/^Yes, by hand\. 안녕!$/m);

    ncat.write('Goodbye.\n');
    ncat.endInput();
    await panel.choose('recv');
    await panel.call('recv returned 9');
    await panel.picture('conversation-ncat');
    await panel.choose('recv');
    await panel.call('recv returned 0');
    expect(await panel.lastRow().innerText()).toContain('End of file');
    await panel.choose('close');
    await panel.call('close returned 0');
    await ncat.waitForEnd();
  });

  it('says in one sentence what EADDRINUSE and ECONNREFUSED mean', async () => {
    const server = untilTestEnds(await startPythonServer(workbench.folder));
    await panel.frame.getByRole('button', { name: 'Socket', exact: true }).click();
    await panel.call(/socket returned \d+/);
    await panel.choose('bind');
    await panel.fill('addr', `127.0.0.1:${server.port}`);
    await panel.call('EADDRINUSE');
    expect(await panel.lastRow().innerText()).toContain(`127.0.0.1:${server.port}`);
    await panel.choose('connect');
    await panel.fill('addr', `127.0.0.1:${await freePort()}`);
    await panel.call('ECONNREFUSED');
    expect(await panel.lastRow().innerText()).toContain('Nobody listens on 127.0.0.1:');
    await panel.picture('errors');
  });
});
