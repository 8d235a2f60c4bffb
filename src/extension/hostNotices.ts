import type * as vscode from 'vscode';
import { t } from '../common/l10n.js';
import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import type { HostStatus } from '../common/protocol/panel.js';
import type { SocketHostProcess } from '../playground/socketHostProcess.js';
import { showError, showWarning } from './notify.js';

/**
 * Tells what becomes of the socket host: in the output channel, and in a message when it does not answer or has
 * ended too often.
 */
export class HostNotices implements Disposable {
  private readonly store = new DisposableStore();
  /** The host that does not answer. */
  private unresponsivePid: number | undefined;
  /** The hosts that a message asks about. */
  private readonly asking = new Set<number>();
  private isAskingToRestart = false;

  constructor(
    private readonly host: SocketHostProcess,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(host.onDidChangeStatus((status) => this.write(status)));
    this.store.add(
      host.onDidChangeResponsive((isResponsive) => {
        const { status } = host;
        this.unresponsivePid = isResponsive || status.kind !== 'running' ? undefined : status.host.pid;
        if (isResponsive) {
          log.info(t('The socket host answers again.'));
        } else {
          log.warn(t('The socket host does not answer.'));
          void this.offerStop(this.unresponsivePid);
        }
      }),
    );
    this.store.add(host.onDidGiveUp((message) => void this.offerRestart(message)));
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Nothing is ended unasked: the host may be stopped by a debugger, and go on. */
  private async offerStop(pid: number | undefined): Promise<void> {
    if (pid === undefined || this.asking.has(pid)) {
      return;
    }
    this.asking.add(pid);
    const stop = t('Stop It');
    const chosen = await showWarning(
      t('The socket host does not answer. Stopping it loses its sockets; the next call starts a new one.'),
      stop,
    );
    this.asking.delete(pid);
    // The message stays when the host answers again, or has ended and is replaced.
    if (chosen === stop && this.unresponsivePid === pid) {
      this.host.stop();
    }
  }

  private async offerRestart(message: string): Promise<void> {
    if (this.isAskingToRestart) {
      return;
    }
    this.isAskingToRestart = true;
    const [restart, showLog] = [t('Start It Again'), t('Show Log')];
    const chosen = await showError(message, restart, showLog);
    this.isAskingToRestart = false;
    if (chosen === showLog) {
      this.log.show();
    } else if (chosen === restart && this.host.status.kind === 'lost') {
      try {
        await this.host.restart();
      } catch (error) {
        // That it has ended again is told by its status.
        this.log.error(error instanceof Error ? error : String(error));
      }
    }
  }

  private write(status: HostStatus): void {
    this.unresponsivePid = undefined;
    switch (status.kind) {
      case 'running':
        this.log.info(t('The socket host runs: pid {0}, {1}.', status.host.pid, status.host.kernel));
        break;
      case 'lost':
        this.log.error(t('The socket host ended: {0}', status.reason));
        break;
      case 'unsupported':
        this.log.error(status.reason);
        break;
      case 'idle':
        this.log.info(t('The socket host does not run.'));
        break;
    }
  }
}
