import { readFileSync } from 'node:fs';
import { type CallRecord, isData, type Value } from '../../src/common/call.js';
import { matchRecord } from '../../src/common/notation/match.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import { printCall, printRecord, type PrintStyle } from '../../src/common/notation/printer.js';
import type { SocketInfo, SocketInspection } from '../../src/common/socket.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { filledCall, testScope } from '../common/notation/support.js';
import type { FuzzHost } from './host.js';
import type { Entry, Model } from './model.js';

/*
 * What must hold, each check with the first thing that does not, as a sentence.
 */

const O_NONBLOCK = constantValue('O_NONBLOCK', 'linux')!;
const O_CLOEXEC = 0o2000000;
/** States of TCP, by the kernel's numbers. */
const TCP_ESTABLISHED = 1;
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/** What the host has told against what the calls must have made, and against the descriptors of its process. */
export function checkTold(
  host: FuzzHost,
  model: Model,
  waits: readonly { seq: number; isOnSocket: boolean }[],
): string | undefined {
  for (const entry of model.open) {
    const socket = host.told.get(entry.id);
    const others = model.open.filter(({ file }) => file === entry.file).map(({ id }) => host.told.get(id));
    const isWaiting = others.some((other) => (other?.waiting.length ?? 0) > 0);
    const problem = socket ? checkSocket(entry, socket, isWaiting) : 'not told of';
    if (problem !== undefined) {
      return `Socket ${entry.id} (descriptor ${entry.fd}) is ${problem}.`;
    }
  }
  const told = new Set([...host.told.values()].flatMap(({ waiting }) => waiting.map(({ seq }) => seq)));
  const untold = waits.find(({ seq, isOnSocket }) => isOnSocket && !told.has(seq))?.seq;
  const ended = [...told].find((each) => !waits.some(({ seq }) => seq === each));
  if (untold !== undefined || ended !== undefined) {
    return untold === undefined
      ? `Call ${ended} is told to wait, and has ended.`
      : `Call ${untold} waits untold.`;
  }
  return checkDescriptors(host, model);
}

/** @param isWaiting Whether a call waits on any descriptor of the same file. */
function checkSocket({ fd, file }: Entry, socket: SocketInfo, isWaiting: boolean): string | undefined {
  if (socket.fd !== fd || socket.state === 'closed' || socket.isLost) {
    return `told as descriptor ${socket.fd}, ${socket.state}`;
  }
  if (file.isForeign) {
    return undefined;
  }
  const expected = {
    isNonBlocking: file.isNonBlocking,
    isShutdownRead: file.isShutdownRead,
    isShutdownWrite: file.isShutdownWrite,
    // A call that waits may have moved some already.
    bytesSent: isWaiting ? socket.bytesSent : file.sent,
    bytesReceived: isWaiting ? socket.bytesReceived : file.received,
  };
  for (const [name, value] of Object.entries(expected)) {
    const given = socket[name as keyof typeof expected];
    if (given !== value) {
      return `told with ${name} ${given} instead of ${value}`;
    }
  }
  return undefined;
}

function checkDescriptors(host: FuzzHost, model: Model): string | undefined {
  const there = new Set(host.descriptors);
  for (const { fd } of model.open) {
    if (!there.delete(fd)) {
      return `Descriptor ${fd} is not open.`;
    }
    const flags = host.flagsOf(fd);
    if (!(flags & O_NONBLOCK) || !(flags & O_CLOEXEC)) {
      return `Descriptor ${fd} has the flags 0${flags.toString(8)}.`;
    }
  }
  // Calls may wait on sockets whose descriptor was closed: each by one of the host's own.
  const kept = [...host.told.values()].filter(
    ({ state, waiting }) => state === 'closed' && waiting.length > 0,
  );
  return there.size > kept.length ? `Descriptors ${[...there].join(', ')} are nobody's.` : undefined;
}

/** What the host has told against what the kernel says of each socket. */
export async function checkKernel(host: FuzzHost, model: Model): Promise<string | undefined> {
  const sockets = model.open.filter(({ id }) => isSocket(host.told.get(id)));
  const looks = await Promise.all(
    sockets.map(({ id }) => host.process.inspect({ socketId: id, levels: ['SOL_SOCKET'] })),
  );
  for (const [index, look] of looks.entries()) {
    const entry = sockets[index]!;
    const problem = look ? checkLook(entry, look) : 'cannot be inspected';
    if (problem !== undefined) {
      return `Socket ${entry.id} (descriptor ${entry.fd}) ${problem}.`;
    }
  }
  return undefined;
}

