import { t } from '../../common/l10n.js';
import { checkedFaults, FaultTextError, type TapFaults, type TapKind } from '../../common/tap/faults.js';
import type { TapId, TapInfo, TapRequest } from '../../common/tap/tap.js';
import { refusal } from '../refusal.js';
import { isLoopback } from '../loopback.js';
import { DatagramTap } from './datagramTap.js';
import { StreamTap } from './streamTap.js';
import type { Tap } from './tap.js';
import type { TapHost } from './tapCalls.js';

/** The families of addresses that a tap can listen at and connect to. */
const families: readonly string[] = ['AF_INET', 'AF_INET6', 'AF_UNIX'];

/** The taps of a host. */
export class Taps {
  private readonly taps = new Map<TapId, Tap>();
  private lastId = 0;

  constructor(private readonly host: TapHost) {}

  /** @throws CallRefusedError where it cannot be made: the records say what the kernel answered. */
  async start(request: TapRequest): Promise<TapInfo> {
    const { kind, listen, target, loopbackOnly = false } = request;
    const alike = [listen, target].every(({ family }) => families.includes(family));
    if (!alike || (kind !== 'stream' && kind !== 'datagram')) {
      throw refusal(null, t('A tap listens at and connects to addresses of TCP, UDP or Unix sockets.'));
    }
    if (loopbackOnly && !isLoopback(this.host.codec.encode(target), 'connect', this.host.codec, undefined)) {
      throw refusal(null, t('Only addresses of this machine’s loopback are allowed here.'), 'not-loopback');
    }
    const faults = this.checked(request.faults, kind);
    const id = ++this.lastId;
    const Kind = kind === 'stream' ? StreamTap : DatagramTap;
    const tap = new Kind(id, this.host, { ...request, faults }, () => this.taps.delete(id));
    this.taps.set(id, tap);
    try {
      await tap.open();
    } catch (error) {
      this.taps.delete(id);
      throw error;
    }
    return tap.info;
  }

  setFaults(id: TapId, faults: TapFaults): void {
    const tap = this.get(id);
    tap.setFaults(this.checked(faults, tap.info.kind));
  }

  stop(id: TapId): Promise<void> {
    return this.get(id).stop();
  }

  private get(id: TapId): Tap {
    const tap = this.taps.get(id);
    if (!tap) {
      throw refusal(null, t('This tap has ended.'));
    }
    return tap;
  }

  private checked(faults: TapFaults, kind: TapKind): TapFaults {
    try {
      return checkedFaults(faults, kind);
    } catch (error) {
      throw error instanceof FaultTextError ? refusal(null, error.message) : error;
    }
  }
}
