import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { makerText, protocolName } from '../../common/socketText.js';

/** By what the tree groups sockets. */
export type GroupBy = 'protocol' | 'scenario';

/** Which group a socket stands in, and how groups follow each other. */
export interface Grouping {
  groupOf(socket: SocketInfo): string;
  inOrder(groups: readonly string[]): string[];
  label(group: string): string;
}

/** What is not open any more stands apart, whatever it was. */
export const endedGroup = 'Ended';

/** In the order in which they stand. */
const protocolGroups = [
  'TCP',
  'UDP',
  'Unix',
  'Pipes',
  'Raw',
  'Netlink',
  'Packet',
  'VSOCK',
  'CAN',
  'Other',
  endedGroup,
];

export const byProtocol: Grouping = {
  groupOf(socket) {
    if (isEnded(socket)) {
      return endedGroup;
    }
    if (socket.kind === 'pipe') {
      return 'Pipes';
    }
    const { domain, type } = socket;
    if (type === 'SOCK_RAW' && (domain === 'AF_INET' || domain === 'AF_INET6')) {
      return 'Raw';
    }
    const name = protocolName(socket);
    return protocolGroups.find((group) => group === name) ?? 'Other';
  },
  inOrder: (groups) => protocolGroups.filter((group) => groups.includes(group)),
  label(group) {
    switch (group) {
      case 'Pipes':
        return t('Pipes');
      case 'Raw':
        return t('Raw');
      case 'Other':
        return t('Other');
      case endedGroup:
        return t('Closed or lost');
      default:
        return group;
    }
  },
};

const byHand = 'hand';
/** Before the name of a scenario, which may be any text. */
const scenarioPrefix = 'scenario:';

/**
 * By the scenario that made a socket; what a listener accepted is its scenario's.
 * @param makerOf The name of a socket's scenario; undefined for one that was made by hand.
 */
export function byScenario(makerOf: (id: SocketId) => string | undefined): Grouping {
  return {
    groupOf(socket) {
      if (isEnded(socket)) {
        return endedGroup;
      }
      const maker =
        makerOf(socket.id) ?? (socket.listenerId === null ? undefined : makerOf(socket.listenerId));
      return maker === undefined ? byHand : `${scenarioPrefix}${maker}`;
    },
    inOrder: (groups) => [
      ...groups.filter((group) => group === byHand),
      ...groups.filter((group) => group.startsWith(scenarioPrefix)).sort(),
      ...groups.filter((group) => group === endedGroup),
    ],
    label: (group) =>
      group === byHand
        ? t('By hand')
        : group === endedGroup
          ? t('Closed or lost')
          : makerText(group.slice(scenarioPrefix.length)),
  };
}

function isEnded({ isLost, state }: SocketInfo): boolean {
  return isLost || state === 'closed';
}
