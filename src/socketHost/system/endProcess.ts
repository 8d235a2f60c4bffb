import { setTimeout as delay } from 'node:timers/promises';
import type { EndProcessRequest, EndProcessResult } from '../../common/system/systemSocket.js';
import { errnoName } from '../../common/tables/errnos.js';
import * as sys from '../sys/syscall.js';
import { describeProcess, startTicksOf } from './processes.js';

const SIGTERM = 15;
const ENOSYS = 38;
const ESRCH = 3;
/** How long is looked whether the process ends, and how often, in ms. */
const patience = 2000;
const interval = 20;

/**
 * Sends SIGTERM to the process that was shown, and to no other one: a descriptor of the process is opened first
 * (`pidfd_open(2)`), then its start time is read once more, and the signal goes to that descriptor.
 * VS Code's own processes and those that the host runs under are refused.
 */
export async function endProcess({ pid, startTicks }: EndProcessRequest): Promise<EndProcessResult> {
  const result = signal(pid, startTicks);
  if (result.kind !== 'signalled') {
    return result;
  }
  for (const end = performance.now() + patience; ; await delay(interval)) {
    // The last look comes when the time is over: on a busy machine there may be none before.
    const isOver = performance.now() >= end;
    if (startTicksOf(pid) !== startTicks) {
      return { kind: 'ended' };
    }
    if (isOver) {
      return result;
    }
  }
}

/** From the check to the signal nothing else runs here. */
function signal(pid: number, startTicks: number): EndProcessResult {
  const handle = sys.pidfdOpen(pid);
  try {
    const found = startTicksOf(pid);
    if (handle === -ESRCH || found !== startTicks) {
      return { kind: 'gone', isReused: found !== null && found !== startTicks };
    }
    const role = describeProcess(pid)?.role ?? null;
    if (role !== null) {
      return { kind: 'refused', role };
    }
    // A kernel before 5.3 has no such descriptor: the number was looked at just now, and numbers are given in turn.
    const sent =
      handle === -ENOSYS ? sys.kill(pid, SIGTERM) : handle < 0 ? handle : sys.pidfdSignal(handle, SIGTERM);
    if (sent === -ESRCH) {
      return { kind: 'gone', isReused: false };
    }
    return sent < 0 ? { kind: 'failed', errno: errnoName(-sent, 'linux') } : { kind: 'signalled' };
  } finally {
    if (handle >= 0) {
      sys.close(handle);
    }
  }
}
