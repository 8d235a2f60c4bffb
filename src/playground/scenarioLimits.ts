import type { Call, Value } from '../common/call.js';
import { t } from '../common/l10n.js';
import type { Platform } from '../common/tables/constants.js';
import { returnsDescriptor } from '../common/tables/requests.js';
import { signatureOf } from '../common/tables/signatures.js';

/** How much one run of a scenario may do. */
export interface ScenarioLimits {
  /** Calls in all. */
  calls: number;
  /** Descriptors made in all. */
  descriptors: number;
  /** Bytes passed to the kernel in all. */
  bytes: number;
  /** Time of the whole run, in ms. */
  runMs: number;
  /** Time of one call where the scenario sets no `timeout`, in ms. */
  callMs: number;
}

export const defaultLimits: Readonly<ScenarioLimits> = {
  calls: 100_000,
  descriptors: 10_000,
  bytes: 1024 ** 3,
  runMs: 600_000,
  callMs: 10_000,
};

/** Counts what a run does. */
export class CallLimits {
  private calls = 0;
  private descriptors = 0;
  private bytes = 0;

  constructor(readonly limits: ScenarioLimits) {}

  get runMs(): number {
    return this.limits.runMs;
  }

  get callMs(): number {
    return this.limits.callMs;
  }

  get callCount(): number {
    return this.calls;
  }

  /** Counts a call that is about to be made. The message says why it may not be; undefined when it may. */
  add(call: Call, platform: Platform): string | undefined {
    const { limits } = this;
    if (this.calls >= limits.calls) {
      return t('A scenario makes {0} calls at most.', limits.calls);
    }
    const made = madeBy(call, platform);
    // What others may make beside, as descriptors in a message, is known when it is made.
    if (this.descriptors > limits.descriptors || (made > 0 && this.descriptors + made > limits.descriptors)) {
      return t('A scenario makes {0} descriptors at most.', limits.descriptors);
    }
    this.bytes += call.args.reduce<number>((sum, value) => sum + sizeOf(value), 0);
    if (this.bytes > limits.bytes) {
      return t('A scenario passes {0} bytes to the kernel at most.', limits.bytes);
    }
    this.calls++;
    return undefined;
  }

  addDescriptors(count: number): void {
    this.descriptors += count;
  }
}

/** How many descriptors a call makes that succeeds. */
function madeBy({ name, args }: Call, platform: Platform): number {
  const { parameters } = signatureOf(name);
  return returnsDescriptor(name, args, platform)
    ? 1
    : parameters.some(({ type }) => type === 'fdpair')
      ? 2
      : 0;
}

/** Bytes of data in a value, those inside of messages too. */
function sizeOf(value: Value): number {
  if (typeof value !== 'object' || value === null || !('kind' in value)) {
    return 0;
  }
  switch (value.kind) {
    case 'data':
      return value.length;
    case 'struct':
      return value.fields.reduce((sum, field) => sum + sizeOf(field.value), 0);
    case 'list':
      return value.items.reduce<number>((sum, item) => sum + sizeOf(item), 0);
    default:
      return 0;
  }
}
