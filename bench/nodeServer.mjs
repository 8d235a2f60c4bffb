// What the socket host is measured against: Node's own net and dgram.
//   nodeServer.mjs tcp echo|discard
//   nodeServer.mjs udp echo
// Prints its port and serves until it is killed.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [, , protocol, mode] = process.argv;

/** @param {import('node:net').Socket} socket */
function echo(socket) {
  socket.on('data', (data) => {
    if (!socket.write(data)) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
}

/** @param {import('node:net').Socket} socket */
function discard(socket) {
  socket.on('data', () => {});
}

/** @param {{ port: number }} address */
function tell({ port }) {
  process.stdout.write(`${port}\n`);
}

if (protocol === 'tcp') {
  const serve = mode === 'echo' ? echo : discard;
  const server = createServer((socket) => {
    // A client that ends with a reset is no fault.
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () =>
    tell(/** @type {import('node:net').AddressInfo} */ (server.address())),
  );
} else {
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port }) => socket.send(message, port, address));
  socket.bind(0, '127.0.0.1', () => tell(socket.address()));
}
