import { setImmediate as turn } from 'node:timers/promises';
import type { Probe, ProbeResult } from '../common/protocol/socketHost.js';
import { probeCall } from '../common/supportMatrix.js';
import { errnoName } from '../common/tables/errnos.js';
import { ArgumentReader } from './argumentReader.js';
import { Descriptors } from './descriptors.js';
import { family, linux, socketType } from './sys/linux.js';
import * as sys from './sys/syscall.js';

/** How long the host does nothing else, in ms: a kernel may run modprobe in each call. */
const sliceMs = 5;

type CloseInThread = (fd: number, done: (result: number) => void) => void;

/** Asks the kernel for each socket, and closes what it made before the next one: no number of the user's changes. */
export async function probeFamilies(
  probes: readonly Probe[],
  closeInThread: CloseInThread,
): Promise<ProbeResult> {
  const readers = probes.map((probe) => new ArgumentReader(probeCall(probe), false));
  const calls = readers.map((reader) => [reader.int(0), reader.int(1), reader.int(2)] as const);
  const errnos: ProbeResult['errnos'] = [];
  const closing: Promise<void>[] = [];
  const start = performance.now();
  let sliceStart = start;
  for (const [domain, type, protocol] of calls) {
    const result = sys.socket(domain, type | socketType.SOCK_CLOEXEC, protocol);
    errnos.push(result < 0 ? errnoName(-result, linux.platform) : null);
    if (result >= 0) {
      if (domain === family.AF_PACKET || (type & socketType.mask) === socketType.SOCK_PACKET) {
        // The kernel first waits until no packet is on its way to it, tens of milliseconds.
        const raised = Descriptors.raiseOneOfMany(result);
        if (raised === result) {
          sys.close(result);
        } else {
          closing.push(new Promise((resolve) => closeInThread(raised, () => resolve())));
        }
      } else {
        sys.close(result);
      }
    }
    if (performance.now() - sliceStart > sliceMs) {
      await turn();
      sliceStart = performance.now();
    }
  }
  await Promise.all(closing);
  return { errnos, tookMs: performance.now() - start };
}
