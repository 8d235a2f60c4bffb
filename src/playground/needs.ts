import { networkInterfaces } from 'node:os';
import { t } from '../common/l10n.js';
import type { Need } from '../common/notation/ast.js';

/** The first of a scenario's needs that this machine or user does not meet. */
export function unmetNeed(needs: readonly Need[]): Need | undefined {
  return needs.find((need) => !isMet(need));
}

/** Why a file does not run here. */
export function needText(need: Need): string {
  switch (need) {
    case 'root':
      return t('Only root can run it.');
    case 'not root':
      return t('Only an ordinary user can run it, not root.');
    case 'ipv6':
      return t('It needs IPv6: this machine has no ::1.');
    case 'linux':
      return t('It runs on Linux only.');
    case 'darwin':
      return t('It runs on macOS only.');
    case 'win32':
      return t('It runs on Windows only.');
  }
}

function isMet(need: Need): boolean {
  switch (need) {
    case 'root':
      return isRoot();
    case 'not root':
      return !isRoot();
    case 'ipv6':
      return Object.values(networkInterfaces()).some((addresses) =>
        addresses?.some(({ address }) => address === '::1'),
      );
    case 'linux':
    case 'darwin':
    case 'win32':
      return process.platform === need;
  }
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
