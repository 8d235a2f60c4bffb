import type { ChildProcess } from 'node:child_process';
import { t } from '../common/l10n.js';

/** How long a host may take to end by itself, in ms. */
const endGrace = 800;
const stderrKept = 8192;

/** Closes the pipe, on which the host ends; kills it where it does not. */
export function endChild(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  if (child.connected) {
    child.disconnect();
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), endGrace);
  child.once('exit', () => clearTimeout(timer));
}

/** Resolves when the process has ended and its output is read, with the reason for people. */
export function whenEnded(child: ChildProcess): Promise<string> {
  let stderr = '';
  // A process that could not be made at all, for want of descriptors, has no output.
  const output = child.stderr as typeof child.stderr | undefined;
  output?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrKept);
  });
  // The event `close` of a child does not come after `disconnect`.
  const isRead = new Promise((resolve) => output?.once('close', resolve));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      void isRead.then(() => resolve(reasonOf(code, signal, lastMessage(stderr))));
    });
  });
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, message: string): string {
  const how = signal ? t('signal {0}', signal) : t('exit code {0}', code ?? '?');
  return message === '' ? how : `${how}: ${message}`;
}

/** Node prints an unhandled error in the midst of source, stack and version. */
function lastMessage(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const errors = lines.filter((line) => /^(Uncaught )?\w*Error\b.*:/.test(line));
  const others = lines.filter(
    (line) => line !== '' && !line.startsWith('Node.js v') && !line.startsWith('at '),
  );
  return errors.at(-1) ?? others.at(-1) ?? '';
}
