import * as vscode from 'vscode';
import type { Call, CallRecord } from '../../common/call.js';
import { refusalOf } from '../../common/errors.js';
import { t } from '../../common/l10n.js';
import { printCall } from '../../common/notation/printer.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import {
  type CallOptions,
  describeFailure,
  type CallStart,
  HostGivenUpError,
} from '../../playground/callHandle.js';
import type { Playground } from '../../playground/playground.js';
import { ResolutionError } from '../../playground/resolve.js';
import { askModal } from '../notify.js';
import { platform } from '../platform.js';

/** What a call made by hand has come to at first. */
export type CallOutcome =
  /** The kernel answered, or the call waits; `returned` tells of its end. */
  | { kind: 'started'; start: CallStart; returned: Promise<CallRecord> }
  /** The kernel was not asked. `argument` is the index of the argument that is at fault. */
  | { kind: 'refused'; argument: number | null; message: string }
  /** The user said no to an address that others can reach, or is asked whether the host is to be started again. */
  | { kind: 'dismissed' };

/**
 * The one way from palette, tree, panel and scenarios to a call: loopback is the default, and an address
 * that others can reach is asked about once per session.
 */
export class Calls {
  private isEveryAddressAllowed = false;

  constructor(private readonly playground: Playground) {}

  /** Makes one call. Rejects only with faults of our own. */
  async make(call: Call, options: CallOptions = {}): Promise<CallOutcome> {
    const loopbackOnly = !this.isAllowed;
    const outcome = await this.try(call, { ...options, loopbackOnly });
    if (outcome !== 'not-loopback') {
      return outcome;
    }
    if (!(await this.confirm(describe(call, options)))) {
      return { kind: 'dismissed' };
    }
    const second = await this.try(call, { ...options, loopbackOnly: false });
    return second === 'not-loopback' ? { kind: 'dismissed' } : second;
  }

  /** Whether calls may use addresses that others can reach. */
  get isAllowed(): boolean {
    return (
      this.isEveryAddressAllowed ||
      !vscode.workspace.getConfiguration('socketPlayground').get('confirmNonLoopback', true)
    );
  }

  /** Asks whether addresses that others can reach may be used in this session. */
  async confirm(what: string): Promise<boolean> {
    if (this.isAllowed) {
      return true;
    }
    const allow = t('Allow in This Session');
    const answer = await askModal(
      t('Allow addresses that other machines can reach?'),
      t(
        '{0}\n\nThis address is not on the loopback interface: the call sends packets to other machines, or lets them reach this one.',
        what,
      ),
      allow,
    );
    this.isEveryAddressAllowed = answer === allow;
    return this.isEveryAddressAllowed;
  }

  private async try(call: Call, options: CallOptions): Promise<CallOutcome | 'not-loopback'> {
    const { started, returned } = this.playground.call(call, options);
    try {
      return { kind: 'started', start: await started, returned };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.reason === 'not-loopback') {
        return 'not-loopback';
      }
      if (refusal) {
        return { kind: 'refused', argument: refusal.argument, message: refusal.message };
      }
      if (error instanceof HostGivenUpError) {
        return { kind: 'dismissed' };
      }
      const argument = error instanceof ResolutionError ? parameterIndex(call.name, 'sockaddr') : null;
      return { kind: 'refused', argument, message: describeFailure(error) };
    }
  }
}

function describe(call: Call, { hostName }: CallOptions): string {
  const text = printCall(call, { style: 'short', platform });
  // Until the name is resolved, its place in the call holds a wildcard.
  return hostName
    ? text.replace(`0.0.0.0:${hostName.port}`, `${JSON.stringify(hostName.host)}:${hostName.port}`)
    : text;
}
