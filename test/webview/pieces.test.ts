import { expect, it } from 'vitest';
import { Peer } from '../support/peers.js';
import { untilTestEnds } from '../support/disposal.js';
import { Caller } from './caller.js';
import { openPages } from './openPages.js';

const open = openPages();
const pieces = 4000;
const MSG_WAITALL = 0x100;
const patience = { timeout: 20_000 };

/** Sends a byte at a time, and each by itself. */
const program = `
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print("port", server.getsockname()[1], flush=True)
client = server.accept()[0]
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for _ in range(${pieces}):
    client.send(b"x")
    time.sleep(0.0005)
client.shutdown(socket.SHUT_WR)
client.recv(1)
`;

/** What the page was told that a socket has received, in the order in which it was told. */
interface Told extends Window {
  told: number[];
}

it('is not behind a call that receives tiny pieces, however busy it was', async () => {
  const { page, panel } = await open();
  const { playground } = panel;
  const sender = untilTestEnds(await Peer.start('python3', ['-c', program]));
  const [, port] = await sender.waitForText(/port (\d+)/);
  const caller = new Caller(playground);
  const fd = await caller.call('socket', 2, 1, 0);
  const { id } = playground.socketOfFd(fd)!;
  await page.evaluate((socketId) => {
    const seen = window as unknown as Told;
    seen.told = [];
    window.addEventListener('message', ({ data }: MessageEvent) => {
      const { name, value } = data as {
        name?: string;
        value: { sockets: { id: number; bytesReceived: number }[] };
      };
      if (name === 'didChange') {
        seen.told.push(value.sockets.findLast((socket) => socket.id === socketId)?.bytesReceived ?? -1);
      }
    });
  }, id);
  await caller.call('connect', fd, { family: 'AF_INET', address: '127.0.0.1', port: Number(port) });
  const waiting = await caller.wait('recv', fd, { kind: 'any' }, 2 * pieces, MSG_WAITALL);

  // While the page does something else, there is much to tell.
  const blocked = page.evaluate(() => {
    const before = (window as unknown as Told).told.length;
    for (const end = performance.now() + 2000; performance.now() < end;);
    return before;
  });
  let changes = 0;
  let known = 0;
  const subscription = playground.onDidChange(() => {
    changes++;
    known = changes === 20 ? playground.sockets.get(id)!.bytesReceived : known;
  });
  const before = await blocked;
  subscription.dispose();
  expect(changes).toBeGreaterThanOrEqual(20);
  expect(known).toBeGreaterThan(20);
  const told = () => page.evaluate(() => (window as unknown as Told).told);
  await expect
    .poll(async () => (await told()).findIndex((bytes) => bytes >= known), patience)
    .toBeGreaterThan(-1);
  // What was on its way, and all the rest at once.
  const late = (await told()).findIndex((bytes) => bytes >= known) - before;
  expect(late).toBeLessThanOrEqual(3);

  expect(await waiting.returned).toBe(pieces);
  await page.locator(`#record-${waiting.seq}`, { hasText: `${pieces}` }).waitFor();
  await expect.poll(async () => (await told()).findLast((bytes) => bytes >= 0), patience).toBe(pieces);
  const increasing = (await told()).filter((bytes) => bytes >= 0);
  expect(increasing).toEqual([...increasing].sort((a, b) => a - b));
});
