import { networkInterfaces } from 'node:os';
import type { Need } from '../common/notation/ast.js';

/** The first of a scenario's needs that this machine or user does not meet. */
export function unmetNeed(needs: readonly Need[]): Need | undefined {
  return needs.find((need) => !isMet(need));
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
