import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Held } from './disposal.js';

/** A program that is not ours, at the other end of a socket. */
export class Peer implements Held {
  private output = '';
  private readonly waiting = new Set<() => void>();
  private isEnded = false;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly command: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
        this.wake();
      });
    }
    child.on('close', () => {
      this.isEnded = true;
      this.wake();
    });
    // A peer that has gone is what the test then sees; writing to it is no fault of this process.
    child.stdin.on('error', () => {});
  }

  /** Starts a program. */
  static async start(command: string, args: readonly string[] = [], cwd?: string): Promise<Peer> {
    const child = spawn(command, args, cwd === undefined ? {} : { cwd });
    const peer = new Peer(child, [command, ...args].join(' '));
    await once(child, 'spawn');
    return peer;
  }

  /** All that it has written so far, errors included. */
  get text(): string {
    return this.output;
  }

  /** Types into it. */
  write(text: string): void {
    this.child.stdin.write(text);
  }

  /** Ends its input, as Ctrl+D does. */
  endInput(): void {
    this.child.stdin.end();
  }

  /** Waits until its output matches. */
  async waitForText(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) {
        return match;
      }
      if (this.isEnded || !(await this.changed(deadline - Date.now()))) {
        const why = this.isEnded ? 'it ended' : `${timeoutMs} ms went by`;
        throw new Error(`${this.command} did not write ${pattern}: ${why}. It wrote:\n${this.output}`);
      }
    }
  }

  /** Waits until it has ended by itself; its exit code, null after a signal. */
  async waitForEnd(): Promise<number | null> {
    if (!this.isEnded) {
      await once(this.child, 'close');
    }
    return this.child.exitCode;
  }

  /** Kills it and waits until it is gone. */
  async dispose(): Promise<void> {
    if (!this.isEnded) {
      const closed = once(this.child, 'close');
      this.child.kill('SIGKILL');
      await closed;
    }
  }

  private wake(): void {
    for (const wake of [...this.waiting]) {
      wake();
    }
  }

  private changed(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (value: boolean) => {
        this.waiting.delete(wake);
        clearTimeout(timer);
        resolve(value);
      };
      const wake = () => settle(true);
      const timer = setTimeout(() => settle(false), Math.max(0, timeoutMs));
      this.waiting.add(wake);
    });
  }
}

/** Python's web server on a free port of 127.0.0.1, serving a folder. */
export async function startPythonServer(folder: string): Promise<Peer & { readonly port: number }> {
  const peer = await Peer.start('python3', ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1'], folder);
  try {
    const [, port] = await peer.waitForText(/Serving HTTP on \S+ port (\d+)/);
    return Object.assign(peer, { port: Number(port) });
  } catch (error) {
    await peer.dispose();
    throw error;
  }
}

/** `ncat` connected to a listener, by default one on 127.0.0.1. */
export function startNcat(port: number, host = '127.0.0.1'): Promise<Peer> {
  return Peer.start('ncat', [host, String(port)]);
}

/** `socat` listening on a free port of 127.0.0.1 for one connection: what it receives is its text. */
export async function startListener(): Promise<Peer & { readonly port: number }> {
  const peer = await Peer.start('socat', ['-d', '-d', 'TCP4-LISTEN:0,bind=127.0.0.1', 'STDIO']);
  try {
    const [, port] = await peer.waitForText(/listening on .*:(\d+)/);
    return Object.assign(peer, { port: Number(port) });
  } catch (error) {
    await peer.dispose();
    throw error;
  }
}

/** Another process that has a Unix socket bound to a file, until its input ends. */
export async function startUnixHolder(file: string): Promise<Peer> {
  const program =
    'import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); print("bound", flush=True); sys.stdin.read()';
  const peer = await Peer.start('python3', ['-c', program, file]);
  await peer.waitForText(/bound/);
  return peer;
}

/** A port of 127.0.0.1 that nobody listens on now. For a server, bind to port 0 instead: this one may be taken meanwhile. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') {
    throw new Error('A TCP server has an address and a port.');
  }
  return address.port;
}
