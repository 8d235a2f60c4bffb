/** The parts of a Node.js program that its lines use, in the order in which they stand there. */
export const nodeHelpers = {
  failures: {
    text: `
let failures = 0;`,
  },
  mismatch: {
    needs: ['failures'],
    text: `
function mismatch(line, what) {
  console.error(\`\${line}: \${what}: not as expected\`);
  failures++;
}`,
  },
  attempt: {
    text: `
/** Makes a call and gives its answer; of one that fails, the error. */
async function attempt(call) {
  try {
    return await call();
  } catch (error) {
    if (error.code === undefined) {
      throw error;
    }
    return error;
  }
}`,
  },
  failed: {
    text: `
function failed(result, code) {
  return result instanceof Error && (code === undefined || result.code === code);
}`,
  },
  check: {
    needs: ['mismatch', 'failed'],
    text: `
/** Tells what a call has answered, behind the number that it has in the comments. */
function check(line, call, result, isExpected) {
  const data = result?.data ?? result;
  const told = Buffer.isBuffer(data) ? data.length : typeof data === 'number' ? data : 0;
  // Node.js tells no descriptor.
  const answer = /^(socket|accept4?)$/.test(call) ? 'a socket' : told;
  console.log(\`\${line}: \${call} = \${failed(result) ? \`-1 (\${result.code})\` : answer}\`);
  if (!isExpected) {
    mismatch(line, failed(result) ? \`\${call}: \${result.message}\` : call);
  }
}`,
  },
  count: {
    needs: ['failed'],
    text: `
/** How many bytes a call has moved; -1 of one that has failed. */
function count(result) {
  const data = result?.data ?? result;
  return failed(result) ? -1 : Buffer.isBuffer(data) ? data.length : typeof data === 'number' ? data : 0;
}`,
  },
  checkFile: {
    text: `
/** Ends the program before it removes what is no socket. */
function checkFile(line, path) {
  if (fs.lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
    console.error(\`\${line}: the program ends: \${path} is no socket file\`);
    process.exit(1);
  }
}`,
  },
  checkData: {
    needs: ['mismatch'],
    text: `
/** Compares what has been received. */
function checkData(line, result, expected) {
  const data = result?.data ?? result;
  if (Buffer.isBuffer(data) && !data.equals(expected)) {
    mismatch(line, 'the data');
  }
}`,
  },
  checkPrefix: {
    needs: ['mismatch'],
    text: `
/** Compares the beginning of what has been received. */
function checkPrefix(line, result, expected) {
  const data = result?.data ?? result;
  if (Buffer.isBuffer(data) && !data.subarray(0, expected.length).equals(expected)) {
    mismatch(line, 'the data');
  }
}`,
  },
  checkTime: {
    needs: ['mismatch'],
    text: `
function checkTime(line, milliseconds, least, most) {
  if (milliseconds < least * 1000 || milliseconds > most * 1000) {
    mismatch(line, \`it took \${milliseconds} ms\`);
  }
}`,
  },
  checkAddress: {
    needs: ['mismatch'],
    text: `
function checkAddress(line, address, expected) {
  if (address.host !== expected.host || address.port !== expected.port || address.path !== expected.path) {
    mismatch(line, \`the address \${JSON.stringify(address)}\`);
  }
}`,
  },
  Inbox: {
    text: `
/** What has come from the kernel by itself and no line has asked for yet. */
class Inbox {
  items = [];
  wake = () => {};
  turn = Promise.resolve();

  /** Lines that wait for the same take what comes one after the other. */
  take(action) {
    const taken = this.turn.then(action);
    this.turn = taken.catch(() => {});
    return taken;
  }

  put(item) {
    this.items.push(item);
    this.wake();
  }

  /** The first item, which stays; an error is thrown once. */
  async first() {
    while (this.items.length === 0) {
      await new Promise((resolve) => (this.wake = resolve));
    }
    if (this.items[0] instanceof Error) {
      throw this.items.shift();
    }
    return this.items[0];
  }
}`,
  },
  stream: {
    needs: ['Inbox'],
    text: `
/** Takes over what happens on a connection. Nothing of it is lost, and its end is an empty buffer that stays. */
function stream(socket) {
  const end = Buffer.alloc(0);
  socket.inbox = new Inbox();
  socket.on('data', (data) => socket.inbox.put(data));
  socket.on('end', () => socket.inbox.put(end));
  socket.on('error', (error) => socket.inbox.put(error));
  socket.on('close', () => socket.inbox.put(end));
  return socket;
}`,
  },
  makeListener: {
    needs: ['stream'],
    text: `
function makeListener() {
  const server = net.createServer({ allowHalfOpen: true });
  server.inbox = new Inbox();
  server.on('connection', (socket) => server.inbox.put(stream(socket)));
  return server;
}`,
  },
  makeClient: {
    needs: ['stream'],
    text: `
function makeClient() {
  return stream(new net.Socket({ allowHalfOpen: true }));
}`,
  },
  listen: {
    text: `
async function listen(server, backlog) {
  server.listen({ ...server.at, backlog });
  await once(server, 'listening');
  return 0;
}`,
  },
  accept: {
    text: `
/** The next connection. Node.js has accepted it by itself. */
function accept({ inbox }) {
  return inbox.take(async () => {
    await inbox.first();
    return inbox.items.shift();
  });
}`,
  },
  connect: {
    text: `
async function connect(socket, address) {
  try {
    socket.connect({ ...address, ...socket.at });
    await once(socket, 'connect');
    return 0;
  } finally {
    socket.inbox.items.length = 0;
  }
}`,
  },
  send: {
    text: `
/** Resolves when the kernel has the bytes. */
function send(socket, data) {
  if (socket.writableEnded || socket.destroyed) {
    // Node.js would destroy the socket; the kernel says this.
    return Promise.reject(Object.assign(new Error('The sending side is closed'), { code: 'EPIPE' }));
  }
  return new Promise((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve(data.length)));
  });
}`,
  },
  receive: {
    text: `
/** At most \`length\` bytes as soon as some have come; none at the end of the stream. */
function receive({ inbox }, length, options) {
  return inbox.take(() => takeBytes(inbox, length, options));
}

async function takeBytes(inbox, length, { peek = false, whole = false } = {}) {
  const { items } = inbox;
  let data = await inbox.first();
  for (;;) {
    // What has come meanwhile belongs to it.
    const isData = (item) => Buffer.isBuffer(item) && item.length > 0;
    const last = items.findIndex((item) => !isData(item));
    const parts = items.splice(0, last < 0 ? items.length : last);
    if (parts.length > 0) {
      data = Buffer.concat(parts);
      items.unshift(data);
    }
    if (!whole || data.length >= length || last >= 0) {
      break;
    }
    await new Promise((resolve) => (inbox.wake = resolve));
  }
  if (data.length > 0 && !peek) {
    items.shift();
    if (data.length > length) {
      items.unshift(data.subarray(length));
    }
  }
  return data.subarray(0, length);
}`,
  },
  shutdown: {
    text: `
/** Closes the sending side: the other end reads the end of the stream. */
function shutdown(socket) {
  return new Promise((resolve) => socket.end(() => resolve(0)));
}`,
  },
  close: {
    text: `
/** A listener resets the connections that nobody has asked for yet, as the kernel does. */
function close(socket) {
  if (socket instanceof net.Socket) {
    socket.destroy();
    return 0;
  }
  if (socket instanceof net.Server) {
    for (const connection of socket.inbox.items.splice(0)) {
      // Node.js resets no connections of Unix sockets.
      connection.remoteAddress === undefined ? connection.destroy() : connection.resetAndDestroy();
    }
  }
  socket.close();
  return 0;
}`,
  },
  reset: {
    text: `
/** close() with SO_LINGER of 0 seconds. */
function reset(socket) {
  socket.resetAndDestroy();
  return 0;
}`,
  },
  nameOf: {
    text: `
function nameOf(socket) {
  const name = socket.address();
  return typeof name === 'string' ? { path: name } : { host: name.address, port: name.port };
}`,
  },
  peerOf: {
    text: `
function peerOf(socket) {
  return { host: socket.remoteAddress, port: socket.remotePort };
}`,
  },
  makeDatagrams: {
    needs: ['Inbox'],
    text: `
function makeDatagrams(options) {
  const socket = dgram.createSocket(options);
  socket.inbox = new Inbox();
  socket.on('message', (data, { address, port }) => socket.inbox.put({ data, from: { host: address, port } }));
  socket.on('error', (error) => socket.inbox.put(error));
  return socket;
}`,
  },
  bind: {
    text: `
async function bind(socket, { host, port }) {
  socket.bind({ address: host, port });
  await once(socket, 'listening');
  socket.inbox.items.length = 0;
  return 0;
}`,
  },
  interfaceOf: {
    text: `
/** The interface with a number, as IPv6 sockets take it: by its name. */
function interfaceOf(index) {
  const folder = '/sys/class/net';
  const numberOf = (name) => Number(fs.readFileSync(\`\${folder}/\${name}/ifindex\`, 'utf8'));
  return \`::%\${fs.readdirSync(folder).find((name) => numberOf(name) === index)}\`;
}`,
  },
  sendTo: {
    text: `
/** Without an address: to the one that the socket is connected to. */
function sendTo(socket, data, address) {
  return new Promise((resolve, reject) => {
    const done = (error) => (error ? reject(error) : resolve(data.length));
    if (address) {
      socket.send(data, address.port, address.host, done);
    } else {
      socket.send(data, done);
    }
  });
}`,
  },
  receiveFrom: {
    text: `
/** The next datagram, cut to \`length\` bytes. */
function receiveFrom({ inbox }, length, { peek = false } = {}) {
  return inbox.take(async () => {
    const { data, from } = await inbox.first();
    if (!peek) {
      inbox.items.shift();
    }
    return { data: data.subarray(0, length), from };
  });
}`,
  },
  connectTo: {
    text: `
async function connectTo(socket, { host, port }) {
  socket.connect(port, host);
  await once(socket, 'connect');
  return 0;
}`,
  },
} as const satisfies Readonly<Record<string, { needs?: readonly string[]; text: string }>>;