function isSocket(info: SocketInfo | undefined): boolean {
  return info !== undefined && info.domain !== null;
}

function checkLook({ file }: Entry, look: SocketInspection): string | undefined {
  const { socket, kernelDomain, kernelType } = look;
  if (socket.domain !== kernelDomain || socket.type !== kernelType) {
    return `is ${socket.domain} ${socket.type}, and ${kernelDomain} ${kernelType} to the kernel`;
  }
  const options = look.levels.find(({ level }) => level === 'SOL_SOCKET')?.options;
  const isAccepting = options?.find(({ name }) => name === 'SO_ACCEPTCONN')?.value === 1;
  const state = Number(look.tcpInfo?.['tcpi_state'] ?? 0);
  const isStream = socket.type === 'SOCK_STREAM' || socket.type === 'SOCK_SEQPACKET';
  const isShut = file.isShutdownRead || file.isShutdownWrite;
  const told = `is told as ${socket.state}`;
  if (isAccepting && socket.state !== 'listening') {
    return `${told} and accepts connections`;
  }
  if (isStream && socket.state === 'listening' && !isAccepting && !isShut && !file.isForeign) {
    return `${told} and accepts no connections`;
  }
  if (look.tcpInfo && isAccepting !== (state === TCP_LISTEN)) {
    return `has SO_ACCEPTCONN ${isAccepting} and the TCP state ${state}`;
  }
  const hasPeer = socket.remote !== null;
  if ((socket.state === 'open' || socket.state === 'bound' || socket.state === 'listening') && hasPeer) {
    return `${told} and has a peer`;
  }
  if (look.tcpInfo && socket.state === 'connected' && !hasPeer && state !== TCP_CLOSE) {
    return `${told}, has no peer and the TCP state ${state}`;
  }
  if (state === TCP_ESTABLISHED && file.isShutdownWrite && !file.isForeign) {
    return 'is shut down for sending, and ESTABLISHED';
  }
  return undefined;
}

/** Whether a record is itself when it is printed and read again, and holds against itself. */
export async function checkRecord(
  cut: CallRecord,
  readData: (seq: number, length: number) => Promise<Uint8Array>,
): Promise<string | undefined> {
  const { record, isWhole } = await withData(cut, readData);
  for (const style of ['short', 'strace'] satisfies PrintStyle[]) {
    const text = printRecord(record, { style, maxData: Infinity });
    const { statements, diagnostics } = parseScenario(text);
    const [statement] = statements;
    if (diagnostics.length > 0) {
      return `It is not read again (${diagnostics[0]!.message}): ${text}`;
    }
    // A line with cut data cannot be made again.
    if (record.status !== 'returned' || !isWhole) {
      continue;
    }
    if (statements.length !== 1 || statement?.kind !== 'call') {
      return `It is read again as ${statements.length} lines: ${text}`;
    }
    try {
      const read = printCall(await filledCall(statement), { style, maxData: Infinity });
      if (read !== printCall(record, { style, maxData: Infinity })) {
        return `It is read as another call, ${read}: ${text}`;
      }
      const scope = testScope({ readPayload: ({ seq, payload }) => readData(seq, payload?.length ?? 0) });
      const mismatch = await matchRecord(statement, record, scope);
      if (mismatch) {
        return `It does not hold against itself (${JSON.stringify(mismatch)}): ${text}`;
      }
    } catch (error) {
      return `It has no value again (${String(error)}): ${text}`;
    }
  }
  return undefined;
}

/** The record with the whole of its data, of which it carries the beginning, where the host has kept it. */
async function withData(
  record: CallRecord,
  readData: (seq: number, length: number) => Promise<Uint8Array>,
): Promise<{ record: CallRecord; isWhole: boolean }> {
  const bytes = record.payload ? await readData(record.seq, record.payload.captured) : new Uint8Array();
  const args = record.args.map((value) =>
    isData(value) && value.bytes.length < value.length && bytes.length === value.length
      ? { ...value, bytes }
      : value,
  );
  return { record: { ...record, args }, isWhole: args.every((value) => !isCut(value)) };
}

function isCut(value: Value): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (isData(value)) {
    return value.bytes.length < value.length;
  }
  return 'fields' in value
    ? value.fields.some((field) => isCut(field.value))
    : 'items' in value && value.items.some(isCut);
}

/** A line of a process's status. */
export function statusOf(pid: number, field: string): string {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
}
