import { readdirSync, readFileSync } from 'node:fs';

/** The process that traces another one; 0 where there is none. */
export function tracerOf(pid: number): number {
  return Number(fieldOf(pid, 'TracerPid') ?? 0);
}

/** All that strace traces: whoever has started them, and whoever's children they have become. */
export function tracedBy(strace: number): number[] {
  return processes().filter((pid) => tracerOf(pid) === strace);
}

/** The process of strace that writes a log; undefined where none does. */
export function straceOf(log: string): number | undefined {
  const writers = processes().filter((pid) => isStrace(pid) && argumentsOf(pid).includes(log));
  // What it has forked is strace too until it becomes the program.
  return writers.find((pid) => !writers.includes(Number(fieldOf(pid, 'PPid'))));
}

/** Whether a process is strace and has not ended. */
export function isStrace(pid: number): boolean {
  return fieldOf(pid, 'Name') === 'strace' && fieldOf(pid, 'State')?.startsWith('Z') === false;
}

function processes(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

function argumentsOf(pid: number): string[] {
  return textOf(pid, 'cmdline').split('\0');
}

function fieldOf(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(textOf(pid, 'status'))?.[1];
}

/** Empty for a process that has ended. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
