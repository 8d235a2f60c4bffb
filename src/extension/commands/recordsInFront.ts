import type { SocketInfo } from '../../common/socket.js';
import type { Playground } from '../../playground/playground.js';
import type { ExportChoices } from '../panel/exportRecords.js';
import type { Panels } from '../panel/panels.js';
import { targetOf } from './target.js';

/** The live sockets, and the tabs that show them or a recording. */
export interface RecordsContext {
  playground: Playground;
  panels: Panels;
}

/** The tree's rows are live sockets; what the page gives, or nothing, is about the tab in front. */
export function modelOf(argument: unknown, { playground, panels }: RecordsContext): Playground {
  const isOfTree =
    targetOf(argument).socketId !== undefined && !Object.hasOwn(argument as object, 'webviewSection');
  return isOfTree ? playground : (panels.front?.playground ?? playground);
}

/** The socket of the menu, else the selected one. */
export function socketOf(argument: unknown, context: RecordsContext): SocketInfo | undefined {
  const id = targetOf(argument).socketId ?? context.panels.front?.selection.socketId ?? undefined;
  return id === undefined ? undefined : modelOf(argument, context).sockets.get(id);
}

/** The filter that the tab in front shows, where that is about these records, and the socket. */
export function exportChoices(argument: unknown, context: RecordsContext): ExportChoices {
  const { front } = context.panels;
  const filter = front?.playground === modelOf(argument, context) ? front.filter : '';
  return { filter, socket: socketOf(argument, context) };
}
