import { batch, signal } from '@preact/signals';
import type { Probe, ProbeRequest, ProbeResult } from '../../common/protocol/socketHost.js';
import type { Named } from '../../common/socket.js';
import {
  familyProbes,
  hasFamily,
  matrixDomains,
  matrixTypes,
  protocolProbes,
  protocolsOf,
  usualProtocol,
} from '../../common/supportMatrix.js';

/** A line of the matrix: a family, or one of its protocols. */
export interface MatrixRow {
  domain: number;
  /** Null in the family's own row: each type then has the protocol that is usual with it. */
  protocol: number | null;
  probes: Probe[];
}

/** Which sockets the kernel makes, as it has answered; its own record, beside those of the user's calls. */
export class MatrixModel {
  private readonly answers = new Map<string, Named | null>();
  readonly isOpen = signal(false);
  readonly isBusy = signal(false);
  /** Only families of which the kernel makes some socket. */
  readonly hidesAbsent = signal(false);
  readonly expanded = signal<ReadonlySet<number>>(new Set());
  /** What the last look at all families cost; null before the first. */
  readonly cost = signal<{ calls: number; tookMs: number } | null>(null);
  /** Counts the changes of the answers. */
  private readonly version = signal(0);

  constructor(
    private readonly ask: (request: ProbeRequest) => Promise<ProbeResult>,
    private readonly report: (error: unknown) => void,
  ) {}

  /** Shows the matrix, and asks the kernel when nobody has asked yet. */
  open(): void {
    this.isOpen.value = true;
    if (this.cost.value === null && !this.isBusy.value) {
      void this.probe();
    }
  }

  close(): void {
    this.isOpen.value = false;
  }

  /** Asks for all families, and for the protocols that are shown. */
  async probe(): Promise<void> {
    const probes = [...familyProbes(), ...[...this.expanded.value].flatMap(protocolProbes)];
    const result = await this.perform(probes);
    if (result) {
      this.cost.value = { calls: probes.length, tookMs: result.tookMs };
    }
  }

  /** Shows or hides the protocols of a family. */
  async toggle(domain: number): Promise<void> {
    const expanded = new Set(this.expanded.value);
    if (!expanded.delete(domain)) {
      expanded.add(domain);
      if (!(await this.perform(protocolProbes(domain)))) {
        return;
      }
    }
    this.expanded.value = expanded;
  }

  /** Null where the kernel made the socket; undefined where it was not asked. */
  answer({ domain, type, protocol }: Probe): Named | null | undefined {
    return this.version.value < 0 ? undefined : this.answers.get(`${domain} ${type} ${protocol}`);
  }

  /** Whether the kernel has the family; undefined before it was asked. */
  isPresent(domain: number): boolean | undefined {
    const answers = familyProbes([domain]).map((probe) => this.answer(probe));
    const known = answers.filter((errno) => errno !== undefined);
    return known.length === 0 ? undefined : hasFamily(known);
  }

  /** A family without names of protocols has no more rows than its own. */
  hasProtocols(domain: number): boolean {
    return this.isPresent(domain) === true && protocolsOf(domain).length > 1;
  }

  rows(): MatrixRow[] {
    const shown = matrixDomains.filter(
      (domain) => !this.hidesAbsent.value || this.isPresent(domain) !== false,
    );
    return shown.flatMap((domain) => [
      {
        domain,
        protocol: null,
        probes: matrixTypes.map((type) => ({ domain, type, protocol: usualProtocol(domain, type) })),
      },
      ...(this.expanded.value.has(domain)
        ? protocolsOf(domain).map((protocol) => ({
            domain,
            protocol,
            probes: matrixTypes.map((type) => ({ domain, type, protocol })),
          }))
        : []),
    ]);
  }

  private async perform(probes: Probe[]): Promise<ProbeResult | undefined> {
    this.isBusy.value = true;
    try {
      const result = await this.ask({ probes });
      batch(() => {
        probes.forEach(({ domain, type, protocol }, index) => {
          this.answers.set(`${domain} ${type} ${protocol}`, result.errnos[index]!);
        });
        this.version.value++;
      });
      return result;
    } catch (error) {
      this.report(error);
      return undefined;
    } finally {
      this.isBusy.value = false;
    }
  }
}
