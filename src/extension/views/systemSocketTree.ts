import { t } from '../../common/l10n.js';
import { portOf } from '../../common/socket.js';
import {
  type ProcessInfo,
  type SystemSocket,
  type SystemSocketGroup,
  systemSocketGroups,
  type SystemSocketsAnswer,
} from '../../common/system/systemSocket.js';
import {
  endpointOf,
  groupOf,
  isUnspecified,
  kindText,
  netidOf,
  ownerProblem,
  processText,
  roleName,
  stateNames,
} from '../../common/system/systemSocketText.js';

/** A row of the view. */
export type SystemNode =
  | {
      readonly kind: 'systemGroup';
      readonly key: string;
      readonly group: SystemSocketGroup;
      readonly count: number;
    }
  | {
      readonly kind: 'systemSocket';
      readonly key: string;
      readonly socket: SystemSocket;
      /** The process that holds it, where one can be seen. */
      readonly process: ProcessInfo | null;
    }
  | {
      readonly kind: 'systemMore';
      readonly key: string;
      readonly group: SystemSocketGroup;
      readonly count: number;
    };

export type SystemSocketNode = SystemNode & { kind: 'systemSocket' };

/** What the last answer has in each group. */
export class SystemSocketTree {
  private readonly children = new Map<SystemSocketGroup, SystemNode[]>();
  readonly roots: SystemNode[];

  constructor(private readonly answer?: SystemSocketsAnswer) {
    const processes = new Map(answer?.processes.map((info) => [info.pid, info]));
    for (const socket of answer?.sockets ?? []) {
      const [holder] = socket.holders;
      const node: SystemNode = {
        kind: 'systemSocket',
        key: socket.key,
        socket,
        process: (holder && processes.get(holder.pid)) ?? null,
      };
      const group = groupOf(socket);
      const nodes = this.children.get(group);
      if (nodes) {
        nodes.push(node);
      } else {
        this.children.set(group, [node]);
      }
    }
    this.roots = systemSocketGroups.flatMap((group) => this.rootOf(group));
  }

  childrenOf(node: SystemNode): readonly SystemNode[] {
    return node.kind === 'systemGroup' ? (this.children.get(node.group) ?? []) : [];
  }

  private rootOf(group: SystemSocketGroup): SystemNode[] {
    const count = this.answer?.counts[group] ?? 0;
    const nodes = this.children.get(group) ?? [];
    if (count === 0) {
      return [];
    }
    nodes.sort((a, b) => compare(a as SystemSocketNode, b as SystemSocketNode));
    if (count > nodes.length) {
      nodes.push({ kind: 'systemMore', key: `more/${group}`, group, count: count - nodes.length });
    }
    return [{ kind: 'systemGroup', key: group, group, count }];
  }
}

/** Own ones first, then by port or name. */
function compare({ socket: a }: SystemSocketNode, { socket: b }: SystemSocketNode): number {
  const rank = ({ ownId }: SystemSocket) => (ownId === null ? 1 : 0);
  return (
    rank(a) - rank(b) ||
    (portOf(a.local) ?? 0) - (portOf(b.local) ?? 0) ||
    endpointOf(a, 'local').localeCompare(endpointOf(b, 'local')) ||
    a.key.localeCompare(b.key)
  );
}

export function systemGroupLabel(group: SystemSocketGroup): string {
  switch (group) {
    case 'listening':
      return t('Listening');
    case 'connected':
      return t('Connections');
    case 'udp':
      return 'UDP';
    case 'unix':
      return 'Unix';
    case 'other':
      return t('Other Families');
  }
}

/** Both ends, as far as they are known. */
export function systemLabel(socket: SystemSocket): string {
  const { kind, local, remote, inode } = socket;
  if (kind === 'unix' && local === null) {
    return t('unnamed, inode {0}', inode ?? '–');
  }
  const own = endpointOf(socket, 'local');
  return remote !== null && !isUnspecified(remote) ? `${own} → ${endpointOf(socket, 'remote')}` : own;
}

/** Whose it is, then what the group does not say of it. */
export function systemDescription({ socket, process }: SystemSocketNode): string {
  const group = groupOf(socket);
  const owner = process && socket.ownId === null ? shortOwner(socket, process) : ownerText(socket, process);
  const isSaid = socket.kind === 'tcp' || socket.kind === 'udp';
  return [
    socket.holders.length === 0 && socket.inode !== null ? t('owner not visible') : owner,
    ...(group === 'listening' ? [] : [stateNames[socket.state]]),
    ...(isSaid ? [] : [group === 'unix' || group === 'other' ? netidOf(socket) : kindText(socket)]),
  ].join(' · ');
}

/** `python3 4711`: in a row there is little room. */
function shortOwner({ holders }: SystemSocket, { name, pid, role }: ProcessInfo): string {
  const more = holders.length > 1 ? ` +${holders.length - 1}` : '';
  return `${role === null || role === 'ancestor' ? name : roleName(role)} ${pid}${more}`;
}

export function ownerText(socket: SystemSocket, process: ProcessInfo | null): string {
  const { holders, ownId } = socket;
  const holder = holders.find(({ pid }) => pid === process?.pid) ?? holders[0];
  if (ownId !== null) {
    return holder ? t('this playground, fd {0}', holder.fd) : t('this playground');
  }
  if (!process) {
    return ownerProblem(socket) ?? t('unknown');
  }
  const { role } = process;
  const name =
    role === null || role === 'ancestor'
      ? processText(process)
      : t('{0} (pid {1})', roleName(role), process.pid);
  return holders.length > 1 ? `${name} +${holders.length - 1}` : name;
}
