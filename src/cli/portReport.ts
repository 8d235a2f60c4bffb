import { t } from '../common/l10n.js';
import type { ProcessInfo, SystemSocket, SystemSocketLook } from '../common/system/systemSocket.js';
import {
  commandLineText,
  holderText,
  roleName,
  stateNames,
  systemTupleText,
  timerText,
  waitingClientText,
  waitingNotes,
} from '../common/system/systemSocketText.js';
import type { PortHolder } from '../playground/systemSockets.js';

/** Sockets of one holder that are told of, at most. */
const toldSockets = 20;

/** What was seen of listeners for which somebody waits, by their keys. */
type Looks = ReadonlyMap<string, SystemSocketLook>;

/** Who uses a port, a block of lines for each process. */
export function portReport(port: number, holders: readonly PortHolder[], looks: Looks): string[] {
  if (holders.length === 0) {
    return [t('Nobody uses port {0}.', port)];
  }
  return holders.flatMap((holder, index) => [...(index === 0 ? [] : ['']), ...blockOf(holder, looks)]);
}

function blockOf({ process, sockets }: PortHolder, looks: Looks): string[] {
  const rows: [string, string][] = [
    ...(process ? processRows(process) : []),
    ...sockets
      .slice(0, toldSockets)
      .map((socket, index): [string, string] => [
        index === 0 ? (sockets.length === 1 ? t('socket') : t('sockets')) : '',
        socketText(socket),
      ]),
    ...(sockets.length > toldSockets
      ? [['', t('{0} more…', sockets.length - toldSockets)] as [string, string]]
      : []),
    ...sockets
      .flatMap(({ key }) => waitingTexts(looks.get(key) ?? null))
      .map((text, index): [string, string] => [index === 0 ? t('waiting to be accepted') : '', text]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [holderText(process, sockets), ...rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)];
}

function waitingTexts(look: SystemSocketLook): string[] {
  if (!look?.waiting) {
    return [];
  }
  const clients = look.waiting.clients.map((client) => waitingClientText(client, look.processes));
  return [...clients.map(({ end, who }) => `${end}  ${who}`), ...waitingNotes(look.waiting)];
}

function processRows(process: ProcessInfo): [string, string][] {
  const { role, directory, startTime, uid } = process;
  return [
    ...(role ? [[t('is'), roleName(role)] as [string, string]] : []),
    [t('command line'), process.commandLine ? commandLineText(process) : t('not visible')],
    [t('directory'), directory ?? t('not visible')],
    [t('started'), startTime === null ? t('unknown') : timeText(startTime)],
    [t('user'), uid === null ? t('unknown') : `uid ${uid}`],
  ];
}

function socketText(socket: SystemSocket): string {
  const timer = socket.state === 'TIME_WAIT' && socket.timer ? ` timer:(${timerText(socket.timer)})` : '';
  return `${stateNames[socket.state]} ${systemTupleText(socket)}${timer}`;
}

/** The time of day here, as `ps` and `ls` give it: `2026-11-27 23:44:01`. */
function timeText(ms: number): string {
  const time = new Date(ms);
  const local = new Date(ms - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}
