import { isOfKind, type ListValue, type StructValue, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import type { OpenFile } from '../openFile.js';
import { refusal } from '../refusal.js';
import { epoll } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import type { Socket } from '../socket.js';
import type { CallContext } from './context.js';
import { checkDescriptor } from './target.js';
import { isWholeNumber } from '../wholeNumber.js';

const pollfdSize = 8;
const mostDescriptors = 10_000;

/** What poll(2) tells without being asked. */
const always = epoll.ERR | epoll.HUP;

/** The events of poll(2) that are finer than those of the host's epoll(7), by the one that comes with them. */
const finer: readonly (readonly [asked: number, told: number])[] = [
  [0x40 | 0x80, epoll.IN | epoll.PRI],
  [0x100 | 0x200, epoll.OUT],
];

function told(events: number): number {
  return finer.reduce((sum, [asked, coarse]) => (events & asked ? sum | coarse : sum), events);
}

interface Entry {
  fd: number;
  events: number;
}

/** An entry, and our socket that its number stood for when the call was made. */
interface PolledEntry extends Entry {
  socket: Socket | null;
}

/**
 * Corresponds to `poll(2)`. The kernel is asked whenever one of the descriptors has become ready, so that what it answers
 * is what a program would see then.
 */
export class PollCall extends HostCall {
  override readonly queue = 'any';
  override readonly mayWait: boolean;
  override readonly timeoutMs: number | null;
  override readonly isRetried: boolean;
  private readonly entries: readonly PolledEntry[] | null;
  private readonly count: number;
  private readonly timeout: number;
  private readonly memory: Memory | null;
  /** What is waited for, as epoll(7) tells it. */
  private readonly interests = new Map<OpenFile, number>();
  private hasLooked = false;

  constructor(reader: ArgumentReader, context: CallContext) {
    const read = readEntries(reader);
    const count = reader.count(1, read?.length ?? 0xffffffff, read?.length ?? 0);
    const entries =
      read?.map(({ fd, events }) => ({
        fd,
        events,
        socket: fd < 0 ? null : checkDescriptor(fd, 0, context),
      })) ?? null;
    const polled = (entries ?? []).slice(0, count);
    const sockets = new Set(polled.map(({ socket }) => socket).filter((socket) => socket !== null));
    const [first = null] = sockets;
    const only = entries?.length === 1 ? first : null;
    super(only?.fd ?? null, only, [...sockets]);
    for (const { socket, events } of polled) {
      if (socket) {
        this.interests.set(socket.file, (this.interests.get(socket.file) ?? always) | told(events));
      }
    }
    this.entries = entries;
    this.count = count;
    this.timeout = reader.int(2, -1);
    this.memory = entries && new Memory(pollfdSize * entries.length);
    this.mayWait = this.timeout !== 0;
    this.timeoutMs = this.timeout < 0 ? null : this.timeout;
    // Not all of them tell when their other end has room.
    this.isRetried = this.waitsOn.some(({ file }) => file.isUnix && !file.isStream);
    this.args = [this.entriesValue(null), this.count, this.timeout];
  }

  attempt(events: number): number | undefined {
    // It is only asked again, nothing has been told: a number that was closed meanwhile does not wake it, the file does.
    if (events === 0 && this.hasLooked && this.poll((entry) => entry.socket?.handle ?? -1) === 0) {
      return undefined;
    }
    this.hasLooked = true;
    const result = this.poll();
    return result === 0 && this.mayWait ? undefined : result;
  }

  override isInterested(file: OpenFile, events: number): boolean {
    return ((this.interests.get(file) ?? 0) & events) !== 0;
  }

  override timedOut(): number {
    return this.poll();
  }

  settle(result: number): void {
    if (result >= 0) {
      this.args = [this.entriesValue(this.memory), this.count, this.timeout];
    }
  }

  override peerId(): null {
    return null;
  }

  private poll(numberOf: (entry: PolledEntry) => number = ({ fd }) => fd): number {
    const view = this.memory && new DataView(this.memory.bytes.buffer);
    this.entries?.forEach((entry, index) => {
      view!.setInt32(pollfdSize * index, numberOf(entry), true);
      view!.setUint16(pollfdSize * index + 4, entry.events, true);
      view!.setUint16(pollfdSize * index + 6, 0, true);
    });
    return sys.pollNow(this.memory, this.count);
  }

  /** @param answered What the kernel wrote; null before. */
  private entriesValue(answered: Memory | null): Value {
    if (!this.entries) {
      return null;
    }
    const view = answered && new DataView(answered.bytes.buffer);
    return {
      kind: 'list',
      items: this.entries.map(({ fd, events }, index): StructValue => {
        const isAnswered = view && index < this.count;
        const revents = isAnswered ? view.getUint16(pollfdSize * index + 6, true) : 0;
        return {
          kind: 'struct',
          fields: [
            { name: 'fd', value: fd },
            { name: 'events', value: events },
            ...(isAnswered ? [{ name: 'revents', value: revents }] : []),
          ],
        };
      }),
    } satisfies ListValue;
  }
}

function readEntries(reader: ArgumentReader): Entry[] | null {
  const value = reader.value(0);
  if (value === null) {
    return null;
  }
  if (typeof value !== 'object' || !('kind' in value) || value.kind !== 'list') {
    throw refusal(0, t('A list is expected here: [{fd=3, events=POLLIN}]'));
  }
  if (value.items.length > mostDescriptors) {
    throw refusal(0, t('At most {0} descriptors at once.', mostDescriptors), 'limit');
  }
  return value.items.map(readEntry);
}

function readEntry(item: Value): Entry {
  const isStruct = isOfKind(item, 'struct');
  const fields = isStruct ? item.fields : [];
  const unknown = fields.find(({ name }) => name !== 'fd' && name !== 'events' && name !== 'revents');
  if (!isStruct || unknown) {
    throw refusal(0, t('Each descriptor is written as {fd=3, events=POLLIN}.'));
  }
  const number = (name: string, min: number, max: number): number => {
    const value = fields.find((field) => field.name === name)?.value ?? (name === 'events' ? 0 : undefined);
    if (!isWholeNumber(value, min, max)) {
      throw refusal(0, t('{0} is a whole number from {1} to {2}.', name, min, max));
    }
    return value;
  };
  return { fd: number('fd', -0x80000000, 0x7fffffff), events: number('events', -0x8000, 0xffff) & 0xffff };
}
